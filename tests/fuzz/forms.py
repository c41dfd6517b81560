"""Well-formed answers of every wire form, each with what has to come out of it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from hypothesis import strategies as st

from mara_minimax.encoded_request import EncodedRequest
from mara_minimax.providers.endpoints import LLMPROVIDER, MARA, MINIMAX
from mara_minimax.reply.tags import TAGS
from mara_minimax.types import Reply, ToolCall
from tests.core.wire import call_head, call_tail, cut, decode_reply, details, request_to, sse
from tests.fuzz.bodies import check_splits
from tests.fuzz.mutations import CUTS, MUTATIONS, Mutation, mutate, positions, to_wire

_NEAR_TAGS = ("<", "</", "<think", "think>", "</thin", "</mm:", "\n", "\n\n", " ", "  ")
_THOUGHTS = ("α", "βγ", "δεζηθικλμνξ", "", "Ω🧮", *_NEAR_TAGS)
"""Words of reasoning; no letter of them stands in answers."""
_ANSWERS = ("a", "be", "aab", "STOP", "ab\n", "Zürich 🎉", "<think>", "one two three", *_NEAR_TAGS)
_STOPS = ((), (), (), ("STOP",), ("ab", "aab"), ("\n",), ("🎉", "e"))
_ARGUMENTS = ('{"a": "}{"}', "{}", '{"city": "Zürich", "n": [1, {"b": 2}]}', "")
_INLINE = dict(zip(("tags", "mm tags"), TAGS.items(), strict=True)) | {"closer": ("", "</think>")}
"""Reasoning in the content, with the tags around it."""
_FIELDS = ("none", "split", "reasoning_details", "reasoning_content", "reasoning")
"""Reasoning in fields of its own, or nowhere."""

ENVELOPE = {"id": "r1", "created": 1789000000, "model": "M", "object": "chat.completion.chunk"}
USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}


@dataclass(frozen=True)
class Case:
    """One answer: what it says and how that is put on the wire."""

    place: str
    """Where reasoning stands."""
    thought: str
    answer: str
    called: list[tuple[str, str, str]]
    """Calls: the beginning of the id, the name, the arguments."""
    sequences: tuple[str, ...]
    ending: tuple[str, str]
    """The finish reason where nothing is called, and what follows it."""
    white_space: tuple[str, str, str]
    cuts: list[int]
    """Where the bytes of the stream are cut."""
    text_cuts: list[int]
    snapshots: bool
    call_form: str
    noises: list[str]
    """What stands beside a delta, though it says nothing."""

    @cached_property
    def calls(self) -> list[ToolCall]:
        return [
            ToolCall(n, f"{call_id}{n}", *rest) for n, (call_id, *rest) in enumerate(self.called)
        ]

    @property
    def stop(self) -> tuple[str, ...]:
        return () if self.calls else self.sequences

    @property
    def finish_reason(self) -> str:
        return "tool_calls" if self.calls else self.ending[0]

    @property
    def inline(self) -> bool:
        return self.place in _INLINE

    @cached_property
    def said(self) -> str:
        """The reasoning that is sent."""
        thought = "" if self.place == "none" else self.thought
        return _without(TAGS.values(), thought) if self.inline else thought

    @cached_property
    def content(self) -> str:
        """The content on the wire, with the tags of reasoning that stands in it."""
        if self.inline:
            opener, closer = _INLINE[self.place]
            before, after, gap = self.white_space
            return f"{opener}{before}{self.said}{after}{closer}{gap}{self.answer}"
        # Nothing that would be read as the begin or end of reasoning.
        answer = _without(TAGS.values(), self.answer)
        return f"A{answer}" if answer.lstrip().startswith("<") or not answer.strip() else answer

    @property
    def request(self) -> EncodedRequest:
        if self.place == "closer":
            return request_to(MARA, "DeepSeek-V3.1", stop=self.stop, starts_in_reasoning=True)
        providers = {"none": LLMPROVIDER, "split": MINIMAX}
        return request_to(providers.get(self.place, MARA), stop=self.stop)

    def body(self) -> dict[str, Any]:
        """Return the plain reply."""
        message = {"role": "assistant", "content": self.content, **self._fields(self.said)}
        if self.calls:
            message["tool_calls"] = [_entry(call) for call in self.calls]
        choice = {"index": 0, "message": message, "finish_reason": self.finish_reason}
        return {**ENVELOPE, "object": "chat.completion", "choices": [choice], "usage": USAGE}

    def events(self) -> list[dict[str, Any]]:
        """Return the reply as a stream."""
        deltas = [self._fields(piece) for piece in self._pieces("" if self.inline else self.said)]
        deltas += [{"content": piece} for piece in self._pieces(self.content)]
        deltas += [{"tool_calls": entries} for entries in self._call_entries()]
        events: list[dict[str, Any]] = []
        for delta, noise in zip(deltas, itertools.cycle(self.noises), strict=False):
            extra = {"role": ""} if noise == "role" else {"content": None} if noise else {}
            events.append(_chunk({**extra, **delta}))
        events.append(_chunk({}, self.finish_reason))
        if self.ending[1] == "summary":
            events.append(self.body())
        elif self.ending[1] != "nothing":
            choices = [] if self.ending[1] == "usage" else None
            events.append({**ENVELOPE, "choices": choices, "usage": USAGE})
        return events

    def _fields(self, thought: str) -> dict[str, Any]:
        if not thought or self.inline:
            return {}
        if self.place == "split":
            return {"reasoning_content": thought, "reasoning_details": details(thought)}
        return {self.place: details(thought) if self.place == "reasoning_details" else thought}

    def _pieces(self, whole: str) -> list[str]:
        """Return a text in deltas or, where that is plain to see, in snapshots."""
        pieces = [piece for piece in cut(whole, positions(self.text_cuts, len(whole))) if piece]
        plain = len(pieces) >= 3 and len(pieces[0]) >= 32 and len(set(pieces[0])) >= 8
        if plain and self.snapshots:
            return list(itertools.accumulate(pieces))
        while len(pieces) > 1 and pieces[1] != pieces[0] and pieces[1].startswith(pieces[0]):
            # This could be a snapshot as well, so that only more of the stream would tell.
            pieces[:2] = [pieces[0] + pieces[1]]
        return pieces

    def _call_entries(self) -> list[list[dict[str, Any]]]:
        """Return the tool calls of each delta."""
        if self.call_form.startswith("whole") and self.calls:
            entries = [_entry(call) for call in self.calls]
            if self.call_form == "whole without index":
                entries = [{name: entry[name] for name in ("id", "function")} for entry in entries]
            return [entries]
        rounds = [self._fragments(call) for call in self.calls]
        if self.call_form == "heads first":
            rounds = [
                [entry for entry in entries if entry] for entries in itertools.zip_longest(*rounds)
            ]
        return [[entry] for entries in rounds for entry in entries]

    def _fragments(self, call: ToolCall) -> list[dict[str, Any]]:
        head, *tails = cut(call.arguments, positions(self.text_cuts, len(call.arguments)))
        known = {"id": call.id} if self.call_form == "repeated" else {}
        return [
            call_head(call.index, call.name, head, call.id),
            *({**known, **call_tail(call.index, tail)} for tail in tails),
        ]


def _words(words: Sequence[str]) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(words), max_size=6).map("".join)


def _one_of_each(*choices: Sequence[str]) -> st.SearchStrategy[Any]:
    return st.tuples(*map(st.sampled_from, choices))


CASES = st.builds(
    Case,
    st.sampled_from((*_FIELDS, *_INLINE)),
    _words(_THOUGHTS),
    _words(_ANSWERS),
    st.lists(_one_of_each(("call_", "c"), ("add", "get"), _ARGUMENTS), max_size=2),
    st.sampled_from(_STOPS),
    _one_of_each(("stop", "length"), ("usage", "null usage", "summary", "nothing")),
    _one_of_each(*[("", "\n", "\n\n")] * 3),
    CUTS,
    CUTS,
    st.booleans(),
    st.sampled_from(("heads first", "one by one", "whole", "whole without index", "repeated")),
    st.lists(st.sampled_from(("", "", "role", "content")), min_size=1, max_size=5),
)


def _entry(call: ToolCall) -> dict[str, Any]:
    return call_head(call.index, call.name, call.arguments, call.id)


def _chunk(delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return {**ENVELOPE, "choices": [choice], "usage": None}


def _without(parts: Iterable[str], text: str) -> str:
    for part in parts:
        text = text.replace(part, "")
    return text


def check_form(case: Case) -> int:
    """Check a well-formed answer, plain and in pieces; return how often one was decoded."""
    request = case.request
    data = sse(*case.events(), done=case.ending[1] in ("nothing", "usage"))
    outcome = check_splits(data, case.cuts, request)
    reply = outcome.reply
    assert reply is not None, outcome.error
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
        assert wire_thought == case.said
        assert reply.text == _until_stop(case, "")
    _assert_apart(reply)
    expected = [replace(call, arguments=call.arguments or "{}") for call in case.calls]
    assert list(reply.tool_calls) == expected
    stopped = (wire_thought if case.inline else "") + reply.text != case.content
    assert reply.finish_reason == ("stop" if stopped else case.finish_reason)


def _until_stop(case: Case, before: str) -> str:
    """Return the content up to the stop sequence that is complete first after `before`."""
    text = case.content[len(before) :]
    ends = [(start + len(stop), start) for stop in case.stop if (start := text.find(stop)) >= 0]
    return before + (text[: min(ends)[1]] if ends else text)


def _assert_apart(reply: Reply) -> None:
    """Assert that no letter of the reasoning is in the text, and none of the text in it."""
    assert not set(reply.text) & set("αβγδεζηθικλμνξΩ🧮")
    assert not set(reply.reasoning.text if reply.reasoning else "") & set("abSTOPZü🎉")


DAMAGED = st.tuples(CASES, MUTATIONS)


def check_damaged(damaged: tuple[Case, list[Mutation]]) -> int:
    """Check a stream with damaged events, whole and cut; return how often it was decoded."""
    case, mutations = damaged
    events = mutate(case.events(), mutations)
    data = b"".join(b"data: " + to_wire(event) + b"\n\n" for event in events)
    outcome = check_splits(data, case.cuts, case.request)
    reply = outcome.error.partial if outcome.error else outcome.reply
    # Fields that change places are text where they arrive.
    moved = any(mutation.change in ("rename", "swap") for mutation in mutations)
    if reply and not case.inline and not moved:
        assert not set(reply.text) & set("αβγδεζηθικλμνξΩ🧮")
    return 2
