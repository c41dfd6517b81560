"""Answers, streams and reasoning: each check seen to pass and to fail."""

from __future__ import annotations

import pytest

from mara_minimax.emulator import CannedReply


def plain_reply(content: str) -> CannedReply:
    choice = {"index": 0, "message": {"role": "assistant", "content": content}}
    usage = {"prompt_tokens": 5, "completion_tokens": 1, "total_tokens": 6}
    return CannedReply.json({"choices": [{**choice, "finish_reason": "stop"}], "usage": usage})


def stream_of(*texts: str, done: bool = False) -> CannedReply:
    chunks = [{"choices": [{"index": 0, "delta": {"content": text}}]} for text in texts]
    chunks[-1]["choices"][0]["finish_reason"] = "stop"
    return CannedReply.sse(*chunks, done=done)


def test_an_answer_is_shown_with_its_cost(examine, server):
    finding = examine(server).finding("answer")
    assert finding.status == "pass"
    assert '"17 + 25 equals 42."' in finding.seen
    assert "tokens" in finding.seen


def test_an_answer_that_repeats_the_key_is_shown_without_a_part_of_it(examine, server, key):
    # Where the answer is cut to be shown, the key would be cut too.
    reply = plain_reply("x" * 40 + f" {key}")
    report = examine(server, before={"answer": lambda: server.enqueue(reply)})
    assert report.finding("answer").seen.startswith(f'"{"x" * 40} [redact…"')


@pytest.mark.parametrize(
    ("scenario", "error", "advice"),
    [
        ("http-500", "ServerError", "Run again"),
        ("http-429", "RateLimitError", "Wait a minute"),
        ("context-overflow", "ContextOverflowError", "the request was small"),
        ("error-200-choices-null", "InvalidReplyError", "Check --model and --base-url"),
    ],
)
def test_a_failed_call_ends_the_examination_and_is_not_repeated(
    scenario, error, advice, examine, server
):
    report = examine(server, {"answer": scenario})
    finding = report.finding("answer")
    assert finding.status == "fail"
    assert finding.seen.startswith(f"{error}: ")
    assert advice in finding.advice
    assert report.requests == 2
    # A server that fails may not have looked at the key.
    assert report.finding("access").status == ("skip" if scenario == "http-500" else "pass")


def test_an_answer_that_is_all_reasoning_is_no_answer(examine, server):
    finding = examine(server, {"answer": "reasoning-only"}).finding("answer")
    assert finding.status == "fail"
    assert finding.seen == "no text (length)"
    assert "max_tokens" in finding.advice


def test_an_empty_answer_is_no_answer(examine, server):
    report = examine(server, before={"answer": lambda: server.enqueue(plain_reply(""))})
    assert report.finding("answer").seen == "no text (stop)"


def test_a_reply_without_usage_deviates(examine, server):
    finding = examine(server, {"answer": "usage-none"}).finding("answer")
    assert finding.status == "warn"
    assert "without usage" in finding.seen


def test_a_stream_is_counted_and_timed(examine, server):
    finding = examine(server).finding("stream")
    assert finding.status == "pass"
    assert "finish reason stop" in finding.seen
    assert int(finding.seen.split()[0]) > 1
    assert "first after" in finding.seen


@pytest.mark.parametrize(
    ("scenario", "error"),
    [
        ("cut-stream", "IncompleteStreamError"),
        ("cut-connection", "APIConnectionError"),
        ("error-mid-stream-base-resp", "ServerError"),
        ("error-json-on-stream", "InsufficientBalanceError"),
    ],
)
def test_a_stream_that_breaks_fails_and_the_checks_after_it_go_on(scenario, error, examine, server):
    report = examine(server, {"stream": scenario})
    assert report.finding("stream").status == "fail"
    assert report.finding("stream").seen.startswith(f"{error}: ")
    assert report.finding("stream-usage").status == "skip"
    assert report.finding("done").status == "skip"
    assert report.finding("tools").status == "pass"


def test_a_silent_stream_is_given_up_after_the_timeout(examine, server):
    report = examine(server, {"stream": "stalled"}, timeout=1.5)
    assert report.finding("stream").status == "fail"
    assert report.finding("stream").seen.startswith("APITimeoutError: ")


def test_a_stream_that_drips_is_given_up_after_the_timeout(examine, server):
    reply = stream_of(*["drop "] * 50)
    reply.delay = 0.1
    report = examine(server, before={"stream": lambda: server.enqueue(reply)}, timeout=1.5)
    assert "was still sending after 1.5 s" in report.finding("stream").seen


def test_an_answer_in_one_piece_is_no_stream(examine, server):
    report = examine(server, before={"stream": lambda: server.enqueue(stream_of("All at once."))})
    assert report.finding("stream").status == "warn"
    assert report.finding("stream").seen.startswith("1 chunks")
    assert "buffer" in report.finding("stream").advice


def test_a_stream_without_a_finish_reason_deviates(examine, server):
    finding = examine(server, {"stream": "no-finish-reason"}).finding("stream")
    assert finding.status == "warn"
    assert "finish reason missing" in finding.seen


def test_reasoning_that_is_streamed_as_text_is_found(examine, server):
    report = examine(server, {"stream": "close-only"})
    assert report.finding("stream").status == "warn"
    assert report.finding("stream").advice == "Set starts_in_reasoning=True."


