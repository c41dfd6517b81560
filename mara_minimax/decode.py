"""Decode a whole reply, by the same path as a stream of it."""

from __future__ import annotations

from typing import Any

from mara_minimax.failures import error_in_event, invalid_reply
from mara_minimax.models import ModelProfile
from mara_minimax.providers import Provider
from mara_minimax.stream import ReplyDecoder, message_in
from mara_minimax.types import Reply


def decode_reply(
    body: Any,
    provider: Provider,
    profile: ModelProfile,
    *,
    stop: tuple[str, ...] = (),
    starts_in_reasoning: bool = False,
) -> Reply:
    """Return the reply in a parsed 2xx body.

    Raises the provider's error for a body that reports one (`base_resp`, `error`), and
    `InvalidReplyError` for one without an answer, such as `choices: null`.
    """
    if not isinstance(body, dict):
        raise invalid_reply(body, provider)
    if error := error_in_event(body, provider):
        raise error
    if not _has_answer(body.get("choices")):
        raise invalid_reply(body, provider)
    decoder = ReplyDecoder(provider, profile, stop=stop, starts_in_reasoning=starts_in_reasoning)
    decoder.decode(body)
    reply = decoder.finish().reply
    assert reply is not None  # noqa: S101 - what `finish` promises, for the type checker
    return reply


def _has_answer(choices: Any) -> bool:
    if not isinstance(choices, list):
        return False
    return any(isinstance(choice, dict) and message_in(choice) is not None for choice in choices)
