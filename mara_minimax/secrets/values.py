"""Secrets as values that hide themselves, and that know the host they were given for.

Frameworks copy settings and arguments into events, traces, spans and cache keys, and tracebacks
show them as locals. Whatever holds such a value shows none of it; a request is built of the
texts inside.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from typing import Any, Final, Self, SupportsIndex

from pydantic import SecretStr

import mara_minimax
from mara_minimax.secrets.hosts import host_of
from mara_minimax.secrets.key_functions import KeyFunction

_SHOWN: Final = "'**********'"


class BoundSecret(SecretStr):
    """A secret and the host that it was given for, which copies and pickles keep together.

    `variable` names the environment variable that it was read from, `""` for an argument. A
    pickle holds the text of an argument encoded, which is not encrypted, and none of a variable:
    whoever loads it reads their own.
    """

    def __init__(self, value: str, *, host: str, variable: str = "") -> None:
        """Hold `value`, unseen."""
        super().__init__(value)
        self.host = host
        self.variable = variable

    def __eq__(self, other: object) -> bool:
        """Secrets are equal when their texts are."""
        return isinstance(other, SecretStr) and (
            self.get_secret_value() == other.get_secret_value()
        )

    def __hash__(self) -> int:
        return hash(self.get_secret_value())

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        if self.variable:
            return read_secret, (self.variable, self.host)
        text = self.get_secret_value().encode("utf-8", "surrogatepass")
        return _decoded, (base64.b64encode(text), self.host)


class HiddenText(str):
    """Text that a request can carry as it is and that no `repr` shows."""

    __slots__ = ()

    def __repr__(self) -> str:
        return _SHOWN

    def __getitem__(self, key: SupportsIndex | slice[Any, Any, Any]) -> HiddenText:
        """Hide parts too: displays that shorten long values slice them first."""
        return HiddenText(super().__getitem__(key))


def read_secret(variable: str, host: str) -> BoundSecret | None:
    """Return what an environment variable holds, for `host`; `None` if it is unset or blank."""
    value = os.environ.get(variable, "").strip()
    return BoundSecret(value, host=host, variable=variable) if value else None


def hide(value: Any) -> Any:
    """Return text, or the texts in a mapping, as `SecretStr`, and anything else as it is."""
    if isinstance(value, Mapping):
        return {name: hide(item) for name, item in value.items()}
    return SecretStr(value) if isinstance(value, str) else value


def bind(value: Any, host: str) -> Any:
    """Return `hide(value)`, with each secret that has no host yet bound to `host`."""
    if isinstance(value, Mapping):
        return {name: bind(item, host) for name, item in value.items()}
    hidden = hide(value)
    if isinstance(hidden, SecretStr) and not isinstance(hidden, BoundSecret):
        return BoundSecret(hidden.get_secret_value().strip(), host=host)
    return hidden


def reveal(secret: SecretStr, url: str, what: str) -> HiddenText:
    """Return the text of a secret for a request to `url`, as `HiddenText`.

    Frames in which a request is built hold it, and tracebacks can show locals:
    `tests/secrets/test_errors.py::test_a_request_that_cannot_be_built_leaves_key_and_headers_out_of_the_frames`.
    Raises `MissingAPIKeyError` for a secret of another host; `what` names it in the message.
    """
    check_host(secret, url, what, "Pass it anew, as text")
    return HiddenText(secret.get_secret_value().strip())


def check_host(secret: Any, url: str, what: str, advice: str) -> None:
    """Raise `MissingAPIKeyError` if `secret` was given for another host than that of `url`."""
    host = host_of(url)
    if isinstance(secret, (BoundSecret, KeyFunction)) and secret.host != host:
        raise mara_minimax.errors.MissingAPIKeyError(
            f"{what} was given for {secret.host} and is not sent to {host}. {advice}, in the same "
            "update as the new base_url or endpoint."
        )


def _decoded(value: bytes, host: str) -> BoundSecret:
    return BoundSecret(base64.b64decode(value).decode("utf-8", "surrogatepass"), host=host)
