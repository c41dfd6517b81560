"""Ask our classes through LiteLLM's proxy and without it; writes the answers and docs/litellm.md.

`make litellm` asks; with `ARGS=--render` it writes the page from the answers that are recorded.
"""

from __future__ import annotations

import contextlib
import json
import platform
import sys
import warnings
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks.litellm_proxy.callers import CALLERS, Caller
from benchmarks.litellm_proxy.columns import COLUMNS, MODELS, Column
from benchmarks.litellm_proxy.page import render
from benchmarks.litellm_proxy.proxy import KEY, serving
from benchmarks.litellm_proxy.rows import ROWS, Row
from mara_minimax.emulator import Emulator

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "litellm.md"
RESULTS = ROOT / "benchmarks" / "results" / "litellm.json"
PACKAGES = ("litellm", "openai", "langchain-core", "llama-index-core")


def main(*arguments: str) -> None:
    if "--render" not in arguments:
        text = json.dumps(ask_everything(), indent=1, ensure_ascii=False)
        RESULTS.write_text(f"{text}\n", "utf-8")
    PAGE.write_text(render(json.loads(RESULTS.read_text("utf-8"))), "utf-8")


def ask_everything() -> dict[str, Any]:
    warnings.simplefilter("ignore")
    with contextlib.ExitStack() as stack:
        emulators = {name: stack.enter_context(Emulator(name, retry_after=7)) for name in MODELS}
        urls = {MODELS[name]: emulator.base_url for name, emulator in emulators.items()}
        proxy = stack.enter_context(serving(urls))
        seen = {row.key: _ask(row, emulators, proxy) for row in ROWS}
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "versions": {name: metadata.version(name) for name in PACKAGES},
        "seen": seen,
    }


def _ask(row: Row, emulators: dict[str, Emulator], proxy: str) -> dict[str, Any]:
    """Return what each column sees, in each framework, directly and through the proxy."""
    print(f"asking: {row.key}", flush=True)
    return {
        column.title: {
            kind.framework: _ask_twice(row, column, kind, emulators[column.provider], proxy)
            for kind in CALLERS
        }
        for column in COLUMNS
        if row.applies(column.provider, streamed=column.streamed)
    }


def _ask_twice(
    row: Row, column: Column, kind: type[Caller], emulator: Emulator, proxy: str
) -> dict[str, Any]:
    places = {"direct": (emulator.base_url, emulator.api_key), "proxied": (proxy, KEY)}
    found = {}
    for place, (url, key) in places.items():
        settings = {"model": MODELS[column.provider], "base_url": url, "api_key": key}
        caller = kind(column.provider, streamed=column.streamed, **settings, **column.settings)
        try:
            found[place] = row.ask(caller, emulator)
        except Exception as error:  # noqa: BLE001 - a call that fails is an answer too
            found[place] = f"raises {type(error).__name__}"
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
