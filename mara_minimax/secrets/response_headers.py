"""What a host says in the headers of its answer, such as rate limits, without what is secret."""

from __future__ import annotations

from typing import Any, Final

from mara_minimax.secrets.redaction import Redactor

_SECRET_WORDS: Final = frozenset(
    {
        "auth",
        "authenticate",
        "authentication",
        "authorization",
        "cookie",
        "cookie2",
        "credential",
        "credentials",
        "key",
        "secret",
        "token",
    }
)
"""Words in the names of headers that carry what must not be shown: `set-cookie`, `x-auth-token`.

`tokens` is none of them: `x-ratelimit-remaining-tokens` counts.
"""


def shown_headers(response: Any, redactor: Redactor) -> dict[str, str]:
    """Return the headers of an HTTP response under lower-case names, repeated ones joined."""
    shown: dict[str, str] = {}
    for raw_name, raw_value in response.headers.raw:
        # As bytes: providers send header values in other alphabets too.
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        if _SECRET_WORDS.isdisjoint(name.replace("_", "-").split("-")):
            kept = redactor.text(value)
            shown[name] = f"{shown[name]}, {kept}" if name in shown else kept
    return shown
