"""Refusals: the standard block, the key that OpenAI's messages have, and what acts on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from langchain_core import exceptions
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.messages.content import KNOWN_BLOCK_TYPES

from langchain_mara_minimax import ChatMiniMax, StructuredOutputRefusedError, blocks
from mara_minimax.emulator import Emulator

Call = Callable[..., AIMessage]
REFUSALS = {
    "refusal-filter": "The provider's content filter ended the answer.",
    "refusal-filter-empty": "The provider's content filter ended the answer.",
    "refusal-words": "I can't help with that.",
    "refusal-sensitive": "The provider found the answer too sensitive (abuse).",
}


def refusals_in(message: AIMessage) -> list[str]:
    """The refusals among the content blocks, which an older langchain-core wraps."""
    blocks: list[Any] = [
        block["value"] if block["type"] == "non_standard" else block
        for block in message.content_blocks
    ]
    return [block["refusal"] for block in blocks if block["type"] == "refusal"]


@pytest.mark.parametrize("scenario", REFUSALS)
def test_a_refusal_has_its_block_and_its_key(
    model: ChatMiniMax, server: Emulator, call: Call, scenario: str
) -> None:
    server.scenario = scenario
    message = call(model, "How?")
    assert message.additional_kwargs["refusal"] == REFUSALS[scenario]
    assert refusals_in(message) == [REFUSALS[scenario]]
    assert message.text == ("I can" if scenario == "refusal-filter" else "")


@pytest.mark.parametrize("scenario", ["default", "sensitive-answer"])
def test_an_answer_is_no_refusal(
    model: ChatMiniMax, server: Emulator, call: Call, scenario: str
) -> None:
    server.scenario = scenario
    message = call(model, "What is 1+1?")
    assert "refusal" not in message.additional_kwargs
    assert refusals_in(message) == []
    assert message.response_metadata["output_sensitive"] is (scenario != "default")


@pytest.mark.parametrize("output_version", ["v0", "v1"])
def test_a_refusal_stands_behind_what_was_said_before_it(
    make_model: Callable[..., ChatMiniMax], server: Emulator, call: Call, output_version: str
) -> None:
    server.scenario = "refusal-filter"
    message = call(make_model(output_version=output_version), "How?")
    kinds = [block["type"] for block in message.content_blocks]
    assert kinds == [
        "reasoning",
        "text",
        "refusal" if "refusal" in KNOWN_BLOCK_TYPES else "non_standard",
    ]


@pytest.mark.parametrize("scenario", REFUSALS)
@pytest.mark.parametrize("streamed", [False, True])
def test_structured_output_raises_a_refusal(
    model: ChatMiniMax, server: Emulator, scenario: str, streamed: bool
) -> None:
    joke = {"title": "Joke", "type": "object", "properties": {"setup": {"type": "string"}}}
    structured = model.with_structured_output(joke)
    server.scenario = scenario
    with pytest.raises(StructuredOutputRefusedError, match="is a refusal") as caught:
        _ = list(structured.stream("A joke")) if streamed else structured.invoke("A joke")
    assert isinstance(caught.value, getattr(exceptions, "ModelRefusalError", exceptions.ModelError))
    assert REFUSALS[scenario] in str(caught.value)


def test_a_refusal_goes_back_as_what_the_model_said(model: ChatMiniMax, server: Emulator) -> None:
    server.scenario = "refusal-words"
    history: list[Any] = [HumanMessage("How?")]
    history += [model.invoke(history), HumanMessage("Why not?")]
    server.scenario = "default"
    model.invoke(history)
    assert server.last_body["messages"][1]["content"] == "I can't help with that."


@pytest.mark.parametrize(
    ("content", "sent"),
    [
        ([{"type": "refusal", "refusal": "No."}], "No."),
        ([{"type": "text", "text": "I can"}, {"type": "refusal", "refusal": "No."}], "I can"),
    ],
)
def test_a_refusal_in_a_block_goes_back_where_nothing_else_was_said(
    model: ChatMiniMax, server: Emulator, content: Any, sent: str
) -> None:
    model.invoke([HumanMessage("How?"), AIMessage(content), HumanMessage("Why not?")])
    assert server.last_body["messages"][1]["content"] == sent


def test_a_refusal_is_a_standard_block_where_langchain_knows_one(
    model: ChatMiniMax, server: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "KNOWN_BLOCK_TYPES", {*KNOWN_BLOCK_TYPES, "refusal"})
    server.scenario = "refusal-words"
    (block,) = [b for b in model.invoke("How?").content_blocks if "refusal" in b]
    assert block == {"type": "refusal", "refusal": "I can't help with that."}


def test_a_fallback_takes_over_from_a_model_that_refuses(
    model: ChatMiniMax, server: Emulator
) -> None:
    middleware = pytest.importorskip("langchain.agents.middleware")
    if not hasattr(middleware, "ModelRefusalMiddleware"):
        pytest.skip("langchain has this middleware since 1.5")
    from langchain.agents import create_agent

    with Emulator("minimax") as other:
        fallback = ChatMiniMax(api_key=other.api_key, base_url=other.base_url)
        agent = create_agent(
            model,
            middleware=[
                middleware.ModelFallbackMiddleware(fallback),
                middleware.ModelRefusalMiddleware(),
            ],
        )
        server.scenario = "refusal-filter"
        state = agent.invoke({"messages": [HumanMessage("What is 1+1?")]})
        assert "2" in state["messages"][-1].text
        assert (len(server.requests), len(other.requests)) == (1, 1)
