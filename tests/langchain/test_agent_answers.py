"""Objects as the answers of agents, in the forms in which models write them."""

from __future__ import annotations

import asyncio
from typing import Any, Generic, TypedDict, TypeVar, assert_type

import pytest
from langchain.agents import create_agent
from langchain.agents.structured_output import ProviderStrategy, ToolStrategy
from langchain_core.language_models import LanguageModelInput
from langchain_core.runnables import Runnable
from langchain_core.tools import tool
from pydantic import BaseModel

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from langchain_mara_minimax.parsing import StructuredOutputError
from mara_minimax.emulator import Emulator
from mara_minimax.errors import ParameterError

Item = TypeVar("Item")


class City(BaseModel):
    """A city."""

    name: str
    people: float


class Wrap(BaseModel, Generic[Item]):
    """A thing in its box."""

    item: Item


class CityKeys(TypedDict):
    """A city."""

    name: str


@tool
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


JSON = '{"name": "Paris", "people": 2}'
PARIS = City(name="Paris", people=2)
WRAPPED = f'{{"item": {JSON}}}'
QUESTION = {"messages": [("user", "Paris?")]}
CITY_FORMAT = {
    "type": "json_schema",
    "json_schema": {
        "name": "City",
        "description": "A city.",
        "schema": City.model_json_schema(),
        "strict": True,
    },
}


@pytest.fixture(params=["minimax", "mara"])
def host(
    request: pytest.FixtureRequest,
    model: ChatMiniMax,
    server: Emulator,
    mara: ChatMARA,
    mara_server: Emulator,
) -> tuple[ChatMiniMax | ChatMARA, Emulator]:
    """A model and the server that it talks to."""
    return (model, server) if request.param == "minimax" else (mara, mara_server)


@pytest.fixture(params=["invoke", "ainvoke", "stream"])
def answer(request: pytest.FixtureRequest) -> Any:
    """Run an agent in one of the ways on a server that gives one answer; return its object."""

    def run(agent: Any, emulator: Emulator, turn: Any) -> Any:
        if request.param == "stream":
            emulator.enqueue(turn.stream())
            *_, (_, result) = agent.stream(QUESTION, stream_mode=["messages", "values"])
        else:
            emulator.enqueue(turn.plain())
            if request.param == "invoke":
                result = agent.invoke(QUESTION)
            else:
                result = asyncio.run(agent.ainvoke(QUESTION))
        assert len(emulator.requests) == 1
        return result.get("structured_response")

    return run


@pytest.mark.parametrize(
    "text",
    [
        JSON,
        f"```json\n{JSON}\n```",
        f'{{"City": {JSON}}}',
        f'{{"name": "City", "arguments": {JSON}}}',
    ],
)
def test_json_that_fits_one_tool_without_code_is_its_call_also_among_others(
    host: Any, answer: Any, turns: Any, text: str
) -> None:
    model, emulator = host
    agent = create_agent(model, [add], response_format=City)
    assert answer(agent, emulator, turns(text=(text[:9], text[9:]))) == PARIS
    names = [each["function"]["name"] for each in emulator.last_body["tools"]]
    assert names == ["add", "City"]


@pytest.mark.parametrize("text", [f"Sure: {JSON}", '{"a": 1, "b": 2}'])
def test_other_text_fills_no_object_where_a_tool_has_code(
    host: Any, answer: Any, turns: Any, text: str
) -> None:
    model, emulator = host
    agent = create_agent(model, [add], response_format=City)
    assert answer(agent, emulator, turns(text=(text,))) is None


@pytest.mark.parametrize("text", [JSON, f"```json\n{JSON}\n```", f"```\n{JSON}\n```\n"])
@pytest.mark.parametrize("tools", [[], [add]])
def test_the_providers_strategy_reads_fenced_json(
    host: Any, answer: Any, turns: Any, tools: list[Any], text: str
) -> None:
    model, emulator = host
    agent = create_agent(model, tools, response_format=ProviderStrategy(City))
    assert answer(agent, emulator, turns(text=(text[:5], text[5:]))) == PARIS
    assert emulator.last_body["response_format"]["type"] == "json_schema"


