"""A good answer is never lost to a strange `usage`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from llama_index.core.callbacks import CallbackManager, TokenCountingHandler

from llama_index_mara_minimax import MiniMax
from mara_minimax.emulator import Emulator

COUNTS = {"prompt_tokens": 20, "completion_tokens": 10, "total_tokens": 30}
ODD_COUNTS = [{"a": 1}, "12", True, [1], -5, 1e308, 2**60, 10**400, None, 0.5]


@pytest.mark.parametrize("odd", ODD_COUNTS, ids=lambda odd: type(odd).__name__)
def test_an_odd_count_is_unknown_and_the_answer_is_there(
    make_llm: Callable[..., MiniMax],
    server: Emulator,
    wire: Any,
    form: str,
    call: Callable[..., list[Any]],
    odd: Any,
) -> None:
    usage = {**COUNTS, "completion_tokens": odd, "other": odd}
    if "stream" in form:
        server.enqueue(wire.stream(wire.text("42"), usage=usage))
    else:
        server.enqueue(wire.reply(wire.message("42"), usage=usage))
    counter = TokenCountingHandler(tokenizer=str.split)
    last = call(make_llm(callback_manager=CallbackManager([counter])), "Hi")[-1]
    text = last.text if "complete" in form else last.message.content
    assert text == "42"
    assert last.additional_kwargs["completion_tokens"] == 0
    assert last.raw["usage"] == {**usage, "completion_tokens": 0}


@pytest.mark.parametrize("usage", ["12", 5, [COUNTS], True, {"total_tokens": {"a": 1}}])
def test_a_usage_that_is_none_is_no_usage(
    llm: MiniMax, server: Emulator, wire: Any, usage: Any
) -> None:
    server.enqueue(wire.reply(wire.message("42"), usage=usage))
    response = llm.complete("Hi")
    assert response.text == "42"
    assert "usage" not in response.raw
