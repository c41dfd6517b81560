"""The answer to `GET /models`: what the host says of each model, merged with the table."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

import mara_minimax
from mara_minimax import limits
from mara_minimax.failures.reports import reports_failure
from mara_minimax.json_text import parse_json
from mara_minimax.providers.endpoints import Provider
from mara_minimax.providers.models import ListedModel, find_profile
from mara_minimax.secrets.redaction import Redactor
from mara_minimax.types import JSONObject

_WINDOWS: Final = ("context_length", "max_model_len")
"""Where a row says how many tokens fit: MARA (clients, 2026-08); vLLM and SGLang (2026-11)."""


class ListingReader:
    """Read the bytes of an answer to `GET /models`, as `ReplyReader` reads those of a reply.

    Its models are given out together, at the end of the body.
    """

    stopped = ended = complete = may_be_whole = False

    def __init__(self, provider: Provider, redactor: Redactor) -> None:
        """Start before the first byte."""
        self.content_type = ""
        self._provider = provider
        self._redactor = redactor
        self._body = bytearray()

    @property
    def buffered_bytes(self) -> int:
        """Return the size of what was read."""
        return len(self._body)

    def is_whole(self) -> bool:
        """Whether what was read counts before the end of the body: a list is asked for again."""
        return False

    def partial_reply(self) -> None:
        """Return what was received of a reply: nothing."""

    def decode(self, data: bytes) -> list[ListedModel]:
        """Take a piece of the body; no model is given out yet."""
        self._body += data
        if len(self._body) > limits.MAX_EVENT_BYTES:
            raise mara_minimax.errors.InvalidReplyError(
                f"The list of models has more than {limits.MAX_EVENT_BYTES} bytes.",
                provider=self._provider.name,
            )
        return []

    def flush(self) -> list[ListedModel]:
        """Return the models; raise what the answer reports instead."""
        return decode_models(bytes(self._body), self._provider, self._redactor)


def decode_models(body: bytes, provider: Provider, redactor: Redactor) -> list[ListedModel]:
    """Return the models in an answer, in its order, without rows that name none.

    Raises `InvalidReplyError` for an answer that is no list, and the typed error for one that
    reports a failure inside HTTP 200.
    """
    try:
        parsed = parse_json(body)
    except ValueError:
        parsed = None
    rows = parsed.get("data") if isinstance(parsed, dict) else None
    if isinstance(rows, list):
        named = [row for row in rows if isinstance(row, dict) and _is_name(row.get("id"))]
        return [_to_model(row, provider) for row in named]
    if isinstance(parsed, dict) and reports_failure(parsed):
        # Loads the openai SDK, which calls that succeed do without.
        from mara_minimax.failures.answers import error_in_event

        raise error_in_event(parsed, provider, redactor)
    raise mara_minimax.errors.InvalidReplyError(
        f"{provider.title} sent an answer that is no list of models.",
        provider=provider.name,
        retryable=True,
    )


def _to_model(row: JSONObject, provider: Provider) -> ListedModel:
    profile = find_profile(provider.name, row["id"])
    windows = [row[name] for name in _WINDOWS if _is_count(row.get(name))]
    if windows:
        profile = replace(profile, context_window=windows[0])
    if _is_count(row.get("max_completion_tokens")):
        profile = replace(profile, max_output_tokens=row["max_completion_tokens"])
    pricing = row.get("pricing")
    return ListedModel(
        id=row["id"],
        profile=profile,
        pricing=_prices(pricing) if isinstance(pricing, dict) else {},
        raw=row,
    )


def _prices(pricing: JSONObject) -> dict[str, float]:
    """Return the prices that are numbers, also where they are written as text.

    Clients of MARA read text (2026-08); SambaNova OpenAPI 1.2.0 says numbers (2026-07).
    """
    prices: dict[str, float] = {}
    for name, price in pricing.items():
        with suppress(TypeError, ValueError):
            if math.isfinite(number := float(price)):
                prices[name] = number
    return prices


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
