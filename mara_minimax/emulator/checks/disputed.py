"""Refusals of MiniMax on which reports contradict each other; scenarios switch them on.

Forced tool choice: ignored in probes of M2.7 and M3 (2026-04, 2026-06), HTTP 400 for other
clients (2026). Content beside tool calls: one client needed null (2026), another an empty string
(2026-05); MiniMax's own sample agent leaves the key out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mara_minimax.emulator.checks.validation import Candidate
from mara_minimax.emulator.types.refusal import Refusal, invalid_params


def no_forced_tool_choice(candidate: Candidate) -> Refusal | None:
    """Only `auto` and `none`."""
    if candidate.body.get("tool_choice") in (None, "auto", "none"):
        return None
    return invalid_params("tool_choice only supports auto and none")


def no_empty_content_beside_calls(candidate: Candidate) -> Refusal | None:
    """An assistant message with tool calls must not have `content: ""`."""
    if any(message.get("content") == "" for message in _calling(candidate)):
        return invalid_params("chat content is empty")
    return None


def no_null_content_beside_calls(candidate: Candidate) -> Refusal | None:
    """An assistant message with tool calls must not have `content: null`."""
    if any(message.get("content", "") is None for message in _calling(candidate)):
        return invalid_params("chat content is empty")
    return None


def no_tools(candidate: Candidate) -> Refusal | None:
    """No tools: vLLM without a tool parser (0.33.0, tried in 2026-11)."""
    if not candidate.body.get("tools"):
        return None
    return invalid_params('"auto" tool choice requires --enable-auto-tool-choice')


def _calling(candidate: Candidate) -> Iterator[Mapping[str, Any]]:
    return (message for message in candidate.messages if message.get("tool_calls"))
