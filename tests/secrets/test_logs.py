"""Logs, warnings and cassettes hold no secret, with every library at its most talkative."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from langchain_core import globals as langchain_globals
from vcr import VCR

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from tests import recording
from tests.secrets.callers import KEY_VARIABLES, LANGCHAIN
from tests.secrets.canary import DEFAULT_HEADERS, EXTRA_HEADERS, KEY, displays, leaks
from tests.secrets.failing import FAILURES

LOGGERS = [
    *("", "openai", "httpx", "httpx2", "httpcore", "httpcore2", "asyncio", "mara_minimax"),
    *("langchain", "langchain_core", "langsmith", "llama_index"),
]


class Records(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(self.format(record))
        self.seen.append(repr(record.args))


@pytest.fixture
def records() -> Any:
    """Everything that is logged from here on."""
    handler, levels = Records(), {}
    for name in LOGGERS:
        logger = logging.getLogger(name)
        levels[name] = logger.level
        logger.setLevel(logging.DEBUG)
    logging.getLogger().addHandler(handler)
    yield handler.seen
    logging.getLogger().removeHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def test_logs_hold_no_secret(class_and_form: Any, build: Any, records: Any) -> None:
    cls, call = class_and_form
    call(build(cls), extra_headers=EXTRA_HEADERS)
    assert any(b"chat/completions" in r.encode() for r in records)
    assert leaks(*records) == set()


def test_logs_of_a_failure_hold_no_secret(class_and_form: Any, records: Any) -> None:
    cls, call = class_and_form
    with FAILURES["status 401 that repeats the key"]() as settings:
        model = cls(api_key=KEY, default_headers=DEFAULT_HEADERS, max_retries=0, **settings)
        try:
            call(model, extra_headers=EXTRA_HEADERS)
        except Exception:
            logging.getLogger("application").exception("failed")
    assert any("failed" in r for r in records)
    assert leaks(*records) == set()


_PROGRAM = """
import logging
import sys
import openai  # which reads the switch
from tests.secrets.callers import CLASSES, forms_of
from tests.secrets.canary import DEFAULT_HEADERS, EXTRA_HEADERS
for cls in CLASSES:
    model = cls(base_url=sys.argv[1], default_headers=DEFAULT_HEADERS)
    for call in forms_of(cls).values():
        call(model, extra_headers=EXTRA_HEADERS)
logging.getLogger("openai").debug("the switch is on")
"""


def test_the_sdks_own_log_switch_shows_no_secret(host: Any) -> None:
    environment = {**os.environ, "OPENAI_LOG": "debug", "PYTHONASYNCIODEBUG": "1"}
    environment |= dict.fromkeys(KEY_VARIABLES.values(), KEY)
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-c", _PROGRAM, host.base_url],
        env=environment,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        timeout=100,
        check=True,
    )
    assert len(host.received) == 24
    assert b"the switch is on" in done.stderr
    assert leaks(done.stdout, done.stderr) == set()


@pytest.mark.parametrize("cls", [ChatMiniMax, ChatMARA])
@pytest.mark.parametrize("form", LANGCHAIN)
def test_langchains_debug_output_shows_no_secret(
    cls: Any, form: str, build: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    langchain_globals.set_debug(True)
    langchain_globals.set_verbose(True)
    try:
        LANGCHAIN[form](build(cls), extra_headers=EXTRA_HEADERS)
    finally:
        langchain_globals.set_debug(False)
        langchain_globals.set_verbose(False)
    printed = capsys.readouterr()
    assert "Hi" in printed.out
    assert leaks(printed.out, printed.err) == set()


def test_warnings_show_no_secret(class_and_form: Any, build: Any) -> None:
    cls, call = class_and_form
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = build(cls, temperature=99.0)
        call(model, extra_headers=EXTRA_HEADERS, presence_penalty=1.5, logit_bias={"1": 1})
    assert any("temperature" in str(warning.message) for warning in caught)
    assert leaks(*(displays(w.message) for w in caught)) == set()


@pytest.mark.parametrize("cls", [ChatMiniMax, ChatMARA])
def test_a_cassette_on_disk_holds_no_secret(
    cls: Any, build: Any, host: Any, tmp_path: Path
) -> None:
    vcr = VCR(
        before_record_request=recording.filtered_request(host.base_url, "minimax"),
        before_record_response=recording.filtered_response,
    )
    with vcr.use_cassette(str(tmp_path / "one.yaml")):
        build(cls).invoke("Hi", extra_headers=EXTRA_HEADERS)
    assert leaks((tmp_path / "one.yaml").read_bytes()) == set()
