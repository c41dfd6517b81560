"""A call that has to be made: asked for in words, and read from an answer in words."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from mara_minimax.json_text import to_json_text
from mara_minimax.tools import chosen_name
from mara_minimax.types import JSONObject

_LINE_START = re.compile(r"^[ \t]*(\{)", re.MULTILINE)
_FENCE = re.compile(r"```(?:json)?[ \t]*\n(.*?)\n?```", re.DOTALL)


def demanded_tools(choice: Any, tools: list[JSONObject]) -> list[JSONObject]:
    """Return the tools one of which an encoded `choice` demands, none for a free choice."""
    if choice == "required":
        return tools
    name = chosen_name(choice)
    return [tool for tool in tools if tool["function"]["name"] == name]


def demand_call(messages: list[JSONObject], tools: list[JSONObject]) -> list[JSONObject]:
    """Return wire `messages` that demand a call of one of `tools` in words.

    For models that ignore a forced `tool_choice`, or whose host refuses it with HTTP 400:
    reports on MiniMax disagree (https://github.com/openclaw/openclaw/issues/36195, 2026).
    A model that answers in text all the same is asked for the call as JSON, which
    `call_in_text` reads.
    """
    names = " or ".join(f"`{tool['function']['name']}`" for tool in tools)
    demand = f"Answer by calling the function {names}, and write no other text."
    if len(tools) == 1:
        schema = to_json_text(tools[0]["function"]["parameters"])
        demand += (
            " If you cannot call it, answer with nothing but the JSON object of its arguments,"
            f" which has this JSON schema:\n{schema}"
        )
    else:
        demand += (
            " If you cannot call one, answer with nothing but a JSON object of the form"
            ' {"name": "the function", "arguments": {}}.'
        )
    if not messages or messages[0]["role"] != "system":
        return [{"role": "system", "content": demand}, *messages]
    content = messages[0]["content"]
    if isinstance(content, list):
        content = [*content, {"type": "text", "text": demand}]
    else:
        content = f"{content}\n\n{demand}"
    return [{**messages[0], "content": content}, *messages[1:]]


def call_in_text(text: str, tools: Sequence[JSONObject]) -> tuple[str, str] | None:
    """Return name and arguments of the demanded call that `text` spells, or `None`.

    The object has to stand by itself, as the whole text, in the one fenced block or on lines
    of its own, and has to fit: its keys are parameters of the tool, and none that is required
    is missing. JSON inside prose is prose.
    """
    found = _object_in(text)
    if found is None:
        return None
    spelt = found.get("arguments", found.get("parameters"))
    for tool in tools:
        function = tool["function"]
        if found.get("name") == function["name"] and isinstance(spelt, dict) and len(found) == 2:
            return function["name"], json.dumps(spelt, ensure_ascii=False)
    if len(tools) == 1 and _fits(found, tools[0]["function"]["parameters"]):
        return tools[0]["function"]["name"], json.dumps(found, ensure_ascii=False)
    return None


def _object_in(text: str) -> JSONObject | None:
    """Return the one JSON object that stands by itself in `text`."""
    fenced = _FENCE.findall(text)
    text = fenced[0] if len(fenced) == 1 else text
    starts = [match.start(1) for match in _LINE_START.finditer(text)]
    if not starts:
        return None
    try:
        found, end = json.JSONDecoder().raw_decode(text, starts[0])
    except (ValueError, RecursionError):
        return None
    alone = not text[end:].partition("\n")[0].strip() and all(at < end for at in starts)
    return found if alone else None


def _fits(found: JSONObject, schema: JSONObject) -> bool:
    properties = schema.get("properties")
    if not isinstance(properties, dict) or not properties:
        return "$ref" in schema or not found
    required = schema.get("required") or ()
    return found.keys() <= properties.keys() and found.keys() >= set(required)