@pytest.mark.parametrize(
    ("which", "place"), [("minimax", "reasoning_details"), ("mara", "reasoning")]
)
def test_reasoning_is_found_where_the_table_says(which, place, examine, server, mara_server):
    finding = examine(server if which == "minimax" else mara_server).finding("reasoning")
    assert finding.status == "pass"
    assert finding.expected == place
    assert place in finding.seen.split(", ")


@pytest.mark.parametrize(
    ("scenario", "seen"),
    [
        ("think-inline", "inline"),
        ("mm-think", "inline"),
        ("reasoning-field", "reasoning"),
        ("reasoning-content-only", "reasoning_content"),
        ("mirrored", "reasoning_content, inline"),
    ],
)
def test_reasoning_in_another_place_deviates(scenario, seen, examine, server):
    finding = examine(server, {"answer": scenario, "stream": scenario}).finding("reasoning")
    assert finding.status == "warn"
    assert finding.seen == seen
    assert finding.expected == "reasoning_details"


def test_a_stream_that_differs_from_the_plain_call_is_shown_apart(examine, server):
    finding = examine(server, {"stream": "think-inline"}).finding("reasoning")
    assert finding.status == "warn"
    assert finding.seen == "plain: reasoning_details, reasoning_content; stream: inline"


def test_missing_reasoning_deviates_from_a_model_that_thinks(examine, server):
    report = examine(server, before={"answer": lambda: server.enqueue(plain_reply("It is 42."))})
    finding = report.finding("reasoning")
    assert finding.status == "warn"
    assert finding.seen.startswith("plain: none; ")
    assert "may not think" in finding.advice


def test_tags_that_stay_in_the_text_are_a_failure(examine, server):
    reply = plain_reply("Well. <think>I add them.</think> It is 42.")
    report = examine(server, before={"answer": lambda: server.enqueue(reply)})
    assert report.finding("reasoning").status == "fail"
    assert "tags in the text" in report.finding("reasoning").seen


def test_a_model_without_reasoning_shows_none(examine, llmprovider_server):
    report = examine(llmprovider_server)
    assert report.finding("reasoning").status == "pass"
    assert report.finding("reasoning").seen == "none"
    assert report.finding("turn-two").status == "skip"


def test_usage_of_a_stream_is_shown(examine, server):
    finding = examine(server).finding("stream-usage")
    assert finding.status == "pass"
    assert finding.seen.endswith(" out")


def test_a_stream_without_usage_deviates_where_it_was_asked_for(examine, server):
    report = examine(server, {"stream": "usage-none"})
    assert report.finding("stream-usage").status == "warn"
    (streamed,) = [r.body for r in server.requests if r.body and r.body.get("stream")]
    assert streamed["stream_options"] == {"include_usage": True}


def test_a_stream_without_usage_is_right_where_it_cannot_be_asked_for(examine, llmprovider_server):
    finding = examine(llmprovider_server).finding("stream-usage")
    assert (finding.status, finding.seen) == ("pass", "none")


@pytest.mark.parametrize(
    ("which", "scenario", "status", "seen"),
    [
        ("minimax", "default", "pass", "no [DONE]"),
        ("minimax", "with-done", "warn", "[DONE]"),
        ("mara", "default", "pass", "[DONE]"),
        ("mara", "no-done", "warn", "no [DONE]"),
    ],
)
def test_the_end_of_a_stream_is_compared_with_the_table(
    which, scenario, status, seen, examine, server, mara_server
):
    emulator = server if which == "minimax" else mara_server
    finding = examine(emulator, {"stream": scenario}).finding("done")
    assert (finding.status, finding.seen) == (status, seen)


def test_where_no_source_tells_the_end_either_is_right(examine, llmprovider_server):
    for scenario in ("with-done", "no-done"):
        finding = examine(llmprovider_server, {"stream": scenario}).finding("done")
        assert finding.status == "pass"


def test_an_end_that_the_library_does_not_wait_for_is_no_deviation(examine, mara_server):
    last = {"choices": [{"index": 0, "delta": {"content": "Hi!"}, "finish_reason": "stop"}]}
    usage = {"prompt_tokens": 5, "completion_tokens": 1, "total_tokens": 6}
    reply = CannedReply.sse(last, {"choices": [], "usage": usage})
    reply.headers["connection"] = "close"
    reply.hold = True
    report = examine(mara_server, before={"stream": lambda: mara_server.enqueue(reply)})
    assert report.finding("done").status == "pass"
    assert report.finding("done").seen.startswith("not waited for")


@pytest.mark.parametrize(
    ("which", "place"), [("minimax", "reasoning_details"), ("mara", "reasoning")]
)
def test_reasoning_goes_back_as_it_came(which, place, examine, server, mara_server):
    emulator = server if which == "minimax" else mara_server
    finding = examine(emulator).finding("turn-two")
    assert (finding.status, finding.seen) == ("pass", f"accepted as {place}")
    (sent,) = [
        request.body["messages"]
        for request in emulator.requests
        if request.body and len(request.body["messages"]) == 3 and "tools" not in request.body
    ]
    assert sent[1][place]


def test_inline_reasoning_goes_back_inline(examine, server):
    finding = examine(server, {"answer": "think-inline"}).finding("turn-two")
    assert finding.seen == "accepted as inline"


def test_a_refused_second_turn_says_how_to_live_without(examine, server):
    finding = examine(server, {"turn-two": "context-overflow"}).finding("turn-two")
    assert finding.status == "fail"
    assert "replay_reasoning=False" in finding.advice
