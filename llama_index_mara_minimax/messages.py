"""LlamaIndex messages to wire dicts.

What a message carries beside its blocks is read by name: `additional_kwargs` also holds keys
of memories and of other providers, which no request may contain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llama_index.core.base.llms.types import (
    CachePoint,
    ChatMessage,
    CitableBlock,
    CitationBlock,
    ContentBlock,
    DocumentBlock,
    ImageBlock,
    MessageRole,
    TextBlock,
    ThinkingBlock,
    ToolCallBlock,
    VideoBlock,
)

import mara_minimax
from llama_index_mara_minimax.media import to_document_text, to_image_part, to_video_part
from mara_minimax.json_text import parse_object, to_json_text
from mara_minimax.request.forced_tools import IGNORED_TOOL_CHOICE
from mara_minimax.request.media import check_part
from mara_minimax.request.records import restore_reasoning
from mara_minimax.request.warnings import warn_left_out
from mara_minimax.types import JSONObject, Reasoning

_WIRE_ROLES = {
    **{role.value: role.value for role in MessageRole},
    MessageRole.CHATBOT.value: "assistant",
    MessageRole.MODEL.value: "assistant",
    MessageRole.FUNCTION.value: "tool",
}
"""Names on the wire; `developer` is settled by the core's history repair."""

_SENT_ELSEWHERE = (ThinkingBlock, ToolCallBlock, CachePoint)
"""Blocks that are no content: two have fields of their own, and caching needs no marks here."""

DETAILS_KEY = "reasoning_details"
"""Where `ThinkingBlock.additional_information` keeps the provider's list, verbatim."""


def to_wire_messages(messages: Sequence[ChatMessage]) -> list[JSONObject]:
    """Return `messages` as the dicts that `ChatSettings.encode` takes; none is changed."""
    return [_to_wire_message(message) for message in messages]


def wire_calls(message: ChatMessage) -> list[JSONObject]:
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
        wire_call(
            block.tool_call_id or f"call_{position}",
            block.tool_name,
            _argument_text(block.tool_kwargs, texts.get(str(block.tool_call_id))),
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


def wire_call(call_id: str, name: str, arguments: str) -> JSONObject:
    """Return one tool call in wire form."""
    return {
        "id": call_id,
        "type": "function",
        "function": {"name": name, "arguments": arguments},
    }


def _to_wire_message(message: ChatMessage) -> JSONObject:
    if not isinstance(message, ChatMessage):
        raise mara_minimax.errors.UnsupportedInputError(
            f"A message has to be a ChatMessage, not {type(message).__name__}."
        )
    role = _WIRE_ROLES.get(str(getattr(message.role, "value", message.role)))
    if role is None:
        raise mara_minimax.errors.UnsupportedInputError(
            f"A message of role {message.role!r} cannot be sent to a model."
        )
    wire: JSONObject = {"role": role, "content": _to_content(message.blocks)}
    if role == "assistant":
        if reasoning := _find_reasoning(message.blocks):
            wire["reasoning"] = reasoning
        if calls := wire_calls(message):
            wire["tool_calls"] = calls
        if message.additional_kwargs.get(IGNORED_TOOL_CHOICE) is True:
            wire[IGNORED_TOOL_CHOICE] = True
    elif role == "tool":
        wire["tool_call_id"] = message.additional_kwargs.get("tool_call_id") or ""
    return wire


def _to_content(blocks: Sequence[ContentBlock]) -> str | list[JSONObject] | None:
    """Return one text where there is only text, a list of parts otherwise.

    Texts are joined as `ChatMessage.content` joins them.
    """
    texts: list[str] = []
    for block in blocks:
        if isinstance(block, TextBlock) and isinstance(block.text, str):
            texts.append(block.text)
        elif not isinstance(block, _SENT_ELSEWHERE):
            return _to_mixed_content(blocks)
    return "\n".join(texts) if texts else None


def _to_mixed_content(blocks: Sequence[ContentBlock]) -> str | list[JSONObject]:
    parts = [part for block in blocks for part in _to_parts(block)]
    if all(part["type"] == "text" for part in parts):
        return "\n".join(part["text"] for part in parts)
    return parts


def _to_parts(block: ContentBlock) -> list[JSONObject]:
    match block:
        case TextBlock():
            return [_text_part(block.text)]
        case ImageBlock():
            return [to_image_part(block)]
        case VideoBlock():
            return [to_video_part(block)]
        case DocumentBlock():
            return [_text_part(to_document_text(block))]
        case CitableBlock():
            header = f"{block.title} ({block.source})"
            return [_text_part(header), *(part for b in block.content for part in _to_parts(b))]
        case CitationBlock():
            return _to_parts(block.cited_content)
    if isinstance(block, _SENT_ELSEWHERE):
        return []
    raise mara_minimax.errors.UnsupportedInputError(
        f"A {type(block).__name__} cannot be sent: the chat API takes text, images and video. "
        "Extract its text first."
    )


def _text_part(text: str) -> JSONObject:
    part = {"type": "text", "text": text}
    check_part(part)
    return part


def _find_reasoning(blocks: Sequence[ContentBlock]) -> Reasoning | None:
    """Return the reasoning to send back: of the first block that one of our replies made.

    Blocks of other providers carry signatures and the like, and mean nothing here.
    """
    for block in blocks:
        if not isinstance(block, ThinkingBlock):
            continue
        record = block.additional_information or {}
        details = record.get(DETAILS_KEY) if isinstance(record, Mapping) else None
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
    return wire_call(str(call_id or ""), name, _argument_text(_field(function, "arguments")))


def _field(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)


def _argument_text(arguments: Any, sent: str | None = None) -> str:
    """Return arguments as text; `sent`, the provider's own, when it says the same."""
    if isinstance(arguments, str):
        return arguments or "{}"
    arguments = arguments or {}
    if sent is not None and parse_object(sent) == arguments:
        return sent
    return to_json_text(arguments)
