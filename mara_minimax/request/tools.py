"""Tool definitions, tool choices and tool calls, in the form each provider takes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import mara_minimax
from mara_minimax.json_text import to_json_text
from mara_minimax.providers.endpoints import Provider
from mara_minimax.request.values import check_values
from mara_minimax.types import JSONObject

ToolChoice = str | bool | Mapping[str, Any] | None
"""What `encode_tool_choice` takes."""

_ALLOWED_TOOLS = "allowed_tools"

MAX_TOOLS = {"mara": 128}
"""Tools in one request (SambaNova OpenAPI 1.2.0, 2026-07)."""

_TOOL_NAMES = {"mara": re.compile(r"[A-Za-z0-9_-]+")}
"""Names of functions, where a provider documents them (SambaNova OpenAPI 1.2.0, 2026-07)."""
_ANY_NAME = re.compile(r"\S+")

_BRACKETED = re.compile(r"[^\W\d]\w*\[.*\]")
"""Names of generic classes, such as `Wrap[City]`."""
_UNSENDABLE = re.compile(r"[^a-zA-Z0-9_-]")

_EMPTY_PARAMETERS: JSONObject = {"type": "object", "properties": {}}


def encode_tools(tools: Sequence[Mapping[str, Any]], provider: Provider) -> list[JSONObject]:
    """Return OpenAI-style tools as the provider takes them.

    `function.parameters` is always present: MiniMax answers `function parameters is empty
    (2013)` without (https://github.com/QwenLM/qwen-code/issues/11834).

    Raises:
        ParameterError: There are too many, or one cannot be a tool.
    """
    limit = MAX_TOOLS.get(provider.name)
    if limit is not None and len(tools) > limit:
        raise mara_minimax.errors.ParameterError(
            f"{provider.title} takes at most {limit} tools in one request, not {len(tools)}."
        )
    return [_encode_tool(tool, provider) for tool in tools]


def encode_tool_name(name: Any) -> Any:
    """Return the name that is sent for `name`: that of a generic class in letters all take.

    `Wrap[City]` becomes `Wrap_City_`, as in LlamaIndex. Any other name is left as it is.
    """
    if isinstance(name, str) and "[" in name and _BRACKETED.fullmatch(name):
        return _UNSENDABLE.sub("_", name)
    return name


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
    name = encode_tool_name(function.get("name"))
    allowed = _TOOL_NAMES.get(provider.name, _ANY_NAME)
    if not isinstance(name, str) or not allowed.fullmatch(name):
        raise mara_minimax.errors.ParameterError(
            f"Invalid tool name {name!r} for {provider.title}: use letters, digits, '_' and '-'."
        )
    encoded = {**function, "name": name}
    if not encoded.get("description"):
        encoded.pop("description", None)
    encoded["parameters"] = encoded.get("parameters") or dict(_EMPTY_PARAMETERS)
    if not isinstance(encoded["parameters"], Mapping):
        raise mara_minimax.errors.ParameterError(
            f"The parameters of the tool {name!r} have to be a JSON schema, not "
            f"{type(encoded['parameters']).__name__}."
        )
    return {"type": "function", "function": encoded}


def encode_tool_choice(choice: Any, tools: Sequence[JSONObject]) -> str | JSONObject | None:
    """Return a tool choice in OpenAI's vocabulary, `None` for no choice.

    Args:
        choice: `"auto"`, `"none"`, `"any"` or `"required"`, `True` (the only tool, or any of
            several), the name of a tool, or a dict in OpenAI's or Anthropic's form, of which
            `allowed_tools` limits the choice to some of the tools.
        tools: The tools it chooses from, in wire form.

    Raises:
        ParameterError: It is of another type, or names none of `tools`.
    """
    if not choice:
        return None
    check_values({"tool_choice": choice})
    names = [encode_tool_name(tool["function"]["name"]) for tool in tools if "function" in tool]
    if isinstance(choice, Mapping):
        if choice.get("type") == _ALLOWED_TOOLS:
            return _encode_allowed(choice, names)
        name = chosen_name(choice)
        if not name:
            return encode_tool_choice(choice.get("type"), tools)
    elif choice is True:
        if len(names) != 1:
            return "required"
        name = names[0]
    elif choice in ("auto", "none", "any", "required"):
        return "required" if choice == "any" else str(choice)
    else:
        name = str(choice)
    return {"type": "function", "function": {"name": _known_name(name, names)}}


def _known_name(name: Any, names: list[str]) -> str:
    """Return the `name` that is sent, which has to be one of `names`."""
    sent = encode_tool_name(name)
    if sent not in names:
        known = ", ".join(names) or "none"
        raise mara_minimax.errors.ParameterError(
            f"tool_choice names {name!r}, but the tools are: {known}."
        )
    return str(sent)


def _encode_allowed(choice: Mapping[str, Any], names: list[str]) -> JSONObject:
    """Return a choice among some of the tools in the form of OpenAI's chat API.

    The Responses API writes the same without the inner object
    (https://platform.openai.com/docs/guides/function-calling, 2026-11).
    """
    inner = choice.get(_ALLOWED_TOOLS, choice)
    mode = inner.get("mode", "auto") if isinstance(inner, Mapping) else None
    tools = inner.get("tools") if isinstance(inner, Mapping) else None
    if mode not in ("auto", "required") or not isinstance(tools, list) or not tools:
        raise mara_minimax.errors.ParameterError(
            "A tool_choice of type 'allowed_tools' needs a list of tools, and as its mode 'auto' "
            "or 'required'."
        )
    allowed = [
        {"type": "function", "function": {"name": _known_name(chosen_name(tool), names)}}
        for tool in tools
    ]
    return {"type": _ALLOWED_TOOLS, _ALLOWED_TOOLS: {"mode": mode, "tools": allowed}}


def offer_allowed(choice: Any, tools: list[JSONObject]) -> tuple[Any, list[JSONObject]]:
    """Return an encoded choice that every provider knows, and the tools that it leaves.

    Where some tools are allowed only those are offered: neither provider has such a choice.
    """
    if not isinstance(choice, Mapping) or choice.get("type") != _ALLOWED_TOOLS:
        return choice, tools
    inner = choice[_ALLOWED_TOOLS]
    names = [chosen_name(tool) for tool in inner["tools"]]
    return inner["mode"], [tool for tool in tools if tool["function"]["name"] in names]


def chosen_name(choice: Any) -> str | None:
    """Return the name of the function that a choice names, in any form, or `None`."""
    if not isinstance(choice, Mapping):
        return None
    function = choice.get("function")
    name = function.get("name") if isinstance(function, Mapping) else choice.get("name")
    return name if isinstance(name, str) else None


def encode_tool_call(call_id: Any, name: Any, arguments: Any) -> JSONObject:
    """Return a tool call in wire form, whatever it holds: `repair_history` judges that.

    `arguments` are the text as it is, or a value to be written as JSON.

    Raises:
        ParameterError: `arguments` cannot be written as JSON.
    """
    if not isinstance(arguments, str):
        arguments = to_json_text(arguments or {})
    return {
        "id": call_id,
        "type": "function",
        "function": {"name": encode_tool_name(name), "arguments": arguments},
    }
