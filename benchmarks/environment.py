"""The environment of the benchmarks: this package beside the integrations it is compared with.

The peers are no dependency of the package; some of them need an older openai SDK than it is
tested with.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".venv-peers"
PYTHON = FOLDER / ("Scripts" if os.name == "nt" else "bin") / "python"
PEERS = ("llama-index-llms-minimax", "llama-index-llms-openai-like")
PACKAGES = (*PEERS, "pytest>=8", "pytest-asyncio>=0.25", "pytest-timeout>=2.3")
_PREFIXES = ("MINIMAX_", "MARA_", "LLMPROVIDER_", "OPENAI_")


def prepare() -> None:
    """Make the environment unless it is there."""
    if (FOLDER / ".ready").exists():
        return
    subprocess.run([sys.executable, "-m", "venv", str(FOLDER)], check=True)
    (FOLDER / ".gitignore").write_text("*\n", "utf-8")
    install = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    project = f"{ROOT}[llama-index,emulator]"
    subprocess.run([*install, "-e", project, *PACKAGES], check=True)
    (FOLDER / ".ready").touch()


def run(*arguments: str) -> int:
    """Run the environment's Python at the root of the project; returns its exit code."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(_PREFIXES)}
    return subprocess.run([str(PYTHON), *arguments], cwd=ROOT, env=clean).returncode


def versions(*names: str) -> dict[str, str]:
    """Installed versions of packages."""
    code = "import sys, importlib.metadata as m; [print(m.version(n)) for n in sys.argv[1:]]"
    found = subprocess.run(
        [str(PYTHON), "-c", code, *names], check=True, capture_output=True, text=True
    )
    return dict(zip(names, found.stdout.split(), strict=True))
