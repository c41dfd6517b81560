"""Which HTTP library and which transport carry calls in this installation."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from mara_minimax.http_library import http_library


@dataclass(frozen=True, slots=True)
class HTTPParts:
    """Names and versions."""

    library: str
    """`httpx` or `httpx2`, with its version."""
    aiohttp: str | None
    """Version of aiohttp, `None` where it is not installed."""

    @property
    def words(self) -> str:
        """What carries calls, in a sentence."""
        if self.aiohttp is None:
            return f'HTTP: {self.library}. transport="aiohttp" needs the extra `fast`.'
        return (
            f"HTTP: {self.library}. aiohttp {self.aiohttp} is installed; it carries async calls "
            'with transport="aiohttp" alone.'
        )


def http_parts() -> HTTPParts:
    """Return what is installed."""
    library = http_library()
    aiohttp = None
    with suppress(PackageNotFoundError):
        aiohttp = version("aiohttp")
    return HTTPParts(f"{library.__name__} {library.__version__}", aiohttp)
