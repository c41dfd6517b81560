"""What LlamaIndex asks of an LLM that calls functions, and structured prediction with it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Sequence
from typing import TYPE_CHECKING, Any, cast

from llama_index.core.base.llms.types import ChatMessage, ChatResponse, MessageRole
from llama_index.core.instrumentation import get_dispatcher  # type: ignore[attr-defined]
from llama_index.core.instrumentation.events.llm import (
    LLMStructuredPredictEndEvent,
    LLMStructuredPredictStartEvent,
)
from llama_index.core.llms.llm import ToolSelection
from llama_index.core.prompts import BasePromptTemplate, PromptTemplate
from llama_index.core.tools.types import BaseTool
from llama_index.core.types import Model, PydanticProgramMode
from typing_extensions import override

from llama_index_mara_minimax.base import DescribedLLM
from llama_index_mara_minimax.structured import RequiredCallProgram
from llama_index_mara_minimax.tools import (
    ToolChoice,
    callable_tools,
    keep_first_call,
    names_without_code,
    refuse_broken_calls,
    refuse_unfinished_calls,
    to_wire_tools,
    tool_selections,
)

if TYPE_CHECKING:
    from llama_index.core.chat_engine.types import AgentChatResponse
    from llama_index.core.program.utils import FlexibleModel

_dispatcher = get_dispatcher(__name__)


class ToolCallingLLM(DescribedLLM):
    """The function-calling half of the two public classes; the chat half builds on it."""

    @override
    def _prepare_chat_with_tools(
        self,
        tools: Sequence[BaseTool],
        user_msg: str | ChatMessage | None = None,
        chat_history: list[ChatMessage] | None = None,
        verbose: bool = False,
        allow_parallel_tool_calls: bool = False,
        tool_required: bool = False,
        tool_choice: ToolChoice = None,
        strict: bool | None = None,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """Return the arguments of `chat` for a call with tools; `chat_history` is not changed.

        `strict` is taken and not sent: no provider here knows it.
        """
        messages = list(chat_history or ())
        if isinstance(user_msg, str):
            user_msg = ChatMessage(role=MessageRole.USER, content=user_msg)
        if user_msg is not None:
            messages.append(user_msg)
        wire_tools = to_wire_tools(tools)
        prepared: dict[str, Any] = {"messages": messages, **kwargs}
        if wire_tools:
            prepared["tools"] = wire_tools
        if without_code := names_without_code(tools):
            prepared["tools_without_code"] = without_code
        if wire_tools and not allow_parallel_tool_calls:
            prepared["parallel_tool_calls"] = False
        if tool_required and tool_choice in (None, "auto"):
            tool_choice = "required"
        if tool_choice is not None:
            prepared["tool_choice"] = tool_choice
        return prepared

    @override
    def _validate_chat_with_tools_response(
        self,
        response: ChatResponse,
        tools: Sequence[BaseTool],
        allow_parallel_tool_calls: bool = False,
        **kwargs: Any,
    ) -> ChatResponse:
        """Return `response` with one call at most, unless parallel ones are allowed."""
        return response if allow_parallel_tool_calls else keep_first_call(response)

    @override
    def get_tool_calls_from_response(
        self, response: ChatResponse, error_on_no_tool_call: bool = True, **kwargs: Any
    ) -> list[ToolSelection]:
        """Return the calls in `response`, which may be one of a stream that still lasts.

        Raises:
            ValueError: There is none, and `error_on_no_tool_call` is true.
            InvalidReplyError: There is one that cannot be run, and it is true.
        """
        selections = tool_selections(response)
        if error_on_no_tool_call:
            refuse_broken_calls(response)
            refuse_unfinished_calls(response)
            if not selections:
                raise ValueError("Expected at least one tool call, but got 0 tool calls.")
        return selections

    @override
    def predict_and_call(
        self, tools: Sequence[BaseTool], *args: Any, **kwargs: Any
    ) -> AgentChatResponse:
        """Let the model call `tools`, run what it called and return the outputs."""
        return super().predict_and_call(callable_tools(tools), *args, **kwargs)

    @override
    async def apredict_and_call(
        self, tools: Sequence[BaseTool], *args: Any, **kwargs: Any
    ) -> AgentChatResponse:
        """Let the model call `tools`, run what it called and return the outputs."""
        return await super().apredict_and_call(callable_tools(tools), *args, **kwargs)

    def _predicts_by_calls(self) -> bool:
        return self.metadata.is_function_calling_model and self.pydantic_program_mode in (
            PydanticProgramMode.DEFAULT,
            PydanticProgramMode.FUNCTION,
        )

    @override
    async def astructured_predict(
        self,
        output_cls: type[Model],
        prompt: PromptTemplate,
        llm_kwargs: dict[str, Any] | None = None,
        **prompt_args: Any,
    ) -> Model:
        """Fill an `output_cls` with the model's answer to `prompt`."""
        if not self._predicts_by_calls():
            other: Model = await super().astructured_predict(
                output_cls, prompt, llm_kwargs, **prompt_args
            )
            return other
        _dispatcher.event(
            LLMStructuredPredictStartEvent(
                output_cls=output_cls, template=prompt, template_args=prompt_args
            )
        )
        program = self._structured_program(output_cls, prompt)
        # Without parallel calls, the program gives one object.
        result = cast("Model", await program.acall(llm_kwargs=llm_kwargs, **prompt_args))
        _dispatcher.event(LLMStructuredPredictEndEvent(output=result))
        return result

    @override
    def _structured_stream_call(
        self,
        output_cls: type[Model],
        prompt: PromptTemplate,
        llm_kwargs: dict[str, Any] | None = None,
        **prompt_args: Any,
    ) -> Generator[Model | list[Model] | FlexibleModel | list[FlexibleModel], None, None]:
        if not self._predicts_by_calls():
            return super()._structured_stream_call(output_cls, prompt, llm_kwargs, **prompt_args)
        program = self._structured_program(output_cls, prompt)
        return program.stream_call(llm_kwargs=llm_kwargs, **prompt_args)

    @override
    async def _structured_astream_call(
        self,
        output_cls: type[Model],
        prompt: PromptTemplate,
        llm_kwargs: dict[str, Any] | None = None,
        **prompt_args: Any,
    ) -> AsyncGenerator[Model | list[Model] | FlexibleModel | list[FlexibleModel], None]:
        if not self._predicts_by_calls():
            return await super()._structured_astream_call(
                output_cls, prompt, llm_kwargs, **prompt_args
            )
        program = self._structured_program(output_cls, prompt)
        return await program.astream_call(llm_kwargs=llm_kwargs, **prompt_args)

    def _structured_program(
        self, output_cls: type[Model], prompt: BasePromptTemplate
    ) -> RequiredCallProgram[Model]:
        # The program's streams pass on `tool_choice` and not `tool_required`.
        return RequiredCallProgram(
            output_cls=output_cls, llm=self, prompt=prompt, tool_choice="required"
        )
