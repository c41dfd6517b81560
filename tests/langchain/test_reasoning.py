"""Reasoning is kept, and goes back on the next turn as it came."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from langchain_core.load import dumps, loads
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage, messages_from_dict
from langchain_core.messages import messages_to_dict as to_dicts
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from mara_minimax.emulator import Emulator

pytestmark = pytest.mark.filterwarnings("ignore::langchain_core._api.LangChainBetaWarning")
Call = Callable[..., AIMessage]
QUESTION = HumanMessage("What is the weather, and the time?")


def results_of(message: AIMessage) -> list[ToolMessage]:
    return [ToolMessage("21", tool_call_id=call["id"] or "") for call in message.tool_calls]


def second_turn(model: Any, message: AIMessage, server: Emulator) -> dict[str, Any]:
    """Send the answer back with tool results; return the assistant message really sent."""
    model.invoke([QUESTION, message, *results_of(message)])
    body = server.last_body
    assert [sent["role"] for sent in body["messages"]] == ["user", "assistant", "tool", "tool"]
    calls = body["messages"][1]["tool_calls"]
    assert [call["function"] for call in calls] == [
        {"name": "get_weather", "arguments": '{"city": "Paris"}'},
        {"name": "get_time", "arguments": '{"zone": "CET"}'},
    ]
    assert [sent["tool_call_id"] for sent in body["messages"][2:]] == [
        "call_function_ab_1",
        "call_function_ab_2",
    ]
    sent: dict[str, Any] = body["messages"][1]
    return sent


def test_details_go_back_verbatim(
    model: ChatMiniMax, server: Emulator, call: Call, canned: Any, calling: Any
) -> None:
    server.enqueue(canned(calling))
    sent = second_turn(model, call(model, [QUESTION]), server)
    assert sent["content"] == "Let me check."
    assert sent["reasoning_details"] == [
        {
            "type": "reasoning.text",
            "id": "reasoning-text-1",
            "format": "MiniMax-response-v1",
            "index": 0,
            "text": "I need the tools.",
        }
    ]


def test_think_text_goes_back_verbatim(
    make_model: Callable[..., ChatMiniMax],
    server: Emulator,
    call: Call,
    canned: Any,
    calling: Any,
    turns: Any,
) -> None:
    model = make_model(reasoning_split=False)
    server.enqueue(canned(turns(**{**vars(calling), "form": "inline"})))
    message = call(model, [QUESTION])
    assert message.text == "Let me check."
    assert message.additional_kwargs["reasoning_content"] == "I need the tools."
    sent = second_turn(model, message, server)
    assert sent["content"] == "<think>\nI need the tools.\n</think>\n\nLet me check."
    assert "reasoning_details" not in sent


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (
            "reasoning",
            {
                "content": "Let me check.",
                "reasoning": "I need the tools.",
                "channel": "analysis",
            },
        ),
        ("inline", {"content": "<think>\nI need the tools.\n</think>\n\nLet me check."}),
    ],
)
def test_mara_gets_it_back_in_the_form_it_came_in(
    mara: ChatMARA,
    mara_server: Emulator,
    call: Call,
    canned: Any,
    calling: Any,
    turns: Any,
    form: str,
    expected: dict[str, str],
) -> None:
    mara_server.enqueue(canned(turns(**{**vars(calling), "form": form})))
    sent = second_turn(mara, call(mara, [QUESTION]), mara_server)
    assert {key: sent[key] for key in sent if key not in ("role", "tool_calls")} == expected


def test_it_is_not_sent_back_when_declined(
    make_model: Callable[..., ChatMiniMax], server: Emulator, calling: Any
) -> None:
    model = make_model(replay_reasoning=False)
    server.enqueue(calling.plain())
    sent = second_turn(model, model.invoke([QUESTION]), server)
    assert not sent.keys() & {"reasoning", "reasoning_content", "reasoning_details"}


def test_the_answer_of_one_provider_continues_at_the_other(
    model: ChatMiniMax, server: Emulator, mara: ChatMARA, mara_server: Emulator, calling: Any
) -> None:
    server.enqueue(calling.plain())
    sent = second_turn(mara, model.invoke([QUESTION]), mara_server)
    assert sent["reasoning"] == "I need the tools."
    assert "reasoning_details" not in sent


def _through_json(message: AIMessage) -> Any:
    return messages_from_dict(json.loads(json.dumps(to_dicts([message]))))[0]


def _through_a_checkpointer(message: AIMessage) -> Any:
    serde = JsonPlusSerializer()
    return serde.loads_typed(serde.dumps_typed(message))


@pytest.mark.parametrize(
    "keep",
    [
        pytest.param(lambda message: pickle.loads(pickle.dumps(message)), id="pickle"),
        pytest.param(copy.deepcopy, id="deepcopy"),
        pytest.param(lambda m: loads(dumps(m), allowed_objects="messages"), id="dumps"),
        pytest.param(_through_json, id="json"),
        pytest.param(_through_a_checkpointer, id="checkpointer"),
    ],
)
@pytest.mark.parametrize("form", ["reasoning_details", "inline"])
@pytest.mark.parametrize("output_version", ["v0", "v1"])
def test_it_survives_being_stored(
    make_model: Callable[..., ChatMiniMax],
    server: Emulator,
    call: Call,
    canned: Any,
    calling: Any,
    turns: Any,
    keep: Callable[[AIMessage], AIMessage],
    form: str,
    output_version: str,
) -> None:
    model = make_model(output_version=output_version)
    server.enqueue(canned(turns(**{**vars(calling), "form": form})))
    message = call(model, [QUESTION])
    sent = second_turn(model, message, server)
    assert second_turn(model, keep(message), server) == sent
    text = json.dumps(sent)
    assert "I need the tools." in text
    assert "Let me check." in text


def test_the_answer_of_v3_events_goes_back_too(
    model: ChatMiniMax, server: Emulator, calling: Any
) -> None:
    server.enqueue(calling.stream())
    message = model.stream_events([QUESTION], version="v3").output
    sent = second_turn(model, message, server)
    assert sent["content"] == "Let me check."
    assert sent["reasoning_details"][0]["text"] == "I need the tools."


def test_reasoning_told_late_in_a_stream_goes_back_inside_the_text(
    mara: ChatMARA, mara_server: Emulator, turns: Any
) -> None:
    turn = turns(text=("I think", " so.\n</think>\n\n", "Yes."))
    mara_server.enqueue(turn.plain())
    whole = mara.invoke("Really?")
    assert whole.text == "Yes."
    mara_server.enqueue(turn.stream())
    chunks = list(mara.stream("Really?"))
    merged = chunks[0]
    for chunk in chunks[1:]:
        merged += chunk
    for message in (whole, merged):
        mara.invoke(["Really?", message, "Sure?"])
        sent = mara_server.last_body["messages"][1]
        assert sent["content"] == "I think so.\n</think>\n\nYes."


def test_an_answer_that_a_setting_made_reasoning_is_text_and_is_sent_back_once(
    server: Emulator, call: Call, canned: Any, turns: Any
) -> None:
    model = ChatMiniMax(api_key=server.api_key, base_url=server.base_url, starts_in_reasoning=True)
    server.enqueue(canned(turns(reasoning=(), text=("It is ", "four."))))
    message = call(model, "2 + 2?")
    assert message.text == "It is four."
    # Chunks cannot be taken back: those of a stream showed it as reasoning first.
    assert message.additional_kwargs.get("reasoning_content", "It is four.") == "It is four."
    model.invoke(["2 + 2?", message, "Sure?"])
    assert server.last_body["messages"][1] == {"role": "assistant", "content": "It is four."}


def test_an_answer_that_was_cut_within_its_reasoning_goes_back_as_that(
    model: ChatMiniMax, server: Emulator, call: Call, canned: Any, turns: Any
) -> None:
    turn = turns(reasoning=("I think ", "about"), text=(), finish_reason="length")
    server.enqueue(canned(turn))
    message = call(model, "2 + 2?")
    model.invoke(["2 + 2?", message, "Go on"])
    assert server.last_body["messages"][1] == {
        "role": "assistant",
        "content": "<think>\nI think about\n</think>\n\n",
    }
