"""`Emulator(answer=...)`: a function of the user says what the model says, in any wire form."""

from __future__ import annotations

import json

import httpx
import pytest

from mara_minimax.emulator import (
    CannedReply,
    Emulator,
    Message,
    Reply,
    Tool,
    ToolCall,
    ToolResult,
    Usage,
    answer,
)

PROVIDERS = ["minimax", "mara"]
THOUGHT = "The user wants the weather, so I look it up."
REASONING = {"minimax": "reasoning_content", "mara": "reasoning"}


@pytest.fixture(params=PROVIDERS)
def asker(request):
    asker = request.getfixturevalue(request.param)
    yield asker
    asker.emulator.answer = answer


@pytest.fixture
def ask(asker):
    """Ask plain and streamed with one answer function; the message, the stream, the requests."""

    def run(answer_function, content="What is the weather?", **fields):
        asked = []

        def remember(request):
            asked.append(request)
            return answer_function(request)

        asker.emulator.answer = remember
        if asker.emulator.provider == "minimax":
            fields.setdefault("reasoning_split", True)
        body = asker.post(content, **fields).json()
        options = {"stream_options": {"include_usage": True}}
        stream = asker.stream(content, **options, **fields)
        assert len(asked) == 2
        return body, stream, asked[0]

    return run


def test_the_function_is_given_to_the_constructor():
    body = {"model": "MiniMax-M2.5", "messages": [{"role": "user", "content": "Hi"}]}
    with Emulator("mara", answer=lambda _: Reply("Hello from me.")) as emulator:
        headers = {"authorization": f"Bearer {emulator.api_key}"}
        reply = httpx.post(f"{emulator.base_url}/chat/completions", json=body, headers=headers)
    assert reply.json()["choices"][0]["message"]["content"] == "Hello from me."


def test_text_and_reasoning_take_the_providers_form(ask, asker):
    body, stream, _ = ask(lambda _: Reply("It rains in Oslo.", THOUGHT))
    message = body["choices"][0]["message"]
    field = REASONING[asker.emulator.provider]
    assert (message["content"], message[field]) == ("It rains in Oslo.", THOUGHT)
    assert (stream.joined("content"), stream.joined(field)) == ("It rains in Oslo.", THOUGHT)
    assert body["choices"][0]["finish_reason"] == "stop"
    assert stream.finish_reasons == ["stop"]


def test_tool_calls_take_the_providers_form(ask, weather):
    calls = [ToolCall("get_weather", {"city": "Oslo"}), ToolCall("get_weather", '{"city": "Os')]
    body, stream, _ = ask(lambda _: Reply(tool_calls=calls), tools=[weather])
    made = body["choices"][0]["message"]["tool_calls"]
    texts = ['{"city": "Oslo"}', '{"city": "Os']
    assert [call["function"]["arguments"] for call in made] == texts
    assert all(call["id"].startswith("call_") for call in made)
    assert body["choices"][0]["finish_reason"] == "tool_calls"
    streamed = ["", ""]
    for part in stream.tool_calls():
        streamed[part["index"]] += part["function"]["arguments"]
    assert streamed == texts


def test_an_id_of_a_call_is_kept(ask, weather):
    call = ToolCall("get_weather", {"city": "Oslo"}, id="mine")
    body, stream, _ = ask(lambda _: Reply(tool_calls=(call,)), tools=[weather])
    assert body["choices"][0]["message"]["tool_calls"][0]["id"] == "mine"
    assert stream.tool_calls()[0]["id"] == "mine"


def reasoning_tokens(usage, count):
    """MARA, whose usage has timing figures, does not tell them."""
    return None if "time_to_first_token" in usage else {"reasoning_tokens": count}


def test_usage_and_finish_reason_are_those_of_the_reply(ask):
    usage = Usage(prompt_tokens=70, completion_tokens=30, reasoning_tokens=20)
    body, stream, _ = ask(lambda _: Reply("Half", THOUGHT, finish_reason="length", usage=usage))
    assert body["choices"][0]["finish_reason"] == "length"
    assert stream.finish_reasons == ["length"]
    for spent in (body["usage"], stream.payloads[-1]["usage"]):
        assert spent["total_tokens"] == 100
        assert spent.get("completion_tokens_details") == reasoning_tokens(spent, 20)


def test_tokens_are_counted_where_the_reply_does_not_say_them(ask):
    body, _, _ = ask(lambda _: Reply("12345678", "1234"))
    assert body["usage"]["completion_tokens"] == 3
    details = body["usage"].get("completion_tokens_details")
    assert details == reasoning_tokens(body["usage"], 1)


def test_the_token_limit_cuts_the_reply(ask):
    body, stream, _ = ask(lambda _: Reply("12345678" * 9), max_tokens=2)
    assert body["choices"][0]["message"]["content"] == "12345678" == stream.joined("content")
    assert body["choices"][0]["finish_reason"] == "length"


