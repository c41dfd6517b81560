"""Convert LangChain's messages into wire messages.

Reasoning travels in `additional_kwargs`, because only that survives JSON, pickling and
checkpointers in every framework on the way: `reasoning_content` (text, for people),
`reasoning_details` (the provider's list, verbatim) and `reasoning_record` (the form in which
it came). The three together restore the core's `Reasoning`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
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

import mara_minimax
from langchain_mara_minimax.content import (
    Content,
    content_blocks,
    reasoning_in,
    refusal_in,
    to_assistant_content,
    to_tool_content,
    to_wire_content,
)
from mara_minimax.json_text import parse_object
from mara_minimax.providers.endpoints import PROVIDER_NAMES, Provider
from mara_minimax.request.forced_tools import IGNORED_TOOL_CHOICE
from mara_minimax.request.foreign_calls import decode_call, legacy_calls
from mara_minimax.request.history import ROLES
from mara_minimax.request.records import restore_reasoning
from mara_minimax.request.tools import encode_tool_call
from mara_minimax.types import JSONObject, Reasoning

REASONING_TEXT = "reasoning_content"
REASONING_DETAILS = "reasoning_details"
REASONING_RECORD = "reasoning_record"
REFUSAL = "refusal"
"""Why there is no answer; the key under which LangChain looks for a refusal of OpenAI's."""
CALL_RECORD = "tool_call_record"
"""The id and the arguments of each call as received, in order."""
BLOCK_ORDER = "block_order"
"""Of a stream in which reasoning, text and calls alternate: each block's kind and length or id."""


def to_wire_messages(messages: Sequence[BaseMessage], provider: Provider) -> list[JSONObject]:
    """Return `messages` as wire messages for `provider`.

    Assistant messages carry the core's `Reasoning` if they have any. Reasoning that users
    wrote themselves takes the form that `provider` understands.
    """
    return [wire for message in messages for wire in _converter(message)(message, provider)]


def _converter(message: BaseMessage) -> _Converter:
    """Return what converts a message of this class or of the nearest base that is known.

    `isinstance` asks pydantic's metaclass, which takes longer than converting a message does.
    """
    for kind in type(message).__mro__:
        if kind in _CONVERTERS:
            return _CONVERTERS[kind]
    raise mara_minimax.errors.UnsupportedInputError(
        f"A message of type {type(message).__name__} cannot be sent to a model."
    )


def _message(role: str, message: BaseMessage) -> JSONObject:
    wire: JSONObject = {"role": role, "content": to_wire_content(message.content)}
    if message.name:
        wire["name"] = message.name
    return wire


def _tool_message(tool_call_id: Any, content: Any) -> JSONObject:
    return {"role": "tool", "tool_call_id": tool_call_id, "content": to_tool_content(content)}


def _system_messages(message: SystemMessage, _: Provider) -> list[JSONObject]:
    # What `convert_to_messages` makes of a `developer` message.
    is_developer = message.additional_kwargs.get("__openai_role__") == "developer"
    return [_message("developer" if is_developer else "system", message)]


def _role_messages(message: ChatMessage, _: Provider) -> list[JSONObject]:
    return [_message(ROLES.get(str(message.role), message.role), message)]


def _tool_messages(message: ToolMessage, _: Provider) -> list[JSONObject]:
    return [_tool_message(message.tool_call_id, message.content)]


def _function_messages(message: FunctionMessage, _: Provider) -> list[JSONObject]:
    return [_tool_message(_function_id(message.name), message.content)]


def _user_messages(message: HumanMessage, _: Provider) -> list[JSONObject]:
    """Return the message, after the tool results that Anthropic's format puts inside it."""
    if isinstance(message.content, str):
        return [_message("user", message)]
    blocks = content_blocks(message.content)
    results = [
        _tool_message(block.get("tool_use_id"), block.get("content") or "")
        for block in blocks
        if block.get("type") == "tool_result"
    ]
    if results and len(results) == len(blocks):
        return results
    return [*results, _message("user", message)]


def _assistant_messages(message: AIMessage, provider: Provider) -> list[JSONObject]:
    content = to_assistant_content(message.content) or _said_elsewhere(message)
    wire: JSONObject = {"role": "assistant", "content": content}
    if message.name:
        wire["name"] = message.name
    if calls := to_wire_calls(message):
        wire["tool_calls"] = calls
    if reasoning := _reasoning_of(message, provider):
        wire["reasoning"] = reasoning
    if message.additional_kwargs.get(IGNORED_TOOL_CHOICE) is True:
        wire[IGNORED_TOOL_CHOICE] = True
    return [wire]


