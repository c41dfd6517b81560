"""LlamaIndex's own methods stay LlamaIndex's: patches and mix-ins see every call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import wrapt
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.llms.function_calling import FunctionCallingLLM
from llama_index.core.llms.llm import LLM
from llama_index.core.prompts import PromptTemplate
from llama_index.core.tools import FunctionTool

from llama_index_mara_minimax import MARA, MiniMax
from mara_minimax.emulator import Emulator

INTEGRATION_POINTS = {
    "chat": "abstract",
    "achat": "abstract",
    "stream_chat": "abstract",
    "astream_chat": "abstract",
    "complete": "abstract",
    "acomplete": "abstract",
    "stream_complete": "abstract",
    "astream_complete": "abstract",
    "metadata": "abstract",
    "class_name": "each class has its own",
    "to_payload": "each class adds what it may show",
    "get_tool_calls_from_response": "LlamaIndex leaves it to each class",
    "predict_and_call": "tools whose names cannot be sent",
    "apredict_and_call": "tools whose names cannot be sent",
    "astructured_predict": "LlamaIndex's leaves the system prompt out",
    "model_copy": "keys and headers stay with their host",
}
"""Public names of LlamaIndex's classes that these packages define too, and why."""

PROMPT = PromptTemplate("Hi")
TOOL = FunctionTool.from_defaults(lambda name: name, name="echo", description="x")
FORMS: dict[str, Callable[[Any], Any]] = {
    "predict": lambda llm: llm.predict(PROMPT),
    "stream": lambda llm: list(llm.stream(PROMPT)),
    "apredict": lambda llm: asyncio.run(llm.apredict(PROMPT)),
    "predict_and_call": lambda llm: llm.predict_and_call([TOOL], user_msg="Hi"),
    "apredict_and_call": lambda llm: asyncio.run(llm.apredict_and_call([TOOL], user_msg="Hi")),
}
METHODS = [
    (LLM, "predict"),
    (LLM, "stream"),
    (LLM, "apredict"),
    (FunctionCallingLLM, "predict_and_call"),
    (FunctionCallingLLM, "apredict_and_call"),
]


def _by_wrapt(owner: Any, method: str, seen: list[str]) -> None:
    def see(wrapped: Any, instance: Any, args: Any, kwargs: Any) -> Any:
        seen.append(type(instance).__name__)
        return wrapped(*args, **kwargs)

    wrapt.wrap_function_wrapper(owner.__module__, f"{owner.__name__}.{method}", see)


def _by_setattr(owner: Any, method: str, seen: list[str]) -> None:
    original = getattr(owner, method)

    def see(self: Any, *args: Any, **kwargs: Any) -> Any:
        seen.append(type(self).__name__)
        return original(self, *args, **kwargs)

    setattr(owner, method, see)


@pytest.fixture
def restored() -> Iterator[None]:
    """Put LlamaIndex's methods back after the test."""
    originals = [(owner, method, vars(owner)[method]) for owner, method in METHODS]
    yield
    for owner, method, original in originals:
        setattr(owner, method, original)


@pytest.fixture
def calls_a_tool(server: Emulator, wire: Any) -> None:
    """Let the model call `echo` in its first answer."""
    server.enqueue(wire.reply(wire.message(tool_calls=[wire.call("echo", '{"name": "a"}')])))


@pytest.mark.usefixtures("restored")
@pytest.mark.parametrize("patch", [_by_wrapt, _by_setattr])
@pytest.mark.parametrize(("owner", "method"), METHODS)
def test_a_patch_that_is_made_after_the_import_sees_every_call(
    patch: Any, owner: Any, method: str, llm: MiniMax, request: pytest.FixtureRequest
) -> None:
    if "call" in method:
        request.getfixturevalue("calls_a_tool")
    seen: list[str] = []
    patch(owner, method, seen)
    FORMS[method](llm)
    assert seen == ["MiniMax"]


class Loud(FunctionCallingLLM):
    """A mix-in as users write it, which hands on to whatever comes next."""

    def predict(self, *args: Any, **kwargs: Any) -> Any:
        return super().predict(*args, **kwargs).upper()

    def predict_and_call(self, *args: Any, **kwargs: Any) -> Any:
        response = super().predict_and_call(*args, **kwargs)
        response.response = response.response.upper()
        return response


class Before(Loud, MiniMax):
    pass


class After(MiniMax, Loud):
    pass


@pytest.mark.usefixtures("calls_a_tool")
@pytest.mark.parametrize("kind", [Before, After])
def test_a_mix_in_is_reached_before_and_after_the_llm(kind: Any, server: Emulator) -> None:
    llm = kind(api_key="k", base_url=server.base_url)
    assert llm.predict_and_call([TOOL], user_msg="Hi").response == "A"
    assert llm.predict(PROMPT).isupper()


class Counting(FunctionCallingLLM):
    """A mix-in around what each LLM answers itself."""

    def chat(self, *args: Any, **kwargs: Any) -> Any:
        response = super().chat(*args, **kwargs)
        response.additional_kwargs["counted"] = True
        return response


class CountingMiniMax(Counting, MiniMax):
    pass


def test_a_mix_in_before_the_llm_is_reached_where_the_llm_answers_itself(server: Emulator) -> None:
    llm = CountingMiniMax(api_key="k", base_url=server.base_url)
    response = llm.chat([ChatMessage(role="user", content="Hi")])
    assert response.additional_kwargs["counted"]
    assert response.message.content


@pytest.mark.parametrize("cls", [MiniMax, MARA])
def test_no_public_method_of_llama_index_is_redefined_but_the_integration_points(cls: Any) -> None:
    own = [kind for kind in cls.__mro__ if "mara_minimax" in kind.__module__]
    defined = {name for kind in own for name in vars(kind) if hasattr(FunctionCallingLLM, name)}
    public = {name for name in defined if not name.startswith("_")} - {"model_config"}
    assert public == INTEGRATION_POINTS.keys()
