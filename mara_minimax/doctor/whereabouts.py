"""Where each character of an answer went: into text, reasoning or a call, or why it did not.

The reply says what was read; this follows the pieces that were received through it, and says
`unknown` of characters that it does not find there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Literal, NamedTuple

from mara_minimax.doctor.capture import is_stream
from mara_minimax.errors import InvalidReplyError
from mara_minimax.json_text import parse_json, to_json_text
from mara_minimax.reply.events import EventDecoder
from mara_minimax.types import REASONING_TEXT_FIELDS, JSONObject, Reply

Went = Literal[
    "text", "reasoning", "call", "refusal", "tag", "white space", "repeat", "cut by stop",
    "search result", "unknown",
]  # fmt: skip

_TAG = re.compile(r"\s*<(/?)(?:mm:)?think(?:ing)?>")
_SPACE = re.compile(r"\s+")
CONTENT, CALLS, RESULT = "content", "tool_calls", "content of role tool"
_PLAIN: dict[str, Went] = {
    f"{CALLS}.name": "call",
    f"{CALLS}.arguments": "call",
    "refusal": "refusal",
    RESULT: "search result",
}
"""Fields that hold one thing, and what it is."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some characters of an answer."""

    event: int
    """Number of the event, from 1; 1 for a plain reply."""
    source: str
    """The field that held them."""
    text: str
    went: Went


class _Received(NamedTuple):
    """What one field of one event held."""

    event: int
    source: str
    text: str


def events_in(body: bytes) -> Iterator[JSONObject]:
    """Yield the JSON events of a stream, or the one body of a plain reply, as far as readable."""
    with suppress(InvalidReplyError, ValueError):
        if not is_stream(body):
            parsed = parse_json(body)
            yield from [parsed] if isinstance(parsed, dict) else []
            return
        decoder = EventDecoder()
        for events in (decoder.decode(body), decoder.flush()):
            yield from (event for event in events if isinstance(event, dict))


def account(body: bytes, reply: Reply, *, stop: tuple[str, ...] = ()) -> list[Piece]:
    """Return the pieces of content, reasoning, refusal and calls, in the order of arrival."""
    received = list(_received(body))
    # A tag may be cut anywhere, so each field is looked at as one text.
    channels: dict[str, str] = {}
    for event in received:
        channels[event.source] = channels.get(event.source, "") + event.text
    inline = reply.reasoning is not None and reply.reasoning.form == "inline"
    # Where fields and tags say the same, what was read of one is a repeat in the other.
    order = sorted(channels, key=lambda source: (source == CONTENT) != inline)
    walker = _Walker(reply, stops=bool(stop) and reply.finish_reason == "stop")
    labels = {source: walker.walk(source, channels[source]) for source in order}
    return [piece for event in received for piece in _cut(event, labels[event.source])]


def _cut(received: _Received, labels: list[tuple[Went, int]]) -> Iterator[Piece]:
    """Take what a field of an event held off the labels of the whole field."""
    left = received.text
    while left:
        went, count = labels.pop(0)
        yield Piece(received.event, received.source, left[:count], went)
        if count > len(left):
            labels.insert(0, (went, count - len(left)))
        left = left[count:]


def _received(body: bytes) -> Iterator[_Received]:
    for number, event in enumerate(events_in(body), start=1):
        choices = event.get("choices")
        for choice in choices[:1] if isinstance(choices, list) else []:
            for name in ("delta", "message", "messages"):
                part = choice.get(name) if isinstance(choice, dict) else None
                part = part[-1] if isinstance(part, list) and part else part
                if isinstance(part, dict):
                    yield from (_Received(number, *field) for field in _fields(part) if field[1])