def test_the_request_is_given_in_typed_form(ask, asker, weather):
    call = {"id": "a", "type": "function"}
    call["function"] = {"name": "get_weather", "arguments": '{"city": "Oslo"}'}
    part = {"type": "text", "text": "And now?"}
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [part]},
        {"role": "assistant", "content": "Let me see.", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "a", "content": "rain"},
    ]
    named = {"type": "function", "function": {"name": "get_weather"}}
    form = {"type": "json_object"}
    _, _, request = ask(
        lambda _: Reply("{}"),
        messages,
        tools=[weather],
        tool_choice=named,
        response_format=form,
        temperature=0.5,
    )
    system, user, assistant, tool = request.messages
    assert (request.provider, request.model) == (asker.emulator.provider, asker.model)
    assert request.stream is False
    assert (system.role, system.text) == ("system", "Be brief.")
    assert user.text == "And now?"
    assert assistant.tool_calls == (ToolCall("get_weather", {"city": "Oslo"}, id="a"),)
    assert isinstance(tool, Message)
    assert (tool.tool_call_id, tool.text) == ("a", "rain")
    assert request.question is user
    assert request.results == (ToolResult("get_weather", "rain"),)
    function = weather["function"]
    assert request.tools == (Tool("get_weather", function["description"], function["parameters"]),)
    assert (request.tool_choice, request.response_format) == ("get_weather", form)
    assert request.parameters["temperature"] == 0.5
    assert "messages" not in request.parameters
    assert request.body == asker.emulator.requests[0].body


def test_an_asynchronous_function_is_awaited(asker):
    async def slowly(request):
        return Reply(request.question.text.upper())

    asker.emulator.answer = slowly
    assert asker.text("Hi") == "HI"


def test_the_default_is_a_function_to_fall_back_on(asker):
    def mine(request):
        return Reply("Mine.") if "mine" in request.question.text else answer(request)

    asker.emulator.answer = mine
    assert asker.text("Is this mine?") == "Mine."
    assert asker.text("What is 6 * 7?") == "6 * 7 equals 42."


def test_scenarios_change_the_reply(asker):
    asker.emulator.answer = lambda _: Reply("It rains.", THOUGHT)
    content = asker.message("Hi", scenario="think-inline")["content"]
    assert content == f"<think>\n{THOUGHT}\n</think>\n\nIt rains."
    assert asker.post("Hi", scenario="http-500").status_code == 500


def test_a_request_that_the_provider_refuses_does_not_reach_the_function(asker):
    asked = []
    asker.emulator.answer = asked.append
    assert asker.post("Hi", temperature=7).status_code == 400
    assert asked == []


def test_canned_replies_come_before_the_function(asker):
    asker.emulator.answer = lambda _: Reply("It rains.")
    asker.emulator.enqueue(CannedReply.json({"canned": True}))
    assert asker.post("Hi").json() == {"canned": True}
    assert asker.text("Hi") == "It rains."


def test_clear_leaves_the_function_as_it_is(asker):
    asker.emulator.answer = lambda _: Reply("It rains.")
    asker.emulator.clear()
    assert asker.text("Hi") == "It rains."


def test_a_function_that_raises_is_named_in_a_refusal(asker):
    def broken(request):
        raise KeyError("city")

    asker.emulator.answer = broken
    status, message = asker.refusal("Hi")
    assert (status, message) == (
        400,
        "The emulator's answer function raised KeyError: 'city'",
    )


def test_a_function_that_returns_no_reply_is_named_in_a_refusal(asker):
    asker.emulator.answer = lambda _: "It rains."
    status, message = asker.refusal("Hi")
    assert (status, message) == (
        400,
        "The emulator's answer function returned str instead of a Reply.",
    )


@pytest.mark.parametrize(
    "odd",
    [Reply(None), Reply("It rains.", reasoning=None), Reply(tool_calls=[("get_weather", {})])],
    ids=["text", "reasoning", "call"],
)
def test_a_reply_that_cannot_be_written_is_shown_in_a_refusal(asker, odd):
    asker.emulator.answer = lambda _: odd
    status, message = asker.refusal("Hi")
    assert status == 400
    assert message.startswith(f"The answer function's {odd} cannot be written: ")


def test_reasoning_is_left_out_where_the_model_does_not_reason(mara):
    mara.emulator.answer = lambda _: Reply("It rains.", THOUGHT)
    try:
        assert "reasoning" not in mara.message("Hi", model="DeepSeek-V3.1")
    finally:
        mara.emulator.answer = answer


def test_llmprovider_gets_plain_text_and_no_tools(llmprovider, weather):
    llmprovider.emulator.answer = lambda request: Reply(json.dumps(len(request.tools)), THOUGHT)
    try:
        assert llmprovider.message("Hi", tools=[weather]) == {"role": "assistant", "content": "0"}
    finally:
        llmprovider.emulator.answer = answer
