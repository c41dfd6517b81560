"""Whether reasoning is kept apart, shown and sent back, in each form that providers send."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from benchmarks.comparison.caller import QUESTION, Answer, Caller
from benchmarks.comparison.replies import enqueue
from benchmarks.comparison.verdict import Verdict, no, partly, yes
from llama_index_mara_minimax.conformance import Turn

THOUGHT = "A sum of one and one is asked for."
TEXT = "It is two."
WORD = "sum"
"""Stands whole in one piece of the stream, in every form."""
TURN = Turn(text=TEXT, thought=THOUGHT)
Check = Callable[[Caller], Verdict]


def shown_plain(form: str) -> Check:
    def check(caller: Caller) -> Verdict:
        enqueue(caller, TURN, form=form, stream=False)
        return _shown(caller.plain(caller.build(), [caller.question(QUESTION)]))

    return check


def shown_streamed(form: str) -> Check:
    def check(caller: Caller) -> Verdict:
        enqueue(caller, TURN, form=form, stream=True)
        chunks = list(caller.stream(caller.build(), [caller.question(QUESTION)]))
        text = "".join(chunk.text for chunk in chunks)
        raw = "".join(chunk.raw for chunk in chunks)
        verdict = _shown(Answer(text, caller.whole(chunks).metadata, raw))
        begun = next((i for i, chunk in enumerate(chunks) if TEXT[:2] in chunk.text), 0)
        if verdict.answer == "yes" and not any(WORD in c.metadata for c in chunks[:begun]):
            return partly("shown at the end, not while it comes")
        return verdict

    return check


def _shown(answer: Answer) -> Verdict:
    if "<think>" in answer.text or THOUGHT in answer.text:
        return no(f"answer text is {answer.text!r}")
    if answer.text.strip() != TEXT:
        return no(f"answer text is {answer.text!r}")
    if THOUGHT in answer.metadata:
        return yes("beside the text")
    if WORD in answer.raw:
        return partly("in the raw reply alone")
    return no("dropped")


def sent_back(form: str, *, streamed: bool) -> Check:
    def check(caller: Caller) -> Verdict:
        model = caller.build()
        history = [caller.question(QUESTION)]
        enqueue(caller, TURN, form=form, stream=streamed)
        if streamed:
            answer = caller.whole(list(caller.stream(model, history)))
        else:
            answer = caller.plain(model, history)
        script = enqueue(caller, TURN, form=form, stream=False)
        caller.plain(model, [*history, answer.message, caller.question("And 2+2?")])
        sent = caller.emulator.last_body["messages"][1]
        if script.echoed_thought(sent) == THOUGHT:
            return yes("in the form it came in")
        keys = ", ".join(sorted(set(sent) - {"role"}))
        if THOUGHT in str(sent):
            return partly(f"in another form; the message has {keys}")
        return no(f"the assistant's message has only {keys}")

    return check


def same_in_async_streams(caller: Caller) -> Verdict:
    model, question = caller.build(), [caller.question(QUESTION)]
    enqueue(caller, TURN, stream=True)
    sync = [chunk.text for chunk in caller.stream(model, question)]
    enqueue(caller, TURN, stream=True)

    async def collect() -> list[str]:
        return [chunk.text async for chunk in caller.astream(model, question)]

    found = [text for text in asyncio.run(collect()) if text]
    if found == [text for text in sync if text] and len(found) > 1:
        return yes(f"{len(found)} pieces of text in both")
    return no(f"sync {sum(map(bool, sync))} pieces, async {len(found)}")
