"""Structured prediction where a provider does not enforce it.

The core asks for a required call in words; an answer in text that is the JSON object in
question counts as the call.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from llama_index.core.base.llms.types import ChatResponse, ToolCallBlock
from llama_index.core.program.function_program import FunctionCallingProgram, get_function_tool
from llama_index.core.types import Model
from typing_extensions import override

from llama_index_mara_minimax.messages import wire_call
from llama_index_mara_minimax.replies import parse_partial_object
from llama_index_mara_minimax.tools import keep_first_call, with_calls
from mara_minimax.encode import EncodedRequest
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
            chat_history=self._llm._extend_messages(messages),
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

    With a required function, the arguments written as text are the call; with `one_call`
    there is one at most.
    """
    if request.demanded:
        response = call_from_text(response, request.demanded)
    return keep_first_call(response) if one_call else response


def call_from_text(response: ChatResponse, tools: Sequence[JSONObject]) -> ChatResponse:
    """Return `response` with its JSON text as a call of the one tool in question.

    A response that calls a function already, more than one tool in question, and text
    that is not the function's arguments are left alone. While a stream lasts, the arguments
    are read as far as they go.
    """
    message = response.message
    if len(tools) != 1 or any(isinstance(b, ToolCallBlock) for b in message.blocks):
        return response
    function = tools[0]["function"]
    lasts = "finish_reason" not in response.additional_kwargs
    arguments = _find_arguments(message.content or "", function, lasts=lasts)
    if arguments is None:
        return response
    name = function["name"]
    block = ToolCallBlock(tool_call_id=_CALL_ID, tool_name=name, tool_kwargs=arguments)
    mirror = wire_call(_CALL_ID, name, json.dumps(arguments, ensure_ascii=False))
    return with_calls(response, [*message.blocks, block], [mirror])


def _find_arguments(text: str, function: JSONObject, *, lasts: bool) -> JSONObject | None:
    """Return the arguments that `text` spells, plain, fenced or among words."""
    start = text.find("{", max(text.find("```"), 0))
    if start < 0:
        return None
    found: object = parse_partial_object(text[start:]) if lasts else None
    if found is None:
        try:
            found, _ = json.JSONDecoder().raw_decode(text, start)
        except (ValueError, RecursionError):
            return None
    if not isinstance(found, dict):
        return None
    names = ((function.get("parameters") or {}).get("properties") or {}).keys()
    spelt = found.get("arguments", found.get("parameters"))
    if found.get("name") == function["name"] and isinstance(spelt, dict) and len(found) == 2:
        # Some models spell the call instead of its arguments.
        found = spelt
    if names and not found.keys() & names and text.strip("`json \n") != "{}":
        # An object of something else.
        return None
    return found
