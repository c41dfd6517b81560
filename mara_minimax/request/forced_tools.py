"""A tool choice that forces a call: which tools it allows, and how they are asked for in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import takewhile
from typing import Any, Final

import mara_minimax
from mara_minimax.encoded_request import ForcedTools
from mara_minimax.json_text import to_json_text
from mara_minimax.providers.endpoints import Provider
from mara_minimax.request.tools import chosen_name, encode_tool_name
from mara_minimax.types import JSONObject

IGNORED_TOOL_CHOICE: Final = "ignored_tool_choice"
"""Key by which a message says that it answers a forced tool choice without a call.

The adapters keep it in their messages' `additional_kwargs` and put it into wire messages; it
is never sent.
"""

MAX_IGNORED: Final = 3
"""Replies in a row that may ignore a forced tool choice before it is not sent again."""


def force_tools(
    choice: Any, tools: list[JSONObject], *, enforced: bool, without_code: Collection[str]
) -> ForcedTools | None:
    """Return the tools that an encoded `choice` forces a call of, `None` for a free choice.

    `without_code` names tools; a name that two of `tools` have counts as code.
    """
    names = [tool["function"]["name"] for tool in tools]
    described = map(encode_tool_name, without_code)
    alone = frozenset(name for name in described if names.count(name) == 1)
    if choice != "required":
        name = chosen_name(choice)
        tools = [tool for tool in tools if tool["function"]["name"] == name]
    return ForcedTools(tuple(tools), enforced, alone) if tools else None


def ask_in_words(messages: list[JSONObject], forced: ForcedTools) -> list[JSONObject]:
    """Return wire `messages` that ask for a call of one of the `forced` tools in words.

    For models that ignore a forced `tool_choice`, or whose host refuses it with HTTP 400:
    reports on MiniMax disagree (https://github.com/openclaw/openclaw/issues/36195, 2026).
    A model that answers in text all the same is asked for the form of a call that
    `parse_tool_call_from_text` reads: for a tool that runs code, never the arguments alone.
    """
    names = " or ".join(f"`{name}`" for name in forced.names)
    words = f"Answer by calling the function {names}, and write no other text. If you cannot call "
    if len(forced.tools) > 1:
        words += (
            "one, answer with nothing but a JSON object of the form"
            ' {"name": "the function", "arguments": {}}.'
        )
    else:
        function = forced.tools[0]["function"]
        asked = "the JSON object of its arguments, which has"
        if not forced.all_without_code:
            spelt = to_json_text({"name": function["name"], "arguments": {}})
            asked = f"a JSON object of the form {spelt}, whose arguments have"
        schema = to_json_text(function["parameters"])
        words += f"it, answer with nothing but {asked} this JSON schema:\n{schema}"
    return _with_system_words(messages, words)


def refuse_ignored_choice(
    messages: Sequence[Mapping[str, Any]], forced: ForcedTools, provider: Provider
) -> None:
    """Raise `IgnoredToolChoiceError` if the last replies all ignored a forced tool choice.

    Agents repeat a request until its call is made, each time with the reply added, and every
    repetition is billed.
    """
    ignored = takewhile(
        lambda message: message.get(IGNORED_TOOL_CHOICE) is True, reversed(messages)
    )
    if len(list(ignored)) < MAX_IGNORED:
        return
    names = " or ".join(repr(name) for name in forced.names)
    content = messages[-1].get("content")
    raise mara_minimax.errors.IgnoredToolChoiceError(
        f"{provider.title} was asked {MAX_IGNORED} times to call {names} and answered in text "
        "each time; `text` holds the last answer.",
        provider=provider.name,
        tools=tuple(forced.names),
        text=content if isinstance(content, str) else "",
    )


def _with_system_words(messages: list[JSONObject], words: str) -> list[JSONObject]:
    if not messages or messages[0]["role"] != "system":
        return [{"role": "system", "content": words}, *messages]
    content = messages[0]["content"]
    if isinstance(content, list):
        content = [*content, {"type": "text", "text": words}]
    else:
        content = f"{content}\n\n{words}"
    return [{**messages[0], "content": content}, *messages[1:]]
