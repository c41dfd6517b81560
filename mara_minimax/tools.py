"""Tool definitions and tool choice, in the form each provider takes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mara_minimax.errors import ParameterError
from mara_minimax.providers import Provider
from mara_minimax.types import JSONObject

MAX_TOOLS = {"mara": 128}
"""Tools in one request (SambaNova OpenAPI 1.2.0, 2026-07)."""

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,256}")
_EMPTY_PARAMETERS: JSONObject = {"type": "object", "properties": {}}


def encode_tools(tools: Sequence[Mapping[str, Any]], provider: Provider) -> list[JSONObject]:
    """Return OpenAI-style tools as the provider takes them.

    `function.parameters` is always present: MiniMax answers `function parameters is empty
    (2013)` without (https://github.com/QwenLM/qwen-code/issues/11834). `strict` is left out:
    it is in neither provider's schema. Raises `ParameterError` for what cannot be a tool.
    """
    limit = MAX_TOOLS.get(provider.name)
    if limit is not None and len(tools) > limit:
        raise ParameterError(
            f"{provider.title} takes at most {limit} tools in one request, not {len(tools)}."
        )
    return [_encode_tool(tool) for tool in tools]


def _encode_tool(tool: Mapping[str, Any]) -> JSONObject:
    function = tool.get("function")
    if function is None and tool.get("name"):
        # The flat form of OpenAI's Responses API, which these providers refuse.
        function = {name: value for name, value in tool.items() if name != "type"}
    if tool.get("type", "function") != "function" or not isinstance(function, Mapping):
        raise ParameterError(f"Only tools of type 'function' are supported, not {tool!r}.")
    name = function.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ParameterError(
            f"The tool name {name!r} is not valid: use letters, digits, '_', '.' and '-'."
        )
    encoded = {key: value for key, value in function.items() if key != "strict"}
    if not encoded.get("description"):
        encoded.pop("description", None)
    encoded["parameters"] = encoded.get("parameters") or dict(_EMPTY_PARAMETERS)
    return {"type": "function", "function": encoded}


def encode_tool_choice(
    choice: Any, tools: list[JSONObject], provider: Provider
) -> tuple[Any, list[JSONObject]]:
    """Return the choice and the tools in the provider's vocabulary.

    `any` and `True` become `required`; a tool's name becomes a named choice. MiniMax ignores
    a forced choice or refuses a named one with HTTP 400 (reports disagree, 2026), so there a
    named choice becomes `required` over that tool alone, which means the same everywhere.
    """
    if choice is None or choice is False:
        return None, tools
    if choice is True or choice == "any":
        choice = "required"
    if isinstance(choice, str) and choice not in ("auto", "none", "required"):
        choice = {"type": "function", "function": {"name": choice}}
    name = _chosen_name(choice)
    if name is None:
        return choice, tools
    chosen = [tool for tool in tools if tool["function"]["name"] == name]
    if not chosen:
        names = ", ".join(tool["function"]["name"] for tool in tools) or "none"
        raise ParameterError(f"tool_choice names {name!r}, but the tools are: {names}.")
    if provider.accepts_named_choice:
        return {"type": "function", "function": {"name": name}}, tools
    return "required", chosen


def _chosen_name(choice: Any) -> str | None:
    if not isinstance(choice, Mapping):
        return None
    function = choice.get("function")
    name = function.get("name") if isinstance(function, Mapping) else choice.get("name")
    return name if isinstance(name, str) else None
