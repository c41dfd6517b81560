"""Mend what frameworks produce and providers refuse, and no more than that.

Pure functions over wire messages. `repairs.py` lists each repair with the refusal that it
avoids and the source.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from mara_minimax.models import ModelProfile
from mara_minimax.providers import Provider
from mara_minimax.repairs import describe
from mara_minimax.types import JSONObject

MISSING_RESULT = "(no result was recorded for this call)"
EMPTY_RESULT = "(no output)"
EMPTY_MESSAGE = "(empty message)"

_ROLES = {
    "human": "user",
    "ai": "assistant",
    "model": "assistant",
    "chatbot": "assistant",
    "function": "tool",
}
_FIELDS = {
    "system": {"content", "name"},
    "user": {"content", "name"},
    "assistant": {"content", "name", "tool_calls", "reasoning", "reasoning_content"}
    | {"reasoning_details", "channel"},
    "tool": {"content", "tool_call_id", "name"},
}
# Joiners and marks that scripts and emoji need are left alone.
_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2060\ufeff]")


def repair_history(
    messages: Sequence[Mapping[str, Any]], profile: ModelProfile
) -> tuple[list[JSONObject], tuple[str, ...]]:
    """Return messages that the provider accepts, and what was changed, in words.

    The input is not modified; `fill_empty_content` completes the work once reasoning is in
    its place. Models without `strict_history` keep the order and number of
    their messages.
    """
    changes: list[str] = []
    repaired = [_repair_message(message, profile, changes) for message in messages]
    if profile.strict_history:
        repaired = _merge_system(repaired, changes)
        repaired = _pair_tool_results(repaired, changes)
    return repaired, tuple(changes)


def _repair_message(
    message: Mapping[str, Any], profile: ModelProfile, changes: list[str]
) -> JSONObject:
    """Mend what can be seen in one message alone: role, keys, characters, arguments."""
    role = message.get("role")
    known_role = _ROLES.get(str(role), str(role))
    if known_role == "developer" and profile.strict_history:
        known_role = "system"
    if known_role != role:
        changes.append(describe("role", given=role, sent=known_role))
    fields = _FIELDS.get(known_role, _FIELDS["user"])
    repaired: JSONObject = {"role": known_role}
    for name, value in message.items():
        if name == "role":
            continue
        if name in fields:
            repaired[name] = value
        else:
            changes.append(describe("stray_key", key=name, role=known_role))
    content = repaired.get("content")
    if isinstance(content, str) and _INVISIBLE.search(content):
        repaired["content"] = _INVISIBLE.sub("", content)
        changes.append(describe("invisible_characters", role=known_role))
    if calls := repaired.get("tool_calls"):
        repaired["tool_calls"] = [_repair_call(call, changes) for call in calls]
    elif "tool_calls" in repaired:
        del repaired["tool_calls"]
    return repaired


def _repair_call(call: Mapping[str, Any], changes: list[str]) -> JSONObject:
    """Return a call whose arguments are the text of a JSON object."""
    function = call.get("function") or {}
    arguments = function.get("arguments")
    if isinstance(arguments, Mapping):
        arguments = json.dumps(arguments, ensure_ascii=False)
        changes.append(describe("object_arguments"))
    elif not _is_json_object(arguments):
        if arguments:
            changes.append(describe("invalid_arguments"))
        arguments = "{}"
    return {
        "id": call.get("id"),
        "type": "function",
        "function": {"name": function.get("name"), "arguments": arguments},
    }


def _merge_system(messages: list[JSONObject], changes: list[str]) -> list[JSONObject]:
    """Return messages with one system message, first."""
    positions = [i for i, message in enumerate(messages) if message["role"] == "system"]
    if positions in ([], [0]):
        return messages
    changes.append(describe("system_messages", count=len(positions)))
    contents = [messages[i].get("content") for i in positions]
    merged: JSONObject = {"role": "system", "content": _join_contents(contents)}
    return [merged, *(message for message in messages if message["role"] != "system")]


def _join_contents(contents: list[Any]) -> Any:
    present = [content for content in contents if content]
    if all(isinstance(content, str) for content in present):
        return "\n\n".join(present)
    parts: list[Any] = []
    for content in present:
        parts.extend([{"type": "text", "text": content}] if isinstance(content, str) else content)
    return parts


def _pair_tool_results(messages: list[JSONObject], changes: list[str]) -> list[JSONObject]:
    """Return messages in which each call's result directly follows the call."""
    if not any(message.get("tool_calls") or message["role"] == "tool" for message in messages):
        return messages
    paired: list[JSONObject] = []
    used: set[int] = set()
    for position, message in enumerate(messages):
        if position in used:
            continue
        if message["role"] == "tool":
            changes.append(describe("orphaned_result"))
            paired.append({"role": "user", "content": _orphan_text(message)})
            continue
        paired.append(message)
        if calls := message.get("tool_calls"):
            results = _take_results(messages, position, calls, used, changes)
            paired.extend(results)
    return paired


def _take_results(
    messages: list[JSONObject],
    position: int,
    calls: list[JSONObject],
    used: set[int],
    changes: list[str],
) -> list[JSONObject]:
    """Find the results of `calls` among the messages that follow, in the order of the wire."""
    wanted = {call["id"]: call for call in calls}
    found: dict[Any, JSONObject] = {}
    expected = position + 1
    for later in range(position + 1, len(messages)):
        message = messages[later]
        if message["role"] != "tool":
            if message.get("tool_calls") and any(c["id"] in wanted for c in message["tool_calls"]):
                break
            continue
        if later in used:
            continue
        call_id = message.get("tool_call_id")
        if not call_id and later == expected:
            call_id = next((i for i in wanted if i not in found), None)
            message = {**message, "tool_call_id": call_id}
        if call_id in wanted and call_id not in found:
            if later != expected:
                changes.append(describe("late_result", call_id=call_id))
            found[call_id] = message
            used.add(later)
            expected += 1
    missing = [call_id for call_id in wanted if call_id not in found]
    for call_id in missing:
        changes.append(describe("missing_result", call_id=call_id))
        found[call_id] = {"role": "tool", "tool_call_id": call_id, "content": MISSING_RESULT}
    return list(found.values())


def _orphan_text(message: JSONObject) -> str:
    content = message.get("content")
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    return f"Result of an earlier tool call: {text or EMPTY_RESULT}"


def fill_empty_content(messages: list[JSONObject], provider: Provider) -> tuple[str, ...]:
    """Give content, in place, to messages that need some; return what was changed, in words.

    With tool calls an assistant message needs none: both `""` and `null` were refused by
    MiniMax at times, so the key is left out, as MiniMax's own Mini-Agent does; SambaNova's
    schema requires the key and allows null.
    """
    changes: list[str] = []
    for message in messages:
        if message.get("content"):
            continue
        if message.get("tool_calls"):
            message.pop("content", None)
            if provider.requires_content_key:
                message["content"] = None
            continue
        filler = EMPTY_RESULT if message["role"] == "tool" else EMPTY_MESSAGE
        message["content"] = filler
        changes.append(describe("empty_content", role=message["role"], filler=filler))
    return tuple(changes)


def _is_json_object(text: Any) -> bool:
    if not isinstance(text, str):
        return False
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