def _fields(part: JSONObject) -> Iterator[tuple[str, str]]:
    """Yield the fields of a delta or message that hold what the model says."""
    if part.get("role") == "tool":
        yield RESULT, _text(part.get("content"))
        return
    wrapped = part.get("provider_specific_fields")
    for place in (part, wrapped if isinstance(wrapped, dict) else {}):
        for entry in _dicts(place.get("reasoning_details")):
            yield "reasoning_details", _text(entry.get("text"))
    for name in (*REASONING_TEXT_FIELDS, CONTENT, "refusal"):
        yield name, _text(part.get(name))
    for call in _dicts(part.get("tool_calls")):
        function = call.get("function")
        for name in ("name", "arguments"):
            value = function.get(name) if isinstance(function, dict) else None
            yield f"{CALLS}.{name}", value if isinstance(value, str) else _dumped(value)


def _dicts(value: Any) -> Iterator[JSONObject]:
    yield from (each for each in value if isinstance(each, dict)) if isinstance(value, list) else ()


def _text(value: Any) -> str:
    """Return text, also of a list of content parts."""
    if isinstance(value, list):
        return "".join(_text(part.get("text")) for part in _dicts(value))
    return value if isinstance(value, str) else ""


def _dumped(value: Any) -> str:
    return "" if value is None else to_json_text(value)


class _Walker:
    """Follows what was received along the reply."""

    def __init__(self, reply: Reply, *, stops: bool) -> None:
        self._text = reply.text
        self._reasoning = reply.reasoning.text if reply.reasoning else ""
        self._stops = stops
        self._read: dict[Went, int] = {"text": 0, "reasoning": 0}
        """How far along each of the two."""

    def walk(self, source: str, channel: str) -> list[tuple[Went, int]]:
        """Return where the characters of a field went: how many of each, in their order."""
        if source in _PLAIN:
            return [(_PLAIN[source], len(channel))]
        labels: list[tuple[Went, int]] = []
        own, place, inside = 0, 0, False
        while place < len(channel):
            rest = channel[place:]
            found = self._thought(rest, own)
            if source == CONTENT and not (inside and found[1]):
                # Of equals the first.
                found = max(self._said(rest), found, key=itemgetter(1))
            went, count, start = found
            tag = _TAG.match(rest)
            if tag and tag.end() > count:
                went, count, inside = "tag", tag.end(), not tag[1]
            elif not count:
                went, count = self._lost(rest, after_tag=bool(labels) and labels[-1][0] == "tag")
            else:
                told = min(count, self._read[went] - start)
                count = told if told > 0 else count
                if went == "reasoning":
                    own = start + count
                if told > 0:
                    went = "repeat"
                else:
                    self._read[went] = start + count
            if labels and labels[-1][0] == went:
                count += labels.pop()[1]
            labels.append((went, count))
            place = sum(length for _, length in labels)
        return labels

    def _said(self, rest: str) -> tuple[Went, int, int]:
        """Return how far the rest of a field goes on with the text, and from where."""
        starts = (self._read["text"], 0)
        return max((_match("text", rest, self._text, s) for s in starts), key=itemgetter(1))

    def _thought(self, rest: str, own: int) -> tuple[Went, int, int]:
        """Return the same for the reasoning; `own` is how far this field has told it."""
        starts = (own, self._read["reasoning"], 0)
        return max(
            (_match("reasoning", rest, self._reasoning, s) for s in starts), key=itemgetter(1)
        )

    def _lost(self, rest: str, *, after_tag: bool) -> tuple[Went, int]:
        """Return why the reply does not hold what stands here."""
        if space := _SPACE.match(rest):
            return ("tag" if after_tag else "white space"), space.end()
        if self._stops and self._read["text"] == len(self._text):
            return "cut by stop", len(rest)
        return "unknown", 1


def _match(went: Went, rest: str, whole: str, start: int) -> tuple[Went, int, int]:
    """Return how many characters of both are the same from `start` on."""
    pairs = enumerate(zip(rest, whole[start:], strict=False))
    count = next((n for n, (a, b) in pairs if a != b), min(len(rest), len(whole) - start))
    return went, count, start
