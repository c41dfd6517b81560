"""The answer rules, in order: the first one that has an answer gives it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from mara_minimax.emulator.answers.arguments import fill_object
from mara_minimax.emulator.answers.arithmetic import find_calculation
from mara_minimax.emulator.answers.retrieval import find
from mara_minimax.emulator.answers.tools import calls_for
from mara_minimax.emulator.answers.words import topic
from mara_minimax.emulator.types.reply import Reply
from mara_minimax.emulator.types.request import ChatRequest, ToolResult

_LABELLED = re.compile(r"^[ \t]*(?:question|query)[ \t]*:[ \t]*(.+)$", re.IGNORECASE | re.MULTILINE)
_ASKING = re.compile(r"^.*\?[ \t]*$", re.MULTILINE)
_QUOTED_WHOLE = 400


@dataclass(frozen=True)
class _Prompt:
    """A request as the rules see it."""

    request: ChatRequest
    question: str
    documents: str
    """All text beside the question: the rest of its message, and the system message."""

    @property
    def subject(self) -> str:
        return topic(self.question) or self.question.strip()[:60]


def answer(request: ChatRequest) -> Reply:
    """What the model says where no one scripts it.

    A tool that fits the question is called, and its result reported. Otherwise the answer comes
    from the documents in the prompt, from what the user said before, or from arithmetic; a JSON
    schema is filled with words of the question.
    """
    text = request.question.text
    found = _LABELLED.findall(text) or _ASKING.findall(text)
    question = found[-1].strip() if found else text
    system = (m.text for m in request.messages if m.role in ("system", "developer"))
    documents = "\n\n".join([text.replace(question, "\n") if found else "", *system])
    prompt = _Prompt(request, question, documents)
    return next(reply for rule in _RULES if (reply := rule(prompt)) is not None)


def _call(prompt: _Prompt) -> Reply | None:
    calls = calls_for(prompt.request, prompt.question)
    if not calls:
        return None
    names = " and ".join(dict.fromkeys(call.name for call in calls))
    reasoning = f'The user asks about "{prompt.subject}". I call {names} for that.'
    return Reply(reasoning=reasoning, tool_calls=calls)


def _report(prompt: _Prompt) -> Reply | None:
    if prompt.request.messages[-1].role != "tool":
        return None
    reasoning = f'The tools have answered what the user asks about "{prompt.subject}".'
    statements = (_statement(prompt.question, result) for result in prompt.request.results)
    return Reply(" ".join(statements), reasoning)


def _statement(question: str, result: ToolResult) -> str:
    """A short result word for word, a long one by its best sentences."""
    text = result.text.strip()
    if len(text) > _QUOTED_WHOLE:
        return find(question, text) or f"What {result.name} returned does not tell that."
    return f"{result.name} says: {text.rstrip('.')}."


def _fill_json(prompt: _Prompt) -> Reply | None:
    """JSON by a schema: MARA obeys `response_format`, MiniMax one in the prompt alone."""
    wanted = prompt.request.response_format if prompt.request.provider == "mara" else None
    schema = ((wanted or {}).get("json_schema") or {}).get("schema") or _schema_in(prompt)
    if wanted is None and schema is None:
        return None
    said = (_retrieve(prompt) or _say(prompt)).text
    material = prompt.question.partition("{")[0] or prompt.question
    value = fill_object(schema, material, said) if schema else {"answer": said}
    reasoning = f'The user wants JSON about "{prompt.subject}"; I fill the fields one by one.'
    return Reply(json.dumps(value, ensure_ascii=False), reasoning)


def _schema_in(prompt: _Prompt) -> dict[str, Any] | None:
    """The last JSON schema in the prompt, as examples come first."""
    texts = [prompt.documents, prompt.question]
    values = (value for text in texts if "json" in text.lower() for value in _objects_in(text))
    schemas = [value for value in values if isinstance(value.get("properties"), dict)]
    return schemas[-1] if schemas else None


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


def _retrieve(prompt: _Prompt) -> Reply | None:
    """The sentences of the documents that fit the question."""
    found = find(prompt.question, prompt.documents)
    reasoning = f'The user asks about "{prompt.subject}"; I look for it in the documents.'
    return Reply(found, reasoning) if found else None


def _say(prompt: _Prompt) -> Reply:
    """A sum, a sentence that the user said before, or the subject alone."""
    calculation = find_calculation(prompt.question)
    said = [m.text for m in prompt.request.messages if m.role == "user"][:-1]
    earlier = "\n\n".join(text for text in said if not text.rstrip().endswith("?"))
    remembered = find(prompt.question, earlier, limit=1)
    if calculation:
        text = str(calculation)
    elif remembered:
        text = f"You said earlier: {remembered}"
    else:
        text = (
            f'You asked about "{prompt.subject}"; this emulator has no model, so naming the '
            "subject is all it can do."
        )
    return Reply(
        text, f'The user asks about "{prompt.subject}". I answer briefly and to the point.'
    )


_RULES: tuple[Callable[[_Prompt], Reply | None], ...] = (
    _call,
    _report,
    _fill_json,
    _retrieve,
    _say,
)
