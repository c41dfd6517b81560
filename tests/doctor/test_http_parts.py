"""The report says which HTTP library and transport carry calls."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError

from mara_minimax.doctor import http_parts
from mara_minimax.http_library import http_library


def test_a_report_names_the_library_and_that_aiohttp_waits_to_be_chosen(examine, server):
    report = examine(server)
    library = f"{http_library().__name__} {http_library().__version__}"
    assert report.http.library == library
    assert report.to_dict()["http"] == {"library": library, "aiohttp": report.http.aiohttp}
    words = http_parts.HTTPParts(library, "3.14.0").words
    assert words.startswith(f"HTTP: {library}. aiohttp 3.14.0 is installed")
    assert words.endswith('async calls with transport="aiohttp" alone.')


def test_without_aiohttp_the_extra_is_named(monkeypatch):
    def version(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(http_parts, "version", version)
    found = http_parts.http_parts()
    assert found.aiohttp is None
    assert "needs the extra `fast`" in found.words
