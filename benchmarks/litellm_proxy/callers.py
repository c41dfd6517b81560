"""Our classes in both frameworks, called in the same few ways."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from langchain_core.messages import HumanMessage, ToolMessage
from llama_index.core.base.llms.types import ChatMessage, ChatResponse
from llama_index.core.prompts import PromptTemplate
from llama_index.core.tools import FunctionTool

from benchmarks.comparison.caller import PERSON_TEXT, QUESTION, Person, get_weather
from benchmarks.litellm_proxy.seen import Seen, seen_message, seen_response
from langchain_mara_minimax import ChatMARA, ChatMiniMax
from llama_index_mara_minimax import MARA, MiniMax

RESULT = "It is sunny in Paris."
LAST_QUESTION = "And 2+2?"


class Caller(ABC):
    """A model of one framework that is asked plainly or in a stream."""

    framework: str

    def __init__(self, provider: str, *, streamed: bool, **settings: Any) -> None:
        kind = self.kinds()[provider]
        self.model = kind(max_retries=0, timeout=30, **settings)
        self.streamed = streamed

    @staticmethod
    @abstractmethod
    def kinds() -> dict[str, Any]:
        """Return the class for each provider."""

    @abstractmethod
    def ask(self, *, tools: bool = False) -> Seen:
        """Ask a question, with a tool or without."""

    @abstractmethod
    def ask_twice(self) -> None:
        """Ask a question, and another one with the answer in the history."""

    @abstractmethod
    def run_tool(self) -> None:
        """Ask a question, and give the results of the calls that come."""

    @abstractmethod
    def fill(self) -> Seen:
        """Return the object for the class `Person`."""


class ChatModelCaller(Caller):
    """LangChain."""

    framework = "LangChain"

    @staticmethod
    def kinds() -> dict[str, Any]:
        return {"minimax": ChatMiniMax, "mara": ChatMARA}

    def ask(self, *, tools: bool = False) -> Seen:
        return seen_message(self._answer([HumanMessage(QUESTION)], tools=tools))

    def ask_twice(self) -> None:
        first = HumanMessage(QUESTION)
        self._answer([first, self._answer([first]), HumanMessage(LAST_QUESTION)])

    def run_tool(self) -> None:
        history: list[Any] = [HumanMessage(QUESTION)]
        answer = self._answer(history, tools=True)
        results = [ToolMessage(RESULT, tool_call_id=call["id"]) for call in answer.tool_calls]
        self._answer([*history, answer, *results], tools=True)

    def fill(self) -> Seen:
        filled = self.model.with_structured_output(Person, method="json_schema")
        found = (
            list(filled.stream(PERSON_TEXT))[-1] if self.streamed else filled.invoke(PERSON_TEXT)
        )
        return {"object": found.model_dump()}

    def _answer(self, messages: list[Any], *, tools: bool = False) -> Any:
        model = self.model.bind_tools([get_weather]) if tools else self.model
        if not self.streamed:
            return model.invoke(messages)
        whole, *chunks = model.stream(messages)
        for chunk in chunks:
            whole = whole + chunk
        return whole


class LLMCaller(Caller):
    """LlamaIndex."""

    framework = "LlamaIndex"

    @staticmethod
    def kinds() -> dict[str, Any]:
        return {"minimax": MiniMax, "mara": MARA}

    def ask(self, *, tools: bool = False) -> Seen:
        response = self._answer([ChatMessage(role="user", content=QUESTION)], tools=tools)
        return seen_response(self.model, response)

    def ask_twice(self) -> None:
        first = ChatMessage(role="user", content=QUESTION)
        answer = self._answer([first]).message
        self._answer([first, answer, ChatMessage(role="user", content=LAST_QUESTION)])

    def run_tool(self) -> None:
        history = [ChatMessage(role="user", content=QUESTION)]
        response = self._answer(history, tools=True)
        calls = self.model.get_tool_calls_from_response(response, error_on_no_tool_call=False)
        results = [
            ChatMessage(
                role="tool", content=RESULT, additional_kwargs={"tool_call_id": call.tool_id}
            )
            for call in calls
        ]
        self._answer([*history, response.message, *results], tools=True)

    def fill(self) -> Seen:
        prompt = PromptTemplate("{text}")
        if self.streamed:
            found = list(self.model.stream_structured_predict(Person, prompt, text=PERSON_TEXT))[-1]
        else:
            found = self.model.structured_predict(Person, prompt, text=PERSON_TEXT)
        return {"object": found.model_dump()}

    def _answer(self, messages: list[ChatMessage], *, tools: bool = False) -> ChatResponse:
        model, streamed = self.model, self.streamed
        if tools:
            offered = {
                "tools": [FunctionTool.from_defaults(get_weather)],
                "chat_history": messages,
                "allow_parallel_tool_calls": True,
            }
            if not streamed:
                return model.chat_with_tools(**offered)
            return list(model.stream_chat_with_tools(**offered))[-1]
        return list(model.stream_chat(messages))[-1] if streamed else model.chat(messages)


CALLERS: tuple[type[Caller], ...] = (ChatModelCaller, LLMCaller)
