"""Where a key may go: URLs that carry it safely, and whose host each URL is."""

from __future__ import annotations

import functools
import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

import mara_minimax
from mara_minimax.providers import PROVIDERS, Provider

_UNUSABLE = re.compile(r"[\s\x00-\x1f\x7f?#]")


def check_url(url: str, *, allow_http: bool) -> None:
    """Raise `ParameterError` for a URL that requests with a key must not go to.

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
    elif parts.scheme == "http" and not allow_http and not is_loopback(parts.hostname):
        problem = (
            f"base_url sends the API key to {parts.hostname} over http://, readable for everyone "
            "on the way. Use https://, or set allow_http=True if that network is trusted."
        )
    if problem:
        raise mara_minimax.errors.ParameterError(problem)


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine: `localhost`, `127.0.0.0/8` or `::1`."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


@functools.lru_cache
def is_local(url: str) -> bool:
    """Whether a URL names this machine."""
    parts = _split(url)
    return parts is not None and is_loopback(parts.hostname or "")


def host_of(url: str) -> str:
    """Return the host of a URL, with its port unless the scheme says it; `""` if it has none."""
    parts = _split(url)
    if parts is None or not parts.hostname:
        return ""
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return parts.hostname if parts.port in (None, usual) else f"{parts.hostname}:{parts.port}"


def owner_of(url: str) -> Provider | None:
    """Return the provider whose own host a URL names, `None` for any other host."""
    host = host_of(url)
    return next((known for known in PROVIDERS if host_of(known.base_url) == host), None)


def address_of(url: str) -> str:
    """Return a URL without what may be secret in it: user, password, query and fragment."""
    parts = _split(url)
    if parts is None:
        return "an unreadable address"
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts
