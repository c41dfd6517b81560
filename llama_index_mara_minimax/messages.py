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
from llama_index_mara_minimax.content import to_tool_content, to_wire_content
from mara_minimax.json_text import parse_object
from mara_minimax.request.forced_tools import IGNORED_TOOL_CHOICE
from mara_minimax.request.history import ROLES
from mara_minimax.request.records import restore_reasoning
from mara_minimax.request.tools import encode_tool_call
from mara_minimax.request.warnings import warn_left_out
from mara_minimax.types import JSONObject, Reasoning

_ROLES = frozenset(role.value for role in MessageRole)

REASONING_DETAILS = "reasoning_details"
"""Where `ThinkingBlock.additional_information` keeps the provider's list, verbatim."""


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
            block.tool_call_id or f"call_{position}",
            block.tool_name,
            _sent_arguments(block.tool_kwargs, texts.get(str(block.tool_call_id))),
        )
        for position, block in enumerate(blocks, 1)
    ]


def _mirrored_calls(message: ChatMessage) -> list[JSONObject]:
    """Return the calls in `additional_kwargs`; without a name, they are nobody's calls."""
    mirrored = message.additional_kwargs.get("tool_calls")
    if mirrored is None:
        return []
    calls = [_plain_call(call) for call in mirrored] if isinstance(mirrored, list) else [None]
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
    convert = to_tool_content if role == "tool" else to_wire_content
    wire: JSONObject = {"role": role, "content": convert(message.blocks)}
    if role == "assistant":
        if reasoning := _reasoning_of(message.blocks):
            wire["reasoning"] = reasoning
        if calls := to_wire_calls(message):
            wire["tool_calls"] = calls
        if message.additional_kwargs.get(IGNORED_TOOL_CHOICE) is True:
            wire[IGNORED_TOOL_CHOICE] = True
    elif role == "tool":
        wire["tool_call_id"] = message.additional_kwargs.get("tool_call_id") or ""
    return wire


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


def _plain_call(call: Any) -> JSONObject | None:
    """Return a mirrored call, dict or SDK object, in wire form, `None` for anything else."""
    function = _field(call, "function")
    call_id, name = _field(call, "id"), _field(function, "name")
    if not isinstance(name, str) or not isinstance(call_id, str | int | None):
        return None
    return encode_tool_call(str(call_id or ""), name, _field(function, "arguments"))


def _field(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)


def _sent_arguments(arguments: Any, sent: str | None) -> Any:
    """Return the arguments of a block, or `sent`, the provider's own text, if it says the same."""
    if isinstance(arguments, str) or sent is None or parse_object(sent) != (arguments or {}):
        return arguments
    return sent
