"""What MiniMax refuses in parameters and tools, with the messages users report.

Unless a rule says otherwise its source is https://platform.minimax.io/docs (2025-11 to 2026-10)
and the refusals quoted in public issues of clients in that time. Everything not listed is ignored
without a word: penalties, `logit_bias`, `seed`, `stop`, `user`, a forced `tool_choice`,
`response_format`.
"""

from __future__ import annotations

from collections.abc import Callable

from mara_minimax.emulator.checks.minimax_history import HISTORY_RULES
from mara_minimax.emulator.checks.validation import (
    Candidate,
    Rule,
    between,
    is_integer,
    is_number,
    messages_are_objects,
    parameters,
)
from mara_minimax.emulator.types.body import prompt_tokens
from mara_minimax.emulator.types.refusal import Refusal, invalid_params


def _messages_present(candidate: Candidate) -> Refusal | None:
    messages = candidate.body.get("messages")
    if not messages:
        return invalid_params("chat content is empty")
    if not messages_are_objects(messages):
        return invalid_params("Mismatch type []open_platform_oai.Message")
    return None


def _saying(text: str) -> Callable[[str, object], Refusal]:
    return lambda name, _: invalid_params(text.format(name))


def _not_boolean(name: str, value: object) -> Refusal:
    return invalid_params(f"Mismatch type bool of {name} with value {type(value).__name__}")


# `extra_body`: a raw client that posts the SDK's argument literally is told that content is
# missing. `reasoning_split` sent as 1 is refused (reported 2026-06), `stream` likewise.
_PARAMETERS = parameters(
    ("top_p", between(0, 1), _saying("{} must be in [0.0, 1.0]")),
    ("n", lambda v: v == 1, _saying("{} only supports value 1")),
    ("reasoning_split", lambda v: isinstance(v, bool), _not_boolean),
    ("stream", lambda v: isinstance(v, bool), _not_boolean),
    ("function_call", lambda _: False, _saying("{} is not supported, use tools")),
    ("functions", lambda _: False, _saying("{} is not supported, use tools")),
)


def _temperature(candidate: Candidate) -> Refusal | None:
    """As the OpenAI-compatible page of M2 says (2025-11), and the OpenAPI of M3 (2026-06)."""
    value = candidate.body.get("temperature")
    is_newer = candidate.model.family in ("m3", "m3.1")
    allowed = "[0.0, 2.0]" if is_newer else "(0.0, 1.0]"
    if value is None or (is_number(value) and (0 <= value <= 2 if is_newer else 0 < value <= 1)):
        return None
    return invalid_params(f"temperature must be in {allowed}")


def _no_extra_body(candidate: Candidate) -> Refusal | None:
    return invalid_params("chat content is empty") if "extra_body" in candidate.body else None


def _token_limits(candidate: Candidate) -> Refusal | None:
    model = candidate.model
    for name in ("max_tokens", "max_completion_tokens"):
        value = candidate.body.get(name)
        if value is None:
            continue
        if not is_integer(value) or value < 1:
            return invalid_params(f"{name} must be a positive integer")
        if model.max_output is not None and value > model.max_output:
            return invalid_params(
                f"model[{model.id}] does not support max tokens > {model.max_output}"
            )
    return None


def _thinking(candidate: Candidate) -> Refusal | None:
    value = candidate.body.get("thinking")
    if value is None:
        return None
    if not isinstance(value, dict):
        shown = type(value).__name__
        return invalid_params(f"Mismatch type open_platform_oai.ThinkingConfig with value {shown}")
    kind = value.get("type")
    if kind not in ("adaptive", "disabled"):
        return invalid_params(f'invalid thinking.type: "{kind}" (allowed: adaptive, disabled)')
    if kind == "disabled" and candidate.model.family == "m3.1":
        return invalid_params(f"model[{candidate.model.id}] requires adaptive thinking")
    return None


def _tools(candidate: Candidate) -> Refusal | None:
    tools = candidate.body.get("tools")
    if tools is not None and not isinstance(tools, list):
        return invalid_params("Mismatch type []open_platform_oai.Tool")
    for tool, function in candidate.functions:
        if tool.get("type") != "function":
            return invalid_params(f"invalid tool type: {tool.get('type') or ''}")
        if not isinstance(function.get("name"), str) or not function["name"]:
            return invalid_params("function name is empty")
        if not isinstance(function.get("parameters"), dict) or not function["parameters"]:
            return invalid_params("function parameters is empty")
    return None


def _context_window(candidate: Candidate) -> Refusal | None:
    if prompt_tokens(candidate.body) > candidate.model.context_window:
        return invalid_params("context window exceeds limit")
    return None


def unknown_model(name: object) -> Refusal:
    """The name comes back in lower case, as in reported refusals (2026)."""
    return invalid_params(f"unknown model '{str(name or '').lower()}'")


UNREADABLE_BODY = invalid_params("the request body is not valid JSON")
WRONG_KEY = Refusal(401, 1004, "login fail: the Authorization header carries no valid API key")
"""No key and a wrong key get the same answer (captured 2026-04)."""

MINIMAX_RULES: tuple[Rule, ...] = (
    _no_extra_body,
    _messages_present,
    _temperature,
    _PARAMETERS,
    _token_limits,
    _thinking,
    _tools,
    *HISTORY_RULES,
    _context_window,
)
