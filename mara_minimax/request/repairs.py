"""The table of history repairs: what is changed, which refusal that avoids, and the source."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Repair:
    """One repair that `history.py` makes."""

    name: str
    text: str
    """What was changed, with fields that `describe` fills in."""
    refusal: str
    """What the provider answers, or does, without the repair."""
    source: str
    strict_only: bool = True
    """Whether it is made only for models whose `strict_history` is set."""


REPAIRS: tuple[Repair, ...] = (
    Repair(
        "system_messages",
        "{count} system messages became one, first",
        "`invalid chat setting (2013)` for several, `chat content has invalid message role: "
        "system (2013)` for late ones; the chat template drops all but the first",
        "https://github.com/MiniMax-AI/MiniMax-M2/issues/51 (2026)",
    ),
    Repair(
        "role",
        "role {given!r} became {sent!r}",
        "`invalid role: developer (2013)`; roles of other APIs are unknown everywhere",
        "https://github.com/openclaw/openclaw/issues/3022 (2026)",
        strict_only=False,
    ),
    Repair(
        "missing_result",
        "call {call_id!r} without a result got one that says so",
        "`tool result's tool id not found (2013)`",
        "https://github.com/MiniMax-AI/MiniMax-M2/issues/76 (2026)",
    ),
    Repair(
        "late_result",
        "the result of call {call_id!r} was moved to its call",
        "`tool call result does not follow tool call (2013)`",
        "https://github.com/MiniMax-AI/MiniMax-M2/issues/69 (2026)",
    ),
    Repair(
        "orphaned_result",
        "a tool result without its call became a user message",
        "`tool result's tool id not found (2013)`",
        "https://github.com/MiniMax-AI/MiniMax-M2/issues/76 (2026)",
    ),
    Repair(
        "missing_id",
        "a call without an id of its own got the id {call_id!r}",
        "`tool result's tool id not found (2013)`",
        "https://github.com/MiniMax-AI/MiniMax-M2/issues/76 (2026)",
        strict_only=False,
    ),
    Repair(
        "nameless_call",
        "a tool call without a name was left out",
        "nothing can have been called",
        "`name` is required: https://platform.openai.com/docs/api-reference/chat (2026-11)",
        strict_only=False,
    ),
    Repair(
        "invalid_arguments",
        "invalid arguments of a tool call became {{}}",
        "`invalid function arguments json string (2013)`",
        "https://github.com/MiniMax-AI/MiniMax-M2/issues/109 (2026)",
        strict_only=False,
    ),
    Repair(
        "object_arguments",
        "arguments of a tool call were written as JSON text",
        "the wire wants text",
        "https://platform.openai.com/docs/api-reference/chat (2026-11)",
        strict_only=False,
    ),
    Repair(
        "empty_content",
        "an empty {role} message got the content {filler!r}",
        "`chat content is empty (2013)`",
        "https://github.com/openclaw/openclaw/issues/64644 (2026)",
        strict_only=False,
    ),
    Repair(
        "invisible_characters",
        "invisible characters of a {role} message were left out",
        "code 1042, where they are more than a tenth of a text; controls mislead chat templates",
        "https://platform.minimax.io/docs/api-reference/errorcode, and the same page at "
        "platform.minimaxi.com (2026-11)",
        strict_only=False,
    ),
    Repair(
        "stray_key",
        "key {key!r} of a {role} message was left out",
        "frameworks keep their own notes in messages; unknown keys are not the provider's business",
        "SambaNova OpenAPI 1.2.0 and MiniMax OpenAPI list the keys (2026)",
        strict_only=False,
    ),
)

_TEXTS = {repair.name: repair.text for repair in REPAIRS}


def describe(name: str, **fields: object) -> str:
    """Return what a repair changed, in words."""
    return _TEXTS[name].format(**fields)
