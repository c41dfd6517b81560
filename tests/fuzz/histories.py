"""Repair of histories: the provider's rules accept what comes out, and nothing else changes.

The rules are the emulator's, which shares no code with the repair.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from mara_minimax.emulator.checks.mara import MARA_RULES
from mara_minimax.emulator.checks.minimax import MINIMAX_RULES
from mara_minimax.emulator.checks.validation import Candidate, first_refusal
from mara_minimax.emulator.types.models import MARA_MODELS, MINIMAX_MODELS
from mara_minimax.errors import MaraMiniMaxError
from mara_minimax.providers.endpoints import MARA, MINIMAX, Provider
from mara_minimax.request.encode import encode_request
from mara_minimax.types import Reasoning
from tests.fuzz.calls import TOOL

_MODELS: tuple[tuple[Provider, str], ...] = (
    (MINIMAX, "MiniMax-M2"),
    (MARA, "MiniMax-M2.5"),
    (MARA, "gpt-oss-120b"),
    (MARA, "DeepSeek-V3.1"),
)
_ASSISTANTS = ("assistant", "ai", "model", "chatbot")
_TOOLS = ("tool", "function")
_OTHERS = ("user", "system", "developer", "human")
_WORDS = (
    "hi", " ", "\n", "", "Zürich 🎉", "\u200b", "\x00", "\ufeff", "<think>", "{}", "👨\u200d👩",
)  # fmt: skip
_IDS = st.sampled_from(("a", "b", "", None, "call_unnamed_1"))
_ARGUMENTS: tuple[Any, ...] = (
    "{}", '{"a": 1}', "", None, "{", "[]", "null", '"x"', {}, {"a": "é"}, '{"a": "\\ud800"}',
    "[" * 2000,
)  # fmt: skip
_REASONINGS: tuple[Any, ...] = (
    Reasoning("so", "inline", "minimax", "minimax", prefix="<think>\n", suffix="\n</think>\n\n"),
    Reasoning("so", "reasoning_details", "minimax", "minimax", details=[{"text": "so"}]),
    Reasoning("so", "reasoning", "mara", "gpt-oss", channel="analysis"),
    Reasoning("", "inline", "mara", "minimax"),
    Reasoning("so", "reasoning_content", "minimax", "minimax", suffix="\n</think>"),
    "plain",
    None,
)
_TEXTS = st.lists(st.sampled_from(_WORDS), max_size=3).map("".join)
_CONTENTS = (
    _TEXTS
    | _TEXTS
    | st.none()
    | st.lists(_TEXTS.map(lambda text: {"type": "text", "text": f"{text}."}), max_size=2)
)
_CALLS = st.builds(
    lambda call_id, arguments: {
        "id": call_id,
        "type": "function",
        "function": {"name": "f", "arguments": arguments},
    },
    _IDS,
    st.sampled_from(_ARGUMENTS),
)


def _messages(roles: tuple[str, ...], **fields: Any) -> st.SearchStrategy[dict[str, Any]]:
    stray = {name: st.sampled_from(("x", None)) for name in ("name", "id", "session", "refusal")}
    return st.fixed_dictionaries(
        {"role": st.sampled_from(roles)}, optional={"content": _CONTENTS, **fields, **stray}
    )


_RESULTS = st.builds(
    lambda message, call_id: {**message, "tool_call_id": call_id}, _messages(_TOOLS), _IDS
)


@dataclass(frozen=True)
class Case:
    """A conversation and where it goes."""

    target: tuple[Provider, str]
    messages: list[dict[str, Any]]
    with_tools: bool
    replay: bool


CASES = st.builds(
    Case,
    st.sampled_from(_MODELS),
    st.lists(
        _messages(_OTHERS)
        | _RESULTS
        | _messages(
            _ASSISTANTS,
            tool_calls=st.lists(_CALLS, max_size=3),
            reasoning=st.sampled_from(_REASONINGS),
        ),
        min_size=1,
        max_size=7,
    ),
    st.booleans(),
    st.booleans(),
)


def check_history(case: Case) -> int:
    """Check one conversation; return how often it was encoded."""
    provider, model = case.target
    parameters = {"model": model, **({"tools": [TOOL]} if case.with_tools else {})}
    before = copy.deepcopy(case.messages)
    try:
        request = encode_request(
            case.messages, parameters, provider=provider, replay_reasoning=case.replay
        )
    except MaraMiniMaxError:
        assert case.messages == before
        return 1
    assert case.messages == before
    body = json.loads(json.dumps(request.body))
    rules, models = MARA_RULES, MARA_MODELS
    if provider is MINIMAX:
        rules, models = MINIMAX_RULES, MINIMAX_MODELS
    refusal = first_refusal(Candidate(body, models[model]), rules)
    assert refusal is None, refusal
    again = encode_request(body["messages"], parameters, provider=provider)
    assert again.body["messages"] == body["messages"]
    assert again.changes == ()
    _check_nothing_lost(before, body["messages"])
    return 2


def _check_nothing_lost(given: list[dict[str, Any]], sent: list[dict[str, Any]]) -> None:
    """Assert that each thing a user said is still said, and each call still made."""
    sent_text = json.dumps(sent, ensure_ascii=False)
    for message in given:
        content = message.get("content")
        if isinstance(content, str) and "hi" in content:
            assert "hi" in sent_text
    wanted = sum(len(message.get("tool_calls") or ()) for message in given)
    assert sum(len(message.get("tool_calls") or ()) for message in sent) == wanted
