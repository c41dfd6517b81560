"""What all rules share: the factory, the scripted provider and the forms of a call."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest
from llama_index.core.base.llms.types import ChatMessage, ThinkingBlock
from llama_index.core.llms.function_calling import FunctionCallingLLM
from llama_index.core.tools import FunctionTool

from mara_minimax.emulator import Emulator
from tests.llama_index.conformance.script import Script, Turn

THOUGHT = "YES [yes] {1} (A, Is, B) Action: x\nAnswer: 5.0, a trap."
SWALLOWED = (ValueError, TypeError, RuntimeError, AttributeError)
"""What parts of the framework catch and turn into an empty answer."""

CHAT_FORMS = ("chat", "achat", "stream_chat", "astream_chat")
COMPLETE_FORMS = ("complete", "acomplete", "stream_complete", "astream_complete")
FORMS = (*CHAT_FORMS, *COMPLETE_FORMS)
STREAMS = tuple(form for form in FORMS if "stream" in form)
TOOL_FORMS = tuple(f"{form}_with_tools" for form in CHAT_FORMS)

every_form = pytest.mark.parametrize("form", FORMS)
every_chat_form = pytest.mark.parametrize("form", CHAT_FORMS)
every_stream = pytest.mark.parametrize("form", STREAMS)
every_chat_stream = pytest.mark.parametrize("form", ["stream_chat", "astream_chat"])
every_tool_form = pytest.mark.parametrize("form", TOOL_FORMS)


class Conformance(ABC):
    """The frame; rules stand in subclasses."""

    provider: ClassVar[str] = "minimax"
    """Whose rules about requests the server keeps: `minimax`, `mara` or `llmprovider`."""

    script: ClassVar[Script] = Script()
    """What the server speaks."""

    key: ClassVar[str] = "sk-conformance-0123456789"

    hide: ClassVar[Callable[[str], Any]] = str
    """How a call is given the value of a header that is not to be shown: as text by default."""

    @abstractmethod
    def make_llm(self, base_url: str, **settings: Any) -> FunctionCallingLLM:
        """Build the LLM; `settings` are constructor arguments in the framework's own names.

        Rules use `max_retries`, `max_tokens`, `temperature`, `system_prompt` and
        `callback_manager`. `key` is the API key to give it.
        """

    @pytest.fixture(scope="class")
    @classmethod
    def _running(cls) -> Iterator[Emulator]:
        with Emulator(cls.provider) as emulator:
            yield emulator

    @pytest.fixture
    def server(self, _running: Emulator) -> Emulator:
        """The scripted provider, with nothing recorded and nothing to say."""
        _running.clear()
        return _running

    @pytest.fixture
    def build(self, server: Emulator) -> Callable[..., FunctionCallingLLM]:
        """Build the LLM for the server; it does not retry unless told to."""

        def make(**settings: Any) -> FunctionCallingLLM:
            return self.make_llm(server.base_url, **{"max_retries": 0, **settings})

        return make

    @pytest.fixture
    def llm(self, build: Callable[..., FunctionCallingLLM]) -> FunctionCallingLLM:
        """The LLM, built for the server."""
        return build()

    def say(self, server: Emulator, turn: Turn, *, stream: bool) -> None:
        """Let the next reply be `turn`."""
        server.enqueue(self.script.stream(turn) if stream else self.script.plain(turn))


def ask(llm: Any, form: str, question: Any = "Hi", **kwargs: Any) -> list[Any]:
    """Call `llm` in one form; returns all responses, which is one unless it streams."""
    if form not in COMPLETE_FORMS and isinstance(question, str):
        question = [ChatMessage(role="user", content=question)]
    return drain(form, getattr(llm, form), question, **kwargs)


def ask_with_tools(llm: Any, form: str, tools: list[Any], **kwargs: Any) -> list[Any]:
    """Call `llm` with tools in one form."""
    return drain(form, getattr(llm, form), tools, **{"user_msg": "Hi", **kwargs})


def drain(form: str, method: Any, *args: Any, **kwargs: Any) -> list[Any]:
    """Call `method`, sync or async, streaming or not as its name says; in a loop of its own."""

    async def collect() -> list[Any]:
        result = await method(*args, **kwargs)
        return [item async for item in result] if "stream" in form else [result]

    if form.startswith("a"):
        return asyncio.run(collect())
    result = method(*args, **kwargs)
    return list(result) if "stream" in form else [result]


def text_of(response: Any) -> str:
    """The text of a chat response or of a completion."""
    return (response.message.content if hasattr(response, "message") else response.text) or ""


def thought_of(response: Any) -> str:
    """The text of all thinking blocks of a chat response."""
    blocks = [block for block in response.message.blocks if isinstance(block, ThinkingBlock)]
    return "".join(block.content or "" for block in blocks)


def get_weather(city: str) -> str:
    """Say what the weather is in a city."""
    return f"Rain in {city}."


def get_time(city: str, zone: str = "") -> str:
    """Say what time it is in a city."""
    return f"Noon in {city}."


WEATHER = FunctionTool.from_defaults(get_weather)
TIME = FunctionTool.from_defaults(get_time)