def test_a_generic_class_is_the_answer_of_an_agent(host: Any, answer: Any, turns: Any) -> None:
    model, emulator = host
    agent = create_agent(model, [add], response_format=ToolStrategy(Wrap[City]))
    called = turns(calls=(("Wrap_City_", WRAPPED),))
    assert answer(agent, emulator, called) == Wrap[City](item=PARIS)
    assert emulator.last_body["tools"][1]["function"]["name"] == "Wrap_City_"


@pytest.mark.parametrize("method", ["function_calling", "json_schema", "json_mode"])
def test_a_generic_class_is_a_structured_output(host: Any, turns: Any, method: Any) -> None:
    model, emulator = host
    emulator.enqueue(turns(text=(WRAPPED,)).plain())
    structured = model.with_structured_output(Wrap[City], method=method)
    assert structured.invoke("Paris?") == Wrap[City](item=PARIS)
    assert "Wrap[" not in str(emulator.last_body.get("tools"))
    assert "Wrap[" not in str(emulator.last_body.get("response_format"))
    emulator.enqueue(turns(text=(WRAPPED[:9], WRAPPED[9:])).stream())
    *_, last = structured.stream("Paris?")
    assert last == Wrap[City](item=PARIS)


@pytest.mark.parametrize("method", ["function_calling", "json_schema", "json_mode"])
@pytest.mark.parametrize(
    "schema", [CITY_FORMAT, {"type": "json_schema", **CITY_FORMAT["json_schema"]}]
)
def test_a_finished_response_format_is_a_schema(
    host: Any, turns: Any, schema: Any, method: Any
) -> None:
    model, emulator = host
    emulator.enqueue(turns(text=(JSON,)).plain())
    structured = model.with_structured_output(schema, method=method)
    assert structured.invoke("Paris?") == {"name": "Paris", "people": 2}
    emulator.enqueue(turns(text=('{"name": "Paris"}',)).plain())
    with pytest.raises(StructuredOutputError, match="people"):
        structured.invoke("Paris?")


def test_a_response_format_needs_no_description(
    model: ChatMiniMax, server: Emulator, turns: Any
) -> None:
    server.enqueue(turns(text=(JSON,)).plain())
    inner = {"name": "City", "schema": City.model_json_schema()}
    structured = model.with_structured_output({"type": "json_schema", "json_schema": inner})
    assert structured.invoke("Paris?") == {"name": "Paris", "people": 2}
    assert "description" not in server.last_body["tools"][0]["function"]


@pytest.mark.parametrize("schema", [{"type": "json_schema"}, {"type": "json_schema", "name": "A"}])
def test_a_response_format_without_name_or_schema_is_refused(
    model: ChatMiniMax, schema: Any
) -> None:
    with pytest.raises(ParameterError, match="needs a name and a schema"):
        model.with_structured_output(schema)


def test_bound_tools_may_be_limited_to_some(host: Any, turns: Any) -> None:
    model, emulator = host
    allowed = {"mode": "required", "tools": [{"type": "function", "function": {"name": "add"}}]}
    choice = {"type": "allowed_tools", "allowed_tools": allowed}
    emulator.enqueue(turns(calls=(("add", '{"a": 1, "b": 2}'),)).plain())
    reply = model.bind_tools([add, City], tool_choice=choice).invoke("1+2?")
    assert [call["name"] for call in reply.tool_calls] == ["add"]
    assert [each["function"]["name"] for each in emulator.last_body["tools"]] == ["add"]
    with pytest.raises(ParameterError, match="'add', but the tools are: City"):
        model.bind_tools([City], tool_choice=choice)


def test_type_checkers_see_the_class_of_the_answer(
    model: ChatMiniMax, server: Emulator, turns: Any
) -> None:
    server.enqueue(turns(text=(JSON,)).plain())
    structured = model.with_structured_output(City)
    assert_type(structured, Runnable[LanguageModelInput, City])
    assert structured.invoke("Paris?").name == "Paris"
    raw = model.with_structured_output(City, include_raw=True)
    assert_type(raw, Runnable[LanguageModelInput, dict[str, Any]])
    keys = model.with_structured_output(CityKeys)
    assert_type(keys, Runnable[LanguageModelInput, dict[str, Any]])
