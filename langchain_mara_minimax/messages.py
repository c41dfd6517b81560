"""Convert LangChain's messages into wire messages.

Reasoning travels in `additional_kwargs`, because only that survives JSON, pickling and
checkpointers in every framework on the way: `reasoning_content` (text, for people),
`reasoning_details` (the provider's list, verbatim) and `reasoning_record` (the form in which
it came). The three together restore the core's `Reasoning`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)

from langchain_mara_minimax.content import (
    content_blocks,
    reasoning_in,
    to_assistant_text,
    to_wire_content,
)
from mara_minimax.errors import UnsupportedInputError
from mara_minimax.providers import PROVIDERS, Provider
from mara_minimax.types import JSONObject, Reasoning

REASONING_TEXT = "reasoning_content"
REASONING_DETAILS = "reasoning_details"
REASONING_RECORD = "reasoning_record"
BLOCK_ORDER = "block_order"
"""Of a stream in which reasoning, text and calls alternate: each block's kind and length or id."""

_OWN_PROVIDERS = frozenset(provider.name for provider in PROVIDERS)
_ROLES = {"human": "user", "ai": "assistant"}
"""Names of LangChain for roles of the wire, as `ChatMessage` may carry them."""


def to_wire_messages(messages: Sequence[BaseMessage], provider: Provider) -> list[JSONObject]:
    """Return `messages` as wire messages for `provider`.

    Assistant messages carry the core's `Reasoning` if they have any. Reasoning that users
    wrote themselves takes the form that `provider` understands.
    """
    return [wire for message in messages for wire in _to_wire(message, provider)]


def _to_wire(message: BaseMessage, provider: Provider) -> list[JSONObject]:
    if isinstance(message, AIMessage):
        return [_assistant_message(message, provider)]
    if isinstance(message, ToolMessage):
        return [_tool_message(message.tool_call_id, message.content)]
    if isinstance(message, FunctionMessage):
        return [_tool_message(_function_id(message.name), message.content)]
    if isinstance(message, SystemMessage):
        # `__openai_role__` marks what `convert_to_messages` read from a `developer` message.
        role = message.additional_kwargs.get("__openai_role__", "system")
        return [_message(role, message)]
    if isinstance(message, HumanMessage):
        return _user_messages(message)
    if isinstance(message, ChatMessage):
        return [_message(_ROLES.get(message.role, message.role), message)]
    msg = f"A message of type {type(message).__name__} cannot be sent to a model."
    raise UnsupportedInputError(msg)


def _message(role: str, message: BaseMessage) -> JSONObject:
    wire: JSONObject = {"role": role, "content": to_wire_content(message.content)}
    if message.name:
        wire["name"] = message.name
    return wire


def _tool_message(tool_call_id: str, content: Any) -> JSONObject:
    return {"role": "tool", "tool_call_id": tool_call_id, "content": to_wire_content(content)}


def _user_messages(message: HumanMessage) -> list[JSONObject]:
    """Return the message, after the tool results that Anthropic's format puts inside it."""
    blocks = content_blocks(message.content)
    results = [
        _tool_message(str(block.get("tool_use_id")), block.get("content") or "")
        for block in blocks
        if block.get("type") == "tool_result"
    ]
    if results and len(results) == len(blocks):
        return results
    return [*results, _message("user", message)]


def _assistant_message(message: AIMessage, provider: Provider) -> JSONObject:
    wire: JSONObject = {"role": "assistant", "content": to_assistant_text(message.content)}
    if message.name:
        wire["name"] = message.name
    if calls := _wire_tool_calls(message):
        wire["tool_calls"] = calls
    if reasoning := _reasoning_of(message, provider):
        wire["reasoning"] = reasoning
    return wire


def _reasoning_of(message: AIMessage, provider: Provider) -> Reasoning | None:
    """Return the reasoning to send back; that of another vendor's model stays out."""
    kwargs = message.additional_kwargs
    record = kwargs.get(REASONING_RECORD)
    author = message.response_metadata.get("model_provider")
    if not record and author and author not in _OWN_PROVIDERS:
        return None
    text = kwargs.get(REASONING_TEXT) or reasoning_in(message.content)
    details = kwargs.get(REASONING_DETAILS)
    if not (text or details or record):
        return None
    unrecorded = {"form": provider.reasoning_form, "provider": author}
    return Reasoning.from_record(text, details, record or unrecorded)


def _wire_tool_calls(message: AIMessage) -> list[JSONObject]:
    """Return every call of the message; invalid ones too, since their results may follow."""
    calls = [_wire_tool_call(call["id"], call["name"], call["args"]) for call in message.tool_calls]
    calls += [
        _wire_tool_call(call["id"], call["name"] or "", call["args"] or "")
        for call in message.invalid_tool_calls
    ]
    known = {call["id"] for call in calls}
    if isinstance(message.content, list):
        calls += [
            _wire_tool_call(
                block.get("id"), block.get("name") or "", block.get("input", block.get("args"))
            )
            for block in content_blocks(message.content)
            if block.get("type") in ("tool_use", "tool_call") and block.get("id") not in known
        ]
    if not calls and (legacy := message.additional_kwargs.get("function_call")):
        name = legacy.get("name") or ""
        calls = [_wire_tool_call(_function_id(name), name, legacy.get("arguments") or "{}")]
    return calls


def _wire_tool_call(call_id: str | None, name: str, arguments: Any) -> JSONObject:
    if not isinstance(arguments, str):
        arguments = json.dumps(arguments or {}, ensure_ascii=False)
    function = {"name": name, "arguments": arguments}
    return {"id": call_id, "type": "function", "function": function}


def _function_id(name: str) -> str:
    """Return the call id that pairs a legacy function call with its `FunctionMessage`."""
    return f"function_{name}"
