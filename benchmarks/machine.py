"""What a run was measured on: machine, interpreter, versions, and the client of each subject."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any

from benchmarks import environment

PACKAGES = (
    "mara-minimax",
    "openai",
    "httpx",
    "pydantic",
    "langchain-core",
    "langchain-openai",
    "langchain-deepseek",
    "langchain-litellm",
    "litellm",
    "langchain-sambanova",
    "sambanova",
    "llama-index-core",
    "llama-index-llms-openai",
    "llama-index-llms-openai-like",
    "llama-index-llms-minimax",
    "llama-index-llms-sambanovasystems",
    "requests",
)
CLIENTS = {
    "this package": "httpx",
    "ChatSambaNova": "sambanova",
    "SambaNovaCloud": "requests",
    "raw bytes": "httpx",
}
"""Subjects that do not use the openai SDK, and what they use."""


def describe() -> dict[str, Any]:
    """Return everything that a reader of the figures has to know beside the date."""
    versions = environment.versions(*PACKAGES)
    return {
        "machine": {
            "cpu": cpu_model(),
            "cores": os.cpu_count(),
            "system": platform.system(),
        },
        "python": platform.python_version(),
        "versions": versions,
        "clients": {
            "all others": f"openai {versions['openai']}",
            **{subject: f"{name} {versions[name]}" for subject, name in CLIENTS.items()},
        },
    }


def cpu_model() -> str:
    """Return what the processor calls itself."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.machine())
