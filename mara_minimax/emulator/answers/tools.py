"""Which tools a request calls: those that are demanded, else those that fit the question."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mara_minimax.emulator.answers.arguments import fill_call
from mara_minimax.emulator.answers.arithmetic import find_calculation
from mara_minimax.emulator.answers.words import stems
from mara_minimax.emulator.types.reply import ToolCall
from mara_minimax.emulator.types.request import ChatRequest, Tool

_CLAUSE_END = re.compile(r"(?<=\?)\s+|;\s|,?\s+and\s+")
_QUOTED = re.compile(r"`([^`\n]+)`")
_FITS = 2
_NAME_WEIGHT = 3


def calls_for(request: ChatRequest, question: str) -> tuple[ToolCall, ...]:
    """The calls still to be made: at MARA one at a time, at MiniMax all at once."""
    if not request.tools or request.tool_choice == "none":
        return ()
    demanded = _demanded(request)
    if demanded:
        best = max(enumerate(demanded), key=lambda item: (_fit(question, item[1]), item[0]))[1]
        return (fill_call(best, question),)
    pending = tuple(fill_call(tool, clause) for tool, clause in _fitting(question, request.tools))[
        len(request.results) :
    ]
    return pending[:1] if request.provider == "mara" else pending


def _demanded(request: ChatRequest) -> list[Tool]:
    """Tools one of which has to be called.

    MARA obeys a forced `tool_choice`; MiniMax ignores it. A system message that names tools in
    backticks demands each of them once.
    """
    done = {result.name for result in request.results}
    if request.provider == "mara" and request.tool_choice != "auto":
        forced = [tool for tool in request.tools if tool.name == request.tool_choice]
        candidates = forced or list(request.tools)
        return [tool for tool in candidates if tool.name not in done] or candidates
    system = "\n".join(m.text for m in request.messages if m.role in ("system", "developer"))
    named = set(_QUOTED.findall(system)) - done
    return [tool for tool in request.tools if tool.name in named]


def _fitting(question: str, tools: Sequence[Tool]) -> list[tuple[Tool, str]]:
    """A tool for each clause of the question that one fits; other clauses belong to the last."""
    found: list[tuple[Tool, str]] = []
    for clause in _CLAUSE_END.split(question):
        tool = max(tools, key=lambda tool: _fit(clause, tool))
        if _fit(clause, tool) >= _FITS:
            found.append((tool, clause))
        elif found:
            last, before = found[-1]
            found[-1] = (last, f"{before} and {clause}")
    return found


def _fit(question: str, tool: Tool) -> int:
    """How many words of a question a tool speaks of; words of its name count most."""
    asked = stems(question)
    name = stems(tool.name.replace("_", " "))
    properties = tool.parameters.get("properties")
    parameters = set(properties) if isinstance(properties, dict) else set()
    calculates = "expression" in parameters and find_calculation(question) is not None
    spoken = stems(" ".join([tool.description, *parameters]).replace("_", " ")) - name
    return _NAME_WEIGHT * (len(asked & name) + calculates) + len(asked & spoken)
