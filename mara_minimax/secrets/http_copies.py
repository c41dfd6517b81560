"""Copies of HTTP objects and causes that hang on an error: no connection, secret or frame."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final

from mara_minimax import limits
from mara_minimax.http_library import library_of, transport_failures
from mara_minimax.secrets.redaction import MARK, SHOWN_HEADERS, Redactor

_OUTDATED_HEADERS: Final = frozenset(
    {"content-encoding", "content-length", "set-cookie", "transfer-encoding"}
)
"""Headers that are secret, or wrong for a body that is decoded already."""
_LONGEST_CHAIN: Final = 10
"""Causes of an error that are kept."""


def copy_response(response: Any, redactor: Redactor, content: bytes = b"") -> Any:
    """Return a copy of an HTTP response with this body, without connection, key and prompt.

    `content` is clean already; where it is empty, what a hook has read is taken. `None` for an
    object of another library.
    """
    library = library_of(response)
    if library is None:
        return None
    with suppress(*transport_failures()):
        content = content or redactor.content(response.content[: limits.MAX_ERROR_BYTES + 1])
    headers = []
    for raw_name, raw_value in response.headers.raw:
        # As bytes: providers send header values in other alphabets too.
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        if name.lower() not in _OUTDATED_HEADERS:
            kept = redactor.part(name), redactor.text(value)
            headers.append(tuple(text.encode("latin-1") for text in kept))
    return library.Response(
        response.status_code,
        headers=headers,
        content=content,
        request=copy_request(response.request),
    )


def clean_cause(error: BaseException | None, redactor: Redactor) -> BaseException | None:
    """Return an exception as a cause: with its own causes, without secrets.

    Tracebacks go, because locals of their frames hold headers and bodies; so does the rest of
    the chain from the first exception on that quotes a secret.
    """
    chain: list[BaseException] = []
    link = error
    while link is not None and len(chain) < _LONGEST_CHAIN and not _quotes(link, redactor):
        chain.append(link)
        link = link.__cause__ or link.__context__
    for place, link in enumerate(chain):
        link.__cause__ = link.__context__ = (*chain, None)[place + 1]
        link.__traceback__ = None
        fields = vars(link)
        for name in ("request", "_request"):
            if library_of(fields.get(name)) is not None:
                fields[name] = copy_request(fields[name])
        if fields.get("response") is not None:
            fields["response"] = copy_response(fields["response"], redactor)
    return chain[0] if chain else None


def _quotes(error: BaseException, redactor: Redactor) -> bool:
    """Whether an exception shows a secret, or cannot be shown at all."""
    try:
        shown = f"{error!r} {error}"
    except Exception:  # noqa: BLE001 - whatever a class of the user does
        return True
    return redactor.part(shown) != shown


def copy_request(request: Any) -> Any:
    """Return a copy of an HTTP request without its body and the values of its headers.

    `None` for an object of another library.
    """
    library = library_of(request)
    if library is None:
        return None
    headers = [
        (name, value if name.lower() in SHOWN_HEADERS else MARK)
        for name, value in request.headers.multi_items()
    ]
    return library.Request(request.method, request.url, headers=headers)
