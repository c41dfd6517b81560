"""Scenarios about tool calls: the shape on the wire, and the calls it stands for."""

from __future__ import annotations

import json

import pytest

QUESTION = "What about Paris and Tokyo?"
PROVIDERS = ["minimax", "mara"]


@pytest.fixture(params=PROVIDERS)
def asker(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def ask(asker, weather, clock):
    """The streamed fragments and the whole calls of a scenario."""

    def run(scenario: str, question: str = QUESTION):
        fields = {"tools": [weather, clock], "scenario": scenario}
        stream = asker.stream(question, **fields)
        return stream, asker.message(question, **fields).get("tool_calls")

    return run


def names(calls):
    return [call["function"]["name"] for call in calls]


def test_first_two_tools_are_called_whatever_is_asked(ask):
    _, calls = ask("tools")
    assert names(calls) == ["get_weather", "get_time"]


def test_single_tool_is_called_once(asker, weather):
    assert len(asker.message("Hi", tools=[weather], scenario="tools")["tool_calls"]) == 1


def test_without_tools_the_scenario_answers_in_text(asker):
    assert "tool_calls" not in asker.message("Hi", scenario="tools-no-index")


def test_results_end_the_loop(asker, weather):
    (call,) = asker.message("Hi", tools=[weather], scenario="tools")["tool_calls"]
    history = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "tool_calls": [call], "content": "\n"},
        {"role": "tool", "tool_call_id": call["id"], "content": "18 degrees and sunny"},
    ]
    message = asker.message(history, tools=[weather], scenario="tools")
    assert "18 degrees and sunny" in message["content"]


def test_singular_finish_reason(ask):
    stream, _ = ask("finish-tool-call-singular")
    assert stream.finish_reasons == ["tool_call"]


def test_stop_beside_calls(ask):
    stream, calls = ask("finish-stop-with-calls")
    assert stream.finish_reasons == ["stop"]
    assert len(calls) == 2


def test_no_index(ask):
    stream, _ = ask("tools-no-index")
    fragments = stream.tool_calls()
    assert all("index" not in fragment for fragment in fragments)
    assert [("id" in fragment) for fragment in fragments] == [True, False, False] * 2


def test_one_chunk(ask):
    stream, _ = ask("tools-one-chunk")
    (calls,) = [delta["tool_calls"] for delta in stream.deltas if delta.get("tool_calls")]
    assert [call["index"] for call in calls] == [0, 1]
    assert all(json.loads(call["function"]["arguments"]) for call in calls)


def test_one_chunk_without_index(ask):
    stream, _ = ask("tools-no-index-one-chunk")
    (calls,) = [delta["tool_calls"] for delta in stream.deltas if delta.get("tool_calls")]
    assert ["index" in call for call in calls] == [False, False]


def test_interleaved(ask):
    stream, _ = ask("tools-interleaved")
    assert [part["index"] for part in stream.tool_calls()] == [0, 1] * 4
    assert _joined(stream)[0] == {"city": "Paris"}


def test_repeated_id(ask):
    stream, _ = ask("tools-repeated-id")
    parts = stream.tool_calls()
    assert all({"id", "type"} <= set(part) and part["function"]["name"] for part in parts)
    assert len({part["id"] for part in parts}) == 2
    assert _joined(stream)[0] == {"city": "Paris"}


def test_missing_id(ask):
    stream, calls = ask("tools-missing-id")
    assert all("id" not in part for part in [*stream.tool_calls(), *calls])


def test_late_name(ask):
    stream, _ = ask("tools-name-late")
    first, second, third, *_ = stream.tool_calls()
    assert "id" in first
    assert "name" not in first["function"]
    assert second["function"]["name"] == "get_weather"
    assert json.loads(third["function"]["arguments"]) == {"city": "Paris"}


def test_object_arguments(ask):
    stream, calls = ask("tools-object-arguments")
    assert stream.tool_calls()[0]["function"]["arguments"] == {"city": "Paris"}
    assert calls[0]["function"]["arguments"] == {"city": "Paris"}


@pytest.mark.parametrize(
    ("scenario", "arguments"), [("tools-null-arguments", None), ("tools-empty-arguments", "")]
)
def test_no_arguments(ask, scenario, arguments):
    stream, calls = ask(scenario)
    said = [part["function"]["arguments"] for part in [*stream.tool_calls(), *calls]]
    assert set(said) == {arguments}


def test_invalid_json(ask):
    _, calls = ask("tools-invalid-json")
    with pytest.raises(json.JSONDecodeError):
        json.loads(calls[0]["function"]["arguments"])


def test_truncated_by_length(ask):
    stream, calls = ask("tools-truncated-length")
    assert stream.finish_reasons == ["length"]
    with pytest.raises(json.JSONDecodeError):
        json.loads(calls[-1]["function"]["arguments"])


@pytest.mark.parametrize(
    ("scenario", "token"),
    [("tools-leaked-markup", ""), ("tools-leaked-markup-m3", "]<]minimax[>[")],
)
def test_leaked_markup(ask, scenario, token):
    stream, calls = ask(scenario)
    assert calls is None
    assert f'{token}<invoke name="get_weather">' in stream.joined("content")


def _joined(stream):
    texts: dict[int, str] = {}
    for part in stream.tool_calls():
        texts[part["index"]] = texts.get(part["index"], "") + part["function"]["arguments"]
    return [json.loads(text) for text in texts.values()]
