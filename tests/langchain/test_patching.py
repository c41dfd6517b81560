"""LangChain's own methods stay LangChain's: patches and mix-ins see every call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import wrapt
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage

from langchain_mara_minimax import ChatMARA, ChatMiniMax

INTEGRATION_POINTS = {
    "bind_tools": "LangChain leaves it to each model",
    "with_structured_output": "the providers do not enforce LangChain's way",
    "get_token_ids": "LangChain's downloads a tokenizer",
    "get_num_tokens_from_messages": "LangChain's downloads a tokenizer",
    "lc_secrets": "names the variable of the key",
    "is_lc_serializable": "LangChain's says no",
    "model_copy": "keys and headers stay with their host",
    "agenerate": "says that it needs asyncio, and hands on",
    "astream": "says that it needs asyncio, and hands on",
}
"""Public names of LangChain's classes that these packages define too, and why."""


async def _drain(stream: Any) -> list[Any]:
    return [item async for item in stream]


FORMS: dict[str, Callable[[Any], Any]] = {
    "invoke": lambda model: model.invoke("Hi"),
    "ainvoke": lambda model: asyncio.run(model.ainvoke("Hi")),
    "stream": lambda model: list(model.stream("Hi")),
    "astream": lambda model: asyncio.run(_drain(model.astream("Hi"))),
    "generate": lambda model: model.generate([[HumanMessage("Hi")]]),
    "batch": lambda model: model.batch(["Hi"]),
    "bound": lambda model: model.bind(stop=["x"]).invoke("Hi"),
}
REACHED = {
    "invoke": {"invoke", "batch", "bound"},
    "stream": {"stream"},
    "generate": {"invoke", "generate", "batch", "bound"},
    "agenerate": {"ainvoke"},
}
"""Methods of LangChain that instrumentation patches, and the calls that run through each."""
CASES = [(method, form) for method, forms in REACHED.items() for form in sorted(forms)]


def _by_wrapt(method: str, seen: list[str]) -> None:
    def see(wrapped: Any, instance: Any, args: Any, kwargs: Any) -> Any:
        seen.append(type(instance).__name__)
        return wrapped(*args, **kwargs)

    wrapt.wrap_function_wrapper(
        "langchain_core.language_models.chat_models", f"BaseChatModel.{method}", see
    )


def _by_setattr(method: str, seen: list[str]) -> None:
    original = getattr(BaseChatModel, method)

    def see(self: Any, *args: Any, **kwargs: Any) -> Any:
        seen.append(type(self).__name__)
        return original(self, *args, **kwargs)

    setattr(BaseChatModel, method, see)


@pytest.fixture
def restored() -> Iterator[None]:
    """Put LangChain's methods back after the test."""
    originals = {method: vars(BaseChatModel)[method] for method in REACHED}
    yield
    for method, original in originals.items():
        setattr(BaseChatModel, method, original)


@pytest.mark.usefixtures("restored")
@pytest.mark.parametrize("patch", [_by_wrapt, _by_setattr])
@pytest.mark.parametrize(("method", "form"), CASES)
def test_a_patch_that_is_made_after_the_import_sees_every_call(
    patch: Any, method: str, form: str, model: ChatMiniMax
) -> None:
    seen: list[str] = []
    patch(method, seen)
    FORMS[form](model)
    assert seen == ["ChatMiniMax"]


class Loud(BaseChatModel):
    """A mix-in as users write it, which hands on to whatever comes next."""

    def invoke(self, *args: Any, **kwargs: Any) -> Any:
        answer = super().invoke(*args, **kwargs)
        return answer.model_copy(update={"content": answer.text.upper()})

    def stream(self, *args: Any, **kwargs: Any) -> Any:
        for chunk in super().stream(*args, **kwargs):
            yield chunk.model_copy(update={"content": chunk.text.upper()})


class Before(Loud, ChatMiniMax):
    pass


class After(ChatMiniMax, Loud):
    pass


@pytest.mark.parametrize("kind", [Before, After])
def test_a_mix_in_is_reached_before_and_after_the_model(kind: Any, server: Any) -> None:
    model = kind(api_key="k", base_url=server.base_url)
    assert model.invoke("What is 17 + 25?").text.isupper()
    text = "".join(chunk.text for chunk in model.stream("What is 17 + 25?"))
    assert text.isupper()
    assert len(server.requests) == 2


@pytest.mark.parametrize("cls", [ChatMiniMax, ChatMARA])
def test_no_public_method_of_langchain_is_redefined_but_the_integration_points(cls: Any) -> None:
    own = [kind for kind in cls.__mro__ if "mara_minimax" in kind.__module__]
    defined = {name for kind in own for name in vars(kind) if hasattr(BaseChatModel, name)}
    public = {name for name in defined if not name.startswith("_")} - {"model_config"}
    assert public == INTEGRATION_POINTS.keys()
