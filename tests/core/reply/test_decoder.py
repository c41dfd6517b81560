"""Events to deltas and one reply: endings, odd fields, metadata, any JSON."""

from __future__ import annotations

import openai
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mara_minimax.errors import IncompleteStreamError, InvalidReplyError, ServerError
from mara_minimax.providers.endpoints import LLMPROVIDER, MARA, MINIMAX, MINIMAX_CHINA
from mara_minimax.providers.models import find_profile
from mara_minimax.reply.decoder import ReplyDecoder
from mara_minimax.reply.events import DONE
from tests.core.wire import (
    FLAGS,
    NO_ERROR,
    PLACEHOLDER,
    USAGE,
    assert_adds_up,
    call_head,
    mara_chunk,
    minimax_chunk,
    minimax_event,
    minimax_summary,
    minimax_usage_chunk,
    split_reasoning,
)


def decoder_of(provider=MINIMAX, **options):
    profile = find_profile(provider.name, provider.default_model)
    return ReplyDecoder(provider, profile, **options)


def decode(*events, provider=MINIMAX, **options):
    """Return the reply to events, after a check that the deltas add up to it."""
    decoder = decoder_of(provider, **options)
    deltas = [delta for event in events if (delta := decoder.decode(event))]
    deltas.append(decoder.flush())
    assert_adds_up(deltas, deltas[-1].reply)
    return deltas[-1].reply


ANSWER = (minimax_chunk(content="It is"), minimax_chunk("stop", content=" four."))
PLACED = tuple({**event, "usage": PLACEHOLDER} for event in ANSWER)
ENDINGS = {
    "usage chunk with empty choices": (*ANSWER, minimax_usage_chunk([])),
    "usage chunk with null choices": (*ANSWER, minimax_usage_chunk(None)),
    "placeholders and a frame of the whole message": (
        *PLACED,
        minimax_summary("stop", content="It is four."),
    ),
    "placeholders and a frame with a list of messages": (
        *PLACED,
        {
            **minimax_summary("stop"),
            "choices": [{"finish_reason": "stop", "messages": [{"content": "It is four."}]}],
        },
    ),
    "usage on the last chunk": (ANSWER[0], {**ANSWER[1], "usage": USAGE}),
}


@pytest.mark.parametrize("name", ["message", "messages"])
def test_a_message_of_null_beside_a_delta_ends_nothing(name):
    chunks = [minimax_chunk(content=piece) for piece in ("It is", " four.")]
    for chunk in chunks:
        chunk["choices"][0][name] = None
    reply = decode(*chunks, minimax_chunk("length"))
    assert (reply.text, reply.finish_reason) == ("It is four.", "length")


@pytest.mark.parametrize("done", [(), (DONE,)], ids=["without done", "with done"])
@pytest.mark.parametrize("events", ENDINGS.values(), ids=ENDINGS)
def test_every_ending_gives_one_text_and_one_usage(events, done):
    reply = decode(*events, *done)
    assert (reply.text, reply.finish_reason) == ("It is four.", "stop")
    assert reply.usage.raw == USAGE
    assert reply.metadata == {
        "created": 1789000000,
        **FLAGS,
        "name": "MiniMax AI",
        "audio_content": "",
    }


@pytest.mark.parametrize("done", [(), (DONE,)], ids=["without done", "with done"])
def test_nothing_extra_at_the_end(done):
    reply = decode(*ANSWER, *done)
    assert (reply.text, reply.usage) == ("It is four.", None)


def test_a_summary_frame_doubles_nothing():
    reasoning, calls = split_reasoning("Add it."), [call_head(0, "add", '{"a": 1}')]
    reply = decode(
        minimax_chunk(**reasoning),
        minimax_chunk(content="Let me add."),
        minimax_chunk("tool_calls", tool_calls=calls),
        minimax_summary("tool_calls", content="Let me add.", tool_calls=calls, **reasoning),
    )
    assert (reply.text, reply.reasoning.text) == ("Let me add.", "Add it.")
    assert [call.arguments for call in reply.tool_calls] == ['{"a": 1}']


def test_a_summary_frame_without_content_key_leaves_the_text():
    reply = decode(*ANSWER, minimax_summary("stop"))
    assert reply.text == "It is four."


