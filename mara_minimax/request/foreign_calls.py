"""Tool calls as other providers and frameworks store them: name, arguments and id in one form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from mara_minimax.request.tools import encode_tool_call
from mara_minimax.request.warnings import warn_left_out
from mara_minimax.types import JSONObject

_INNER: Final = ("function", "toolUse", "functionCall")
"""Where a call stands inside another object: OpenAI and Ollama, Bedrock, Gemini."""
_NAMES: Final = ("name", "tool_name")
_ARGUMENTS: Final = ("arguments", "args", "input", "tool_kwargs")
# OpenAI's Responses API gives a call two ids, of which results name `call_id`.
_IDS: Final = ("call_id", "id", "toolUseId", "tool_use_id", "tool_call_id", "tool_id")


def decode_call(call: object) -> JSONObject | None:
    """Return a stored call, a dict or an object of an SDK, in wire form; `None` without a name.

    The id is `None` where the call has none: `repair_history` gives it one and finds its result.
    """
    inner = _first(call, _INNER) or call
    name = _first(inner, _NAMES)
    call_id = _first(call, _IDS) or _first(inner, _IDS)
    if not isinstance(name, str) or not name or not isinstance(call_id, str | int | None):
        return None
    return encode_tool_call(call_id, name, _first(inner, _ARGUMENTS))


def legacy_calls(notes: Mapping[str, Any]) -> list[JSONObject]:
    """Return the one call that messages of OpenAI's oldest form keep among their notes."""
    given = notes.get("function_call")
    if given is None:
        return []
    call = decode_call(given)
    if call is None:
        warn_left_out("function_call")
    return [call] if call else []


def _first(value: object, names: Iterable[str]) -> Any:
    """Return what stands under the first of `names` that holds anything."""
    for name in names:
        found = value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)
        if found is not None and found != "":
            return found
    return None
