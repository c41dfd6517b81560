"""Put tool calls together from the deltas of a stream, in every shape that is known."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import mara_minimax
from mara_minimax import limits
from mara_minimax.types import JSONObject, ToolCall, ToolCallDelta


class ToolCallDecoder:
    """Read `tool_calls` deltas and give out each id and name exactly once.

    Indices that come out count the calls from 0 in the order of their first delta, whatever
    the wire says. Which call a delta belongs to is decided by, in this order: its `index`;
    a known `id`; and, where the wire has neither, the call received last. A delta that cannot
    continue that call (`_is_another`) opens a new one all the same.
    """

    __slots__ = ("_by_id", "_by_index", "_calls", "_ids")

    def __init__(self) -> None:
        """Start without calls."""
        self._calls: list[_OpenCall] = []
        self._by_index: dict[int, _OpenCall] = {}
        """The newest call of each index on the wire."""
        self._by_id: dict[str, _OpenCall] = {}
        """The newest call of each id on the wire."""
        self._ids: set[str] = set()
        """The ids that were given out."""

    def __bool__(self) -> bool:
        """Whether any call was seen."""
        return bool(self._calls)

    def decode(self, entries: object) -> tuple[ToolCallDelta, ...]:
        """Take one chunk's `tool_calls` and return what it adds."""
        deltas: list[ToolCallDelta] = []
        touched: set[int] = set()
        for piece in _pieces(entries):
            call = self._find(piece, touched)
            if call is None:
                if not (piece.id or piece.name or piece.arguments):
                    continue
                call = self._open(piece)
            touched.add(call.index)
            deltas.extend(self._append(call, piece))
        return tuple(deltas)

    def decode_whole(self, entries: object) -> tuple[ToolCallDelta, ...]:
        """Take the `tool_calls` of a frame that repeats the message, adding what is missing."""
        if not self._calls:
            return self.decode(entries)
        streamed = len(self._calls)
        deltas: list[ToolCallDelta] = []
        for position, piece in enumerate(_pieces(entries)):
            call = self._calls[position] if position < streamed else None
            if piece.id and (call is None or call.wire_id not in ("", piece.id)):
                call = self._by_id.get(piece.id, call)
            if call is None:
                deltas.extend(self._append(self._open(piece), piece))
                continue
            piece.arguments = call.missing_arguments(piece.arguments)
            deltas.extend(self._append(call, piece))
        return tuple(deltas)

    def flush(
        self, reply_id: str | None, *, cut: bool, at_limit: bool = False
    ) -> tuple[tuple[ToolCallDelta, ...], tuple[ToolCall, ...]]:
        """Return the last deltas (missing ids, empty arguments) and the finished calls.

        A missing id is made from `reply_id`, so that a reply and a stream of it agree. With
        `cut` the output ended early: the last call's empty arguments are then not taken for
        a call without arguments. `at_limit` (`finish_reason: length`) the last call is cut
        even if its JSON is closed: parsers of servers close what they have (vLLM 0.33 leaves
        the open parameter out, SGLang 0.5.23 gives `{}`; tried in 2026-11). A call without a
        name is kept: it is what the provider sent, and adapters show it as an invalid call.
        """
        seed = reply_id or uuid.uuid4().hex
        deltas: list[ToolCallDelta] = []
        calls: list[ToolCall] = []
        for call in self._calls:
            new_id = None
            if not call.id:
                call.id = new_id = self._unique(f"call_{seed}_{call.index + 1}", call)
            arguments = "".join(call.arguments)
            filler = ""
            is_last = call is self._calls[-1]
            if not arguments.strip() and not (cut and is_last):
                filler = "{}"
            if new_id or filler:
                deltas.append(ToolCallDelta(call.index, new_id, None, filler))
            calls.append(
                ToolCall(
                    call.index, call.id, call.name, arguments + filler, is_cut=at_limit and is_last
                )
            )
        return tuple(deltas), tuple(calls)

    def _find(self, piece: _Piece, touched: set[int]) -> _OpenCall | None:
        """Return the call that `piece` continues; `touched` are those of earlier pieces."""
        if piece.index is not None:
            call = self._by_index.get(piece.index)
        elif piece.id in self._by_id:
            call = self._by_id[piece.id]
        else:
            call = self._calls[-1] if self._calls else None
            if call is not None and piece.id and call.id:
                return None
        if call is None or not (piece.id or piece.name):
            return call
        return None if _is_another(call, piece, beside=call.index in touched) else call

    def _open(self, piece: _Piece) -> _OpenCall:
        if len(self._calls) == limits.MAX_PARTS:
            raise mara_minimax.errors.InvalidReplyError(
                f"The answer has more than {limits.MAX_PARTS} tool calls."
            )
        call = _OpenCall(len(self._calls))
        self._calls.append(call)
        if piece.index is not None:
            self._by_index[piece.index] = call
        return call

    def _append(self, call: _OpenCall, piece: _Piece) -> list[ToolCallDelta]:
        new_id = new_name = None
        if piece.id and not call.id:
            call.wire_id = piece.id
            self._by_id[piece.id] = call
            call.id = new_id = self._unique(piece.id, call)
        if piece.name and not call.name:
            call.name = new_name = piece.name
        if piece.arguments:
            call.add_arguments(piece.arguments)
        if not (new_id or new_name or piece.arguments):
            return []
        return [ToolCallDelta(call.index, new_id, new_name, piece.arguments)]

    def _unique(self, call_id: str, call: _OpenCall) -> str:
        while call_id in self._ids:
            call_id = f"{call_id}_{call.index + 1}"
        self._ids.add(call_id)
        return call_id


