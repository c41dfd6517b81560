"""Tool definitions and tool choice, in the form each provider takes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import mara_minimax
from mara_minimax.providers.endpoints import Provider
from mara_minimax.types import JSONObject

MAX_TOOLS = {"mara": 128}
"""Tools in one request (SambaNova OpenAPI 1.2.0, 2026-07)."""

_TOOL_NAMES = {"mara": re.compile(r"[A-Za-z0-9_-]+")}
"""Names of functions, where a provider documents them (SambaNova OpenAPI 1.2.0, 2026-07)."""
_ANY_NAME = re.compile(r"\S+")

_EMPTY_PARAMETERS: JSONObject = {"type": "object", "properties": {}}


def encode_tools(tools: Sequence[Mapping[str, Any]], provider: Provider) -> list[JSONObject]:
    """Return OpenAI-style tools as the provider takes them.

    `function.parameters` is always present: MiniMax answers `function parameters is empty
    (2013)` without (https://github.com/QwenLM/qwen-code/issues/11834). `strict` is left out:
    it is in neither provider's schema. Raises `ParameterError` for what cannot be a tool.
    """
    limit = MAX_TOOLS.get(provider.name)
    if limit is not None and len(tools) > limit:
        raise mara_minimax.errors.ParameterError(
            f"{provider.title} takes at most {limit} tools in one request, not {len(tools)}."
        )
    return [_encode_tool(tool, provider) for tool in tools]


def _encode_tool(tool: Any, provider: Provider) -> JSONObject:
    if not isinstance(tool, Mapping):
        raise mara_minimax.errors.ParameterError(
            f"A tool in tools has to be a dict, not {type(tool).__name__}."
        )
    function = tool.get("function")
    if function is None and tool.get("name"):
        # The flat form of OpenAI's Responses API, which these providers refuse.
        function = {name: value for name, value in tool.items() if name != "type"}
    if tool.get("type", "function") != "function" or not isinstance(function, Mapping):
        raise mara_minimax.errors.ParameterError(
            f"Only tools of type 'function' are supported, not {tool!r}."
        )
    name = function.get("name")
    allowed = _TOOL_NAMES.get(provider.name, _ANY_NAME)
    if not isinstance(name, str) or not allowed.fullmatch(name):
        raise mara_minimax.errors.ParameterError(
            f"Invalid tool name {name!r} for {provider.title}: use letters, digits, '_' and '-'."
        )
    encoded = {key: value for key, value in function.items() if key != "strict"}
    if not encoded.get("description"):
        encoded.pop("description", None)
    encoded["parameters"] = encoded.get("parameters") or dict(_EMPTY_PARAMETERS)
    if not isinstance(encoded["parameters"], Mapping):
        raise mara_minimax.errors.ParameterError(
            f"The parameters of the tool {name!r} have to be a JSON schema, not "
            f"{type(encoded['parameters']).__name__}."
        )
    return {"type": "function", "function": encoded}


def encode_tool_choice(choice: Any, tools: list[JSONObject]) -> Any:
    """Return the choice in OpenAI's vocabulary, `None` for no choice.

    `any` and `True` become `required`; a tool's name becomes a named choice. Raises
    `ParameterError` for a name that none of `tools` has.
    """
    if choice is None or choice is False:
        return None
    if choice is True or choice == "any":
        return "required"
    if isinstance(choice, str) and choice not in ("auto", "none", "required"):
        choice = {"type": "function", "function": {"name": choice}}
    name = chosen_name(choice)
    if name is None:
        return choice
    known = [tool["function"]["name"] for tool in tools]
    if name not in known:
        names = ", ".join(known) or "none"
        raise mara_minimax.errors.ParameterError(
            f"tool_choice names {name!r}, but the tools are: {names}."
        )
    return {"type": "function", "function": {"name": name}}


def chosen_name(choice: Any) -> str | None:
    """Return the name of the function that a choice names, in any form, or `None`."""
    if not isinstance(choice, Mapping):
        return None
    function = choice.get("function")
    name = function.get("name") if isinstance(function, Mapping) else choice.get("name")
    return name if isinstance(name, str) else None
