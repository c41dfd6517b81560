"""Asking a chat model for tool calls and for objects: the methods that LangChain has for that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeVar, overload

from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage
from langchain_core.runnables import Runnable
from pydantic import BaseModel

from langchain_mara_minimax.structured import Method, structure
from langchain_mara_minimax.tools import (
    Tool,
    names_without_code,
    to_wire_response_format,
    to_wire_tools,
)
from langchain_mara_minimax.translation import TranslatingChatModel, translate_errors
from mara_minimax.request.tools import ToolChoice, encode_tool_choice
from mara_minimax.types import JSONObject

_Model = TypeVar("_Model", bound=BaseModel)


class AskingChatModel(TranslatingChatModel):
    """A LangChain chat model that can be given tools, or asked for an object."""

    def bind_tools(
        self,
        tools: Sequence[Tool],
        *,
        tool_choice: ToolChoice = None,
        strict: bool | None = None,
        parallel_tool_calls: bool | None = None,
        response_format: JSONObject | type | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Return the model with tools to call.

        Args:
            tools: Pydantic classes, functions, `TypedDict` classes, dicts or LangChain tools.
            tool_choice: `"auto"`, `"none"`, `"any"` (also `"required"` or `True`: some tool),
                a tool's name, or a dict. MiniMax's own hosts do not enforce a forced call;
                `profile["tool_choice"]` tells. There, an answer that is nothing but
                `{"name": …, "arguments": {…}}` counts as the call, if it fits.
            strict: Whether arguments must match the schema, for providers that support it.
            parallel_tool_calls: Whether several calls may come at once.
            response_format: Schema of the answer that follows the calls.
            **kwargs: Parameters of each call.

        Raises:
            ChatParameterError: `tools` are no tools, `tool_choice` names none of them, or
                `response_format` is no schema.
        """
        with translate_errors():
            kwargs["tools"] = to_wire_tools(tools, strict=strict)
            choice = encode_tool_choice(tool_choice, kwargs["tools"])
            if response_format is not None:
                kwargs["response_format"] = to_wire_response_format(response_format, strict=strict)
        if without_code := names_without_code(tools):
            kwargs["tools_without_code"] = without_code
        if choice is not None:
            kwargs["tool_choice"] = choice
        if parallel_tool_calls is not None:
            kwargs["parallel_tool_calls"] = parallel_tool_calls
        return self.bind(**kwargs)

    @overload
    def with_structured_output(
        self,
        schema: type[_Model],
        *,
        method: Method = ...,
        include_raw: Literal[False] = False,
        strict: bool | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, _Model]: ...
    @overload
    def with_structured_output(
        self,
        schema: JSONObject | type | None = None,
        *,
        method: Method = ...,
        include_raw: bool = False,
        strict: bool | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, JSONObject]: ...
    def with_structured_output(
        self,
        schema: JSONObject | type | None = None,
        *,
        method: Method = "function_calling",
        include_raw: bool = False,
        strict: bool | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, Any]:
        """Return a runnable that answers with an object of `schema`.

        A reply that does not hold such an object raises `StructuredOutputError`, unless
        `include_raw`.

        Args:
            schema: Pydantic class, `TypedDict` class, JSON schema or tool. A pydantic class
                gives an instance of it, everything else a dict.
            method: `"function_calling"`, `"json_schema"`, or `"json_mode"`, which also works
                without a schema. Where the provider does not enforce a method, the request
                asks for it in words as well.
            include_raw: Whether to answer with `raw`, `parsed` and `parsing_error` instead.
            strict: Whether the schema must be met exactly, for providers that support it.
            **kwargs: Parameters of each call.

        Raises:
            ChatParameterError: The method does not exist or needs a schema, or no tool can be
                made of `schema`.
        """
        with translate_errors():
            return structure(
                self,
                schema,
                method=method,
                include_raw=include_raw,
                strict=strict,
                parameters=kwargs,
            )
