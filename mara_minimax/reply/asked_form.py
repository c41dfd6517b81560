"""Give a reply the form that its request asked for: names of tools, and JSON without a fence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from mara_minimax.types import Delta, Reply

_OPEN: Final = re.compile(r"\s*```(?:json)?[ \t]*\r?\n\s*(?=[{\[])", re.IGNORECASE)
_MAY_OPEN: Final = re.compile(
    r"\s*(?:`{0,2}|```(?:json|jso|js|j)?[ \t]*(?:\r|\r?\n\s*)?)", re.IGNORECASE
)
"""What can still become `_OPEN`."""
_MAY_CLOSE: Final = re.compile(r"(?:`{1,2}|```\s*)\Z")
_HELD: Final = 64
"""Characters at the end of a text among which a closing fence is looked for."""
_MOST_BEGINNING: Final = 1000
"""Characters of white space and fence before which the JSON has to begin."""


class AskedForm:
    """Shape the deltas of one reply, whole or streamed."""

    def __init__(self, tool_names: Mapping[str, str], *, json_answer: bool) -> None:
        """Take the names of tools as given by those that were sent, where the two differ."""
        self._names = tool_names
        self._fence = FenceDecoder() if json_answer else None
        self._text: list[str] = []

    def shape(self, delta: Delta) -> Delta:
        """Return `delta` with text and names as the request asked for them, in place."""
        if self._names:
            delta.tool_calls = tuple(
                replace(call, name=self._names.get(call.name, call.name)) if call.name else call
                for call in delta.tool_calls
            )
        if self._fence is not None:
            delta.text = self._fence.decode(delta.text)
            if delta.reply is not None:
                delta.text += self._fence.flush()
            self._text.append(delta.text)
        if delta.reply is not None and (self._names or self._fence):
            delta.reply = self._shape_reply(delta.reply)
        return delta

    def _shape_reply(self, reply: Reply) -> Reply:
        calls = tuple(
            replace(call, name=self._names.get(call.name, call.name)) for call in reply.tool_calls
        )
        text = reply.text if self._fence is None else "".join(self._text)
        return replace(reply, tool_calls=calls, text=text)


class FenceDecoder:
    """Take the code fence off a text that begins with fenced JSON; any other text stays.

    Models write the fence although they were asked for JSON alone, and who asked for JSON reads
    the text as such (`ProviderStrategy` of LangChain, `json.loads`).
    """

    def __init__(self) -> None:
        """Start before the first character."""
        self._held = ""
        self._opened: bool | None = None

    def decode(self, text: str) -> str:
        """Return the text that `text` completes."""
        self._held += text
        if self._opened is None:
            self._open()
        if self._opened is None:
            return ""
        end = _MAY_CLOSE.search(self._held, max(len(self._held) - _HELD, 0))
        at = end.start() if end and self._opened else len(self._held)
        text, self._held = self._held[:at], self._held[at:]
        return text

    def flush(self) -> str:
        """Return what was held and turned out to be text."""
        held, self._held = self._held, ""
        return "" if self._opened and held.startswith("```") else held

    def _open(self) -> None:
        """Decide whether the text begins with fenced JSON, as soon as that can be seen."""
        if opening := _OPEN.match(self._held):
            self._opened, self._held = True, self._held[opening.end() :]
        elif len(self._held) > _MOST_BEGINNING or not _MAY_OPEN.fullmatch(self._held):
            self._opened = False
