"""Well-formed answers of every wire form, each with what has to come out of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from mara_minimax.encoded_request import EncodedRequest
from mara_minimax.providers.endpoints import LLMPROVIDER, MARA, MINIMAX
from mara_minimax.reply.tags import TAGS
from mara_minimax.types import Reply, ToolCall
from tests.core.wire import cut, decode_reply, details, request_to, sse
from tests.fuzz.oracles import check_outcome, read
from tests.fuzz.source import Source, cuts, once_in, pick, several, text

_NEAR_TAGS = ("<", "</", "<think", "think>", "</thin", "</mm:", "\n", "\n\n", " ", "  ")
THOUGHTS = ("α", "βγ", "δεζηθικλμνξ", "", "Ω🧮", *_NEAR_TAGS)
"""Words of reasoning; no letter of them stands in answers."""
ANSWERS = (
    "a",
    "be",
    "aab",
    "STOP",
    "ab\n",
    "Zürich 🎉",
    "<think>",
    "one two three four",
    *_NEAR_TAGS,
)
STOPS = ((), (), (), ("STOP",), ("ab", "aab"), ("\n",), ("🎉", "e"))

ENVELOPE = {"id": "r1", "created": 1789000000, "model": "M", "object": "chat.completion.chunk"}
USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}

PLACES = ("none", "split", "details", "reasoning_content", "reasoning", "tags", "mm tags", "closer")
"""Where reasoning stands."""


@dataclass
class Case:
    """One answer: what it says and how that is put on the wire."""

    place: str
    thought: str
    content: str
    """The content on the wire, with the tags of reasoning that stands in it."""
    calls: list[ToolCall]
    finish_reason: str
    stop: tuple[str, ...] = ()
    events: list[dict[str, Any]] = field(default_factory=list)
    message: dict[str, Any] = field(default_factory=dict)
    ending: str = "usage"
    done: bool = False

    @property
    def inline(self) -> bool:
        return self.place in ("tags", "mm tags", "closer")

    @property
    def request(self) -> EncodedRequest:
        provider, model = (MARA, "") if self.place != "split" else (MINIMAX, "")
        if self.place == "closer":
            return request_to(MARA, "DeepSeek-V3.1", stop=self.stop, starts_in_reasoning=True)
        if self.place == "none":
            provider = LLMPROVIDER
        return request_to(provider, model, stop=self.stop)

    def body(self) -> dict[str, Any]:
        """Return the plain reply."""
        choice = {"index": 0, "message": self.message, "finish_reason": self.finish_reason}
        return {**ENVELOPE, "object": "chat.completion", "choices": [choice], "usage": USAGE}

    def stream(self) -> bytes:
        return sse(*self.events, done=self.done)


def make_case(source: Source) -> Case:
    """Return an answer that is well-formed, and in which each character has one reading."""
    place = pick(source, PLACES)
    thought = "" if place == "none" else text(source, THOUGHTS, 6)
    answer = text(source, ANSWERS, 6)
    calls = several(source, 2, _make_call)
    calls = [replace(call, index=n, id=f"{call.id}{n}") for n, call in enumerate(calls)]
    finish_reason = "tool_calls" if calls else pick(source, ("stop", "length"))
    case = Case(place, thought, answer, calls, finish_reason)
    if not calls:
        case.stop = pick(source, STOPS)
    if case.inline:
        opener, closer = "", "</think>"
        if place != "closer":
            opener, closer = list(TAGS.items())[place == "mm tags"]
        thought = thought.replace("</think>", "").replace("</mm:think>", "")
        gap = pick(source, ("\n\n", "", "\n", "\n\n\n"))
        edges = pick(source, (("\n", "\n"), ("", ""), ("\n", ""), ("", "\n\n")))
        case.thought = thought
        case.content = f"{opener}{edges[0]}{thought}{edges[1]}{closer}{gap}{answer}"
    else:
        case.content = _without_tags(answer)
    case.message = {"role": "assistant", "content": case.content, **_thought_fields(case, thought)}
    if calls:
        case.message["tool_calls"] = [_entry(call) for call in calls]
    case.ending = pick(source, ("usage", "null usage", "summary", "nothing"))
    case.done = bool(source.below(2)) or case.ending == "nothing"
    case.events = _make_events(source, case)
    return case


def _make_call(source: Source) -> ToolCall:
    arguments = pick(source, ('{"a": "}{"}', "{}", '{"city": "Zürich", "n": [1, {"b": 2}]}', ""))
    return ToolCall(0, pick(source, ("call_", "c")), pick(source, ("add", "get")), arguments)


def _entry(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": call.id, "type": "function", "function": function, "index": call.index}


def _without_tags(answer: str) -> str:
    """Return an answer without tags that would be read as the begin or end of reasoning."""
    for closer in TAGS.values():
        answer = answer.replace(closer, "")
    return f"A{answer}" if answer.lstrip().startswith("<") or not answer.strip() else answer


def _thought_fields(case: Case, thought: str) -> dict[str, Any]:
    if not thought or case.inline or case.place == "none":
        return {}
    if case.place == "split":
        return {"reasoning_content": thought, "reasoning_details": details(thought)}
    if case.place == "details":
        return {"reasoning_details": details(thought)}
    return {case.place: thought}


def _make_events(source: Source, case: Case) -> list[dict[str, Any]]:
    as_snapshots = once_in(source, 4)
    thought = "" if case.inline else case.thought
    deltas = [_thought_fields(case, piece) for piece in _pieces(source, thought, as_snapshots)]
    deltas += [{"content": piece} for piece in _pieces(source, case.content, as_snapshots)]
    deltas += _call_deltas(source, case.calls)
    events: list[dict[str, Any]] = []
    for delta in deltas:
        noise = pick(source, ({}, {}, {"role": ""}, {"content": delta.get("content")}))
        events.append(_chunk({**noise, **delta}))
    events.append(_chunk({}, case.finish_reason))
    if case.ending == "summary":
        events.append(case.body())
    elif case.ending != "nothing":
        choices = [] if case.ending == "usage" else None
        events.append({**ENVELOPE, "choices": choices, "usage": USAGE})
    return events


def _chunk(delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return {**ENVELOPE, "choices": [choice], "usage": None}


def _pieces(source: Source, whole: str, as_snapshots: bool) -> list[str]:
    """Return a text in deltas or, where that is plain to see, in snapshots."""
    pieces = [piece for piece in cut(whole, cuts(source, len(whole), 5)) if piece]
    if as_snapshots and len(pieces) >= 3 and len(pieces[0]) >= 32 and len(set(pieces[0])) >= 8:
        return ["".join(pieces[: n + 1]) for n in range(len(pieces))]
    while len(pieces) > 1 and len(pieces[1]) > len(pieces[0]) and pieces[1].startswith(pieces[0]):
        # This could be a snapshot as well, so that only more of the stream would tell.
        pieces[:2] = [pieces[0] + pieces[1]]
    return pieces


def _call_deltas(source: Source, calls: list[ToolCall]) -> list[dict[str, Any]]:
    form = pick(source, ("heads first", "one by one", "whole", "whole without index", "repeated"))
    entries = [_entry(call) for call in calls]
    if not entries:
        return []
    if form.startswith("whole"):
        if form == "whole without index":
            entries = [{key: entry[key] for key in ("id", "function")} for entry in entries]
        return [{"tool_calls": entries}]
    rounds: list[list[dict[str, Any]]] = []
    for call, entry in zip(calls, entries, strict=True):
        pieces = cut(call.arguments, cuts(source, len(call.arguments)))
        known = {"id": call.id} if form == "repeated" else {}
        tails = [{**known, "function": {"arguments": p}, "index": call.index} for p in pieces[1:]]
        head = {**entry, "function": {"name": call.name, "arguments": pieces[0]}}
        rounds.append([head, *tails])
    if form == "heads first":
        most = max(map(len, rounds))
        ordered = [own[n] for n in range(most) for own in rounds if n < len(own)]
    else:
        ordered = [entry for own in rounds for entry in own]
    return [{"tool_calls": [entry]} for entry in ordered]


def check_form(source: Source) -> int:
    """Check a well-formed answer, plain and in pieces; return how often one was decoded."""
    case = make_case(source)
    request = case.request
    data = case.stream()
    whole = read([data], request)
    check_outcome(whole)
    assert read(cut(data, cuts(source, len(data))), request) == whole
    reply = whole.reply
    assert reply is not None, whole.error
    check_reply(case, reply)
    plain = decode_reply(
        case.body(),
        request.provider,
        request.profile,
        stop=request.stop,
        starts_in_reasoning=request.starts_in_reasoning,
    )
    assert _comparable(plain, reply) == _comparable(reply, reply)
    return 3


def _comparable(reply: Reply, streamed: Reply) -> Reply:
    """Return a reply without what a stream cannot know that is left at a stop sequence."""
    metadata = {k: v for k, v in reply.metadata.items() if k != "raw_finish_reason"}
    return replace(reply, usage=reply.usage if streamed.usage else None, metadata=metadata)


def check_reply(case: Case, reply: Reply) -> None:
    """Assert that each character that was sent stands where it belongs."""
    reasoning = reply.reasoning
    wire_thought = reasoning.wire_text if reasoning else ""
    if case.inline:
        assert (wire_thought + reply.text) == _until_stop(case, wire_thought)
    else:
        assert wire_thought == case.thought
        assert reply.text == _until_stop(case, "")
    shown = reasoning.text if reasoning else ""
    assert not set(reply.text) & set("αβγδεζηθικλμνξΩ🧮")
    assert not set(shown) & set("abeSTOPZü🎉")
    expected = [replace(call, arguments=call.arguments or "{}") for call in case.calls]
    assert list(reply.tool_calls) == expected
    stopped = (wire_thought if case.inline else "") + reply.text != case.content
    assert reply.finish_reason == ("stop" if stopped else case.finish_reason)


def _until_stop(case: Case, before: str) -> str:
    """Return the content up to the stop sequence that is complete first after `before`."""
    text = case.content[len(before) :]
    ends = [(start + len(stop), start) for stop in case.stop if (start := text.find(stop)) >= 0]
    return before + (text[: min(ends)[1]] if ends else text)
