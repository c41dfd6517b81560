"""A good answer is never lost to a strange `usage`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage

from langchain_mara_minimax import ChatMiniMax
from langchain_mara_minimax.replies import combine_outputs
from mara_minimax.emulator import CannedReply, Emulator

COUNTS = {"prompt_tokens": 20, "completion_tokens": 10, "total_tokens": 30}
ODD_COUNTS = [{"a": 1}, "12", True, [1], -5, 1e308, 2**60, 10**400, None, 0.5]


def reply(usage: Any) -> CannedReply:
    choice = {"index": 0, "message": {"content": "42"}, "finish_reason": "stop"}
    return CannedReply.json({"id": "r", "model": "M", "choices": [choice], "usage": usage})


@pytest.mark.parametrize("odd", ODD_COUNTS, ids=lambda odd: type(odd).__name__)
def test_an_odd_count_is_unknown_and_the_answer_is_there(
    model: ChatMiniMax, server: Emulator, call: Callable[..., AIMessage], odd: Any
) -> None:
    usage = {**COUNTS, "completion_tokens": odd}
    server.enqueue(reply(usage))
    message = call(model, "Hi")
    assert message.text == "42"
    assert message.usage_metadata == {"input_tokens": 20, "output_tokens": 0, "total_tokens": 30}
    assert message.response_metadata["token_usage"] == usage


@pytest.mark.parametrize("usage", ["12", 5, [COUNTS], True, {}, {"total_tokens": {"a": 1}}])
def test_a_usage_that_is_none_is_no_usage(
    model: ChatMiniMax, server: Emulator, call: Callable[..., AIMessage], usage: Any
) -> None:
    server.enqueue(reply(usage))
    message = call(model, "Hi")
    assert (message.text, message.usage_metadata) == ("42", None)


def test_batches_keep_every_answer_beside_odd_usages(model: ChatMiniMax, server: Emulator) -> None:
    usages = [COUNTS, {**COUNTS, "completion_tokens": {"a": 1}}, "12", None]
    for usage in usages * 2:
        server.enqueue(reply(usage))
    assert [message.text for message in model.batch(["Hi"] * 4)] == ["42"] * 4
    assert [m.text for m in asyncio.run(model.abatch(["Hi"] * 4))] == ["42"] * 4


def test_generate_adds_up_the_counts_that_are_some(model: ChatMiniMax, server: Emulator) -> None:
    for usage in (
        COUNTS,
        {**COUNTS, "completion_tokens": "1"},
        [5],
        {**COUNTS, "total_tokens": -1},
    ):
        server.enqueue(reply(usage))
    result = model.generate([[HumanMessage("Hi")]] * 4)
    assert result.llm_output is not None
    assert result.llm_output["token_usage"] == {
        "prompt_tokens": 60,
        "completion_tokens": 20,
        "total_tokens": 90,
    }


@pytest.mark.parametrize("odd", [5, "x", [1], {"prompt_tokens": "x"}, None])
def test_outputs_with_odd_usages_can_be_combined(odd: Any) -> None:
    outputs = [{"model_name": "M", "token_usage": odd}, {"model_name": "M", "token_usage": COUNTS}]
    assert combine_outputs(outputs) == {"model_name": "M", "token_usage": COUNTS}
