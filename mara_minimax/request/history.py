"""Mend what frameworks produce and providers refuse, and no more than that.

Pure functions over wire messages. `repairs.py` lists each repair with the refusal that it
avoids and the source.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import mara_minimax
from mara_minimax.json_text import parse_object, to_json_text
from mara_minimax.providers.endpoints import Provider
from mara_minimax.providers.models import ModelProfile
from mara_minimax.request.call_ids import name_calls, to_call_id
from mara_minimax.request.forced_tools import IGNORED_TOOL_CHOICE
from mara_minimax.request.media import check_content
from mara_minimax.request.pairing import EMPTY_RESULT, pair_tool_results
from mara_minimax.request.repairs import describe
from mara_minimax.request.tools import encode_tool_call
from mara_minimax.request.warnings import warn_left_out
from mara_minimax.types import REASONING_FIELDS, JSONObject

EMPTY_MESSAGE = "(empty message)"

ROLES = {
    "human": "user",
    "ai": "assistant",
    "model": "assistant",
    "chatbot": "assistant",
    "function": "tool",
}
"""Names that frameworks and other APIs have for roles of the wire."""
_FIELDS = {
    "system": {"role", "content", "name"},
    "user": {"role", "content", "name"},
    "assistant": {"role", "content", "name", "tool_calls", IGNORED_TOOL_CHOICE}
    | {"reasoning", "channel", *REASONING_FIELDS},
    "tool": {"role", "content", "tool_call_id", "name"},
}
MAPPINGS = (dict, Mapping)
"""`isinstance` is many times faster with `dict` first than with `Mapping` alone."""
INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2060-\u2064\ufeff]")
"""What no script writes: controls but tab and line breaks, the zero-width space, the word joiner
and the invisible operators, and the byte order mark.

Direction marks, embeddings and isolates (U+200E, U+200F, U+061C, U+202A to U+202E, U+2066 to
U+2069) stay, because Arabic and Hebrew text is misread without them, and so do the joiners that
Persian, Indic scripts and emoji need (Unicode 16, chapters 9.2 and 23.2). MiniMax refuses a share
of invisible characters and not the first one: "invisible character ratio limit", in Chinese
"illegal characters above 10 %" (platform.minimaxi.com, error codes, 2026-11).
"""


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
    name_calls(repaired, changes)
    if profile.strict_history:
        repaired = _merge_system(repaired, changes)
        repaired = pair_tool_results(repaired, changes)
    return repaired, tuple(changes)


def _repair_message(
    message: Mapping[str, Any], profile: ModelProfile, changes: list[str]
) -> JSONObject:
    """Mend what can be seen in one message alone: role, keys, characters, arguments."""
    role = _role_of(message)
    fields = _FIELDS.get(role)
    if fields is not None and fields.issuperset(message):
        repaired = dict(message)
    else:
        repaired = _repair_fields(message, role, profile, changes)
    content = repaired.get("content")
    # Most texts of one line are printable, which is seen many times faster than what follows.
    if content is not None and not (isinstance(content, str) and content.isprintable()):
        check_content(content, role)
        repaired["content"] = visible = _remove_invisible(content)
        if visible is not content:
            changes.append(describe("invisible_characters", role=repaired["role"]))
    if "name" in repaired and not isinstance(repaired["name"], str):
        del repaired["name"]
        changes.append(describe("stray_key", key="name", role=role))
    if "tool_call_id" in repaired:
        repaired["tool_call_id"] = to_call_id(repaired["tool_call_id"])
    if calls := repaired.pop("tool_calls", None):
        if not isinstance(calls, list | tuple):
            raise mara_minimax.errors.UnsupportedInputError(
                f"tool_calls of a message has to be a list, not {type(calls).__name__}."
            )
        called = [_repair_call(call, changes) for call in calls]
        if named := [call for call in called if call["function"]["name"]]:
            repaired["tool_calls"] = named
        if len(named) < len(called):
            changes.append(describe("nameless_call"))
            warn_left_out("tool call without a name")
    return repaired


def _role_of(message: object) -> str:
    role = message.get("role") if isinstance(message, MAPPINGS) else None
    if not isinstance(role, str):
        raise mara_minimax.errors.UnsupportedInputError(
            f"A message has to be a dict with a role as text, not {type(message).__name__} "
            f"with a role of type {type(role).__name__}."
        )
    return role


def _repair_fields(
    message: Mapping[str, Any], role: str, profile: ModelProfile, changes: list[str]
) -> JSONObject:
    """Return a message of a known role, without keys that it may not have."""
    known_role = ROLES.get(role, role)
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
    return repaired


def _remove_invisible(content: Any) -> Any:
    """Return `content` without invisible characters, the same object if it has none."""
    if isinstance(content, str):
        return INVISIBLE.sub("", content) if INVISIBLE.search(content) else content
    cleaned = [
        {**part, "text": _remove_invisible(part["text"])}
        if isinstance(part, Mapping) and isinstance(part.get("text"), str)
        else part
        for part in content
    ]
    return content if cleaned == content else cleaned


def _repair_call(call: object, changes: list[str]) -> JSONObject:
    """Return a call whose arguments are the text of a JSON object."""
    function = call.get("function") if isinstance(call, MAPPINGS) else None
    if not isinstance(call, MAPPINGS) or not isinstance(function, MAPPINGS):
        raise mara_minimax.errors.UnsupportedInputError(
            "A tool call has to be a dict with a dict 'function' in it."
        )
    name = function.get("name")
    if not isinstance(name, str):
        raise mara_minimax.errors.UnsupportedInputError(
            f"The name of a called function has to be text, not {type(name).__name__}."
        )
    arguments = function.get("arguments")
    if isinstance(arguments, Mapping):
        arguments = to_json_text(arguments)
        changes.append(describe("object_arguments"))
    elif parse_object(arguments) is None:
        if arguments:
            changes.append(describe("invalid_arguments"))
        arguments = "{}"
    return encode_tool_call(to_call_id(call.get("id")), name, arguments)


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


def fill_empty_content(messages: list[JSONObject], provider: Provider) -> tuple[str, ...]:
    """Give content, in place, to messages that need some; return what was changed, in words.

    With tool calls an assistant message needs none: both `""` and `null` were refused by
    MiniMax at times, so the key is left out, as MiniMax's own Mini-Agent does; SambaNova's
    schema requires the key and allows null.
    """
    changes: list[str] = []
    for message in messages:
        if not _is_empty(message.get("content")):
            continue
        if message.get("tool_calls"):
            message.pop("content", None)
            if provider.requires_content_key:
                message["content"] = None
            continue
        if provider.requires_content_key and any(map(message.get, REASONING_FIELDS)):
            # An answer that was cut within its reasoning; elsewhere `place_reasoning` moves it.
            message["content"] = ""
            continue
        filler = EMPTY_RESULT if message["role"] == "tool" else EMPTY_MESSAGE
        message["content"] = filler
        changes.append(describe("empty_content", role=message["role"], filler=filler))
    return tuple(changes)


def has_content(message: JSONObject) -> bool:
    """Whether a message holds content or tool calls."""
    return bool(message.get("tool_calls")) or not _is_empty(message.get("content"))


def _is_empty(content: Any) -> bool:
    """Whether content is missing, or a list of text parts without a character in them."""
    if not isinstance(content, list):
        return not content
    return all(
        isinstance(part, Mapping) and part.get("type") == "text" and not part.get("text")
        for part in content
    )
