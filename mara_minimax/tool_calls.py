"""Put tool calls together from the deltas of a stream, in every shape that is known."""

from __future__ import annotations

import json
import uuid
from typing import Any

from mara_minimax.types import JSONObject, ToolCall, ToolCallDelta


class _OpenCall:
    """A call that is still being received."""

    __slots__ = ("arguments", "id", "index", "key", "name", "wire_id")

    def __init__(self, index: int, key: object) -> None:
        self.index = index
        self.key = key
        self.id = ""
        self.wire_id = ""
        self.name = ""
        self.arguments: list[str] = []

    def is_complete(self) -> bool:
        """Whether the arguments so far are one JSON object, so that nothing can follow."""
        if not self.arguments or not self.arguments[-1].rstrip().endswith("}"):
            return False
        try:
            json.loads("".join(self.arguments))
        except (ValueError, RecursionError):
            return False
        return True


class ToolCallAssembler:
    """Read `tool_calls` deltas and give out each id and name exactly once.

    Indices that come out count the calls from 0 in the order of their first delta, whatever
    the wire says. Which call a delta belongs to is decided by, in this order: its `index`;
    a known `id`; and, where the wire has neither, the call received last, unless that one is
    complete or the delta brings a second name for it.
    """

    __slots__ = ("_calls",)

    def __init__(self) -> None:
        """Start without calls."""
        self._calls: list[_OpenCall] = []

    def __bool__(self) -> bool:
        """Whether any call was seen."""
        return bool(self._calls)

    def add(self, entries: object) -> tuple[ToolCallDelta, ...]:
        """Take one chunk's `tool_calls` and return what it adds."""
        if not isinstance(entries, list):
            return ()
        return tuple(
            delta
            for entry in entries
            if isinstance(entry, dict) and (delta := self._add_entry(entry))
        )

    def add_whole(self, entries: object) -> tuple[ToolCallDelta, ...]:
        """Take the `tool_calls` of a frame that repeats the message, adding what is missing."""
        if not isinstance(entries, list):
            return ()
        if not self._calls:
            return self.add(entries)
        deltas: list[ToolCallDelta] = []
        for position, entry in enumerate(entries):
            if not isinstance(entry, dict):
                continue
            call_id = entry.get("id")
            known = [call for call in self._calls if call_id and call.wire_id == call_id]
            if not known and position < len(self._calls):
                known = [self._calls[position]]
            if not known:
                deltas.extend(self.add([{**entry, "index": None}]))
                continue
            deltas.extend(self._complete(known[0], entry))
        return tuple(deltas)

    def finish(
        self, reply_id: str | None, *, cut: bool
    ) -> tuple[tuple[ToolCallDelta, ...], tuple[ToolCall, ...]]:
        """Return the last deltas (missing ids, empty arguments) and the finished calls.

        A missing id is made from `reply_id`, so that a reply and a stream of it agree. With
        `cut` the output ended early: the last call's empty arguments are then not taken for
        a call without arguments. A call without a name is kept: it is what the provider
        sent, and adapters show it as an invalid call.
        """
        seed = reply_id or uuid.uuid4().hex
        deltas: list[ToolCallDelta] = []
        calls: list[ToolCall] = []
        for call in self._calls:
            new_id = None
            if not call.id:
                call.id = new_id = f"call_{seed}_{call.index + 1}"
            arguments = "".join(call.arguments)
            filler = ""
            if not arguments.strip() and not (cut and call is self._calls[-1]):
                filler = "{}"
            if new_id or filler:
                deltas.append(ToolCallDelta(call.index, new_id, None, filler))
            calls.append(ToolCall(call.index, call.id, call.name, filler or arguments))
        return tuple(deltas), tuple(calls)

    def _add_entry(self, entry: JSONObject) -> ToolCallDelta | None:
        function = entry.get("function")
        if not isinstance(function, dict):
            function = {}
        call_id = entry.get("id") or ""
        name = function.get("name") or ""
        call = self._find(entry.get("index"), call_id, name)
        if call is None:
            call = _OpenCall(len(self._calls), entry.get("index"))
            self._calls.append(call)
        arguments = _to_text(function.get("arguments"))
        return self._append(call, call_id, name, arguments)

    def _append(
        self, call: _OpenCall, call_id: str, name: str, arguments: str
    ) -> ToolCallDelta | None:
        new_id = new_name = None
        if call_id and not call.id:
            taken = any(other.id == call_id for other in self._calls)
            call.id = new_id = f"{call_id}_{call.index + 1}" if taken else call_id
            call.wire_id = call_id
        if name and not call.name:
            call.name = new_name = name
        if arguments:
            call.arguments.append(arguments)
        if not (new_id or new_name or arguments):
            return None
        return ToolCallDelta(call.index, new_id, new_name, arguments)

    def _find(self, key: object, call_id: str, name: str) -> _OpenCall | None:
        calls = self._calls
        if key is not None:
            # The newest call of this index: a host that sends index 0 for every call opens
            # a new one with a new id and name after a complete one.
            for call in reversed(calls):
                if call.key == key:
                    return None if _starts_new(call, call_id, name) else call
            return None
        if call_id:
            for call in calls:
                if call.wire_id == call_id:
                    return call
        if not calls:
            return None
        last = calls[-1]
        if call_id and last.id:
            return None
        if name and last.name and (name != last.name or last.is_complete()):
            return None
        return last

    def _complete(self, call: _OpenCall, entry: JSONObject) -> list[ToolCallDelta]:
        function = entry.get("function")
        if not isinstance(function, dict):
            return []
        received = "".join(call.arguments)
        whole = _to_text(function.get("arguments"))
        rest = whole[len(received) :] if whole.startswith(received) else ""
        delta = self._append(call, entry.get("id") or "", function.get("name") or "", rest)
        return [delta] if delta else []


def _starts_new(call: _OpenCall, call_id: str, name: str) -> bool:
    """Whether a delta with the index of `call` belongs to another call all the same."""
    return bool(
        call_id
        and name
        and call.name
        and call.wire_id
        and call_id != call.wire_id
        and call.is_complete()
    )


def _to_text(arguments: Any) -> str:
    """Return arguments as text; some servers send an object, or null."""
    if isinstance(arguments, str):
        return arguments
    if arguments is None:
        return ""
    return json.dumps(arguments, ensure_ascii=False)
