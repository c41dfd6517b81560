"""Put each tool result behind its call, as strict providers demand."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any, Final

from mara_minimax.json_text import to_json_text
from mara_minimax.request.repairs import describe
from mara_minimax.types import JSONObject

MISSING_RESULT: Final = "(no result was recorded for this call)"
EMPTY_RESULT: Final = "(no output)"


def pair_tool_results(messages: list[JSONObject], changes: list[str]) -> list[JSONObject]:
    """Return messages in which each call's result directly follows the call."""
    pairing = _Pairing(messages)
    if not (pairing.calls_at or pairing.results_at):
        return messages
    paired: list[JSONObject] = []
    for position, message in enumerate(messages):
        if position in pairing.taken:
            continue
        if message["role"] == "tool":
            changes.append(describe("orphaned_result"))
            paired.append({"role": "user", "content": _orphan_text(message)})
            continue
        paired.append(message)
        if calls := message.get("tool_calls"):
            paired.extend(pairing.take_results(position, calls, changes))
    return paired


class _Pairing:
    """Which tool results answer which calls, found without searching the history again."""

    def __init__(self, messages: list[JSONObject]) -> None:
        self._messages = messages
        self.taken: set[int] = set()
        self.calls_at: dict[Any, list[int]] = {}
        self.results_at: dict[Any, list[int]] = {}
        for position, message in enumerate(messages):
            if message["role"] == "tool":
                self.results_at.setdefault(message.get("tool_call_id"), []).append(position)
            for call in message.get("tool_calls", ()):
                self.calls_at.setdefault(call["id"], []).append(position)

    def take_results(
        self, position: int, calls: list[JSONObject], changes: list[str]
    ) -> list[JSONObject]:
        """Return one result for each call: those that follow, then late ones, then missing."""
        open_ids = [call["id"] for call in calls]
        found = self._take_following(position, open_ids)
        for call_id in open_ids:
            late = self._late_result(position, call_id)
            if late is not None:
                changes.append(describe("late_result", call_id=call_id))
                self.taken.add(late)
                found.append(self._messages[late])
            else:
                changes.append(describe("missing_result", call_id=call_id))
                missing = {"role": "tool", "tool_call_id": call_id, "content": MISSING_RESULT}
                found.append(missing)
        return found

    def _take_following(self, position: int, open_ids: list[Any]) -> list[JSONObject]:
        """Take the results directly after the calls, and their ids out of `open_ids`."""
        found: list[JSONObject] = []
        for following in range(position + 1, len(self._messages)):
            message = self._messages[following]
            if message["role"] != "tool" or not open_ids:
                break
            call_id = message.get("tool_call_id")
            if not call_id:
                # A framework that names no call means the next one without a result.
                call_id = open_ids[0]
                message = {**message, "tool_call_id": call_id}
            if call_id in open_ids:
                open_ids.remove(call_id)
                self.taken.add(following)
                found.append(message)
        return found

    def _late_result(self, position: int, call_id: Any) -> int | None:
        """Return where a result stands further on, unless its id is called again before."""
        calls_at, results_at = self.calls_at[call_id], self.results_at.get(call_id, [])
        next_call = bisect_right(calls_at, position)
        again = calls_at[next_call] if next_call < len(calls_at) else len(self._messages)
        # Nobody has taken it: an id is called once in a message, and here for the last time.
        first = bisect_right(results_at, position)
        return results_at[first] if first < len(results_at) and results_at[first] < again else None


def _orphan_text(message: JSONObject) -> str:
    content = message.get("content")
    text = content if isinstance(content, str) else to_json_text(content)
    return f"Result of an earlier tool call: {text or EMPTY_RESULT}"
