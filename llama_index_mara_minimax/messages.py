"""LlamaIndex messages to wire dicts.

What a message carries beside its blocks is read by name: `additional_kwargs` also holds keys
of memories and of other providers, which no request may contain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llama_index.core.base.llms.types import (
    ChatMessage,
    ContentBlock,
    MessageRole,
    ThinkingBlock,
    ToolCallBlock,
)

import mara_minimax
from llama_index_mara_minimax.content import (
    plain_texts,
    to_assistant_content,
    to_tool_content,
    to_wire_content,
)
from mara_minimax.json_text import parse_object
from mara_minimax.request.forced_tools import IGNORED_TOOL_CHOICE
from mara_minimax.request.foreign_calls import decode_call, legacy_calls
from mara_minimax.request.history import ROLES
from mara_minimax.request.records import restore_reasoning
from mara_minimax.request.tools import encode_tool_call
from mara_minimax.request.warnings import warn_left_out
from mara_minimax.types import JSONObject, Reasoning

_ROLES = frozenset(role.value for role in MessageRole)

REASONING_DETAILS = "reasoning_details"
"""Where `ThinkingBlock.additional_information` keeps the provider's list, verbatim."""
LEAKED_CALLS = "leaked_tool_calls"
"""Whether the text holds markup of tool calls, there as well as `REFUSAL`."""
REFUSAL = "refusal"
"""Why there is no answer, in `additional_kwargs` of a response and of its message."""


def to_wire_messages(messages: Sequence[ChatMessage]) -> list[JSONObject]:
    """Return `messages` as the dicts that `ChatSettings.encode` takes; none is changed."""
    return [_to_wire_message(message) for message in messages]


def to_wire_calls(message: ChatMessage) -> list[JSONObject]:
    """Return the tool calls of `message` in wire form.

    The blocks say which calls there are. Where there is none, `additional_kwargs` is read,
    which older integrations use alone, with plain dicts or with objects of an SDK.
    """
    mirror = _mirrored_calls(message)
    blocks = [block for block in message.blocks if isinstance(block, ToolCallBlock)]
    if not blocks:
        return mirror
    texts = {call["id"]: call["function"]["arguments"] for call in mirror}
    return [
        encode_tool_call(
            block.tool_call_id or None,
            block.tool_name,
            _sent_arguments(block.tool_kwargs, texts.get(str(block.tool_call_id))),
        )
        for block in blocks
    ]


def _mirrored_calls(message: ChatMessage) -> list[JSONObject]:
    """Return the calls in `additional_kwargs`; without a name, they are nobody's calls."""
    notes = message.additional_kwargs
    if not notes:
        return []
    mirrored = notes.get("tool_calls")
    if mirrored is None:
        return legacy_calls(message.additional_kwargs)
    calls = [decode_call(call) for call in mirrored] if isinstance(mirrored, list) else [None]
    if None in calls:
        warn_left_out("tool_calls")
    return [call for call in calls if call is not None]


def _to_wire_message(message: ChatMessage) -> JSONObject:
    if not isinstance(message, ChatMessage):
        raise mara_minimax.errors.UnsupportedInputError(
            f"A message has to be a ChatMessage, not {type(message).__name__}."
        )
    role = str(getattr(message.role, "value", message.role))
    if role not in _ROLES:
        raise mara_minimax.errors.UnsupportedInputError(
            f"A message of role {message.role!r} cannot be sent to a model."
        )
    # What is said of `developer` is settled by the core's history repair.
    role = ROLES.get(role, role)
    wire: JSONObject = {"role": role, "content": _content_of(message, role)}
    if role == "assistant":
        if reasoning := _reasoning_of(message.blocks):
            wire["reasoning"] = reasoning
        if calls := to_wire_calls(message):
            wire["tool_calls"] = calls
        if message.additional_kwargs.get(IGNORED_TOOL_CHOICE) is True:
            wire[IGNORED_TOOL_CHOICE] = True
    elif role == "tool":
        notes = message.additional_kwargs
        # OpenAI's Responses API calls it `call_id`.
        wire["tool_call_id"] = notes.get("tool_call_id") or notes.get("call_id") or ""
    return wire


def _content_of(message: ChatMessage, role: str) -> str | list[JSONObject] | None:
    texts = plain_texts(message.blocks)
    if role != "assistant":
        if texts is None:
            to_content = to_tool_content if role == "tool" else to_wire_content
            return to_content(message.blocks)
        # As `ChatMessage.content` joins them.
        return "\n".join(texts) if texts else None
    content = to_assistant_content(message.blocks) if texts is None else "".join(texts)
    refusal = message.additional_kwargs.get(REFUSAL)
    return content or (refusal if isinstance(refusal, str) else None)


def _reasoning_of(blocks: Sequence[ContentBlock]) -> Reasoning | None:
    """Return the reasoning to send back: of the first block that one of our replies made.

    Blocks of other providers carry signatures and the like, and mean nothing here.
    """
    for block in blocks:
        if not isinstance(block, ThinkingBlock):
            continue
        record = block.additional_information or {}
        details = record.get(REASONING_DETAILS) if isinstance(record, Mapping) else None
        if isinstance(record, Mapping) and record.get("form") is None and details is None:
            continue
        if reasoning := restore_reasoning(block.content, details, record):
            return reasoning
    return None


def _sent_arguments(arguments: Any, sent: str | None) -> Any:
    """Return the arguments of a block, or `sent`, the provider's own text, if it says the same."""
    if isinstance(arguments, str) or sent is None or parse_object(sent) != (arguments or {}):
        return arguments
    return sent
