"""Token counts: estimates of what would be sent, corrected by the provider's own counts."""

from __future__ import annotations

import base64
import socket
from typing import Any

import pytest
from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
    trim_messages,
)
from langchain_core.tools import tool

from langchain_mara_minimax import ChatMiniMax
from langchain_mara_minimax.tokens import token_ids

MODEL = ChatMiniMax(api_key="k", model="MiniMax-M3")
VIDEO = base64.b64encode(b"v" * 1_000_000).decode()
CHINESE = "你好世界" * 100


def count(*messages: BaseMessage, model: ChatMiniMax = MODEL, **kwargs: Any) -> int:
    return model.get_num_tokens_from_messages(list(messages), **kwargs)


@tool
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


def test_tokens_are_counted_without_a_download(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(*_: Any, **__: Any) -> None:
        raise AssertionError("A token count must not use the network.")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    assert MODEL.get_num_tokens("one two three four") == 5
    assert MODEL.get_num_tokens("你好世界") == 3
    assert len(MODEL.get_token_ids("one two three four")) == 5
    messages = [SystemMessage("Be short."), HumanMessage("Hello" * 100)]
    assert 120 < count(*messages) < 150
    assert count(*messages, tools=[add]) > count(*messages) + 20


def test_token_ids_are_those_of_the_text() -> None:
    assert token_ids("") == []
    assert token_ids("abcdabcde") == [0x61626364, 0x61626364, 0x65]


def test_own_tokenizers_are_used() -> None:
    model = ChatMiniMax(api_key="k", custom_get_token_ids=lambda text: [1] * len(text))
    assert model.get_num_tokens("four") == 4
    assert model.get_token_ids("four") == [1, 1, 1, 1]
    assert count(HumanMessage("a" * 400), model=model) == 404


@pytest.mark.parametrize(
    "block",
    [
        {"type": "video", "base64": VIDEO, "mime_type": "video/mp4"},
        {"type": "video_url", "video_url": {"url": f"data:video/mp4;base64,{VIDEO}"}},
        {"type": "image", "base64": VIDEO, "mime_type": "image/png"},
        {"type": "image", "source": {"type": "base64", "data": VIDEO, "media_type": "image/png"}},
        {"type": "audio", "base64": VIDEO, "mime_type": "audio/wav"},
        {"type": "file", "base64": VIDEO, "mime_type": "application/pdf"},
        {"data": VIDEO},
    ],
)
@pytest.mark.parametrize("kind", [HumanMessage, ToolMessage])
def test_base64_is_no_text(block: dict[str, Any], kind: Any) -> None:
    extra = {"tool_call_id": "c"} if kind is ToolMessage else {}
    assert count(kind(content=[{"type": "text", "text": "See"}, block], **extra)) < 1000


def test_one_video_does_not_empty_a_history() -> None:
    block = {"type": "video", "base64": VIDEO, "mime_type": "video/mp4"}
    shown = HumanMessage([{"type": "text", "text": "What is it?"}, block])
    messages = [HumanMessage("Hi"), AIMessage("Hello!"), shown]
    kept = trim_messages(messages, max_tokens=204_800, token_counter=MODEL, start_on="human")
    assert kept == messages


def test_chinese_counts_alike_wherever_it_stands() -> None:
    empty = AIMessage("", tool_calls=[{"name": "f", "args": {"a": ""}, "id": "c"}])
    called = AIMessage("", tool_calls=[{"name": "f", "args": {"a": CHINESE}, "id": "c"}])
    tokens = MODEL.get_num_tokens(CHINESE)
    assert tokens == 300
    assert count(called) - count(empty) == tokens
    for kind in (HumanMessage, AIMessage, SystemMessage):
        assert count(kind(CHINESE)) - count(kind("")) == tokens
        block = kind([{"type": "text", "text": CHINESE}])
        assert count(block) - count(kind("")) == tokens
    result = ToolMessage(CHINESE, tool_call_id="c")
    assert count(result) - count(ToolMessage("", tool_call_id="c")) == tokens
    thought = AIMessage("", additional_kwargs={"reasoning_content": CHINESE})
    assert count(thought) - count(AIMessage("")) == tokens


def test_reasoning_that_is_not_sent_back_is_not_counted() -> None:
    thought = AIMessage("42", additional_kwargs={"reasoning_content": "hm " * 400})
    home = ChatMiniMax(api_key="k", replay_reasoning=False)
    assert count(thought) > 300
    assert count(thought, model=home) == count(AIMessage("42"))


def test_signatures_that_are_never_sent_are_not_counted() -> None:
    thought = {"type": "thinking", "thinking": "Hm.", "signature": "s" * 4000}
    foreign = AIMessage(
        [thought, {"type": "text", "text": "42"}],
        response_metadata={"model_provider": "anthropic"},
    )
    assert count(foreign) == count(AIMessage("42"))


def answer(text: str, tokens: int, provider: str = "minimax", **usage: Any) -> AIMessage:
    return AIMessage(
        text,
        usage_metadata={"input_tokens": 9, "output_tokens": tokens, "total_tokens": 0, **usage},
        response_metadata={"model_provider": provider},
    )


def test_counts_of_the_provider_correct_the_estimate() -> None:
    question, text = HumanMessage("a" * 8000), "b" * 8000
    uncounted = count(question, AIMessage(text))
    assert uncounted == 4008
    assert 5500 < count(question, answer(text, 3000)) < 6000
    assert 2800 < count(question, answer(text, 1400)) < 2900
    # Nothing is remembered of it.
    assert count(question, AIMessage(text)) == uncounted


def test_a_correction_has_limits() -> None:
    question, text = HumanMessage("a" * 8000), "b" * 8000
    assert count(question, answer(text, 2000 * 50)) == 8008
    assert count(question, answer(text, 1)) == 2008


def test_a_short_answer_corrects_by_little() -> None:
    question = HumanMessage("a" * 8000)
    assert count(question, answer("Hi", 10)) < 1.15 * count(question, AIMessage("Hi"))


def test_hidden_reasoning_does_not_count_as_answer() -> None:
    question, text = HumanMessage("a" * 8000), "b" * 8000
    details = {"output_token_details": {"reasoning": 8000}}
    assert count(question, answer(text, 10_000, **details)) == 4008


def test_reasoning_that_is_shown_counts_as_answer() -> None:
    question = HumanMessage("a" * 8000)
    details = {"output_token_details": {"reasoning": 2000}}
    thought = answer("b" * 8000, 4000, **details)
    thought.additional_kwargs["reasoning_content"] = "c" * 8000
    assert count(question, thought) == 6008


def test_counts_of_other_providers_mean_nothing_here() -> None:
    question, text = HumanMessage("a" * 8000), "b" * 8000
    assert count(question, answer(text, 4000, provider="openai")) == 4008


def test_messages_can_be_trimmed_by_the_model() -> None:
    messages = [HumanMessage("a" * 400), AIMessage("b" * 400), HumanMessage("c")]
    assert trim_messages(messages, max_tokens=50, token_counter=MODEL) == messages[-1:]
