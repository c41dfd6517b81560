"""The programs that stand between client and provider in these tests, and where they come from.

`python -m tests.network.parts` prints their versions, or fails and says what to install.
"""

# a command line program prints
from __future__ import annotations

import os
import platform
import shutil
import ssl
import subprocess
import sys
from importlib.metadata import version
from typing import NamedTuple


class Part(NamedTuple):
    """A program, the package of Debian and Ubuntu that brings it, and how it tells its version."""

    program: str
    package: str
    version_option: str


PARTS = {
    part.program: part
    for part in (
        Part("nginx", "nginx-light", "-v"),
        Part("haproxy", "haproxy", "-v"),
        Part("squid", "squid", "-v"),
        Part("tinyproxy", "tinyproxy", "-v"),
    )
}
LIBRARIES = (
    "openai", "httpx2", "httpcore2", "h2", "aiohttp", "langchain-core", "llama-index-core",
    "starlette", "uvicorn", "trio", "trustme",
)  # fmt: skip
_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin"])


def program(name: str) -> str:
    """Return the path of a part's program; raise `LookupError` where it is not installed."""
    found = shutil.which(name, path=_PATH)
    if found is None:
        raise LookupError(f"{name} is not installed: apt-get install {PARTS[name].package}")
    return found


def _version(part: Part) -> str:
    done = subprocess.run(
        [program(part.program), part.version_option], capture_output=True, text=True, timeout=30
    )
    return (done.stdout or done.stderr).splitlines()[0].strip()


def main(arguments: list[str]) -> int:
    """Print the packages, or the versions of what is installed."""
    if arguments == ["--packages"]:
        print(*(part.package for part in PARTS.values()))
        return 0
    missing = [part for part in PARTS.values() if shutil.which(part.program, path=_PATH) is None]
    if missing:
        programs = ", ".join(part.program for part in missing)
        packages = " ".join(part.package for part in missing)
        print(f"Not installed: {programs}.")
        print(f"On Debian and Ubuntu: apt-get install {packages} (make network-parts SUDO=sudo)")
        return 1
    for part in PARTS.values():
        print(_version(part))
    print(f"Python {platform.python_version()}, {ssl.OPENSSL_VERSION}")
    print(*(f"{name} {version(name)}" for name in LIBRARIES), sep=", ")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
