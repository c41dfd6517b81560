"""Half a tool call of a stream that broke is never handed out as a call."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mara_minimax import errors
from mara_minimax.emulator.faults import FaultServer
from mara_minimax.emulator.faults.bodies import call_chunk, events, stream_answer, text_chunk
from tests.faults.forms import TOOLS, Call, make_model, run

HALVES = ["", "{", '{"city', '{"city": "Par', '{"city": "Paris"', '{"city": "a\\', '{"n": [1, 2']


def _broken_call(form: str, arguments: str, server: FaultServer, runner: asyncio.Runner) -> Call:
    answer = stream_answer(events(text_chunk("Let me see."), call_chunk(arguments)))
    server.play(lambda _: answer)
    model = make_model(form, "minimax", server.base_url)
    call = run(model, form, runner, tools=TOOLS)
    assert isinstance(call.error, errors.IncompleteStreamError)
    assert call.error.partial.tool_calls == ()
    assert call.error.partial.text == call.text == "Let me see."
    return call


@pytest.mark.parametrize("arguments", HALVES)
@pytest.mark.parametrize("form", ["stream", "astream"])
def test_merged_chunks_of_langchain_hold_an_invalid_call(
    form: str, arguments: str, fault_server: FaultServer, runner: asyncio.Runner
) -> None:
    merged = _broken_call(form, arguments, fault_server, runner).merged()
    assert merged.tool_calls == []
    (invalid,) = merged.invalid_tool_calls
    assert invalid["name"] == "get_weather"
    assert invalid["args"].startswith(arguments)


@pytest.mark.parametrize("form", ["stream", "astream"])
def test_nothing_is_added_to_chunks_without_half_a_call(
    form: str, fault_server: FaultServer, runner: asyncio.Runner
) -> None:
    whole = _broken_call(form, '{"city": "Paris"}', fault_server, runner)
    assert len(whole.pieces) == 2
    fault_server.play(lambda _: stream_answer(events(text_chunk("Half"))))
    model = make_model(form, "minimax", fault_server.base_url)
    assert len(run(model, form, runner).pieces) == 1


@pytest.mark.parametrize("arguments", HALVES)
@pytest.mark.parametrize("form", ["stream_chat", "astream_chat"])
def test_llama_index_refuses_to_select_it(
    form: str, arguments: str, fault_server: FaultServer, runner: asyncio.Runner
) -> None:
    last = _broken_call(form, arguments, fault_server, runner).last()
    llm: Any = make_model(form, "minimax", fault_server.base_url)
    with pytest.raises(errors.InvalidReplyError, match="get_weather.*has not ended"):
        llm.get_tool_calls_from_response(last)
