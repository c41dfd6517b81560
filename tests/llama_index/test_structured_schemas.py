"""Output classes whose schemas the framework itself trips over: generic and recursive ones."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import pytest
from llama_index.core.program import FunctionCallingProgram
from llama_index.core.prompts import PromptTemplate
from pydantic import BaseModel, Field

from llama_index_mara_minimax import MARA, MiniMax
from mara_minimax.emulator import Emulator

T = TypeVar("T")


class Result(BaseModel, Generic[T]):
    value: T


class Folder(BaseModel):
    name: str
    folders: list[Folder] = Field(default_factory=list)


PROMPT = PromptTemplate("Give it.")
CASES: dict[str, tuple[type[BaseModel], str, str]] = {
    "generic": (Result[int], "Result_int_", '{"value": 3}'),
    "recursive": (Folder, "Folder", '{"name": "a", "folders": [{"name": "b"}]}'),
    "recursive with one argument": (Folder, "Folder", '{"name": "a"}'),
}


async def _last(coroutine: Any) -> Any:
    return [item async for item in await coroutine][-1]


FORMS: dict[str, Callable[[Any, Any], Any]] = {
    "structured_predict": lambda llm, cls: llm.structured_predict(cls, PROMPT),
    "astructured_predict": lambda llm, cls: asyncio.run(llm.astructured_predict(cls, PROMPT)),
    "stream": lambda llm, cls: list(llm.stream_structured_predict(cls, PROMPT))[-1],
    "astream": lambda llm, cls: asyncio.run(_last(llm.astream_structured_predict(cls, PROMPT))),
    "program": lambda llm, cls: FunctionCallingProgram.from_defaults(cls, prompt=PROMPT, llm=llm)(),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("form", FORMS)
def test_the_object_is_filled(
    form: str, name: str, llm: MiniMax, server: Emulator, wire: Any
) -> None:
    output_cls, tool, arguments = CASES[name]
    call = wire.call(tool, arguments)
    server.enqueue(
        wire.stream({"role": "assistant", "tool_calls": [call]}, finish_reason="tool_calls")
        if "stream" in form
        else wire.reply(wire.message(tool_calls=[call]))
    )
    found = FORMS[form](llm, output_cls)
    assert found.model_dump() == output_cls.model_validate_json(arguments).model_dump()
    (sent,) = server.last_body["tools"]
    assert sent["function"]["name"] == tool
    assert set(sent["function"]["parameters"]["properties"]) == set(output_cls.model_fields)


@pytest.mark.parametrize("name", CASES)
def test_mara_takes_the_tool(name: str, mara: MARA, mara_server: Emulator, wire: Any) -> None:
    output_cls, tool, arguments = CASES[name]
    mara_server.enqueue(wire.reply(wire.message(tool_calls=[wire.call(tool, arguments)])))
    assert isinstance(mara.structured_predict(output_cls, PROMPT), output_cls)


def test_a_schema_without_properties_is_sent_with_none(
    llm: MiniMax, server: Emulator, wire: Any
) -> None:
    class Nothing(BaseModel):
        pass

    server.enqueue(wire.reply(wire.message(tool_calls=[wire.call("Nothing", "{}")])))
    assert llm.structured_predict(Nothing, PROMPT) == Nothing()
    assert server.last_body["tools"][0]["function"]["parameters"]["properties"] == {}
