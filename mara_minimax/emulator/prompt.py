"""Reading a request: which text is the question, which is context, what was done before."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mara_minimax.emulator.request import ChatRequest, media_of, text_of

_END_LABEL = (
    r"(?:(?:final |helpful |refined |new |original |existing )?answer|instructions?|response"
    r"|standalone question|summary)"
)
_QUESTION_LABEL = (
    r"(?:(?:user |original |input )?(?:question|query)|the original query is as follows)"
)
_QUESTION = re.compile(
    rf"^[ \t]*(?:{_QUESTION_LABEL})[ \t]*:[ \t]*(?P<text>.+?)"
    rf"(?=\n[ \t]*(?:{_END_LABEL}|[\w ]{{0,20}}context)[ \t]*:|\nWe have |\n\s*\n|\Z)",
    re.IGNORECASE | re.DOTALL | re.MULTILINE,
)
_RULED = re.compile(
    r"(?:^|(?<=\.))-{5,}[ \t]*\n(?P<text>.*?)\n?^-{5,}[ \t]*$", re.DOTALL | re.MULTILINE
)
_TAGGED = re.compile(
    r"<(?P<tag>context|documents?|docs|sources?|passages?|excerpts?|data)\b[^>]*>"
    r"(?P<text>.*?)</(?P=tag)>",
    re.DOTALL | re.IGNORECASE,
)
_LABELLED = re.compile(
    r"^[^\n]{0,160}\b(?:context|documents?|passages?|excerpts|sources|information|notes)\b"
    r"[^\n.?!:]{0,60}:[ \t]*\n*(?P<text>.+?)"
    rf"(?=\n[ \t]*(?:{_QUESTION_LABEL}|{_END_LABEL})[ \t]*:|\Z)",
    re.DOTALL | re.IGNORECASE | re.MULTILINE,
)
_PIECES_OF_CONTEXT = re.compile(
    r"^Use the following pieces of [^\n]*\n\s*\n(?P<text>.+?)(?=\n[ \t]*Question[ \t]*:|\Z)",
    re.DOTALL | re.MULTILINE,
)
_INSTRUCTION = re.compile(
    r"^(?:you are|you're|use |using |answer|if you|if the|do not|don't|never|always|given the"
    r"|please|keep|avoid|respond|based on|only|be |write|return|provide|think|let'?s|say|make sure"
    r"|treat|cite|some rules|your (?:task|job|goal)|act as|follow|try to|when |remember to)",
    re.IGNORECASE,
)
_SPEAKS_OF_CONTEXT = re.compile(
    r"\b(?:context|documents?|passages?|excerpts|sources|information)\b", re.IGNORECASE
)
_EXISTING_ANSWER = re.compile(
    r"(?:existing answer|original answer)[ \t]*:[ \t]*\n?(?P<text>.+?)"
    r"(?=\nWe have |\n-{5,}|\n[ \t]*(?:new|refined) answer[ \t]*:|\n\s*Instruction|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_ASKS = re.compile(
    r"\?\s*\Z|\A(?:summari[sz]e|explain|describe|extract|translate|list|name|give|write)\b[^\n]*\Z"
    r"|\A(?:summari[sz]e|explain|describe)\b",
    re.IGNORECASE,
)
_OPEN_LABEL = re.compile(rf"{_END_LABEL}\s*:\W*", re.IGNORECASE)
_LEAST_CONTEXT = 60
_LEAST_UNLABELLED_SYSTEM = 300


@dataclass(frozen=True)
class Step:
    """A tool call of this turn with its result."""

    name: str
    result: str


@dataclass(frozen=True)
class Prompt:
    """A request as the rules see it."""

    request: ChatRequest
    system: str
    text: str
    """The whole of the user message that is being answered."""
    question: str
    context: str
    existing_answer: str
    steps: tuple[Step, ...]
    ends_with_results: bool
    earlier: tuple[str, ...]
    """Texts of the user before this turn, oldest first."""
    media: int

    @property
    def provider(self) -> str:
        """Name of the provider that is asked."""
        return self.request.provider

    @property
    def tool_choice(self) -> str:
        """`none`, `auto`, `required`, or the name of a tool."""
        choice = self.request.body.get("tool_choice")
        function = choice.get("function") if isinstance(choice, dict) else None
        if isinstance(function, dict):
            return str(function.get("name", "auto"))
        return choice if isinstance(choice, str) else "auto"


def read_prompt(request: ChatRequest) -> Prompt:
    """Take a request apart."""
    messages = request.messages
    system = "\n\n".join(
        text_of(message) for message in messages if message["role"] in ("system", "developer")
    )
    users = [place for place, message in enumerate(messages) if message["role"] == "user"]
    last = users[-1] if users else len(messages) - 1
    text = text_of(messages[last])
    question, own_context = split_question(text)
    context = "\n\n".join(part for part in (own_context, context_of_system(system)) if part)
    existing = _EXISTING_ANSWER.search(text) or _EXISTING_ANSWER.search(system)
    return Prompt(
        request=request,
        system=system,
        text=text,
        question=question,
        context=context,
        existing_answer=existing["text"].strip() if existing else "",
        steps=tuple(_steps(messages[last:])),
        ends_with_results=messages[-1]["role"] == "tool",
        earlier=tuple(text_of(messages[place]) for place in users[:-1]),
        media=len(media_of(messages[last])),
    )


def split_question(text: str) -> tuple[str, str]:
    """The question of a user message and the context around it, either of which may be all."""
    context = _marked_context(text)
    labelled = list(_QUESTION.finditer(text))
    if labelled:
        return labelled[-1]["text"].strip(), context
    if context:
        rest = text
        for pattern in (_RULED, _TAGGED, _LABELLED):
            rest = pattern.sub("\n", rest)
        return _question_in(rest) or "Summarize the text.", context
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]
    if len(paragraphs) > 1 and _OPEN_LABEL.fullmatch(paragraphs[-1]):
        paragraphs.pop()
    if len(paragraphs) > 1:
        return _among_paragraphs(paragraphs)
    # "Summarize this: ..." and "Translate: ..." carry their text after the colon.
    head, colon, tail = text.partition(":")
    if colon and len(tail) >= _LEAST_CONTEXT and re.search(r"\b(summar|key points)", head.lower()):
        return head.strip(), tail.strip()
    return text.strip(), ""


def context_of_system(system: str) -> str:
    """The context that a system message holds, without its instructions."""
    if "Action Input:" in system:
        return ""
    marked = _marked_context(system)
    if marked:
        return marked
    instruction, _, rest = system.partition("\n\n")
    if _SPEAKS_OF_CONTEXT.search(instruction) and rest.strip():
        return rest.strip()
    return "" if len(system) < _LEAST_UNLABELLED_SYSTEM else without_instructions(system)


def without_instructions(text: str) -> str:
    """The lines of a text that do not tell the model what to do."""
    kept = [line for line in text.splitlines() if not _INSTRUCTION.match(line.strip("-*# \t"))]
    return "\n".join(kept).strip()


def _marked_context(text: str) -> str:
    for pattern in (_RULED, _TAGGED, _PIECES_OF_CONTEXT, _LABELLED):
        found = [match["text"].strip() for match in pattern.finditer(text)]
        found = [part for part in found if len(part) >= _LEAST_CONTEXT or pattern is _RULED]
        if found:
            return "\n\n".join(found)
    return ""


def _question_in(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    asking = [line for line in lines if line.endswith("?")]
    if asking:
        return asking[-1]
    kept = [line for line in lines if not _INSTRUCTION.match(line)]
    return kept[-1] if kept else ""


def _among_paragraphs(paragraphs: list[str]) -> tuple[str, str]:
    """The last paragraph that asks is the question, or the first; the rest is context."""
    asking = [place for place, text in enumerate(paragraphs) if _ASKS.search(text)]
    if asking:
        place = asking[-1]
    else:
        place = 0 if len(paragraphs[0]) <= len(paragraphs[-1]) else len(paragraphs) - 1
    rest = "\n\n".join(paragraphs[:place] + paragraphs[place + 1 :])
    return paragraphs[place], without_instructions(rest) if len(rest) >= _LEAST_CONTEXT else ""


def _steps(turn: list[dict[str, Any]]) -> list[Step]:
    called: dict[Any, Mapping[str, Any]] = {}
    steps = []
    for message in turn:
        for call in message.get("tool_calls") or []:
            called[call.get("id")] = call.get("function", {})
        if message["role"] == "tool":
            function = called.get(message.get("tool_call_id"), {})
            name = function.get("name") or message.get("name") or "the tool"
            steps.append(Step(str(name), text_of(message)))
    return steps


def asked_schema(prompt: Prompt) -> dict[str, Any] | None:
    """The JSON schema a message asks to follow; the last one, as examples come first."""
    for text in (prompt.text, prompt.system):
        if "json" not in text.lower():
            continue
        if "{{" in text and not any(map(_is_schema, _json_objects(text))):
            # LlamaIndex escapes braces for its templates and does not always undo it.
            text = text.replace("{{", "{").replace("}}", "}")
        schemas: list[dict[str, Any]] = [item for item in _json_objects(text) if _is_schema(item)]
        if schemas:
            return schemas[-1]
    return None


def without_json(text: str) -> str:
    """The text up to its first JSON object, without the line that announces it."""
    start = text.find("{")
    lines = (text if start < 0 else text[:start]).splitlines()
    kept = [line for line in lines if "json" not in line.lower() and "schema" not in line.lower()]
    return "\n".join(line for line in kept if line.strip(" `")).strip()


def _json_objects(text: str) -> list[Any]:
    decoder = json.JSONDecoder()
    found = []
    place = text.find("{")
    while place >= 0:
        try:
            value, end = decoder.raw_decode(text, place)
        except ValueError:
            place = text.find("{", place + 1)
            continue
        found.append(value)
        place = text.find("{", end)
    return found


def _is_schema(value: object) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("properties"), dict):
        return False
    return all(isinstance(item, dict) for item in value["properties"].values())