def test_a_summary_frame_of_inline_reasoning_doubles_nothing():
    content = "<think>\nAdd.\n</think>\n\nFour."
    reply = decode(minimax_chunk(content=content), minimax_summary("stop", content=content))
    assert (reply.reasoning.text, reply.text) == ("Add.", "Four.")


def test_a_summary_frame_completes_a_text_that_was_not_streamed_to_its_end():
    reply = decode(minimax_chunk(content="It"), minimax_summary("stop", content="It is four."))
    assert reply.text == "It is four."


@pytest.mark.parametrize("content", ["Four.", "Four, it is.", "Four, it is, and no more."])
def test_a_summary_frame_that_contradicts_the_stream_adds_nothing(content):
    reply = decode(*ANSWER, minimax_summary("stop", content=content))
    assert reply.text == "It is four."


@pytest.mark.parametrize("text", ["and", "aand", "and so"])
def test_a_summary_frame_settles_what_looked_like_snapshots(text):
    events = (minimax_chunk(content="a"), minimax_chunk(content="and"))
    assert decode(*events, minimax_summary("stop", content=text)).text == text


def test_done_without_finish_reason_completes_the_reply():
    assert decode(minimax_chunk(content="Four."), DONE).finish_reason == "stop"


def test_usage_without_finish_reason_completes_the_reply():
    reply = decode(minimax_chunk(content="Four."), minimax_usage_chunk())
    assert reply.finish_reason == "stop"


def test_usage_of_the_prompt_alone_does_not_complete_the_reply():
    early = minimax_event([], usage={"prompt_tokens": 5, "completion_tokens": 0, "total_tokens": 5})
    decoder = decoder_of()
    decoder.decode(early)
    decoder.decode(minimax_chunk(content="Fou"))
    with pytest.raises(IncompleteStreamError):
        decoder.flush()


def test_a_stream_that_breaks_off_is_an_error_that_holds_what_came():
    decoder = decoder_of()
    decoder.decode(minimax_chunk(**split_reasoning("Add.\n")))
    decoder.decode(minimax_chunk(content="It i"))
    decoder.decode(minimax_chunk(tool_calls=[call_head(0, "add", '{"a": 1')]))
    with pytest.raises(IncompleteStreamError) as caught:
        decoder.flush()
    partial = caught.value.partial
    assert (partial.text, partial.reasoning.text) == ("It i", "Add.\n")
    assert (partial.tool_calls, partial.finish_reason) == ((), "")
    assert caught.value.retryable


@pytest.mark.parametrize(
    "events", [(), (DONE,), (minimax_usage_chunk(),), (minimax_event(None), DONE)]
)
def test_a_stream_without_any_answer_is_an_error(events):
    decoder = decoder_of()
    for event in events:
        decoder.decode(event)
    with pytest.raises(IncompleteStreamError):
        decoder.flush()


def test_a_failure_within_the_stream_holds_what_came():
    decoder = decoder_of()
    decoder.decode(minimax_chunk(content="It i"))
    with pytest.raises(ServerError) as caught:
        decoder.decode(minimax_event(None, base_resp={"status_code": 1013, "status_msg": "x"}))
    assert caught.value.partial.text == "It i"


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("stop", "stop"),
        ("length", "length"),
        ("content_filter", "content_filter"),
        ("eos", "eos"),
        ("tool_call", "tool_calls"),
        ("", "stop"),
        (None, "stop"),
        (5, "stop"),
        ({"type": "stop"}, "stop"),
        (["stop"], "stop"),
    ],
)
def test_finish_reasons(reason, expected):
    chunk = {"choices": [{"delta": {"content": "Four."}, "finish_reason": reason}]}
    assert decode(chunk, DONE).finish_reason == expected


def test_the_providers_own_word_is_kept_where_it_was_mapped():
    metadata = decode(minimax_chunk("tool_call", content="Four.")).metadata
    assert metadata["raw_finish_reason"] == "tool_call"
    assert "raw_finish_reason" not in decode(*ANSWER).metadata


@pytest.mark.parametrize("delta", [None, [], "text", 5, {}, {"role": ""}, {"content": None}])
def test_a_delta_that_says_nothing(delta):
    chunk = {"choices": [{"index": 0, "delta": delta}]}
    assert decode(ANSWER[0], chunk, ANSWER[1]).text == "It is four."


