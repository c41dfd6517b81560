"""Errors without secrets: text from outside is cleaned where it enters an error.

Nothing here can fail on anything that a server sends: a failure would leave the text as it came
on the context of the next exception.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from mara_minimax import limits
from mara_minimax.json_text import parse_json

_SHORTEST_SECRET: Final = 8
"""Shorter keys and header values are words and numbers that texts hold by chance."""
_LONGEST_SPELLING: Final = 12
"""Characters that one character of a secret may take where it is escaped, such as `\\\\u0041`."""
SHOWN_HEADERS: Final = frozenset(
    {"accept", "accept-encoding", "connection", "content-length", "content-type", "host"}
)
"""Headers of a request that say nothing of who sent it."""
MARK: Final = "[redacted]"
_CUT: Final = " [cut]"
_ESCAPE: Final = re.compile(r"\\(?:u00|x)([0-9a-f]{2})", re.IGNORECASE)
_PARTS: Final = re.compile(r"[;,]")
_NEVER: Final = r"(?!)"
_NUMBER: Final = re.compile(r"[1-9][0-9]{,4000}")


class Redactor:
    """Take the key and the header values of one request out of what its answer says.

    Whole texts that equal one of them go, and longer texts lose each that has eight characters
    or more: in any case, and also where it is escaped as in JSON or in a URL or stands in UTF-16;
    of a text that holds it in such a spelling nothing is left. So does each part of a header
    value, such as a token without its scheme and a cookie without its name.

    Secrets that are cut in pieces, or in base64, are not found.
    """

    __slots__ = ("_known", "_sent")

    def __init__(self, *sent: str) -> None:
        """Take the key and the header values that were sent; looked at when something fails."""
        self._sent = sent
        self._known: _Secrets | None = None

    def text(self, text: str) -> str:
        """Return a text from outside, cut at `MAX_ERROR_BYTES` characters."""
        if text.strip().lower() in self._secrets.whole:
            return MARK
        return self.part(text)

    def part(self, text: str) -> str:
        """Return a text from outside that is a part of a value or a name, cut as `text` cuts."""
        secrets = self._secrets
        is_cut = len(text) > limits.MAX_ERROR_BYTES
        text = text[: limits.MAX_ERROR_BYTES]
        text = secrets.plain.sub(MARK, text)
        if self.holds(text):
            return MARK
        if is_cut:
            # The end may be a part of a secret.
            text = text[: -len(_CUT) - secrets.longest * _LONGEST_SPELLING] + _CUT
        return text

    def holds(self, text: str) -> bool:
        """Whether a text holds a secret of eight characters or more, also where it is escaped."""
        secrets = self._secrets
        return bool(secrets.longest and secrets.spelled.search(_unescaped(text)))

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
                    copy[self.part(name)] = kept
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

    @property
    def _secrets(self) -> _Secrets:
        if self._known is None:
            self._known = _find_secrets(self._sent)
        return self._known

    def _scalar(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        return MARK if isinstance(value, int) and value in self._secrets.numbers else value


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
    plain: re.Pattern[str]
    """Finds the long ones."""
    spelled: re.Pattern[str]
    """Finds the same in a text without escapes."""
    longest: int
    """Length of the longest, 0 where none is long."""


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
        plain=_pattern(long),
        spelled=_pattern(map(_unescaped, long)),
        longest=len(long[0]) if long else 0,
    )


def _parts_of(value: str) -> Iterator[str]:
    """Yield a header value, its parts, and those without a scheme or a name before them."""
    for spaced in (value, *_PARTS.split(value)):
        part = spaced.strip()
        yield part
        yield part.partition("=")[2].strip('="')
        # The last word of several would be a word of any text.
        if part.count(" ") == 1:
            yield part.partition(" ")[2]


def _pattern(texts: Iterable[str]) -> re.Pattern[str]:
    """Return what finds any of `texts`; without the short ones, of which texts hold some."""
    known = [re.escape(text) for text in texts if len(text) >= _SHORTEST_SECRET]
    return re.compile("|".join(known) or _NEVER, re.IGNORECASE)


def _unescaped(text: str) -> str:
    """Return a text with escapes resolved, as often as they are nested in practice."""
    for _ in range(3):
        text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), unquote(text))
    return text.replace("\\", "").replace("\0", "")
