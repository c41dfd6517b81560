"""Structured prediction where a provider does not enforce it.

The core asks for a required call in words; an answer in text that is the JSON object in
question counts as the call.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from llama_index.core.base.llms.types import ChatResponse, ToolCallBlock
from llama_index.core.program.function_program import FunctionCallingProgram, get_function_tool
from llama_index.core.types import Model
from typing_extensions import override

from llama_index_mara_minimax.messages import wire_call
from llama_index_mara_minimax.tools import (
    keep_first_call,
    refuse_broken_calls,
    with_calls,
)
from mara_minimax.encoded_request import EncodedRequest
from mara_minimax.json_text import to_json_text
from mara_minimax.reply.text_objects import partial_object_in
from mara_minimax.types import JSONObject

_CALL_ID: Final = "call_text_1"


class RequiredCallProgram(FunctionCallingProgram[Model]):
    """The function-calling program, with the LLM's system prompt in its async form too.

    In llama-index-core 0.14.25 `acall` leaves `_extend_messages` out, unlike the three other
    forms; this class can go when it no longer does.
    """

    @override
    async def acall(
        self, *args: Any, llm_kwargs: dict[str, Any] | None = None, **kwargs: Any
    ) -> Model | list[Model]:
        """Run the program, with the LLM's system prompt in front."""
        messages = self._prompt.format_messages(llm=self._llm, **kwargs)
        chosen = ("tool_required", "tool_choice", "allow_parallel_tool_calls")
        response = await self._llm.apredict_and_call(
            [get_function_tool(self._output_cls)],
            chat_history=self._llm._extend_messages(messages),  # noqa: SLF001 - guard: test_the_system_prompt_of_the_llm_is_kept
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
    `one_call` there is one call at most. Raises `InvalidReplyError` for a required call that was
    cut off.
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
    mirror = wire_call(_CALL_ID, name, to_json_text(arguments))
    return with_calls(response, [*message.blocks, block], [mirror])