@pytest.mark.parametrize("index", ["0", 0.0, None, 1, "second"])
def test_the_index_of_the_only_choice_may_be_odd(index):
    chunk = {"choices": [{"index": index, "delta": {"content": "Four."}, "finish_reason": "stop"}]}
    assert decode(chunk).text == "Four."


def test_a_choice_without_index_is_the_first():
    chunks = (
        {"choices": [{"index": 0, "delta": {"content": "It is"}}]},
        {"choices": [{"delta": {"content": " four."}, "finish_reason": "stop"}]},
    )
    assert decode(*chunks).text == "It is four."


def test_only_the_first_of_several_answers_is_read():
    choices = [{"index": n, "delta": {"content": str(n)}} for n in range(3)]
    last = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    assert decode({"choices": choices}, {"choices": choices[1:]}, last).text == "0"


@pytest.mark.parametrize("choices", [None, [], {}, "text", 5, [None], ["text"], [5], [[]]])
def test_choices_that_say_nothing(choices):
    assert decode(ANSWER[0], {"choices": choices}, ANSWER[1]).text == "It is four."


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ([{"type": "text", "text": "Fo"}, {"type": "text", "text": "ur."}], "Four."),
        (["Fo", {"text": "ur."}], "Four."),
        ([{"type": "thinking", "text": "Add."}, {"type": "text", "text": "Four."}], "Four."),
        ({"type": "text", "text": "Four."}, "Four."),
        (4, "4"),
        (4.5, "4.5"),
        (True, ""),
        ({"a": 1}, ""),
        ([None, [], {"text": None}], ""),
    ],
)
def test_content_that_is_no_string(content, text):
    assert decode(minimax_chunk("stop", content=content)).text == text


def test_an_id_that_is_a_number_is_text():
    assert decode({**minimax_chunk("stop", content="4"), "id": 7}).id == "7"


@pytest.mark.parametrize("odd", [None, "", {}, [], True])
def test_odd_ids_and_models_are_missing(odd):
    reply = decode({**minimax_chunk("stop", content="4"), "id": odd, "model": odd})
    assert (reply.id, reply.model) == (None, None)


def test_the_first_id_and_the_last_model_count():
    first, last = minimax_chunk(content="4"), minimax_chunk("stop", content="2")
    reply = decode({**first, "id": "a", "model": "x"}, {**last, "id": "b", "model": "y"})
    assert (reply.id, reply.model) == ("a", "y")


def test_created_may_be_a_float():
    assert decode(mara_chunk("stop", content="4"), provider=MARA).metadata["created"] == (
        1764000000.5
    )


def test_fields_that_nothing_reads_are_metadata_once():
    event = minimax_chunk("stop", fields={"service_tier": "standard"}, content="4")
    event["choices"][0]["matched_stop"] = 151645
    assert decode(event, minimax_usage_chunk()).metadata == {
        "created": 1789000000,
        **FLAGS,
        "service_tier": "standard",
        "matched_stop": 151645,
        "name": "MiniMax AI",
        "audio_content": "",
    }


def test_the_first_real_value_of_a_field_is_its_metadata():
    values = [None, "", "real", "later"]
    events = [minimax_chunk("stop", fields={"tier": value}, content="4") for value in values]
    assert decode(*events).metadata["tier"] == "real"


def test_the_envelope_of_a_field_comes_before_its_message():
    event = minimax_chunk("stop", fields={"name": "outer"}, content="4")
    assert decode(event).metadata["name"] == "outer"


def test_a_warning_of_the_provider_is_metadata():
    warning = {"status_code": 0, "status_msg": "unknown parameter: x"}
    assert decode(*ANSWER, minimax_event([], base_resp=warning)).metadata["status_msg"] == (
        "unknown parameter: x"
    )


@pytest.mark.parametrize("base_resp", [None, NO_ERROR, [], "ok", 0, {"status_code": None}])
def test_a_base_resp_without_error_says_nothing(base_resp):
    assert "status_msg" not in decode(*ANSWER, minimax_event([], base_resp=base_resp)).metadata


def chunk_with_logprobs(logprobs, reason=None):
    return {"choices": [{"delta": {"content": "4"}, "logprobs": logprobs, "finish_reason": reason}]}


