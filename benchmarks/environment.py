"""The environment of the benchmarks: this package beside the integrations it is compared with.

The peers are no dependency of the package; some of them need an older openai SDK than it is
tested with, and the comparison uses that one for all.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from benchmarks.processes import environment

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".venv-peers"
PYTHON = FOLDER / ("Scripts" if os.name == "nt" else "bin") / "python"
PEERS = (
    "llama-index-llms-minimax",
    "llama-index-llms-openai-like",
    "llama-index-llms-openai",
    "llama-index-llms-deepseek",
    "llama-index-llms-sambanovasystems",
    "llama-index-llms-mistralai",
)
"""The peers of the conformance suite."""
PACKAGES = (
    *PEERS,
    "sseclient-py",  # which sambanovasystems imports for streams and does not require
    "langchain-openai",
    "langchain-deepseek",
    "langchain-litellm",
    "langchain-sambanova",
    "openai[aiohttp]",
    "pytest>=8",
    "pytest-asyncio>=0.25",
    "pytest-timeout>=2.3",
    "pytest-xdist>=3.6",
)


def prepare() -> None:
    """Make the environment, or install what is missing in it."""
    wanted = "\n".join((sys.version.split()[0], *PACKAGES))
    ready = FOLDER / ".ready"
    if ready.exists() and ready.read_text("utf-8") == wanted:
        return
    print(f"Installing the peers into {FOLDER.name}; this takes a minute or two.", flush=True)
    subprocess.run([sys.executable, "-m", "venv", str(FOLDER)], check=True)
    (FOLDER / ".gitignore").write_text("*\n", "utf-8")
    install = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*install, "-e", f"{ROOT}[all]", *PACKAGES], check=True)
    ready.write_text(wanted, "utf-8")


def run(*arguments: str) -> int:
    """Run the environment's Python at the root of the project; returns its exit code."""
    command = [str(PYTHON), *arguments]
    return subprocess.run(command, check=False, cwd=ROOT, env=environment()).returncode


def versions(*names: str) -> dict[str, str]:
    """Installed versions of packages."""
    code = "import sys, importlib.metadata as m; [print(m.version(n)) for n in sys.argv[1:]]"
    found = subprocess.run(
        [str(PYTHON), "-c", code, *names], check=True, capture_output=True, text=True
    )
    return dict(zip(names, found.stdout.split(), strict=True))
