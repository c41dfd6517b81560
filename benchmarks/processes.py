"""Run a piece of Python in a process of its own and take what it cost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.serving import ROOT


@dataclass(frozen=True)
class Finished:
    """A process that ended well."""

    output: str
    cpu: float
    """Seconds of user and system time, the interpreter's start included."""
    wall: float
    peak_kib: int


def run_python(*arguments: str, python: str = sys.executable) -> Finished:
    """Run Python with `arguments`; raise `ProcessFailed` with its last line if it fails."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        begun = time.perf_counter()
        process = subprocess.Popen(
            [python, *arguments], cwd=ROOT, stdout=output, stderr=errors, env=environment()
        )
        # Beside the exit code, `wait4` tells what this one process used.
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        if process.returncode != 0:
            lines = errors.read().strip().splitlines()
            raise ProcessFailed(lines[-1] if lines else f"exit code {process.returncode}")
        cpu = usage.ru_utime + usage.ru_stime
        return Finished(output.read(), cpu, wall, kibibytes(usage.ru_maxrss))


def run_module(module: str, **arguments: Any) -> Any:
    """Run a module of the benchmarks with JSON as its argument and return the JSON it prints."""
    finished = run_python("-m", module, json.dumps(arguments))
    return json.loads(finished.output.splitlines()[-1])


class ProcessFailed(Exception):
    """A process ended with an error."""


_PROVIDERS = ("MINIMAX_", "MARA_", "LLMPROVIDER_", "OPENAI_", "SAMBANOVA_", "DEEPSEEK_")
_TOOLS = ("LITELLM_", "LANGCHAIN_", "LANGSMITH_", "LC_", "PYTHON")


def environment(given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment without what changes a provider, a trace or the interpreter."""
    variables = os.environ if given is None else given
    kept = {
        name: value for name, value in variables.items() if not name.startswith(_PROVIDERS + _TOOLS)
    }
    # A table of prices that litellm would fetch on import, and a machine's proxy.
    proxies = {"no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1"}
    return {**kept, **proxies, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "PYTHONHASHSEED": "0"}


def kibibytes(peak: int) -> int:
    """macOS counts the peak in bytes, Linux in KiB."""
    return peak // 1024 if sys.platform == "darwin" else peak
