"""Headers that users set: what HTTP can carry, and how they become those of a request."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from pydantic import SecretStr

import mara_minimax
from mara_minimax.secrets.values import check_host, hide, reveal

if TYPE_CHECKING:
    from mara_minimax.errors import ParameterError

_NAME: Final = re.compile(r"[!#$%&'*+.^_|~0-9A-Za-z`-]+")
_UNSENDABLE: Final = re.compile(r"[^\t -~]")


def check_headers(headers: Any, what: str) -> dict[str, SecretStr] | None:
    """Return headers with hidden values, `None` for none.

    Raises `ParameterError` for anything but a mapping of names and texts that HTTP can carry.
    No message quotes a value.
    """
    if headers is None:
        return None
    _check_mapping(headers, what)
    for name, value in headers.items():
        _check_header(name, value)
        if not isinstance(value, (str, SecretStr)):
            raise _not_text(name, value, what)
    hidden: dict[str, SecretStr] = hide(headers)
    return hidden


def check_headers_host(headers: Mapping[str, Any] | None, url: str) -> None:
    """Raise `MissingAPIKeyError` if one of the headers was given for another host."""
    for name, value in (headers or {}).items():
        if isinstance(value, SecretStr):
            check_host(value, url, _title(name), "Pass default_headers=…")


def reveal_headers(headers: Any, url: str, what: str = "extra_headers") -> dict[str, Any]:
    """Return `headers` as a request to `url` takes them.

    Raises `ParameterError` for what HTTP cannot carry, and `MissingAPIKeyError` for a value that
    was given for another host.
    """
    if headers is None:
        return {}
    _check_mapping(headers, what)
    revealed: dict[str, Any] = {}
    for name, value in headers.items():
        _check_header(name, value)
        if isinstance(value, (bytes, int, float)):
            raise _not_text(name, value, what)
        hidden = hide(value)
        # Other values, such as the SDK's `omit`, mark a header that is not to be sent.
        revealed[name] = (
            reveal(hidden, url, _title(name)) if isinstance(hidden, SecretStr) else value
        )
    return revealed


def fingerprint(headers: Mapping[str, Any]) -> str:
    """Return a digest that tells header mappings apart and shows no value."""
    lines = sorted(
        f"{name}:{value.get_secret_value() if isinstance(value, SecretStr) else value}".strip()
        for name, value in headers.items()
    )
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()


def check_sendable(secret: SecretStr, what: str) -> None:
    """Raise `ParameterError` for text that no HTTP header can carry, without quoting it.

    The HTTP library would quote it in a `UnicodeEncodeError` or a protocol error.
    """
    found = _UNSENDABLE.search(secret.get_secret_value())
    if found is not None:
        raise mara_minimax.errors.ParameterError(
            f"{what} has a character at position {found.start() + 1} that HTTP cannot carry: only "
            "printable ASCII can be sent."
        )


def _check_mapping(headers: Any, what: str) -> None:
    if not isinstance(headers, Mapping):
        raise mara_minimax.errors.ParameterError(
            f"{what} has to be a mapping of names and values, not {type(headers).__name__}."
        )


def _check_header(name: Any, value: Any) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise mara_minimax.errors.ParameterError(f"Invalid header name {name!r}.")
    hidden = hide(value)
    if isinstance(hidden, SecretStr):
        check_sendable(hidden, f"The value of the header {name!r}")


def _title(name: str) -> str:
    return f"The header {name!r}"


def _not_text(name: str, value: Any, what: str) -> ParameterError:
    return mara_minimax.errors.ParameterError(
        f"The value of the header {name!r} in {what} has to be text, not {type(value).__name__}."
    )
