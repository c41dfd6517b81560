"""LiteLLM's proxy on the loopback interface, in front of emulators."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.processes import environment

KEY = "sk-loopback"
"""The proxy refuses to start without a key of its own."""
LIMIT = 180
"""Seconds for the proxy to start."""


@contextmanager
def serving(upstreams: dict[str, str]) -> Iterator[str]:
    """Serve models, named with the base URLs behind them; yields the proxy's base URL."""
    port = _free_port()
    with TemporaryDirectory() as folder:
        file = Path(folder) / "config.yaml"
        # JSON is YAML.
        file.write_text(json.dumps(config(upstreams)), "utf-8")
        command = [str(Path(sys.executable).with_name("litellm")), "--config", str(file)]
        options = ["--host", "127.0.0.1", "--port", str(port), "--telemetry", "False"]
        process = subprocess.Popen(
            [*command, *options],
            cwd=folder,
            env={**environment(os.environ), "LITELLM_MASTER_KEY": KEY},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait(process, f"http://127.0.0.1:{port}/health/liveliness")
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.terminate()
            process.wait(30)


def config(upstreams: dict[str, str]) -> dict[str, Any]:
    """Return the proxy's settings: a model for each upstream, nothing repeated or put aside."""
    return {
        "model_list": [
            {
                "model_name": model,
                "litellm_params": {
                    "model": f"openai/{model}",
                    "api_base": base_url,
                    "api_key": "emulator-key",
                },
            }
            for model, base_url in upstreams.items()
        ],
        "litellm_settings": {"num_retries": 0},
        # A deployment that failed would get no requests for some seconds.
        "router_settings": {"num_retries": 0, "disable_cooldowns": True},
    }


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(LIMIT):
        if process.poll() is not None:
            raise SystemExit(f"the proxy ended with exit code {process.returncode}")
        try:
            with direct.open(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(1)
    raise SystemExit("the proxy did not start")