def _said_elsewhere(message: AIMessage) -> str:
    """Return what stands in for an answer without text: a refusal, or words spoken."""
    kwargs = message.additional_kwargs
    audio = kwargs.get("audio")
    spoken = audio.get("transcript") if isinstance(audio, Mapping) else None
    said = kwargs.get(REFUSAL) or refusal_in(message.content) or spoken
    return said if isinstance(said, str) else ""


def _reasoning_of(message: AIMessage, provider: Provider) -> Reasoning | None:
    """Return the reasoning to send back; that of another vendor's model stays out."""
    kwargs = message.additional_kwargs
    record = kwargs.get(REASONING_RECORD)
    author = message.response_metadata.get("model_provider")
    if not record and author and author not in PROVIDER_NAMES:
        return None
    text = kwargs.get(REASONING_TEXT) or reasoning_in(message.content)
    if text and text == message.content:
        # A stream that took its answer for reasoning at first: it is sent back once.
        return None
    details = kwargs.get(REASONING_DETAILS)
    if not (text or details or record):
        return None
    unrecorded = {"form": provider.reasoning_form, "provider": author}
    return restore_reasoning(text, details, record or unrecorded)


def to_wire_calls(message: AIMessage) -> list[JSONObject]:
    """Return every call of the message; invalid ones too, since their results may follow."""
    given = (message.tool_calls or [], message.invalid_tool_calls or [])
    if not all(isinstance(calls, list) for calls in given):
        raise mara_minimax.errors.UnsupportedInputError(
            "tool_calls and invalid_tool_calls of a message have to be lists."
        )
    calls = [_to_wire_call(call) for calls in given for call in calls]
    calls = _as_received(calls, message.additional_kwargs.get(CALL_RECORD))
    if isinstance(message.content, list):
        calls += _calls_in_blocks(message.content, calls)
    return calls or _legacy_calls(message)


def _as_received(calls: list[JSONObject], record: Any) -> list[JSONObject]:
    """Return calls in the order and with the arguments of `record`, where those say the same.

    Anybody may have changed the message or the record since: the calls count.
    """
    if not isinstance(record, list):
        return calls
    texts = {
        entry["id"]: entry["arguments"]
        for entry in record
        if isinstance(entry, dict)
        and isinstance(entry.get("id"), str)
        and isinstance(entry.get("arguments"), str)
    }
    places = {call_id: place for place, call_id in enumerate(texts)}
    for call in calls:
        function, text = call["function"], texts.get(call["id"]) if call["id"] else None
        if text is not None and _say_the_same(text, function["arguments"]):
            function["arguments"] = text
    return sorted(calls, key=lambda call: places.get(call["id"], len(places)))


def _say_the_same(received: str, arguments: str) -> bool:
    known, given = parse_object(received), parse_object(arguments)
    if given is None:
        # Of a stream, with what keeps core from completing it behind it.
        return arguments.startswith(received)
    # Stores may change the order of keys; `1`, `1.0` and `true` are equal and not the same.
    return known is not None and _sorted(known) == _sorted(given)


def _sorted(arguments: JSONObject) -> str:
    return json.dumps(arguments, sort_keys=True)


def _calls_in_blocks(content: Content, known: Sequence[JSONObject]) -> list[JSONObject]:
    """Return the calls in content that are not `known`; without an id, if nothing is known."""
    ids = [call["id"] for call in known]
    found = (
        decode_call(block)
        for block in content_blocks(content)
        if block.get("type") in ("tool_use", "tool_call", "function_call")
    )
    return [call for call in found if call and (call["id"] not in ids if call["id"] else not ids)]


def _legacy_calls(message: AIMessage) -> list[JSONObject]:
    """Return the call of LangChain's oldest messages, whose result names the function."""
    calls = legacy_calls(message.additional_kwargs)
    return [{**call, "id": _function_id(call["function"]["name"])} for call in calls]


def _to_wire_call(call: Any) -> JSONObject:
    """Return a call in wire form, whatever stands in it: the core judges names and ids."""
    if not isinstance(call, Mapping):
        raise mara_minimax.errors.UnsupportedInputError(
            f"A tool call of a message has to be a dict, not {type(call).__name__}."
        )
    return encode_tool_call(call.get("id"), call.get("name") or "", call.get("args"))


def _function_id(name: str) -> str:
    """Return the call id that pairs a legacy function call with its `FunctionMessage`."""
    return f"function_{name}"


_Converter = Callable[[Any, Provider], list[JSONObject]]
_CONVERTERS: dict[type, _Converter] = {
    AIMessage: _assistant_messages,
    ToolMessage: _tool_messages,
    FunctionMessage: _function_messages,
    SystemMessage: _system_messages,
    HumanMessage: _user_messages,
    ChatMessage: _role_messages,
}
