"""Asking an LLM for tool calls and for objects: the methods that LlamaIndex has for that."""

from __future__ import annotations

from typing import Any

from llama_index.core.base.llms.types import ChatResponse
from llama_index.core.llms.function_calling import FunctionCallingLLM
from llama_index.core.llms.llm import ToolSelection
from llama_index.core.prompts import PromptTemplate
from llama_index.core.types import Model
from typing_extensions import override

from llama_index_mara_minimax.structured import apredict, program_for
from llama_index_mara_minimax.tools import keep_first_call, prepare_chat, tool_selections


class AskingLLM(FunctionCallingLLM):
    """A LlamaIndex LLM that can be given functions to call, or asked for an object."""

    @override
    def _prepare_chat_with_tools(
        self, *args: Any, tool_required: bool = False, **kwargs: Any
    ) -> dict[str, Any]:
        # LlamaIndex looks for `tool_required` in this very signature.
        return prepare_chat(*args, **kwargs | {"tool_required": tool_required})

    @override
    def _validate_chat_with_tools_response(
        self, response: ChatResponse, tools: Any, allow_parallel_tool_calls: bool = False, **_: Any
    ) -> ChatResponse:
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
        return tool_selections(response, required=error_on_no_tool_call)

    @override
    async def astructured_predict(
        self,
        output_cls: type[Model],
        prompt: PromptTemplate,
        llm_kwargs: dict[str, Any] | None = None,
        **prompt_args: Any,
    ) -> Model:
        """Fill an `output_cls` with the model's answer to `prompt`.

        Raises:
            ValueError: The answer does not give the object.
            MaraMiniMaxError: The request or its answer failed; subclasses say how.
        """
        # Not LlamaIndex's own, which is a span of its own beside this one.
        program = program_for(self, output_cls, prompt)
        return await apredict(program, prompt, llm_kwargs, prompt_args)

    # LlamaIndex has no public place for the program of its streams;
    # `test_structured.py::test_the_call_is_required_where_that_is_enforced` fails without these.
    @override
    def _structured_stream_call(
        self, output_cls: Any, prompt: Any, llm_kwargs: Any = None, **prompt_args: Any
    ) -> Any:
        program = program_for(self, output_cls, prompt)
        return program.stream_call(llm_kwargs=llm_kwargs, **prompt_args)

    @override
    async def _structured_astream_call(
        self, output_cls: Any, prompt: Any, llm_kwargs: Any = None, **prompt_args: Any
    ) -> Any:
        program = program_for(self, output_cls, prompt)
        return await program.astream_call(llm_kwargs=llm_kwargs, **prompt_args)
