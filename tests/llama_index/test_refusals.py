"""Refusals: a typed error where there is no answer, a mark where there is some."""

from __future__ import annotations

from typing import Any

import pytest
from llama_index.core.llms import ChatMessage

from llama_index_mara_minimax import MiniMax
from mara_minimax.emulator import Emulator
from mara_minimax.errors import ContentFilterError

REFUSALS = {
    "refusal-filter-empty": "The provider's content filter ended the answer.",
    "refusal-words": "I can't help with that.",
    "refusal-sensitive": "The provider found the answer too sensitive (abuse).",
}


@pytest.mark.parametrize("scenario", REFUSALS)
def test_a_refusal_without_an_answer_is_an_error(
    llm: MiniMax, server: Emulator, call: Any, scenario: str
) -> None:
    server.scenario = scenario
    with pytest.raises(ContentFilterError) as caught:
        call(llm, "How?")
    assert REFUSALS[scenario] in str(caught.value)
    assert caught.value.partial is not None
    assert caught.value.partial.refusal == REFUSALS[scenario]
    assert (caught.value.retryable, len(server.requests)) == (False, 1)


def test_a_refusal_after_some_words_is_a_mark_beside_them(
    llm: MiniMax, server: Emulator, stream: bool
) -> None:
    server.scenario = "refusal-filter"
    messages = [ChatMessage("How?")]
    response = list(llm.stream_chat(messages))[-1] if stream else llm.chat(messages)
    assert response.message.content == "I can"
    words = "The provider's content filter ended the answer."
    assert response.additional_kwargs["refusal"] == words
    assert response.message.additional_kwargs["refusal"] == words
    server.scenario = "default"
    llm.chat([*messages, response.message, ChatMessage("Go on")])
    assert server.last_body["messages"][1]["content"] == "I can"
    assert "refusal" not in server.last_body["messages"][1]


@pytest.mark.parametrize("scenario", ["default", "sensitive-answer"])
def test_an_answer_is_no_refusal(
    llm: MiniMax, server: Emulator, stream: bool, scenario: str
) -> None:
    server.scenario = scenario
    messages = [ChatMessage("What is 1+1?")]
    response = list(llm.stream_chat(messages))[-1] if stream else llm.chat(messages)
    assert "refusal" not in response.additional_kwargs | response.message.additional_kwargs
    assert response.raw["output_sensitive"] is (scenario != "default")
