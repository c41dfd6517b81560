"""Where a key may go: URLs that carry it safely, and whose host each URL is."""

from __future__ import annotations

import functools
import ipaddress
import os
import re
from urllib.parse import SplitResult, urlsplit

import mara_minimax
from mara_minimax.http_library import http_library
from mara_minimax.providers.endpoints import PROVIDERS, Provider

THIS_MACHINE = "localhost"
"""The host of every loopback address."""
_PATHS_OF_CALLS = ("/chat/completions", "/text/chatcompletion_v2")
"""Paths that the client adds, and one of MiniMax's older API, which langchain-community names."""
_UNUSABLE = re.compile(r"[\s\x00-\x1f\x7f?#]")


class EnvironmentURL(str):  # noqa: SLOT000 - copies and pickles take its `__dict__` along
    """A URL that was read from an environment variable, which copies and pickles keep with it."""

    variable: str = ""


def resolve_url(given: str | None, variable: str) -> str | None:
    """Return the URL that was given, else the one in `variable`, `None` if that is unset too.

    A URL that was read from another provider's variable does not count as given.
    """
    if isinstance(given, EnvironmentURL):
        url = given if given.variable == variable else ""
    else:
        url = (given or "").strip()
    if not url:
        url = EnvironmentURL(os.environ.get(variable, "").strip())
        url.variable = variable
    return url or None


def check_url(url: str, *, allow_http: bool) -> None:
    """Raise `ParameterError` for a URL that requests with a key must not go to, or cannot.

    `http://` sends the key in plain text and is for loopback addresses only, unless
    `allow_http` says otherwise. The message shows no user name and no password.
    """
    parts = _split(url)
    problem = None
    if _UNUSABLE.search(url):
        problem = (
            f"base_url={address_of(url)!r} holds white space, a query or a fragment: it is the "
            "part of the address that all paths begin with, such as https://host/v1."
        )
    elif parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        shown = url.rpartition("@")[2]
        problem = f"base_url={shown!r} has no scheme: write https:// in front of it."
    elif "@" in parts.netloc:
        problem = (
            f"base_url holds a user name or password for {parts.hostname}, which would be sent "
            'instead of the API key. Put them into default_headers={"Authorization": …}.'
        )
    elif parts.path.rstrip("/").endswith(_PATHS_OF_CALLS):
        problem = (
            f"base_url={url!r} is the address of a call: leave out what follows the version, "
            "as in https://host/v1."
        )
    elif not _name_of(parts):
        problem = f"base_url={url!r} names a host that cannot be looked up."
    elif parts.scheme == "http" and not allow_http and not is_local(url):
        problem = (
            f"base_url sends prompts and the API key to {parts.hostname} over http://, readable "
            "for everyone on the way. Use https://, or set allow_http=True if that network is "
            "trusted."
        )
    if problem:
        raise mara_minimax.errors.ParameterError(problem)


def is_local(url: str) -> bool:
    """Whether a URL names this machine: `localhost`, `127.0.0.0/8` or `::1`."""
    return host_of(url) == THIS_MACHINE


@functools.lru_cache
def host_of(url: str) -> str:
    """Return the host of a URL in the form in which hosts are compared; `""` if it has none.

    That is the name that is dialled, in lower case and without a trailing dot, with the port
    unless the scheme says it. All loopback addresses are one host, whatever the port.
    """
    parts = _split(url)
    name = _name_of(parts) if parts else ""
    if not parts or not name:
        return ""
    if _is_loopback(name):
        return THIS_MACHINE
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return name if parts.port in (None, usual) else f"{name}:{parts.port}"


def owner_of(url: str) -> Provider | None:
    """Return the provider whose own host a URL names, `None` for any other host."""
    host = host_of(url)
    owned = ((known, (known.base_url, known.other_url)) for known in PROVIDERS)
    return next((known for known, urls in owned if host in map(host_of, filter(None, urls))), None)


def address_of(url: str) -> str:
    """Return a URL without what may be secret in it: user, password, query and fragment."""
    parts = _split(url)
    if parts is None:
        return "an unreadable address"
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def _name_of(parts: SplitResult) -> str:
    """Return the name that the HTTP library looks up, `""` where it finds none.

    Names with letters beyond ASCII follow IDNA, which takes four characters for a dot.
    """
    name = parts.hostname or ""
    if not name.isascii():
        library = http_library()
        try:
            name = library.URL(f"https://{name}").raw_host.decode("ascii")
        except library.InvalidURL:
            return ""
    return name.rstrip(".")


def _is_loopback(name: str) -> bool:
    if name == THIS_MACHINE:
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts
