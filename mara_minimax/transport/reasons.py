"""Why a request got no answer, in words: what errors say, and the doctor."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from mara_minimax.http_library import timeouts

_UNKNOWN_NAMES = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
_OUT_OF_FILES = (errno.EMFILE, errno.ENFILE)
_NO_ROUTE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN)
_NO_PASSWORD = ("401", "407")
"""How proxies refuse a password; tinyproxy 1.11 answers 401 to a wrong one (tried, 2026-11)."""
_PASSING = ("408", "429")
_HTTP_2_ENDINGS = ("<StreamReset", "<ConnectionTerminated")
"""How the HTTP library names that a host ends a stream or a connection of HTTP/2."""
_SECURE_PORT, _PORT = 443, 80


class Reason(NamedTuple):
    """What an HTTP client's exception means."""

    words: str
    may_pass: bool = True
    """Whether the same request may succeed in a moment."""


def reason_of(error: BaseException, request: Any, address: tuple[str, int] | None) -> Reason:
    """Return why `request` failed; `address` is where its connection went, if that is known.

    Nothing of what the host or a proxy said is repeated, because it may repeat a secret.
    """
    place = _Place(request, address)
    links = list(_chain(error))
    found = next(filter(None, (_system_reason(link, place) for link in links)), None)
    if found is None:
        found = _library_reason(error, request, place)
    words, may_pass = found
    if place.proxy and place.proxy not in words:
        words += f", through the proxy {place.proxy}"
    return Reason(words, may_pass)


class _Place:
    """The host of a request and the proxy before it, as errors name them."""

    def __init__(self, request: Any, address: tuple[str, int] | None) -> None:
        url = urlsplit(str(request.url))
        port = url.port or (_SECURE_PORT if url.scheme == "https" else _PORT)
        self.host = url.hostname or ""
        self.target = f"{self.host}:{port}"
        connected = "{}:{}".format(*address) if address else self.target
        self.proxy = connected if connected != self.target else ""
        self.connected = f"the proxy {self.proxy}" if self.proxy else self.target
        self.name = f"{address[0]} of the proxy" if address and self.proxy else self.host


def _system_reason(link: BaseException, place: _Place) -> Reason | None:
    """Return what an error of the system or of TLS says."""
    # aiohttp's own exceptions have these bases too, and not what OpenSSL says.
    if isinstance(link, ssl.SSLCertVerificationError) and hasattr(link, "verify_message"):
        return Reason(
            f"the certificate of {place.host} is not trusted ({link.verify_message}): set "
            "SSL_CERT_FILE, or pass http_client",
            may_pass=False,
        )
    if isinstance(link, ssl.SSLError) and getattr(link, "reason", None):
        return Reason(f"TLS with {place.target} failed ({link.reason})")
    if isinstance(link, socket.gaierror):
        if link.errno in _UNKNOWN_NAMES:
            return Reason(f"the name {place.name} is not known to DNS", may_pass=False)
        return Reason(f"DNS does not tell the address of {place.name}")
    if isinstance(link, ConnectionRefusedError):
        return Reason(f"connection refused by {place.connected}")
    if isinstance(link, ConnectionResetError | BrokenPipeError):
        return Reason(f"the connection was broken by {place.connected}")
    if isinstance(link, OSError) and link.errno in _OUT_OF_FILES:
        return Reason("too many open files: close some, or raise the limit of this process")
    if isinstance(link, OSError) and link.errno in _NO_ROUTE:
        return Reason(f"there is no way to {place.connected}")
    return None


def _library_reason(error: BaseException, request: Any, place: _Place) -> Reason:
    """Return what the class of the HTTP library's exception says."""
    kind = type(error).__name__
    if isinstance(error, timeouts()):
        part = kind.removesuffix("Timeout").lower()
        limit = request.extensions.get("timeout", {}).get(part)
        limited = f" within {limit:g} s" if limit is not None else " in time"
        return Reason(
            {
                "connect": f"no connection to {place.connected}{limited}",
                "pool": f"no connection of the pool was free{limited}",
                "write": f"{place.target} did not take the request{limited}",
            }.get(part, f"nothing came from {place.target}{limited}")
        )
    if kind == "ProxyError":
        status = str(error)[:3]
        if status in _NO_PASSWORD:
            return Reason(f"{place.connected} asks for a password", may_pass=False)
        answered = f"answered HTTP {status}" if status.isdecimal() else "refused"
        is_final = status.startswith("4") and status not in _PASSING
        return Reason(f"{place.connected} {answered}", may_pass=not is_final)
    if kind == "RemoteProtocolError" and "disconnected" in str(error):
        return Reason(f"the connection was closed by {place.target} without an answer")
    if kind == "RemoteProtocolError" and "peer closed" in str(error):
        return Reason(f"the connection was closed by {place.target} in the middle of its answer")
    if kind == "RemoteProtocolError" and str(error).startswith(_HTTP_2_ENDINGS):
        return Reason(f"the connection was broken by {place.connected}")
    if kind == "RemoteProtocolError":
        return Reason(f"what {place.target} sent is not proper HTTP")
    if kind == "UnsupportedProtocol":
        return Reason("the HTTP client takes no proxy of this kind", may_pass=False)
    return Reason(f"{kind} at {place.target}")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception, its causes, and those of the exceptions in a group."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        link = waiting.pop()
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        waiting += [link.__cause__, link.__context__]
        if isinstance(link, BaseExceptionGroup):
            waiting += link.exceptions
