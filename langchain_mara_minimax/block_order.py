"""In which order the reasoning, the text and the calls of a streamed reply came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langchain_core.messages.tool import ToolCallChunk

from langchain_mara_minimax.messages import BLOCK_ORDER
from mara_minimax.types import Delta, JSONObject, Reply


class BlockOrder:
    """In which order the kinds of content came.

    Merged chunks hold one text, one reasoning and the calls. Where a model thinks again after
    it spoke, the order is lost unless it is said: while streaming by the number of the block
    that a chunk belongs to, at the end by a list of all blocks. A delta costs the same however
    many blocks there are.
    """

    def __init__(self) -> None:
        """Start before the first delta."""
        self._parts: list[list[Any]] = []
        self._latest: dict[str, list[Any]] = {}
        self._counts = {"reasoning": -1, "text": -1}
        self.numbers: dict[str, int] = {}
        """The numbers of the newest reasoning and text, once one of them is not the first."""
        self._calls: set[int | str | None] = set()

    @property
    def reasoned(self) -> bool:
        """Whether there was any reasoning."""
        return "reasoning" in self._latest

    def add(self, delta: Delta, calls: Sequence[ToolCallChunk] = ()) -> None:
        """Take what one chunk holds."""
        if delta.reasoning:
            self._speak("reasoning", delta.reasoning)
        if delta.text:
            self._speak("text", delta.text)
        for call in calls:
            if call["index"] not in self._calls:
                self._calls.add(call["index"])
                self._parts.append(["tool_call", call["index"]])

    def _speak(self, kind: str, text: str) -> None:
        """Add `text` to the part that it belongs to.

        White space speaks for no new thought: it belongs to the last part of its kind, or to
        one before the calls, since MiniMax's streams give it after them.
        """
        part = self._latest.get(kind)
        if part is None or (self._parts[-1] is not part and not text.isspace()):
            part = self._latest[kind] = [kind, 0]
            self._counts[kind] += 1
            if self._counts[kind] > 0:
                self.numbers = self._counts
            place = len(self._parts)
            if self._calls and text.isspace():
                place = [known for known, _ in self._parts].index("tool_call")
            self._parts.insert(place, part)
        part[1] += len(text)

    def to_kwargs(self, reply: Reply) -> JSONObject:
        """Return the order of all blocks, unless it is reasoning, text, calls."""
        kinds = [kind for kind, _ in self._parts]
        usual = sorted(kinds, key=("reasoning", "text", "tool_call").index)
        if kinds == usual and not self.numbers:
            return {}
        ids = {call.index: call.id for call in reply.tool_calls}
        return {
            BLOCK_ORDER: [
                [kind, ids.get(value) if kind == "tool_call" else value]
                for kind, value in self._parts
            ]
        }
