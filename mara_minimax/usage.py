"""Token usage: the shapes that providers send, mapped once."""

from __future__ import annotations

from typing import Any

from mara_minimax.types import JSONObject, Usage


def decode_usage(usage: object) -> Usage | None:
    """Return the usage in a reply or chunk, `None` for a missing one or a placeholder.

    MiniMax streams may carry `{"total_tokens": 0, "total_characters": 0}` on every chunk
    until the real counts come at the end (real capture of MiniMax-M3, 2026-07).
    """
    if not isinstance(usage, dict):
        return None
    prompt, completion = usage.get("prompt_tokens"), usage.get("completion_tokens")
    if prompt is None and completion is None and not usage.get("total_tokens"):
        return None
    input_tokens, output_tokens = _count(prompt) or 0, _count(completion) or 0
    total_tokens = _count(usage.get("total_tokens"))
    prompt_details = _details(usage, "prompt_tokens_details")
    completion_details = _details(usage, "completion_tokens_details")
    cache_read = prompt_details.get("cached_tokens")
    if cache_read is None:
        # Sent instead of `cached_tokens` when the request marks parts with `cache_control`.
        cache_read = prompt_details.get("cache_read_input_tokens")
    return Usage(
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        total_tokens=input_tokens + output_tokens if total_tokens is None else total_tokens,
        cache_read_tokens=_count(cache_read),
        cache_creation_tokens=_count(prompt_details.get("cache_creation_input_tokens")),
        reasoning_tokens=_count(completion_details.get("reasoning_tokens")),
        raw=usage,
    )


def _details(usage: JSONObject, name: str) -> JSONObject:
    details = usage.get(name)
    return details if isinstance(details, dict) else {}


def _count(value: Any) -> int | None:
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    return value if isinstance(value, int) else None
