"""Checks of tools and structured output: called, answered, compelled, constrained."""

from __future__ import annotations

from mara_minimax.doctor.answers import failed, quote
from mara_minimax.doctor.probe import Answer
from mara_minimax.doctor.report import Finding
from mara_minimax.errors import BadRequestError
from mara_minimax.json_text import parse_object

WEATHER_TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Return the weather of a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}
CITY_SCHEMA = {
    "type": "json_schema",
    "json_schema": {
        "name": "city",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
            "additionalProperties": False,
        },
    },
}

_ENFORCED = {True: "enforced", False: "not enforced"}


def check_tools(answer: Answer) -> Finding:
    """A question that one tool fits is answered by a call of it, with its arguments."""
    expected = "called" if answer.request.profile.tool_calling else "not called"
    if answer.reply is None:
        return failed("tools", answer, expected)
    calls = answer.reply.tool_calls
    if not calls:
        seen = f"no call, but {quote(answer)}"
        if not answer.request.profile.tool_calling:
            return Finding("tools", "pass", seen, expected)
        advice = "Agents will not work with this model; choose another."
        return Finding("tools", "warn", seen, expected, advice)
    seen = f"{answer.shown(calls[0].name)}({answer.shown(calls[0].arguments)})"
    arguments = calls[0].parsed_arguments()
    if calls[0].name != "get_weather" or arguments is None or "city" not in arguments:
        advice = "The call does not fit the tool; agents will have to ask again."
        return Finding("tools", "fail", seen, "a call of get_weather with a city", advice)
    return Finding("tools", "pass", seen, expected)


def check_tool_results(answer: Answer) -> Finding:
    """The result of a call, with the call and its reasoning, leads to an answer."""
    if answer.reply is None:
        return failed("tool-results", answer, "accepted")
    if not answer.reply.text.strip():
        advice = "The model asked again instead of answering; agents may loop."
        return Finding("tool-results", "warn", "no text", "an answer", advice)
    return Finding("tool-results", "pass", quote(answer))


def check_forced_choice(answer: Answer) -> Finding:
    """`tool_choice="required"` compels a call, or does not, as the model's row says."""
    enforced = answer.request.profile.enforces_tool_choice
    expected = _ENFORCED[enforced]
    if isinstance(answer.error, BadRequestError):
        # Refusing it is one more way not to enforce it, and the library does not send it there.
        seen = "refused"
        if not enforced:
            return Finding("forced-choice", "pass", seen, expected)
        return failed("forced-choice", answer, expected)
    if answer.reply is None:
        return failed("forced-choice", answer, expected)
    called = bool(answer.reply.tool_calls)
    if called == enforced:
        return Finding("forced-choice", "pass", _ENFORCED[called], expected)
    if called:
        advice = 'Calls work either way; parameter_policy="pass" sends the choice as given.'
    else:
        advice = "Structured output by function calling may come back as text here: report it."
    return Finding("forced-choice", "warn", _ENFORCED[called], expected, advice)


def check_json_schema(answer: Answer) -> Finding:
    """`response_format` compels the form, where the model's row says so.

    One answer of the right form does not contradict a row that promises nothing.
    """
    enforced = answer.request.profile.enforces_json_schema
    expected = "enforced" if enforced else "not relied on"
    if answer.reply is None:
        return failed("json-schema", answer, expected)
    if _fits(answer.reply.text):
        advice = (
            "" if enforced else "Obeyed this time; the form is asked for in words all the same."
        )
        return Finding("json-schema", "pass", "obeyed", expected, advice)
    seen = f"ignored: {quote(answer)}"
    if not enforced:
        return Finding("json-schema", "pass", seen, expected)
    advice = 'Use with_structured_output(…, method="function_calling"), and report it.'
    return Finding("json-schema", "warn", seen, expected, advice)


def _fits(text: str) -> bool:
    value = parse_object(text)
    return value is not None and value.keys() == {"city"} and isinstance(value["city"], str)
