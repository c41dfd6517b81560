"""Repair of histories: the provider's rules accept what comes out, and nothing else changes.

The rules are the emulator's, which shares no code with the repair.
"""

from __future__ import annotations

import copy
import json
from typing import Any

from mara_minimax.emulator.checks.mara import MARA_RULES
from mara_minimax.emulator.checks.minimax import MINIMAX_RULES
from mara_minimax.emulator.checks.validation import Candidate, first_refusal
from mara_minimax.emulator.types.models import MARA_MODELS, MINIMAX_MODELS
from mara_minimax.errors import MaraMiniMaxError
from mara_minimax.providers.endpoints import MARA, MINIMAX, Provider
from mara_minimax.request.encode import encode_request
from mara_minimax.types import Reasoning
from tests.fuzz.source import Source, once_in, pick, several, text

TARGETS: tuple[tuple[Provider, str], ...] = (
    (MINIMAX, "MiniMax-M2"),
    (MARA, "MiniMax-M2.5"),
    (MARA, "gpt-oss-120b"),
    (MARA, "DeepSeek-V3.1"),
)
ROLES = (
    "user", "assistant", "tool", "system", "developer", "human", "ai", "model",
    "function", "chatbot",
)  # fmt: skip
WORDS = (
    "hi",
    " ",
    "\n",
    "",
    "Zürich 🎉",
    "\u200b",
    "\x00",
    "\ufeff",
    "<think>",
    "{}",
    "👨\u200d👩",
)
IDS: tuple[Any, ...] = ("a", "b", "", None, "call_unnamed_1")
ARGUMENTS: tuple[Any, ...] = (
    "{}", '{"a": 1}', "", None, "{", "[]", "null", '"x"', {}, {"a": "é"}, '{"a": "\\ud800"}',
    "[" * 2000,
)  # fmt: skip
REASONINGS: tuple[Any, ...] = (
    Reasoning("so", "inline", "minimax", "minimax", prefix="<think>\n", suffix="\n</think>\n\n"),
    Reasoning("so", "reasoning_details", "minimax", "minimax", details=[{"text": "so"}]),
    Reasoning("so", "reasoning", "mara", "gpt-oss", channel="analysis"),
    Reasoning("", "inline", "mara", "minimax"),
    Reasoning("so", "reasoning_content", "minimax", "minimax", suffix="\n</think>"),
    "plain",
    None,
)
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}


def check_history(source: Source) -> int:
    """Check one conversation; return how often it was encoded."""
    provider, model = pick(source, TARGETS)
    messages = [_message(source) for _ in range(1 + source.below(7))]
    parameters = {"model": model, **({"tools": [TOOL]} if source.below(2) else {})}
    replay = not once_in(source, 3)
    before = copy.deepcopy(messages)
    try:
        request = encode_request(messages, parameters, provider=provider, replay_reasoning=replay)
    except MaraMiniMaxError:
        assert messages == before
        return 1
    assert messages == before
    body = request.body
    body = json.loads(json.dumps(body))
    _check_rules(provider, model, body)
    again = encode_request(body["messages"], parameters, provider=provider)
    assert again.body["messages"] == body["messages"]
    assert again.changes == ()
    _check_nothing_lost(before, body["messages"])
    return 2


def _check_rules(provider: Provider, model: str, body: dict[str, Any]) -> None:
    if provider is MINIMAX:
        refusal = first_refusal(Candidate(body, MINIMAX_MODELS[model]), MINIMAX_RULES)
    else:
        refusal = first_refusal(Candidate(body, MARA_MODELS[model]), MARA_RULES)
    assert refusal is None, refusal


def _check_nothing_lost(given: list[dict[str, Any]], sent: list[dict[str, Any]]) -> None:
    """Assert that each thing a user said is still said, and each call still made."""
    sent_text = json.dumps(sent, ensure_ascii=False)
    for message in given:
        content = message.get("content")
        if isinstance(content, str) and "hi" in content:
            assert "hi" in sent_text
    wanted = sum(len(message.get("tool_calls") or ()) for message in given)
    assert sum(len(message.get("tool_calls") or ()) for message in sent) == wanted


def _message(source: Source) -> dict[str, Any]:
    role = pick(source, ROLES)
    message: dict[str, Any] = {"role": role}
    if not once_in(source, 6):
        message["content"] = _content(source)
    if role in ("assistant", "ai", "model", "chatbot"):
        if source.below(2):
            message["tool_calls"] = several(source, 3, _call)
        if source.below(2):
            message["reasoning"] = pick(source, REASONINGS)
    if role in ("tool", "function"):
        message["tool_call_id"] = pick(source, IDS)
    if once_in(source, 5):
        message[pick(source, ("name", "id", "session", "refusal"))] = pick(source, ("x", None))
    return message


def _content(source: Source) -> Any:
    kind = source.below(5)
    if kind < 3:
        return text(source, WORDS, 3)
    if kind == 3:
        return [
            {"type": "text", "text": f"{text(source, WORDS, 2)}."} for _ in range(source.below(3))
        ]
    return None


def _call(source: Source) -> dict[str, Any]:
    function = {"name": "f", "arguments": pick(source, ARGUMENTS)}
    return {"id": pick(source, IDS), "type": "function", "function": function}
