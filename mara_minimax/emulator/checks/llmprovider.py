"""What llmprovider.ai refuses: the ranges of its one page (2025-03-26), in OpenAI's error form."""

from __future__ import annotations

from collections.abc import Callable

from mara_minimax.emulator.checks.validation import (
    Candidate,
    Rule,
    between,
    is_integer,
    messages_are_objects,
    parameters,
)
from mara_minimax.emulator.types.body import prompt_tokens, text_of
from mara_minimax.emulator.types.refusal import Refusal, bad_request

_ROLES = frozenset({"system", "user", "assistant"})


def _messages(candidate: Candidate) -> Refusal | None:
    messages = candidate.body.get("messages")
    if not messages or not messages_are_objects(messages):
        return bad_request("invalid_type", "messages must be a non-empty array.", "messages")
    for message in messages:
        if message.get("role") not in _ROLES:
            text = f"{message.get('role')!r} is not one of the roles system, user, assistant."
            return bad_request("invalid_value", text, "messages")
        if not text_of(message):
            return bad_request("invalid_value", "content must not be empty.", "messages")
    return None


def _saying(text: str) -> Callable[[str, object], Refusal]:
    return lambda name, _: bad_request("invalid_value", f"{name} {text}", name)


_PARAMETERS = parameters(
    ("temperature", between(0, 1), _saying("must be between 0 and 1.")),
    ("top_p", between(0, 1), _saying("must be between 0 and 1.")),
    ("max_tokens", lambda v: is_integer(v) and v > 0, _saying("must be a positive integer.")),
    ("stop", lambda v: not isinstance(v, list) or len(v) <= 4, _saying("takes up to 4 sequences.")),
)


def _context_window(candidate: Candidate) -> Refusal | None:
    window = candidate.model.context_window
    if prompt_tokens(candidate.body) <= window:
        return None
    text = f"This model's maximum context length is {window} tokens."
    return bad_request("context_length_exceeded", text, "messages")


MISSING_MODEL = bad_request("invalid_type", "model must be a non-empty string.", "model")
UNREADABLE_BODY = bad_request("invalid_json", "The request body is not valid JSON.")
WRONG_KEY = Refusal(401, "invalid_api_key", "Incorrect API key provided.")
LLMPROVIDER_RULES: tuple[Rule, ...] = (_messages, _PARAMETERS, _context_window)
