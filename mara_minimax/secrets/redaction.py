"""Errors without secrets: text from outside is cleaned where it enters an error.

Nothing here can fail on anything that a server sends: a failure would leave the text as it came
on the context of the next exception.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from mara_minimax import limits
from mara_minimax.http_library import library_of, transport_failures
from mara_minimax.json_text import parse_json

_SHORTEST_SECRET: Final = 8
"""Shorter keys and header values are words and numbers that texts hold by chance."""
_LONGEST_SPELLING: Final = 12
"""Characters that one character of a secret may take where it is escaped, such as `\\\\u0041`."""
_SHOWN_HEADERS: Final = frozenset(
    {"accept", "accept-encoding", "connection", "content-length", "content-type", "host"}
)
"""Headers of a request that the user did not set or that say nothing."""
_OUTDATED_HEADERS: Final = frozenset(
    {"content-encoding", "content-length", "set-cookie", "transfer-encoding"}
)
"""Headers that are secret, or wrong for a body that is decoded already."""
_MARK: Final = "[redacted]"
_CUT: Final = " [cut]"
_ESCAPE: Final = re.compile(r"\\(?:u00|x)([0-9a-f]{2})", re.IGNORECASE)
_PARTS: Final = re.compile(r"[;,]")
_NUMBER: Final = re.compile(r"[1-9][0-9]{,4000}")
_LONGEST_CHAIN: Final = 10
"""Causes of an error that are kept."""


class Redactor:
    """Remove the key and the header values of one request from what its answer says.

    A text that equals a secret is replaced. In longer texts, each secret of eight characters or
    more is replaced, in upper and lower case. A text that spells one in escapes, as in JSON or in
    a URL, or in UTF-16 is replaced as a whole. The parts of a header value are secrets too, such
    as a token without its scheme and a cookie without its name.

    Secrets that are cut into pieces, or encoded in base64, are not found.
    """

    __slots__ = ("_known", "_sent")

    def __init__(self, *sent: str) -> None:
        """Keep the key and the header values that were sent, to be looked at when a call fails."""
        self._sent = sent
        self._known: _Secrets | None = None

    def text(self, text: str) -> str:
        """Return a text from outside, cut at `MAX_ERROR_BYTES` characters."""
        if text.strip().lower() in self._secrets.whole:
            return _MARK
        return self._without_long(text)

    def line(self, text: str) -> str:
        """Return a text from outside for a message: in one line, and without control characters."""
        return one_line(self.text(text))

    def value(self, value: Any) -> Any:
        """Return a copy of a JSON value, cut at `MAX_ERROR_BYTES` characters and values."""
        top: list[Any] = []
        waiting: list[tuple[Any, Any]] = [([value], top)]
        left = limits.MAX_ERROR_BYTES
        # A loop, because recursion fails where the caller has used up the stack.
        while waiting:
            given, copy = waiting.pop()
            pairs: Iterable[tuple[Any, Any]] = (
                given.items() if isinstance(given, dict) else enumerate(given)
            )
            for name, item in pairs:
                if left <= 0:
                    break
                left -= 1 + (len(item) if isinstance(item, str) else 0)
                if isinstance(item, dict | list):
                    kept: Any = type(item)()
                    waiting.append((item, kept))
                else:
                    kept = self._scalar(item)
                if isinstance(given, dict):
                    copy[self._without_long(name)] = kept
                else:
                    copy.append(kept)
        return top[0]

    def content(self, data: bytes) -> bytes:
        """Return the bytes of a body: JSON written anew, anything else as it came."""
        try:
            return json.dumps(self.value(parse_json(data))).encode()
        except (ValueError, RecursionError):
            # As bytes, because the alphabet may be any.
            return self.text(data.decode("latin-1")).encode("latin-1")

    def response(self, response: Any, content: bytes = b"") -> Any:
        """Return a copy of an HTTP response with this body, without connection, key and prompt.

        `None` for an object of another library. Where `content` is empty, what a hook has read
        is taken.
        """
        library = library_of(response)
        if library is None:
            return None
        with suppress(*transport_failures()):
            content = content or self.content(response.content[: limits.MAX_ERROR_BYTES + 1])
        # As bytes: providers send header values in other alphabets too.
        headers = [
            (self._without_long(name).encode("latin-1"), self.text(value).encode("latin-1"))
            for name, value in _decoded(response.headers.raw)
            if name.lower() not in _OUTDATED_HEADERS
        ]
        return library.Response(
            response.status_code,
            headers=headers,
            content=content,
            request=_bare_request(response.request),
        )

    def cause(self, error: BaseException | None) -> BaseException | None:
        """Return an exception as a cause: with its own causes, without secrets.

        Tracebacks are removed, because locals of their frames hold headers and bodies. The chain
        ends before the first exception that quotes a secret.
        """
        chain: list[BaseException] = []
        link = error
        while link is not None and len(chain) < _LONGEST_CHAIN and not self._quotes_secret(link):
            chain.append(link)
            link = link.__cause__ or link.__context__
        for place, link in enumerate(chain):
            link.__cause__ = link.__context__ = (*chain, None)[place + 1]
            link.__traceback__ = None
            self._strip(link)
        return chain[0] if chain else None

    @property
    def _secrets(self) -> _Secrets:
        if self._known is None:
            self._known = _find_secrets(self._sent)
        return self._known

    def _scalar(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        return _MARK if isinstance(value, int) and value in self._secrets.numbers else value

    def _without_long(self, text: str) -> str:
        secrets = self._secrets
        is_cut = len(text) > limits.MAX_ERROR_BYTES
        text = text[: limits.MAX_ERROR_BYTES]
        if secrets.plain is not None:
            text = secrets.plain.sub(_MARK, text)
            if secrets.spelled.search(_unescaped(text)):
                return _MARK
        if is_cut:
            # The end may be a part of a secret.
            text = text[: -len(_CUT) - secrets.longest * _LONGEST_SPELLING] + _CUT
        return text

    def _quotes_secret(self, error: BaseException) -> bool:
        try:
            shown = f"{error!r} {error}"
        except Exception:  # noqa: BLE001 - whatever a class of the user does
            return True
        return self._without_long(shown) != shown

    def _strip(self, error: BaseException) -> None:
        fields = vars(error)
        for name in ("request", "_request"):
            if library_of(fields.get(name)) is not None:
                fields[name] = _bare_request(fields[name])
        if fields.get("response") is not None:
            fields["response"] = self.response(fields["response"])


NO_SECRETS: Final = Redactor()


def one_line(text: str) -> str:
    """Return a text in one line, without characters that a terminal obeys or that hide others."""
    shown = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(shown.split())


@dataclass(frozen=True, slots=True, repr=False)
class _Secrets:
    whole: frozenset[str]
    """All of them, in lower case."""
    numbers: frozenset[int]
    plain: re.Pattern[str] | None
    """Finds the long ones, `None` where there are none."""
    spelled: re.Pattern[str]
    """Finds the same in a text without escapes."""
    longest: int


def long_secrets(sent: Iterable[str]) -> list[str]:
    """Return what must not be shown of a key and header values, the longest first.

    Each of their parts is one, if it is too long to be a word or a number.
    """
    texts = {part for value in sent for part in _parts_of(str(value))}
    return sorted((text for text in texts if len(text) >= _SHORTEST_SECRET), key=len, reverse=True)


def _find_secrets(sent: Iterable[str]) -> _Secrets:
    long = long_secrets(sent)
    return _Secrets(
        whole=frozenset(part.lower() for value in sent for part in _parts_of(str(value)) if part),
        numbers=frozenset(map(int, filter(_NUMBER.fullmatch, long))),
        plain=_pattern(long) if long else None,
        spelled=_pattern(map(_unescaped, long)),
        longest=len(long[0]) if long else 0,
    )


def _parts_of(value: str) -> Iterator[str]:
    """Yield a header value, its parts, and those without a scheme or a name before them."""
    for part in (value, *_PARTS.split(value)):
        part = part.strip()
        yield part
        yield part.rpartition(" ")[2]
        yield part.partition("=")[2].strip('="')


def _pattern(texts: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, texts)), re.IGNORECASE)


def _unescaped(text: str) -> str:
    """Return a text with escapes resolved, as often as they are nested in practice."""
    for _ in range(3):
        text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), unquote(text))
    return text.replace("\\", "").replace("\0", "")


def _decoded(headers: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[str, str]]:
    return ((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)


def _bare_request(request: Any) -> Any:
    """Return a copy of an HTTP request without its body and the values of its headers."""
    headers = [
        (name, value if name.lower() in _SHOWN_HEADERS else _MARK)
        for name, value in request.headers.multi_items()
    ]
    return library_of(request).Request(request.method, request.url, headers=headers)
