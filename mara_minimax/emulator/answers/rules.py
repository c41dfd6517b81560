"""The answer rules, in order: the first one that has an answer gives it."""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from mara_minimax.emulator.answers.text import find, find_sum, words
from mara_minimax.emulator.answers.values import fill_call, fill_object
from mara_minimax.emulator.types.reply import Reply, ToolCall
from mara_minimax.emulator.types.request import ChatRequest, Tool

_ASKING = re.compile(
    r"^[ \t]*(?:(?:question|query)[ \t]*:[ \t]*(.+)|(.*\?))[ \t]*$", re.IGNORECASE | re.MULTILINE
)
_CLAUSE_END = re.compile(r"(?<=\?)\s+|,?\s+and\s+")
_QUOTED = re.compile(r"`([^`\n]+)`")
_OPERATORS = {"+": operator.add, "-": operator.sub, "*": operator.mul}
_QUOTED_WHOLE = 400
_FITS = 2
_LONGEST_SUBJECT = 60
_NAME_WEIGHT = 3


def answer(request: ChatRequest) -> Reply:
    """What the model says where no one scripts it.

    A tool that fits the question is called, and its result reported. A JSON schema is filled with
    words of the question. Otherwise the answer is the sentence that fits best, of the documents in
    the prompt or of what the user said before, or a sum.
    """
    text = request.question.text
    found = ["".join(groups).strip() for groups in _ASKING.findall(text)]
    question = found[-1] if found else text.strip()
    system = "\n\n".join(m.text for m in request.messages if m.role in ("system", "developer"))
    documents = f"{text.replace(question, '') if found else ''}\n\n{system}"
    reasoning = f'The user asks about "{_subject(question)}". I answer briefly and to the point.'
    if calls := _calls(request, question, system):
        return Reply(reasoning=reasoning, tool_calls=calls)
    if request.messages[-1].role == "tool":
        return Reply(_report(request, question), reasoning)
    said = find(question, documents) or _say(request, question)
    # MARA obeys `response_format`; at MiniMax a schema in the prompt has to do.
    wanted = request.response_format if request.provider == "mara" else None
    schema = ((wanted or {}).get("json_schema") or {}).get("schema") or _schema_in(documents + text)
    if wanted is None and schema is None:
        return Reply(said, reasoning)
    material = question.partition("{")[0] or question
    value = fill_object(schema, material, said) if schema else {"answer": said}
    return Reply(json.dumps(value, ensure_ascii=False), reasoning)


def _report(request: ChatRequest, question: str) -> str:
    """A short result word for word, of a long one the sentence that fits best."""
    texts = [
        f"{result.name} says: {result.text.strip().rstrip('.')}."
        if len(result.text) <= _QUOTED_WHOLE
        else find(question, result.text) or f"What {result.name} returned does not tell that."
        for result in request.results
    ]
    return " ".join(texts)


def _say(request: ChatRequest, question: str) -> str:
    """A sum, a sentence that the user said before, or the subject alone."""
    if found := find_sum(question):
        left, sign, right = found
        value = _OPERATORS[sign](Decimal(left), Decimal(right))
        return f"{left} {sign} {right} equals {value.normalize():f}."
    users = [message.text for message in request.messages if message.role == "user"][:-1]
    remembered = find(question, "\n\n".join(text for text in users if not text.endswith("?")))
    if remembered:
        return f"You said earlier: {remembered}"
    return (
        f'You asked about "{_subject(question)}"; this emulator has no model, so naming the '
        "subject is all it can do."
    )


def _subject(question: str) -> str:
    subject = question.removeprefix("What is ").rstrip("?.")
    return subject if len(subject) <= _LONGEST_SUBJECT else f"{_cut(subject)}…"


def _cut(text: str) -> str:
    """The words of a text that fit into the longest subject."""
    start = text[: _LONGEST_SUBJECT + 1]
    return start.rpartition(" ")[0] or start[:-1]


def _schema_in(text: str) -> dict[str, Any] | None:
    """The last JSON schema in the prompt, as examples come first."""
    schemas = [value for value in _objects_in(text) if isinstance(value.get("properties"), dict)]
    return schemas[-1] if schemas and "json" in text.lower() else None


def _objects_in(text: str) -> Iterator[dict[str, Any]]:
    decoder = json.JSONDecoder()
    place = text.find("{")
    while place >= 0:
        try:
            value, place = decoder.raw_decode(text, place)
            yield value
        except (ValueError, RecursionError):
            place += 1
        place = text.find("{", place)


def _calls(request: ChatRequest, question: str, system: str) -> tuple[ToolCall, ...]:
    """The calls still to be made: at MARA one at a time, at MiniMax all at once."""
    if not request.tools or request.tool_choice == "none":
        return ()
    demanded = _demanded(request, system)
    if demanded:
        return (fill_call(max(demanded, key=lambda tool: _fit(question, tool)), question),)
    clauses: list[tuple[Tool, str]] = []
    for clause in _CLAUSE_END.split(question):
        tool = max(request.tools, key=lambda tool: _fit(clause, tool))
        if _fit(clause, tool) >= _FITS:
            clauses.append((tool, clause))
        elif clauses:
            clauses[-1] = (clauses[-1][0], f"{clauses[-1][1]} and {clause}")
    pending = tuple(fill_call(tool, clause) for tool, clause in clauses[len(request.results) :])
    return pending[:1] if request.provider == "mara" else pending


def _demanded(request: ChatRequest, system: str) -> list[Tool]:
    """Tools one of which has to be called.

    MARA obeys a forced `tool_choice`; MiniMax ignores it. A system message that names tools in
    backticks demands each of them once.
    """
    done = {result.name for result in request.results}
    if request.provider == "mara" and request.tool_choice != "auto":
        forced = [tool for tool in request.tools if tool.name == request.tool_choice]
        candidates = forced or list(request.tools)
        return [tool for tool in candidates if tool.name not in done] or candidates
    named = set(_QUOTED.findall(system)) - done
    return [tool for tool in request.tools if tool.name in named]


def _fit(question: str, tool: Tool) -> int:
    """How many words of a question a tool speaks of; words of its name count most."""
    asked = words(question)
    name = words(tool.name.replace("_", " "))
    parameters = list(tool.parameters.get("properties") or {})
    spoken = words(" ".join([tool.description, *parameters]).replace("_", " ")) - name
    calculates = "expression" in parameters and find_sum(question) is not None
    return _NAME_WEIGHT * (len(asked & name) + calculates) + len(asked & spoken)
