"""Whether failures end in an error that says what happened, and how often is asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress

from benchmarks.comparison.caller import QUESTION, Caller
from benchmarks.comparison.verdict import NotOffered, Verdict, judge_error, no, yes

Check = Callable[[Caller], Verdict]


def raised(scenario: str, *words: str, stream: bool) -> Check:
    """Return a check that a scenario of the emulator ends in an error."""

    def check(caller: Caller) -> Verdict:
        caller.emulator.scenario = scenario
        model = _without_retries(caller)
        text = ""
        try:
            if stream:
                for chunk in caller.stream(model, [caller.question(QUESTION)]):
                    text += chunk.text
            else:
                text = caller.plain(model, [caller.question(QUESTION)]).text
        except NotOffered:
            raise
        except Exception as error:  # noqa: BLE001 - which error it is, is the question
            return judge_error(error, *words)
        return no(f"no error; the answer is {text!r}")

    return check


def _without_retries(caller: Caller) -> object:
    with suppress(NotOffered):
        return caller.build(max_retries=0)
    return caller.build()


def requests_counted(caller: Caller) -> Verdict:
    caller.emulator.scenario = "http-500"
    model = caller.build(max_retries=2)
    with suppress(Exception):
        caller.plain(model, [caller.question(QUESTION)])
    count = len(caller.emulator.requests)
    return (yes if count == 3 else no)(f"`max_retries=2` makes {count} requests")


def retried_inside_200(caller: Caller) -> Verdict:
    caller.emulator.scenario = "error-200-rate-limit-once"
    try:
        text = caller.plain(caller.build(), [caller.question(QUESTION)]).text
    except Exception as error:  # noqa: BLE001 - which error it is, is the question
        return no(f"raises `{type(error).__name__}` after {len(caller.emulator.requests)} request")
    if "2" in text:
        return yes(f"answered after {len(caller.emulator.requests)} requests")
    return no(f"no retry; the answer is {text!r}")


def usage_streamed(caller: Caller) -> Verdict:
    chunks = list(caller.stream(caller.build(), [caller.question(QUESTION)]))
    asked = json.dumps(caller.emulator.last_body.get("stream_options"))
    if any(chunk.usage for chunk in chunks):
        return yes("unasked")
    return no(f"none; `stream_options` sent: {asked}")


def closed_when_left(caller: Caller) -> Verdict:
    caller.emulator.scenario = "slow"
    stream = caller.stream(caller.build(), [caller.question(QUESTION)])
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    request = caller.emulator.requests[-1]
    request.wait_finished(5)
    if request.disconnected:
        return yes("the connection closes")
    return no(f"all {request.chunks_sent} chunks are read or sent")
