"""Decode a whole reply, by the same path as a stream of it."""

from __future__ import annotations

from typing import Any

from mara_minimax.failures.reports import reports_failure
from mara_minimax.providers.endpoints import Provider
from mara_minimax.reply.decoder import ReplyDecoder
from mara_minimax.reply.messages import message_in
from mara_minimax.secrets.redaction import NO_SECRETS, Redactor
from mara_minimax.types import JSONObject, Reply


def decode_body(
    body: Any, provider: Provider, decoder: ReplyDecoder, redactor: Redactor = NO_SECRETS
) -> Reply:
    """Return the reply in a parsed 2xx body, read by an unused `decoder`.

    Raises the provider's error for a body that reports one (`base_resp`, `error`), and
    `InvalidReplyError` for one without an answer, such as `choices: null`. `redactor` cleans
    what these repeat of the body.
    """
    if not isinstance(body, dict) or reports_failure(body) or not _has_answer(body):
        # Loads the openai SDK, which calls that succeed do without.
        from mara_minimax.failures.answers import error_in_body

        raise error_in_body(body, provider, redactor)
    decoder.decode(body)
    reply = decoder.flush().reply
    assert reply is not None  # noqa: S101 - what `flush` promises, for the type checker
    return reply


def _has_answer(body: JSONObject) -> bool:
    choices = body.get("choices")
    if not isinstance(choices, list):
        return False
    return any(isinstance(choice, dict) and message_in(choice) is not None for choice in choices)
