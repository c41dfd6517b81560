"""The answer rules, in order: the first one that has an answer gives it.

A rule takes a `Prompt` and returns a `Draft`, or `None` to pass. To add one, write the function
and put it into `RULES` at its place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from mara_minimax.emulator.arguments import Filler
from mara_minimax.emulator.formats import fixed_format
from mara_minimax.emulator.prompt import (
    Prompt,
    asked_schema,
    read_prompt,
    split_question,
    without_json,
)
from mara_minimax.emulator.react import react
from mara_minimax.emulator.reply import Draft, ToolCall
from mara_minimax.emulator.request import ChatRequest
from mara_minimax.emulator.results import answer_from_results
from mara_minimax.emulator.retrieval import NO_ANSWER, find
from mara_minimax.emulator.schemas import tidy
from mara_minimax.emulator.smalltalk import ready_answer, small_talk
from mara_minimax.emulator.toolcalls import call_of, plan_calls
from mara_minimax.emulator.words import topic

Rule = Callable[[Prompt], Draft | None]

_DEMAND = re.compile(r"by calling the (?:function|tool) (?P<names>`[^`]+`(?: or `[^`]+`)*)")
_QUOTED = re.compile(r"`([^`]+)`")


def answer(request: ChatRequest) -> Draft:
    """What the rules say to a request."""
    prompt = read_prompt(request)
    draft = next(draft for rule in RULES if (draft := rule(prompt)) is not None)
    if prompt.media and draft.text:
        noun = "attachment" if prompt.media == 1 else "attachments"
        return Draft(draft.reasoning, f"I received {prompt.media} {noun}. {draft.text}")
    return draft


def _call_demanded_in_words(prompt: Prompt) -> Draft | None:
    """A system message that demands a call is obeyed, once for each of its functions."""
    demand = _DEMAND.search(prompt.system)
    if demand is None:
        return None
    done = {step.name for step in prompt.steps}
    names = set(_QUOTED.findall(demand["names"])) - done
    pending = [tool for tool in prompt.request.tools if tool["name"] in names]
    if not pending:
        return None
    planned = plan_calls(prompt.question, pending, known=_known(prompt), wanted=True)
    known = _known(prompt)
    calls = planned.calls[:1] or (call_of(pending[-1], prompt.question, known),)
    return _calling(prompt, calls)


def _demanded_call(prompt: Prompt) -> Draft | None:
    """MARA obeys `required` and named choices; MiniMax takes them for a hint."""
    if prompt.provider != "mara" or prompt.tool_choice in ("none", "auto"):
        return None
    tools = prompt.request.tools
    named = [tool for tool in tools if tool["name"] == prompt.tool_choice]
    done = {step.name for step in prompt.steps}
    pending = [tool for tool in named or tools if tool["name"] not in done] or named or tools
    planned = plan_calls(prompt.question, pending, known=_known(prompt), wanted=True)
    call = planned.calls[0] if planned.calls else call_of(pending[-1], prompt.question)
    return _calling(prompt, (call,))


def _tool_calls(prompt: Prompt) -> Draft | None:
    """Calls the question still needs: all at once at MiniMax, one at a time at MARA."""
    tools = prompt.request.tools
    if not tools or prompt.tool_choice == "none":
        return None
    wanted = prompt.tool_choice != "auto"
    planned = plan_calls(prompt.question, tools, known=_known(prompt), wanted=wanted)
    pending = planned.calls[len(prompt.steps) :]
    if not pending and wanted and prompt.steps:
        done = {step.name for step in prompt.steps}
        rest = [tool for tool in tools if tool["name"] not in done]
        pending = plan_calls(prompt.question, rest, known=_known(prompt), wanted=True).calls
    if not pending:
        return None
    single = planned.dependent or prompt.provider == "mara"
    return _calling(prompt, pending[:1] if single else pending)


def _tool_results(prompt: Prompt) -> Draft | None:
    if not prompt.ends_with_results:
        return None
    subject = topic(prompt.question)
    reasoning = f'The tools have answered what the user asks about "{subject}"; I report it.'
    return Draft(reasoning, answer_from_results(prompt.question, prompt.steps))


def _json(prompt: Prompt) -> Draft | None:
    """JSON by a schema, or an object with the answer where only JSON is asked for."""
    wanted: Mapping[str, Any] = prompt.request.body.get("response_format") or {}
    obeyed = wanted if prompt.provider == "mara" else {}
    given = (obeyed.get("json_schema") or {}).get("schema") or asked_schema(prompt)
    schema = tidy(given) if given else None
    if schema is None and obeyed.get("type") != "json_object":
        return None
    question, own = split_question(without_json(prompt.text) or prompt.question)
    context = own if own else prompt.context if "{" not in prompt.context else ""
    sentence = _sentence(prompt, question, context)
    if schema is None:
        value: Any = {"answer": sentence}
    else:
        material = f"{question}\n{context}" if context else question
        value, _ = Filler(material, schema, sentence=sentence).object(schema)
    reasoning = f'The user wants JSON about "{topic(question)}"; I fill the fields one by one.'
    return Draft(reasoning, json.dumps(value, ensure_ascii=False))


def _grounded(prompt: Prompt) -> Draft | None:
    """The sentences of the context that fit the question."""
    if not prompt.context:
        return None
    finding = find(prompt.question, prompt.context)
    if finding is not None:
        reasoning = (
            f'The user asks about "{topic(prompt.question)}". The context speaks of '
            f'"{finding.topic}", so I look for the sentences closest to it.'
        )
        return Draft(reasoning, finding.text)
    talk = ready_answer(prompt.question, prompt.earlier)
    if talk:
        return Draft(f'The context is no help with "{topic(prompt.question)}".', talk)
    subject = topic(prompt.question)
    reasoning = f'I searched the context for "{subject}" and found nothing.'
    return Draft(reasoning, f'{NO_ANSWER} about "{subject}".')


def _small_talk(prompt: Prompt) -> Draft:
    subject = topic(prompt.question, prompt.question.strip()[:60])
    reasoning = f'The user asks about "{subject}". I answer briefly and to the point.'
    return Draft(reasoning, small_talk(prompt.question, prompt.earlier))


def _calling(prompt: Prompt, calls: tuple[ToolCall, ...]) -> Draft:
    named = " and ".join(dict.fromkeys(call.name for call in calls))
    subject = topic(prompt.question)
    fits = f"{named} fits, so I call it." if len(calls) == 1 else f"I call {named} for that."
    return Draft(f'The user asks about "{subject}". {fits}', calls=calls)


def _known(prompt: Prompt) -> str:
    return "\n".join([prompt.context, *(step.result for step in prompt.steps)]).strip()


def _sentence(prompt: Prompt, question: str, context: str) -> str:
    finding = find(question, context) if context else None
    return finding.text if finding else small_talk(question, prompt.earlier)


RULES: tuple[Rule, ...] = (
    react,
    _call_demanded_in_words,
    _demanded_call,
    _tool_calls,
    _tool_results,
    fixed_format,
    _json,
    _grounded,
    _small_talk,
)
