"""Give each call of a history an id of its own, and its result the same."""

from __future__ import annotations

from itertools import count, takewhile
from typing import Any

from mara_minimax.request.repairs import describe
from mara_minimax.types import JSONObject


def to_call_id(value: object) -> str | None:
    """Return the id of a call as text, `None` for what cannot be one."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def name_calls(messages: list[JSONObject], changes: list[str]) -> None:
    """Give an id, in place, to calls that have none or share one with another call."""
    numbers = count(1)
    known: set[Any] = set()
    for position, message in enumerate(messages):
        named: set[Any] = set()
        for call in message.get("tool_calls", ()):
            given = call["id"]
            if given and given not in named:
                named.add(given)
                continue
            known = known or _call_ids(messages)
            beginning = f"{given}_" if given else "call_unnamed_"
            names = (f"{beginning}{number}" for number in numbers)
            call["id"] = next(name for name in names if name not in known)
            known.add(call["id"])
            changes.append(describe("missing_id", call_id=call["id"]))
            if given:
                _rename_second_result(messages, position, given, call["id"])
            else:
                _claim_result(messages, position, call, known)


def _call_ids(messages: list[JSONObject]) -> set[Any]:
    return {call["id"] for message in messages for call in message.get("tool_calls", ())}


def _claim_result(
    messages: list[JSONObject], position: int, call: JSONObject, known: set[Any]
) -> None:
    """Let a result that follows and names no call answer `call`, which had no id.

    Ollama's results name the function; others have an id that was lost with the call's own.
    """
    results = takewhile(lambda message: message["role"] == "tool", messages[position + 1 :])
    free = [r for r in results if not r.get("tool_call_id") or r["tool_call_id"] not in known]
    names = [other["function"]["name"] for other in messages[position]["tool_calls"]]
    own = [r for r in free if r.get("tool_call_id") == call["function"]["name"]]
    others = [r for r in free if r.get("tool_call_id") not in names]
    for result in (own or others)[:1]:
        result["tool_call_id"] = call["id"]


def _rename_second_result(
    messages: list[JSONObject], position: int, given: Any, new_id: str
) -> None:
    """Let the second of the results that follow, all named `given`, answer the renamed call."""
    results = takewhile(lambda message: message["role"] == "tool", messages[position + 1 :])
    named = [result for result in results if result.get("tool_call_id") == given]
    for result in named[1:2]:
        result["tool_call_id"] = new_id
