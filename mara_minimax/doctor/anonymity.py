"""Take out of captured bytes what tells who asked: keys, ids of accounts, addresses."""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

from mara_minimax.json_text import parse_json
from mara_minimax.secrets.redaction import MARK, Redactor, long_secrets

SHOWN_HEADERS: Final = re.compile(
    r"content-type|date|retry-after(?:-ms)?|x-ratelimit-.*"
    r"|trace-id|minimax-request-id|x-mm-request-id|alb_request_id|x-request-id"
)
"""Headers of an answer that say something about the answer; of others only the name is shown."""

_ACCOUNT: Final = (
    r"(?:[a-z0-9]+[-_])*(?:group|account|organi[sz]ation|org|user|project|tenant|customer|subject"
    r"|owner|team|workspace|client)[-_]?(?:id|name|uuid|number|no)?"
    r"|(?:[a-z0-9]+[-_])*(?:e?mail|phone(?:[-_]?number)?)|sub"
)
"""Names of headers, fields, claims and parameters of an account, such as MiniMax's `GroupId`."""
_NAME: Final = re.compile(_ACCOUNT, re.IGNORECASE)
_FIELD: Final = re.compile(
    rf'(\\*"(?:{_ACCOUNT})\\*"\s*:\s*)(?:(\\*")([^"\\]+)(?=\\*")|(\d+))'.encode(), re.IGNORECASE
)
_PARAMETER: Final = re.compile(rf"\b((?:{_ACCOUNT})=)([\w.@+-]+)".encode(), re.IGNORECASE)

_JWT: Final = re.compile(rb"\beyJ[\w-]{8,}\.([\w-]{8,})\.[\w-]*")
_KINDS: Final = re.compile(
    rb"\bsk-[\w-]{8,}"
    rb"|\b(?:org|proj|user|acct|team)[-_][A-Za-z0-9]{6,}"
    rb"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    # Ids of MiniMax's groups and users are such numbers.
    rb"|(?<![\w.])\d{16,20}(?![\w.])"
)
"""What is an id by its look, whatever names it."""
_OCTET: Final = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_IPV4: Final = re.compile(rf"(?<!\d)(?:{_OCTET}[.-]){{3}}{_OCTET}(?!\d)".encode())
_MAYBE_IPV6: Final = re.compile(rb"(?<![\w:])[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*")

_SHORTEST: Final = 4
_WORDS: Final = frozenset(
    {
        "assistant", "default", "function", "mara", "minimax", "model", "object", "personal",
        "standard", "string", "system", "tool", "user",
    }
)  # fmt: skip
"""Values that would be words of the wire, and not ids, wherever else they stand."""


class Anonymizer:
    """What is known of an account, and how to take it out of bytes.

    Show it everything that is to be written, then let it clean each part: an id that one answer
    names in a field stands in plain text in another.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        """`secrets` are the key and the header values that were sent."""
        sent = tuple(secrets)
        self._redactor = Redactor(*sent)
        self._secrets = long_secrets(sent)
        self._ids: set[str] = set()
        for value in sent:
            self._learn_claims(value.encode())

    def learn(self, data: bytes, headers: Iterable[tuple[str, str]] = ()) -> None:
        """Take note of the ids in a body and in the headers beside it."""
        for match in _FIELD.finditer(data):
            self._add(match[3] or match[4])
        for match in _PARAMETER.finditer(data):
            self._add(match[2])
        for name, value in headers:
            if _NAME.fullmatch(name):
                self._add(value.encode())
            self._learn_claims(value.encode())
        self._learn_claims(data)

    def remove(self, data: bytes) -> bytes:
        """Return bytes without all that; what was JSON still is.

        Where a key stands in a spelling that cannot be replaced, nothing is left.
        """
        data = _JWT.sub(_masked, data)
        data = _FIELD.sub(lambda m: m[1] + (m[2] or b"") + _mask(m[3] or m[4]), data)
        data = _PARAMETER.sub(lambda m: m[1] + _mask(m[2]), data)
        data = _any_of(self._secrets).sub(_masked, data)
        ids = sorted(self._ids, key=len, reverse=True)
        data = _any_of(ids, r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9])").sub(_masked, data)
        data = _KINDS.sub(_masked, data)
        data = _MAYBE_IPV6.sub(_without_ipv6, data)
        data = _IPV4.sub(_masked, data)
        return MARK.encode() if self._redactor.holds(data.decode("latin-1")) else data

    def headers(self, headers: Iterable[tuple[str, str]]) -> dict[str, str]:
        """Return the headers of an answer by their names in lower case."""
        return {
            name.lower(): self.remove(value.encode()).decode()
            if SHOWN_HEADERS.fullmatch(name.lower())
            else MARK
            for name, value in headers
        }

    def _add(self, value: bytes) -> None:
        text = value.decode("utf-8", "replace").strip()
        if len(text) >= _SHORTEST and text.lower() not in _WORDS:
            self._ids.add(text)

    def _learn_claims(self, data: bytes) -> None:
        """Older keys of MiniMax are signed tokens, which name the group and the user."""
        for match in _JWT.finditer(data):
            for name, value in _claims(match[1]):
                if _NAME.fullmatch(name):
                    self._add(str(value).encode())


def _claims(payload: bytes) -> Iterator[tuple[str, Any]]:
    with suppress(ValueError):
        claims = parse_json(base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))
        if isinstance(claims, Mapping):
            yield from claims.items()


def _any_of(texts: Iterable[str], before: str = "", after: str = "") -> re.Pattern[bytes]:
    known = "|".join(map(re.escape, texts)) or r"(?!)"
    return re.compile(f"{before}(?:{known}){after}".encode(), re.IGNORECASE)


def _masked(match: re.Match[bytes]) -> bytes:
    return _mask(match[0])


def _mask(value: bytes) -> bytes:
    """Return what stands in place of a value: for a number another one, so that JSON stays JSON."""
    return b"9" * len(value) if value.isdigit() else MARK.encode()


def _without_ipv6(match: re.Match[bytes]) -> bytes:
    found = match[0]
    address = found.rstrip(b".")
    try:
        ipaddress.IPv6Address(address.decode())
    except ValueError:
        return found
    return MARK.encode() + found[len(address) :]
