"""ReAct prompts: tools described in the system message, answers in Thought/Action lines.

The format is LlamaIndex's `ReActAgent` (llama-index-core 0.14, 2026-11).
"""

from __future__ import annotations

import json
import re
from typing import Any

from mara_minimax.emulator.prompt import Prompt, Step
from mara_minimax.emulator.reply import Draft
from mara_minimax.emulator.request import text_of
from mara_minimax.emulator.results import answer_from_results
from mara_minimax.emulator.schemas import tidy
from mara_minimax.emulator.smalltalk import small_talk
from mara_minimax.emulator.toolcalls import plan_calls
from mara_minimax.emulator.words import topic

_TOOL = re.compile(
    r"> Tool Name: (?P<name>[^\n]+)\nTool Description: (?P<description>.*?)\nTool Args: "
    r"(?P<arguments>\{[^\n]*\})",
    re.DOTALL,
)
_OBSERVATION = re.compile(r"^Observation:\s*(?P<text>.*)", re.DOTALL)
_ACTION = re.compile(r"^Action:\s*(?P<name>[^\n]+)", re.MULTILINE)


def react(prompt: Prompt) -> Draft | None:
    """The next Thought with an Action or an Answer; none if the prompt is no ReAct prompt."""
    if "Action Input:" not in prompt.system or "Thought:" not in prompt.system:
        return None
    question, steps = _turn(prompt)
    reasoning = f"The user asks about {topic(question)} and wants the Thought format."
    planned = plan_calls(question, _tools(prompt.system))
    if len(steps) < len(planned.calls):
        call = planned.calls[len(steps)]
        text = (
            f"Thought: I need the tool {call.name} to answer this.\n"
            f"Action: {call.name}\nAction Input: {call.arguments}"
        )
        return Draft(reasoning, text)
    answer = answer_from_results(question, steps) if steps else small_talk(question, ())
    text = f"Thought: I can answer without using any more tools.\nAnswer: {answer}"
    return Draft(reasoning, text)


def _turn(prompt: Prompt) -> tuple[str, list[Step]]:
    """The user's question and the observations since."""
    question, steps, name = "", list[Step](), "the tool"
    for message in prompt.request.messages:
        text = text_of(message)
        observation = _OBSERVATION.match(text.strip())
        if observation and message["role"] in ("user", "tool"):
            steps.append(Step(name, observation["text"].strip()))
        elif message["role"] == "user":
            question, steps = text.strip(), []
        elif message["role"] == "assistant":
            action = _ACTION.search(text)
            name = action["name"].strip() if action else name
    return question, steps


def _tools(system: str) -> list[dict[str, Any]]:
    tools = []
    for match in _TOOL.finditer(system):
        try:
            parameters = json.loads(match["arguments"])
        except ValueError:
            continue
        tools.append(
            {
                "name": match["name"].strip(),
                "description": match["description"].strip(),
                "parameters": tidy(parameters),
            }
        )
    return tools
