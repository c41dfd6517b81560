"""Read a forced tool call from an answer in text, where that is safe.

Text never acts: a model may quote a call, or repeat one from a document that it was given.
A free choice is therefore never read from text, and the call of a tool that runs code only
from an answer that is nothing but the form of a call that the request asked for in words
(`forced_tools.ask_in_words`). Tools without code, which only describe an object, are filled
more freely, because nothing runs.
"""

from __future__ import annotations

from mara_minimax.encoded_request import ForcedTools
from mara_minimax.json_text import to_json_text
from mara_minimax.reply.text_objects import objects_in, sole_object
from mara_minimax.reply.tool_arguments import arguments_fit
from mara_minimax.types import JSONObject


def parse_tool_call_from_text(text: str, forced: ForcedTools) -> tuple[str, str] | None:
    """Return name and arguments of the one call of `forced` that `text` is, or `None`.

    The whole text, or one code fence with nothing around it, has to be an object of the form
    `{"name": …, "arguments": {…}}` that names one of the tools; for a tool without code also
    the arguments alone, or as the one value under its name. If no tool has code, the object may
    stand among other words. The arguments have to fit the tool's schema (`arguments_fit`), and
    there has to be one such reading alone.
    """
    if forced.all_without_code:
        found = objects_in(text)
    else:
        sole = sole_object(text)
        found = [] if sole is None else [sole]
    calls = {
        (position, to_json_text(arguments))
        for spelt in found
        for position, tool in enumerate(forced.tools)
        if (arguments := _arguments_for(tool["function"], spelt, forced)) is not None
    }
    if len(calls) != 1:
        return None
    position, arguments_text = calls.pop()
    return forced.tools[position]["function"]["name"], arguments_text


def _arguments_for(
    function: JSONObject, spelt: JSONObject, forced: ForcedTools
) -> JSONObject | None:
    """Return the arguments for `function` that `spelt` gives, `None` if it gives none."""
    name, schema = function["name"], function.get("parameters") or {}
    without_code = name in forced.without_code
    arguments = spelt.get("arguments")
    named = spelt.keys() == {"name", "arguments"} and spelt["name"] == name
    if (
        named
        and isinstance(arguments, dict)
        and (without_code or not forced.enforced)
        and arguments_fit(arguments, schema)
    ):
        return arguments
    if without_code and spelt.keys() == {name}:
        inner = spelt[name]
        if isinstance(inner, dict) and arguments_fit(inner, schema):
            return inner
    return spelt if without_code and arguments_fit(spelt, schema) else None