def test_the_log_probabilities_of_chunks_are_put_together():
    first, second = [{"token": "4", "logprob": -0.5}], [{"token": "2", "logprob": -0.1}]
    chunks = [
        chunk_with_logprobs({"content": first, "refusal": None}),
        chunk_with_logprobs({"content": second, "refusal": None}, "stop"),
    ]
    assert decode(*chunks).metadata["logprobs"] == {"content": first + second}
    assert first == [{"token": "4", "logprob": -0.5}]


@pytest.mark.parametrize(
    ("pieces", "joined"),
    [
        ([None, {}], None),
        ([5, {"content": []}], 5),
        ([{"content": [1]}, "x"], {"content": [1]}),
        ([{"content": "x"}, {"content": [1]}], {"content": "x"}),
        ([{"content": [1]}, {"content": "x"}], {"content": [1]}),
    ],
)
def test_odd_log_probabilities_are_kept(pieces, joined):
    chunks = [chunk_with_logprobs(piece, "stop") for piece in pieces]
    assert decode(*chunks).metadata.get("logprobs") == joined


def test_the_first_fragment_is_delivered_before_the_second_arrives():
    for provider in (MINIMAX, MINIMAX_CHINA, LLMPROVIDER, MARA):
        for delta, fragment in [
            ({"content": "Hel"}, "Hel"),
            ({"content": "<think>Hel"}, "Hel"),
            (split_reasoning("Hel"), "Hel"),
            ({"reasoning": "Hel"}, "Hel"),
        ]:
            received = decoder_of(provider).decode(mara_chunk(**delta))
            assert received.text + received.reasoning == fragment


def test_an_event_that_adds_nothing_gives_no_delta():
    decoder = decoder_of()
    assert decoder.decode(minimax_chunk(content="")) is None
    assert decoder.decode(minimax_usage_chunk()) is None
    assert decoder.decode({}) is None


def test_what_a_stop_sequence_ends_needs_no_finish_reason():
    decoder = decoder_of(stop=("END",))
    decoder.decode(minimax_chunk(content="four END"))
    assert decoder.stopped
    assert decoder.flush().reply.finish_reason == "stop"


@pytest.mark.parametrize("stop", [(), ("",)])
def test_without_stop_sequences_nothing_is_stopped(stop):
    decoder = decoder_of(stop=stop)
    decoder.decode(minimax_chunk(content="four"))
    assert not decoder.stopped


@pytest.mark.parametrize("event", [None, 5, "text", [], [{}], True])
def test_an_event_that_is_no_object_is_an_error(event):
    with pytest.raises(InvalidReplyError):
        decoder_of().decode(event)


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([0, 1, 2**63, 10**400, -1, float("nan"), float("inf"), 0.5])
    | st.sampled_from(["", "a", "<think>", "</think>", "\n", "{", "}", "stop", "0", "\ud800"])
    | st.text(max_size=5)
)
NAMES = st.sampled_from(
    [
        "id", "choices", "index", "delta", "message", "messages", "role", "content", "tool_calls",
        "function", "name", "arguments", "reasoning_content", "reasoning", "reasoning_details",
        "channel", "text", "type", "format", "finish_reason", "usage", "prompt_tokens",
        "completion_tokens", "total_tokens", "prompt_tokens_details", "cached_tokens", "logprobs",
        "completion_tokens_details", "base_resp", "status_msg", "model", "created", "x",
    ]
)  # fmt: skip
ANY_JSON = st.recursive(
    SCALARS,
    lambda values: (
        st.lists(values, max_size=3) | st.dictionaries(NAMES | st.text(max_size=2), values)
    ),
    max_leaves=12,
)


def objects(**fields):
    """Return objects with some of `fields`, each of the right form or of any."""
    return st.fixed_dictionaries({}, optional={k: v | ANY_JSON for k, v in fields.items()})


def several(values):
    return st.lists(values | ANY_JSON, max_size=2)


