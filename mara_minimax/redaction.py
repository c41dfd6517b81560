"""Errors without secrets: what hangs on them shows no key, no header and no frame with one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from mara_minimax.secret_values import HiddenText

_SHORTEST_SECRET = 6
"""Shorter header values are ordinary words and numbers, which texts hold by chance."""
_SHOWN_HEADERS = frozenset(
    {"accept", "accept-encoding", "connection", "content-length", "content-type", "host"}
)
"""Headers of a request that the user did not set or that say nothing."""
_OUTDATED_HEADERS = frozenset(
    {"content-encoding", "content-length", "set-cookie", "transfer-encoding"}
)
"""Headers that are secret, or wrong for a body that is decoded already."""
_MARK = "[redacted]"


def find_secrets(key: str, values: Iterable[Any]) -> tuple[str, ...]:
    """Return what must not be shown of a key and header values, the longest first.

    A provider that repeats a header may leave out its scheme, such as `Bearer`.
    """
    texts = {str(value) for value in values if isinstance(value, str)}
    texts |= {text.rpartition(" ")[2] for text in texts}
    long = {str(key)} | {text for text in texts if len(text) >= _SHORTEST_SECRET}
    return tuple(map(HiddenText, sorted(filter(None, long), key=len, reverse=True)))


def without(value: Any, secrets: Sequence[str]) -> Any:
    """Return text, or a JSON value, with each secret replaced."""
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, _MARK)
        return value
    if isinstance(value, list):
        return [without(item, secrets) for item in value]
    if isinstance(value, dict):
        return {without(name, secrets): without(item, secrets) for name, item in value.items()}
    return value


def detached(response: Any, secrets: Sequence[str]) -> Any:
    """Return a copy of an HTTP response that holds no connection, no key and no prompt."""
    # As bytes: providers send header values in other alphabets too.
    headers = [
        (name, without(value.decode("latin-1"), secrets).encode("latin-1"))
        for name, value in response.headers.raw
        if name.decode("latin-1").lower() not in _OUTDATED_HEADERS
    ]
    content = b""
    with suppress(Exception):  # the body of a stream is not kept
        content = without(response.content.decode("latin-1"), secrets).encode("latin-1")
    return type(response)(
        response.status_code,
        headers=headers,
        content=content,
        request=redacted(response.request),
    )


def redacted(request: Any) -> Any:
    """Return a copy of an HTTP request without its body and the values of its headers."""
    headers = [
        (name, value if name.lower() in _SHOWN_HEADERS else _MARK)
        for name, value in request.headers.multi_items()
    ]
    return type(request)(request.method, request.url, headers=headers)


def cleaned(error: BaseException | None, secrets: Sequence[str]) -> BaseException | None:
    """Return an exception of the HTTP library as a cause: with its own causes, and without secrets.

    Tracebacks go, because locals of its frames hold headers; so does
    the rest of the chain from the first exception on that quotes a secret.
    """
    if error is None or without(f"{error!r} {error}", secrets) != f"{error!r} {error}":
        return None
    error.__traceback__ = None
    for name in ("request", "_request"):
        if vars(error).get(name) is not None:
            vars(error)[name] = redacted(vars(error)[name])
    if vars(error).get("response") is not None:
        vars(error)["response"] = detached(vars(error)["response"], secrets)
    error.__cause__ = cleaned(error.__cause__ or error.__context__, secrets)
    error.__context__ = error.__cause__
    return error
