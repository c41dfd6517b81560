"""Token usage: the shapes that providers send, mapped once."""

from __future__ import annotations

from typing import Final

from mara_minimax.types import JSONObject, Usage

_MOST_TOKENS: Final = 2**53
"""Above this JSON numbers are not exact; no reply has as many."""

_PLACES: Final = {
    "input_tokens": ("prompt_tokens", "input_tokens"),
    "output_tokens": ("completion_tokens", "output_tokens"),
    "cache_read_tokens": (
        "prompt_tokens_details.cached_tokens",
        # Sent instead of `cached_tokens` when the request marks parts with `cache_control`.
        "prompt_tokens_details.cache_read_input_tokens",
        "input_tokens_details.cached_tokens",
        # DeepSeek's own API (https://api-docs.deepseek.com/api/create-chat-completion, 2026-11).
        "prompt_cache_hit_tokens",
    ),
    "cache_creation_tokens": ("prompt_tokens_details.cache_creation_input_tokens",),
    "reasoning_tokens": (
        "completion_tokens_details.reasoning_tokens",
        "output_tokens_details.reasoning_tokens",
    ),
}
"""Where each count may stand, the first place first. The names `input_tokens` and
`output_tokens` are those of OpenAI's Responses API, which some gateways keep."""


def decode_usage(usage: object) -> Usage | None:
    """Return the usage in a reply or chunk, `None` for a missing one or a placeholder.

    MiniMax streams may carry `{"total_tokens": 0, "total_characters": 0}` on every chunk
    until the real counts come at the end (real capture of MiniMax-M3, 2026-07). What
    cannot be a count is unknown; `raw` keeps what was sent.
    """
    if not isinstance(usage, dict):
        return None
    found = {name: _first(usage, places) for name, places in _PLACES.items()}
    total_tokens = _count(usage.get("total_tokens"))
    input_tokens, output_tokens = found.pop("input_tokens"), found.pop("output_tokens")
    if input_tokens is None and output_tokens is None and not total_tokens:
        return None
    if found["reasoning_tokens"] is None:
        # SGLang 0.5.23, which writes 0 where it did not count (tried, 2026-11).
        found["reasoning_tokens"] = _count(usage.get("reasoning_tokens")) or None
    if not total_tokens:
        total_tokens = (input_tokens or 0) + (output_tokens or 0)
    return Usage(
        input_tokens=input_tokens or 0,
        output_tokens=output_tokens or 0,
        total_tokens=total_tokens,
        raw=usage,
        **found,
    )


def _first(usage: JSONObject, places: tuple[str, ...]) -> int | None:
    """Return the first count that stands at one of the places."""
    for place in places:
        details, _, name = place.rpartition(".")
        holder = usage.get(details) if details else usage
        if isinstance(holder, dict) and (count := _count(holder.get(name))) is not None:
            return count
    return None


def _count(value: object) -> int | None:
    """Return a count of tokens, `None` for anything else; some servers write it as a float."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value <= _MOST_TOKENS else None