FRAGMENTS = st.sampled_from(["a", "and", "<think>", "</think>", "\n", "{}", '{"a"', ": 1}", "STOP"])
PARTS = objects(
    content=FRAGMENTS,
    reasoning_content=FRAGMENTS,
    reasoning=FRAGMENTS,
    channel=FRAGMENTS,
    reasoning_details=several(
        objects(index=SCALARS, id=SCALARS, type=SCALARS, text=FRAGMENTS, data=SCALARS)
    ),
    tool_calls=several(
        objects(index=SCALARS, id=SCALARS, function=objects(name=FRAGMENTS, arguments=FRAGMENTS))
    ),
)
EVENTS = objects(
    id=SCALARS,
    model=SCALARS,
    choices=several(
        objects(
            index=SCALARS,
            delta=PARTS,
            message=PARTS,
            messages=several(PARTS),
            finish_reason=SCALARS,
            logprobs=ANY_JSON,
        )
    ),
    usage=objects(
        prompt_tokens=SCALARS,
        completion_tokens=SCALARS,
        total_tokens=SCALARS,
        prompt_tokens_details=objects(cached_tokens=SCALARS),
        completion_tokens_details=objects(reasoning_tokens=SCALARS),
    ),
    base_resp=objects(status_msg=SCALARS),
)
ODD = {"index": [], "id": {}, "type": [1], "name": 5, "arguments": 10**400, "text": "a"}


@settings(max_examples=200)
@given(st.lists(EVENTS | ANY_JSON | st.just(DONE), max_size=5), st.booleans(), st.booleans())
@example([{"choices": [{"delta": {"reasoning_details": [ODD, ODD]}}]}], True, False)
@example([{"choices": [{"delta": {"tool_calls": [{**ODD, "function": ODD}]}}]}], True, False)
def test_any_json_only_ever_raises_errors_of_the_provider(events, is_minimax, starts_inside):
    decoder = decoder_of(
        MINIMAX if is_minimax else MARA, stop=("STOP",), starts_in_reasoning=starts_inside
    )
    deltas = []
    try:
        for event in events:
            delta = decoder.decode(event)
            deltas += [delta] if delta else []
            if decoder.stopped:
                break
        deltas.append(decoder.flush())
    except openai.OpenAIError:
        return
    reply = deltas[-1].reply
    told_late = reply.reasoning and not any(delta.reasoning for delta in deltas)
    if not told_late:
        assert_adds_up(deltas, reply)


def test_fifty_thousand_chunks_are_read():
    decoder = decoder_of()
    for n in range(50_000):
        decoder.decode(minimax_chunk(content=f"{n} "))
    decoder.decode(minimax_chunk("stop"))
    assert decoder.flush().reply.text == "".join(f"{n} " for n in range(50_000))


def test_a_short_snapshot_answer_is_told_by_the_reasoning_before_it():
    thought = "The user greets me, so a short greeting is enough here."
    parts = [thought[:40], thought[:48], thought]
    decoder = ReplyDecoder(MINIMAX, find_profile("minimax", "MiniMax-M2"))
    for part in parts:
        decoder.decode({"choices": [{"delta": {"reasoning_content": part}}]})
    for part in ("Hi", "Hi there!"):
        decoder.decode({"choices": [{"delta": {"content": part}}]})
    decoder.decode({"choices": [{"delta": {}, "finish_reason": "stop"}]})
    reply = decoder.flush().reply
    assert (reply.text, reply.reasoning.text) == ("Hi there!", thought)


def test_white_space_before_tool_calls_is_given_out_before_them():
    decoder = ReplyDecoder(MINIMAX, find_profile("minimax", "MiniMax-M2"))
    call = {"index": 0, "id": "a", "function": {"name": "f", "arguments": "{}"}}
    assert decoder.decode({"choices": [{"delta": {"content": "\n"}}]}) is None
    delta = decoder.decode({"choices": [{"delta": {"tool_calls": [call]}}]})
    assert (delta.text, len(delta.tool_calls)) == ("\n", 1)
    decoder.decode({"choices": [{"delta": {}, "finish_reason": "tool_calls"}]})
    assert decoder.flush().reply.text == "\n"


def test_a_begun_tag_before_tool_calls_is_held_on():
    decoder = ReplyDecoder(MINIMAX, find_profile("minimax", "MiniMax-M2"))
    call = {"index": 0, "id": "a", "function": {"name": "f", "arguments": "{}"}}
    decoder.decode({"choices": [{"delta": {"content": "<thi"}}]})
    delta = decoder.decode({"choices": [{"delta": {"tool_calls": [call]}}]})
    assert delta.text == ""
