"""Each kind of call from cassettes, without any network, for three forms of reasoning.

The cassettes were recorded against the emulator, as their path says; `make record` does it
again, and `make record-live` records from a real provider. What is asserted holds of any model,
so that both can be played.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage, ChatResponse, ThinkingBlock
from llama_index.core.prompts import PromptTemplate
from llama_index.core.tools import FunctionTool
from pydantic import BaseModel
from vcr.cassette import Cassette

from llama_index_mara_minimax import MARA, MiniMax
from mara_minimax import errors
from mara_minimax.emulator import Emulator
from tests import recording

pytestmark = [pytest.mark.vcr, pytest.mark.block_network]

KINDS = {"details": "minimax", "inline": "minimax", "field": "mara"}
"""Where reasoning stands, each with a provider that puts it there."""


@pytest.fixture(params=sorted(KINDS))
def kind(request: pytest.FixtureRequest) -> str:
    if (live := recording.live_provider()) and KINDS[request.param] != live:
        pytest.skip(f"recording from {live}")
    return str(request.param)


@pytest.fixture(scope="module")
def recorded_servers(record_mode: str) -> Iterator[dict[str, Emulator]]:
    with recording.emulators(record_mode) as servers:
        yield servers


@pytest.fixture
def base_url(kind: str, record_mode: str, recorded_servers: dict[str, Emulator]) -> str:
    return recording.server_url(KINDS[kind], record_mode, recorded_servers)


@pytest.fixture(scope="module")
def vcr_cassette_dir() -> str:
    return str(recording.cassettes("llama_index"))


@pytest.fixture
def vcr_config(kind: str, base_url: str) -> dict[str, Any]:
    return recording.vcr_config(base_url, KINDS[kind])


@pytest.fixture(autouse=True)
def _fully_played(vcr: Cassette, record_mode: str) -> Iterator[None]:
    yield
    if record_mode == "none":
        assert vcr.all_played, "The cassette holds exchanges that the test does not make."


MakeLLM = Callable[..., MiniMax | MARA]


@pytest.fixture
def make_llm(kind: str, base_url: str) -> MakeLLM:
    provider = KINDS[kind]

    def make(scenario: str = "default", **settings: Any) -> MiniMax | MARA:
        given = {"api_key": recording.api_key(provider), "base_url": base_url, "max_retries": 0}
        if not recording.live_provider():
            given["default_headers"] = {"x-emulator-scenario": scenario}
        given |= {"timeout": 60, **settings}
        if provider == "mara":
            return MARA(model="gpt-oss-120b", **given)
        return MiniMax(reasoning_split=kind == "details", **given)

    return make


@pytest.fixture
def llm(make_llm: MakeLLM) -> MiniMax | MARA:
    return make_llm()


def get_weather(city: str) -> str:
    """Say what the weather is in a city."""
    return f"Rain in {city}."


WEATHER = FunctionTool.from_defaults(get_weather)
QUESTION = [ChatMessage(role="user", content="What is 6*7?")]


class City(BaseModel):
    """A city and its country."""

    name: str
    country: str


def thought_of(response: ChatResponse) -> str:
    blocks = response.message.blocks
    return "".join(b.content or "" for b in blocks if isinstance(b, ThinkingBlock))


def assert_whole(response: ChatResponse) -> None:
    """Assert that a reply has text, reasoning apart from it, and counts of tokens."""
    text = response.message.content
    assert text
    assert thought_of(response)
    assert "<think>" not in text
    assert thought_of(response) not in text
    assert response.raw["usage"]["total_tokens"] > 0


def test_a_plain_reply(llm):
    assert_whole(llm.chat(QUESTION))


def test_a_completion(llm):
    assert llm.complete("What is 6*7?").text


def test_a_stream(llm):
    responses = list(llm.stream_chat(QUESTION))
    assert_whole(responses[-1])
    assert "".join(r.delta or "" for r in responses) == responses[-1].message.content
    thinking = "".join(r.additional_kwargs.get("thinking_delta") or "" for r in responses)
    assert thinking == thought_of(responses[-1])


def test_an_asynchronous_reply(llm):
    assert_whole(asyncio.run(llm.achat(QUESTION)))


def test_an_asynchronous_stream(llm):
    async def collect() -> list[ChatResponse]:
        return [response async for response in await llm.astream_chat(QUESTION)]

    assert_whole(asyncio.run(collect())[-1])


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
def test_a_tool_call(llm, streamed):
    asked = {"tools": [WEATHER], "user_msg": "What is the weather in Paris?"}
    if streamed:
        response = list(llm.stream_chat_with_tools(**asked))[-1]
    else:
        response = llm.chat_with_tools(**asked)
    (call,) = llm.get_tool_calls_from_response(response)
    assert (call.tool_name, call.tool_kwargs) == ("get_weather", {"city": "Paris"})


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
def test_several_turns_send_the_reasoning_back(llm, streamed):
    # What is sent back is in the cassette, which is matched body by body.
    history = [ChatMessage(role="user", content="What is the weather in Paris?")]
    for turn in itertools.count():
        if streamed:
            response = list(llm.stream_chat_with_tools([WEATHER], chat_history=history))[-1]
        else:
            response = llm.chat_with_tools([WEATHER], chat_history=history)
        history.append(response.message)
        calls = llm.get_tool_calls_from_response(response, error_on_no_tool_call=False)
        if not calls:
            break
        assert turn < 4
        for call in calls:
            content = get_weather(**call.tool_kwargs)
            given = {"tool_call_id": call.tool_id, "name": call.tool_name}
            history.append(ChatMessage(role="tool", content=content, additional_kwargs=given))
    assert turn > 0
    assert "Paris" in (response.message.content or "")


def test_structured_output(llm):
    prompt = PromptTemplate("Extract the city: {text}")
    city = llm.structured_predict(City, prompt, text="Paris is the capital of France.")
    assert "Paris" in city.name


FAILURES = {
    "http-401": errors.AuthenticationError,
    "http-429": errors.RateLimitError,
    "http-500": errors.ServerError,
    "context-overflow": errors.ContextOverflowError,
}


@pytest.mark.parametrize("scenario", FAILURES)
def test_a_refusal(make_llm, scenario):
    if recording.live_provider():
        pytest.skip("a real provider fails when it likes")
    with pytest.raises(FAILURES[scenario]):
        make_llm(scenario).chat(QUESTION)


def test_a_failure_within_a_stream_holds_what_came_before(make_llm):
    if recording.live_provider():
        pytest.skip("a real provider fails when it likes")
    with pytest.raises(errors.ProviderError) as caught:
        list(make_llm("error-mid-stream-event").stream_chat(QUESTION))
    assert caught.value.partial is not None
