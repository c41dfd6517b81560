"""Ids of a reply, derived from the request, so that the same request gets the same bytes."""

from __future__ import annotations

import hashlib
import string
import uuid

_ALPHABET = string.ascii_lowercase + string.digits
_LETTERS = string.ascii_letters + string.digits


class Identity:
    """Source of ids for one exchange."""

    def __init__(self, *seed: str) -> None:
        self._seed = "\x1f".join(seed).encode("utf-8", "surrogatepass")

    def _digest(self, label: str) -> bytes:
        return hashlib.sha256(self._seed + b"\x1e" + label.encode()).digest()

    def hexadecimal(self, label: str, length: int) -> str:
        """Up to 64 hexadecimal digits."""
        return self._digest(label).hex()[:length]

    def uuid(self, label: str) -> str:
        """A UUID of version 4 form."""
        return str(uuid.UUID(bytes=self._digest(label)[:16], version=4))

    def alphanumeric(self, label: str, length: int, *, mixed_case: bool = False) -> str:
        """Up to 32 letters and digits."""
        alphabet = _LETTERS if mixed_case else _ALPHABET
        return "".join(alphabet[byte % len(alphabet)] for byte in self._digest(label)[:length])