class _Piece:
    """One entry of `tool_calls`, its odd values made plain."""

    __slots__ = ("arguments", "id", "index", "name")

    def __init__(self, entry: JSONObject) -> None:
        function = entry.get("function")
        if not isinstance(function, dict):
            function = {}
        self.index = as_index(entry.get("index"))
        self.id = as_text(entry.get("id"))
        self.name = as_text(function.get("name"))
        self.arguments = _arguments_of(function.get("arguments"))


class _OpenCall:
    """A call that is still being received."""

    __slots__ = (
        "_closed",
        "_depth",
        "_escape",
        "_in_string",
        "_length",
        "_read",
        "arguments",
        "id",
        "index",
        "name",
        "wire_id",
    )  # fmt: skip

    def __init__(self, index: int) -> None:
        self.index = index
        self.id = ""
        self.wire_id = ""
        self.name = ""
        self.arguments: list[str] = []
        self._length = 0
        self._read = 0
        self._escape = ""
        self._depth = 0
        self._in_string = False
        self._closed = False

    def add_arguments(self, fragment: str) -> None:
        """Take the next fragment of the arguments."""
        self.arguments.append(fragment)
        self._length += len(fragment)

    def missing_arguments(self, whole: str) -> str:
        """Return what `whole` adds to the arguments so far, `""` where it is something else."""
        if len(whole) <= self._length:
            # Joining for each of many short frames would take quadratic time.
            return ""
        self.is_complete()
        received = "".join(self.arguments)
        self.arguments[:] = [received]
        self._read = 1
        return whole[len(received) :] if whole.startswith(received) else ""

    def is_complete(self) -> bool:
        """Whether the arguments so far are one closed JSON object, so that nothing can follow.

        Looks at brackets only, and at each character once, however often it is asked.
        """
        text = self._escape + "".join(self.arguments[self._read :])
        self._read, self._escape = len(self.arguments), ""
        for match in _STRUCTURE.finditer(text):
            mark = match.group()
            if mark == "\\":
                # The character that it escapes comes with the next fragment.
                self._escape = mark
            elif mark == '"':
                self._in_string = not self._in_string
            elif mark in "{}" and not self._in_string:
                self._depth += 1 if mark == "{" else -1
                self._closed = self._depth == 0
        return self._closed


_STRUCTURE = re.compile(r'\\.?|["{}]', re.DOTALL)


def _pieces(entries: object) -> list[_Piece]:
    if not isinstance(entries, list):
        return []
    return [_Piece(entry) for entry in entries if isinstance(entry, dict)]


def _is_another(call: _OpenCall, piece: _Piece, *, beside: bool) -> bool:
    """Whether `piece` belongs to another call than `call`, which its index or place names.

    Some hosts send index 0 for every call, or none; others repeat id and name with every
    fragment. `beside` says that `call` was already named in the same list.
    """
    same_id = bool(piece.id) and piece.id == call.wire_id
    other_id = bool(piece.id and call.wire_id) and not same_id
    named = bool(piece.name and call.name)
    other_name = named and piece.name != call.name
    if piece.index is None:
        if other_name or (beside and named):
            return True
        ends = named and (not same_id or bool(piece.arguments.strip()))
    else:
        if other_id and (other_name or beside):
            return True
        ends = other_id or other_name or (named and bool(piece.arguments.strip()))
    return ends and call.is_complete()


def as_text(value: object) -> str:
    """Return a text or a number of the wire as text, `""` for anything else."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    return str(value) if abs(value) < 2**63 else ""


def as_index(value: object) -> int | None:
    """Return an index of the wire, `None` for anything that is not a number."""
    if type(value) is int:
        return value
    text = as_text(value)
    try:
        return int(float(text)) if text else None
    except (ValueError, OverflowError):
        return None


def _arguments_of(arguments: Any) -> str:
    """Return arguments as text; some servers send an object, or null."""
    if isinstance(arguments, str):
        return arguments
    if arguments is None:
        return ""
    try:
        return json.dumps(arguments, ensure_ascii=False)
    except (ValueError, RecursionError) as error:
        raise mara_minimax.errors.InvalidReplyError(
            "The arguments of a tool call cannot be read."
        ) from error
