"""Convert tools and response formats into what the wire takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from langchain_core.tools import BaseTool, StructuredTool
from langchain_core.utils.function_calling import convert_to_openai_tool

import mara_minimax
from mara_minimax.request.tools import encode_tool_name
from mara_minimax.types import JSONObject

Tool = dict[str, Any] | type | Callable[..., Any] | BaseTool


def to_wire_tools(tools: Sequence[Tool], *, strict: bool | None = None) -> list[JSONObject]:
    """Return `tools` in the wire's form, whatever they were declared as.

    Raises:
        ParameterError: They are no list, or LangChain cannot make a tool of one.
    """
    if isinstance(tools, str | Mapping) or not isinstance(tools, Iterable):
        msg = f"tools has to be a list of tools, not {type(tools).__name__}."
        raise mara_minimax.errors.ParameterError(msg)
    return [to_wire_tool(tool, strict=strict) for tool in tools]


def to_wire_tool(tool: Tool, *, strict: bool | None = None) -> JSONObject:
    """Return a tool, or a schema as the tool whose arguments it describes, in the wire's form."""
    try:
        wire: JSONObject = convert_to_openai_tool(tool, strict=strict)
    except Exception as error:
        msg = f"No tool can be made of a {type(tool).__name__}: {error}"
        raise mara_minimax.errors.ParameterError(msg) from error
    return wire


def names_without_code(tools: Sequence[Tool]) -> list[str]:
    """Return the names of the `tools` that only describe an object: nothing can run for them.

    Such is a `StructuredTool` with neither function, as `ToolStrategy` binds for its schema.
    What runs for a dict, a class or a function cannot be seen here, so that they count as code.
    """
    return [
        tool.name
        for tool in tools
        if type(tool) is StructuredTool and tool.func is None and tool.coroutine is None
    ]


def to_wire_function(schema: Tool, *, strict: bool | None = None) -> JSONObject:
    """Return a schema as a function: its name and the parameters that it stands for."""
    if isinstance(schema, dict) and schema.get("type") == "json_schema":
        return _described_function(schema)
    function = to_wire_tool(schema, strict=strict).get("function")
    if not isinstance(function, dict):
        msg = "A tool that the provider runs itself is no schema of an answer."
        raise mara_minimax.errors.ParameterError(msg)
    return function


def _described_function(schema: JSONObject) -> JSONObject:
    """Return what a finished `response_format` describes, in either of OpenAI's two forms."""
    described = schema.get("json_schema", schema)
    name = described.get("name") if isinstance(described, dict) else None
    if not isinstance(name, str) or not isinstance(described.get("schema"), dict):
        msg = "A schema of type 'json_schema' needs a name and a schema."
        raise mara_minimax.errors.ParameterError(msg)
    function: JSONObject = {"name": name, "parameters": described["schema"]}
    if description := described.get("description"):
        function["description"] = description
    return function


def to_wire_response_format(schema: JSONObject | type, *, strict: bool | None = None) -> JSONObject:
    """Return a `response_format` that asks for `schema`; a finished one is passed on."""
    if isinstance(schema, dict) and schema.get("type") in ("json_schema", "json_object", "text"):
        return schema
    function = to_wire_function(schema, strict=strict)
    asked = {"name": encode_tool_name(function["name"]), "schema": function.get("parameters", {})}
    if description := function.get("description"):
        asked["description"] = description
    if strict is not None:
        asked["strict"] = strict
    return {"type": "json_schema", "json_schema": asked}
