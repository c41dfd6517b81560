"""Structured prediction where a provider does not enforce it.

The core asks for a required call in words; an answer in text that is the JSON object in
question counts as the call.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, cast

from llama_index.core.base.llms.types import ChatMessage, ChatResponse, MessageRole, ToolCallBlock
from llama_index.core.instrumentation import get_dispatcher  # type: ignore[attr-defined]
from llama_index.core.instrumentation.events.llm import (
    LLMStructuredPredictEndEvent,
    LLMStructuredPredictStartEvent,
)
from llama_index.core.program.function_program import FunctionCallingProgram, get_function_tool
from llama_index.core.program.utils import get_program_for_llm
from llama_index.core.prompts import BasePromptTemplate
from llama_index.core.types import BasePydanticProgram, Model, PydanticProgramMode
from typing_extensions import override

from llama_index_mara_minimax.tools import keep_first_call, refuse_broken_calls, with_calls
from mara_minimax.encoded_request import EncodedRequest
from mara_minimax.reply.text_objects import partial_object_in
from mara_minimax.request.tools import encode_tool_call
from mara_minimax.types import JSONObject

if TYPE_CHECKING:
    from llama_index_mara_minimax.asking import AskingLLM

_CALL_ID: Final = "call_text_1"
_MODES: Final = (PydanticProgramMode.DEFAULT, PydanticProgramMode.FUNCTION)

_dispatcher = get_dispatcher(__name__)


def program_for(
    llm: AskingLLM, output_cls: type[Model], prompt: BasePromptTemplate
) -> BasePydanticProgram[Model]:
    """Return what fills `output_cls`: a required call, unless `llm` is not to call."""
    mode = llm.pydantic_program_mode
    if not llm.metadata.is_function_calling_model or mode not in _MODES:
        return get_program_for_llm(output_cls, prompt, llm, pydantic_program_mode=mode)
    # The program's streams pass on `tool_choice` and not `tool_required`.
    return RequiredCallProgram(
        output_cls=output_cls, llm=llm, prompt=prompt, tool_choice="required"
    )


async def apredict(
    program: BasePydanticProgram[Model],
    prompt: BasePromptTemplate,
    llm_kwargs: JSONObject | None,
    prompt_args: JSONObject,
) -> Model:
    """Run `program` as LlamaIndex's `structured_predict` does, with its events."""
    _dispatcher.event(
        LLMStructuredPredictStartEvent(
            output_cls=program.output_cls, template=prompt, template_args=prompt_args
        )
    )
    # Without parallel calls, a program gives one object.
    result = cast("Model", await program.acall(llm_kwargs=llm_kwargs, **prompt_args))
    _dispatcher.event(LLMStructuredPredictEndEvent(output=result))
    return result


class RequiredCallProgram(FunctionCallingProgram[Model]):
    """The function-calling program, with the LLM's system prompt in its async form too.

    In llama-index-core 0.14.25 `acall` leaves the system prompt out, unlike the three other
    forms; this class can go when it no longer does
    (`tests/llama_index/test_structured.py::test_the_system_prompt_of_the_llm_is_kept`).
    `_parse_tool_outputs` is LlamaIndex's own; `test_every_form_gives_the_object` needs it.
    """

    @override
    async def acall(
        self, *args: Any, llm_kwargs: dict[str, Any] | None = None, **kwargs: Any
    ) -> Model | list[Model]:
        """Run the program, with the LLM's system prompt in front."""
        messages = self.prompt.format_messages(llm=self._llm, **kwargs)
        if system_prompt := self._llm.system_prompt:
            messages = [ChatMessage(role=MessageRole.SYSTEM, content=system_prompt), *messages]
        chosen = ("tool_required", "tool_choice", "allow_parallel_tool_calls")
        response = await self._llm.apredict_and_call(
            [get_function_tool(self.output_cls)],
            chat_history=messages,
            verbose=self._verbose,
            allow_parallel_tool_calls=self._allow_parallel_tool_calls,
            tool_choice=self._tool_choice,
            tool_required=self._tool_required,
            **{name: value for name, value in (llm_kwargs or {}).items() if name not in chosen},
        )
        return self._parse_tool_outputs(
            response, allow_parallel_tool_calls=self._allow_parallel_tool_calls
        )


def shape_response(
    response: ChatResponse, request: EncodedRequest, *, one_call: bool
) -> ChatResponse:
    """Return `response` as the call asks for it, whatever the provider did.

    While a stream lasts, the object that structured prediction requires is shown as the call so
    far if it is written as text; nothing can run for it, and the core decides at the end. With
    `one_call` there is one call at most.

    Raises:
        InvalidReplyError: A required call was cut off.
    """
    forced = request.forced
    if forced is not None:
        if forced.all_without_code:
            response = _call_in_progress(response, forced.tools)
        refuse_broken_calls(response)
    return keep_first_call(response) if one_call else response


def _call_in_progress(response: ChatResponse, tools: Sequence[JSONObject]) -> ChatResponse:
    """Return the `response` of a stream that lasts with its JSON text as a call so far."""
    message = response.message
    if "finish_reason" in response.additional_kwargs or len(tools) != 1:
        return response
    if any(isinstance(block, ToolCallBlock) for block in message.blocks):
        return response
    arguments = partial_object_in(message.content or "")
    known = tools[0]["function"]["parameters"].get("properties") or {}
    if arguments is None or known.keys().isdisjoint(arguments):
        return response
    name = tools[0]["function"]["name"]
    block = ToolCallBlock(tool_call_id=_CALL_ID, tool_name=name, tool_kwargs=arguments)
    mirror = encode_tool_call(_CALL_ID, name, arguments)
    return with_calls(response, [*message.blocks, block], [mirror])
