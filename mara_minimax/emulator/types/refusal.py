"""A refusal: what is wrong with a request, before a provider's wire puts it into a body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Refusal:
    """Status, code and message of an error reply."""

    status: int
    code: int | str
    message: str
    kind: str = "invalid_request_error"
    """The `type` of the error at providers with OpenAI's error form."""
    param: str | None = None
    extra: Mapping[str, object] = field(default_factory=dict)
    plain: bool = False
    """Sent as plain text instead of JSON (MARA does that for missing properties)."""


def invalid_params(message: str) -> Refusal:
    """MiniMax's answer to nearly every bad request: HTTP 400 with code 2013.

    https://platform.minimax.io/docs/api-reference/errorcode (2026).
    """
    return Refusal(400, 2013, f"invalid params, {message}")


def bad_request(code: str, message: str, param: str | None = None) -> Refusal:
    """HTTP 400 in OpenAI's error form."""
    return Refusal(400, code, message, param=param)
