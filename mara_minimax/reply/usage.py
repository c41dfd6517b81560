"""Token usage: the shapes that providers send, mapped once."""

from __future__ import annotations

from typing import Final

from mara_minimax.types import JSONObject, Usage

_MOST_TOKENS: Final = 2**53
"""Above this JSON numbers are not exact; no reply has as many."""


def decode_usage(usage: object) -> Usage | None:
    """Return the usage in a reply or chunk, `None` for a missing one or a placeholder.

    MiniMax streams may carry `{"total_tokens": 0, "total_characters": 0}` on every chunk
    until the real counts come at the end (real capture of MiniMax-M3, 2026-07). What
    cannot be a count is unknown; `raw` keeps what was sent.
    """
    if not isinstance(usage, dict):
        return None
    input_tokens = _count(usage.get("prompt_tokens"))
    output_tokens = _count(usage.get("completion_tokens"))
    total_tokens = _count(usage.get("total_tokens"))
    if input_tokens is None and output_tokens is None and not total_tokens:
        return None
    prompt_details = _details(usage, "prompt_tokens_details")
    completion_details = _details(usage, "completion_tokens_details")
    cache_read = _count(prompt_details.get("cached_tokens"))
    if cache_read is None:
        # Sent instead of `cached_tokens` when the request marks parts with `cache_control`.
        cache_read = _count(prompt_details.get("cache_read_input_tokens"))
    if not total_tokens:
        total_tokens = (input_tokens or 0) + (output_tokens or 0)
    return Usage(
        input_tokens=input_tokens or 0,
        output_tokens=output_tokens or 0,
        total_tokens=total_tokens,
        cache_read_tokens=cache_read,
        cache_creation_tokens=_count(prompt_details.get("cache_creation_input_tokens")),
        reasoning_tokens=_count(completion_details.get("reasoning_tokens")),
        raw=usage,
    )


def _details(usage: JSONObject, name: str) -> JSONObject:
    details = usage.get(name)
    return details if isinstance(details, dict) else {}


def _count(value: object) -> int | None:
    """Return a count of tokens, `None` for anything else; some servers write it as a float."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value <= _MOST_TOKENS else None
