"""Secrets that are easy to find again, and the search for them in any form."""

from __future__ import annotations

import base64
import re
import types
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote

from pydantic import SecretStr

KEY = "sk-Zq7Xk2Vb4Rm8Tn6WpL3Dc9Hs5Gf1Jy"
TEAM_HEADER = "Ue5Jw8Ao3Ni7Bx2Qm6Ct9Kv4Pr1Lz"
CALL_HEADER = "Fh4Dy7Se2Gm9Wk5Tb8Xo3Ra6Nc1Ju"
CALL_AUTHORIZATION = "Bearer Mv3Kp8Zd5Qh2Lw7Cj9Yf4Tn6Bs1Ex"

DEFAULT_HEADERS = {"X-Team": TEAM_HEADER}
SENT_HEADERS = {"X-Call": CALL_HEADER, "Authorization": CALL_AUTHORIZATION}
EXTRA_HEADERS = {name: SecretStr(value) for name, value in SENT_HEADERS.items()}
"""Headers of a call, as values that hide themselves."""
CANARIES = {
    "key": KEY,
    "default header": TEAM_HEADER,
    "call header": CALL_HEADER,
    "authorization": CALL_AUTHORIZATION.removeprefix("Bearer "),
}


def _windows(text: str, size: int) -> Iterator[str]:
    return (text[i : i + size] for i in range(len(text) - size + 1))


def _needles(secret: str) -> set[str]:
    """Parts of a secret, plain, in base64 at any alignment, and in digits; in lower case."""
    needles = set(_windows(secret, 8)) | set(_windows(secret.encode().hex(), 16))
    for shift in range(3):
        coded = base64.b64encode(b"." * shift + secret.encode()).decode()
        needles |= set(_windows(coded[4:-4], 12))
    return {needle.lower() for needle in needles}


NEEDLES = {name: _needles(secret) for name, secret in CANARIES.items()}


def leaks(*texts: str | bytes) -> set[str]:
    """Names of the canaries of which a part stands in one of `texts`, in any spelling."""
    joined = "\n".join(t.decode("latin-1") if isinstance(t, bytes) else t for t in texts)
    shown = f"{joined}\n{_without_escapes(joined)}".lower()
    return {name for name, needles in NEEDLES.items() if any(n in shown for n in needles)}


def _without_escapes(text: str) -> str:
    for _ in range(3):
        text = re.sub(r"\\(?:u00|x)(..)", lambda found: chr(int(found[1], 16)), unquote(text))
    return text.replace("\\", "").replace("\0", "")


def displays(value: Any) -> str:
    """Everything that text made of `value` shows."""
    return f"{value!r}\n{value!s}\n{value}"


_OPAQUE = (SecretStr, type, types.ModuleType, types.FunctionType, types.TracebackType)


def reachable(root: object) -> Iterator[str | bytes]:
    """All text that hangs on an object, however deep; keys that hide themselves excepted."""
    seen: set[int] = set()
    waiting: list[object] = [root]
    while waiting:
        value = waiting.pop()
        if id(value) in seen or isinstance(value, _OPAQUE):
            continue
        seen.add(id(value))
        assert len(seen) < 50_000
        if isinstance(value, (str, bytes)):
            yield value
            continue
        waiting.extend(_parts(value))


def _parts(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        yield from (*value.keys(), *value.values())
    elif isinstance(value, (list, tuple, set, frozenset)):
        yield from value
    elif isinstance(value, BaseException):
        yield from (value.args, value.__cause__, value.__context__, getattr(value, "object", None))
    yield from getattr(value, "__dict__", {}).values()
    for kind in type(value).__mro__:
        for slot in getattr(kind, "__slots__", ()):
            if isinstance(slot, str) and not slot.startswith("__"):
                yield getattr(value, slot, None)
