"""Choosing tools for a question, and their arguments."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mara_minimax.emulator.arguments import Filler
from mara_minimax.emulator.arithmetic import Step, find_calculation
from mara_minimax.emulator.reply import ToolCall
from mara_minimax.emulator.schemas import resolve, type_of
from mara_minimax.emulator.words import content_words, names, stem, stems, words

_FITS = 2
_NAME_WEIGHT = 3
# Words that most tools share say nothing about whether one fits.
_GENERIC_WORDS = """
    tool function current search find information data user query input value string number text
    answer question return list retrieve lookup fetch run execute name id result useful response
    natural language integer float object two three both first second new
"""
_GENERIC = frozenset(stem(word) for word in _GENERIC_WORDS.split())
_LOOKUP = frozenset({"search", "retrieve", "retrieval", "lookup", "query", "find", "docs",
                     "knowledge", "documentation", "retriever", "rag"})  # fmt: skip
_OPERATIONS = {
    "add": {"add", "sum", "plus", "addition"},
    "subtract": {"subtract", "minus", "difference", "subtraction"},
    "multiply": {"multiply", "times", "product", "multiplication", "mul"},
    "divide": {"divide", "quotient", "division", "div"},
    "modulo": {"modulo", "mod", "remainder"},
    "power": {"power", "pow", "exponent", "exponentiate"},
}
_SYNONYMS = {
    "weather": {"temperature", "forecast", "rain", "sunny", "warm", "cold", "hot"},
    "time": {"clock", "hour"},
    "price": {"cost", "costs", "quote"},
    "convert": {"exchange", "in"},
}
_EXTRACTION = re.compile(
    r"\b(extract|parse|structure|fill|record|classify|generate|create|write|give|tell me)\b",
    re.IGNORECASE,
)
_CLAUSES = re.compile(r"\s*(?:,\s*and\s+|\band\b|;|\b[Aa]lso\b,?|\bthen\b)\s*")
_NAMES_IN_A_ROW = re.compile(r"[A-Z]\w+, [A-Z][\w ]+,? and [A-Z]")
_LISTING = re.compile(r"\s*(?:,\s*and\s+|,\s+|\band\b)\s*")
_ASKING = re.compile(r"(what|who|when|where|which|why|how|explain|describe|find|search|look)\b")

Function = Mapping[str, Any]


@dataclass(frozen=True)
class PlannedCalls:
    """All calls a question needs, done ones included."""

    calls: tuple[ToolCall, ...]
    dependent: bool = False
    """Whether each call needs the result of the one before."""


def plan_calls(
    question: str, tools: Sequence[Function], *, known: str = "", wanted: bool = False
) -> PlannedCalls:
    """The calls a question needs; none when no tool fits.

    Args:
        question: What the user asks.
        tools: The functions on offer.
        known: Context and results so far, from which arguments may also come.
        wanted: A call was demanded, so evidence for the arguments is enough.
    """
    planned = _plan_clauses(question, tools)
    if planned is not None:
        return planned
    tool = _best_tool(question, tools) or _evident_tool(question, tools, known, wanted=wanted)
    tool = tool or _lookup_tool(question, tools)
    return PlannedCalls((call_of(tool, question, known),) if tool else ())


def call_of(tool: Function, text: str, known: str = "", *, options: str = "") -> ToolCall:
    """A call of this tool with arguments from the text, or else from what is known.

    Choices such as a unit may also be said in `options`, a wider text.
    """
    schema = _parameters(tool)
    values, evident = Filler(text, schema).object(schema)
    if not evident and known:
        more, both = Filler(f"{text}\n{known}", schema, sentence=known).object(schema)
        values = more if both or not values else {**more, **values}
    for name, own in _properties(tool).items():
        if options and name not in values and own.get("enum"):
            found = Filler(options, schema).value(name, own)
            values.update({name: found.value} if found.evident else {})
    return ToolCall.of(str(tool["name"]), values)


def _plan_clauses(question: str, tools: Sequence[Function]) -> PlannedCalls | None:
    """Sums, and calls for each clause of a question; none when it is all one request."""
    clauses = _clauses(question)
    sums = [_arithmetic(clause, tools) for clause in clauses]
    if not any(sums):
        # "the sum of 3 and 4" only makes sense in one piece.
        whole = _arithmetic(question, tools)
        if whole is not None:
            return whole
    picked = [
        None if planned else _best_tool(clause, tools)
        for clause, planned in zip(clauses, sums, strict=True)
    ]
    if any(sums) or len({str(tool["name"]) for tool in picked if tool}) > 1:
        picked = [
            tool or (None if planned else _lookup_tool(clause, tools))
            for clause, tool, planned in zip(clauses, picked, sums, strict=True)
        ]
    calls: list[ToolCall] = []
    previous: Function | None = None
    for clause, planned, tool in zip(clauses, sums, picked, strict=True):
        if planned is not None:
            calls += planned.calls
            continue
        tool = tool or (previous if _is_bare(clause) else None)
        if tool is not None:
            source = clause if _is_evident(tool, clause) else f"{clause} {question}"
            calls.append(call_of(tool, source, options=question))
            previous = tool
    unique = tuple(dict.fromkeys(calls))
    if len(unique) < 2 and not any(sums):
        return None
    return PlannedCalls(unique, dependent=any(planned.dependent for planned in sums if planned))


def _clauses(question: str) -> list[str]:
    """The parts of a question that may need a call each."""
    pattern = _LISTING if _NAMES_IN_A_ROW.search(question) else _CLAUSES
    return [part for part in pattern.split(question) if part.strip()] or [question]


def _is_bare(clause: str) -> bool:
    """Whether a clause only names something, and so repeats the request before it."""
    return len(content_words(clause)) <= 3 and bool(names(clause) or re.search(r"\d", clause))


def _arithmetic(text: str, tools: Sequence[Function]) -> PlannedCalls | None:
    """One call of a calculator, or one call an operation, innermost first."""
    calculation = find_calculation(text)
    if calculation is None:
        return None
    for tool in tools:
        for name, schema in _properties(tool).items():
            if type_of(schema) == "string" and _takes_expression(name, schema, tool):
                values = {name: calculation.expression}
                return PlannedCalls((ToolCall.of(str(tool["name"]), values),))
    calls = []
    for step in calculation.steps:
        doing = [tool for tool in tools if _does(tool, step.operation)]
        if not doing:
            return None
        calls.append(_operation_call(doing[0], step))
    return PlannedCalls(tuple(calls), dependent=len(calls) > 1)


def _operation_call(tool: Function, step: Step) -> ToolCall:
    operands = [step.left, step.right]
    values: dict[str, Any] = {}
    for name, schema in _properties(tool).items():
        kind = type_of(schema)
        if kind in ("integer", "number") and operands:
            operand = operands.pop(0)
            values[name] = int(operand) if float(operand).is_integer() else operand
    return ToolCall.of(str(tool["name"]), values)


def _takes_expression(name: str, schema: Function, tool: Function) -> bool:
    said = {word.lower() for word in words(f"{name} {schema.get('description', '')}")}
    about = {stem(word) for word in words(f"{tool['name']} {tool.get('description', '')}")}
    return bool(said & {"expression", "formula", "equation", "calculation"}) or bool(
        about & {stem("calculator"), stem("calculate"), stem("arithmetic"), stem("math")}
    )


def _does(tool: Function, operation: str) -> bool:
    said = {word.lower() for word in words(str(tool["name"]).replace("_", " "))}
    return bool(said & _OPERATIONS[operation])


def _best_tool(question: str, tools: Sequence[Function]) -> Function | None:
    scored = [(_fit(question, tool), -place) for place, tool in enumerate(tools)]
    score, place = max(scored, default=(0, 0))
    if score < _FITS:
        return None
    tool = tools[-place]
    return tool if score > _FITS or _is_evident(tool, question) else None


def _fit(question: str, tool: Function) -> int:
    """How many words of a question a tool speaks of; words of its name count most."""
    asked = stems(question)
    for word, synonyms in _SYNONYMS.items():
        if synonyms & {said.lower() for said in content_words(question)}:
            asked.add(stem(word))
    asked -= _GENERIC
    name = stems(str(tool["name"]).replace("_", " "))
    described = stems(str(tool.get("description") or ""))
    taken = {
        part
        for own, schema in _properties(tool).items()
        for part in stems(f"{own.replace('_', ' ')} {schema.get('description', '')}")
    }
    return (
        _NAME_WEIGHT * len(asked & name)
        + len(asked & described - name)
        + len(asked & taken - described - name)
    )


def _is_evident(tool: Function, text: str) -> bool:
    schema = _parameters(tool)
    return Filler(text, schema).object(schema)[1]


def _evident_tool(
    question: str, tools: Sequence[Function], known: str, *, wanted: bool
) -> Function | None:
    """A tool all of whose arguments the text holds, when the text looks like material for one."""
    if not (wanted or _EXTRACTION.search(question)):
        return None
    for tool in tools:
        if not _parameters(tool).get("required"):
            continue
        if _is_evident(tool, f"{question}\n{known}") and not _only_query(tool):
            return tool
    return None


def _only_query(tool: Function) -> bool:
    """A lone query string accepts any text, which is no evidence."""
    markers = {"query", "question", "input", "search", "q", "prompt"}
    required = _parameters(tool).get("required") or []
    return all(name.lower() in markers for name in required)


def _lookup_tool(question: str, tools: Sequence[Function]) -> Function | None:
    """A search over documents fits any real question that nothing else fits."""
    asks = question.rstrip().endswith("?") or bool(_ASKING.match(question.lower()))
    substance = [word for word in content_words(question) if len(word) > 2]
    if not asks or not substance or find_calculation(question) is not None:
        return None
    for tool in tools:
        said = f"{tool['name']} {tool.get('description') or ''}".replace("_", " ")
        about = {word.lower() for word in words(said)}
        takes_query = _only_query(tool) and _parameters(tool).get("required")
        if takes_query and (about & _LOOKUP or _fit(question, tool)):
            return tool
    return None


def _parameters(tool: Function) -> Mapping[str, Any]:
    parameters: Mapping[str, Any] = tool.get("parameters") or {}
    return parameters


def _properties(tool: Function) -> dict[str, Mapping[str, Any]]:
    schema = _parameters(tool)
    return {name: resolve(own, schema) for name, own in (schema.get("properties") or {}).items()}
