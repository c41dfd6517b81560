"""From a request's bytes to the reply: key, body, validation, answer, form, scenario."""

from __future__ import annotations

import inspect
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from mara_minimax.emulator.answers.limits import finish
from mara_minimax.emulator.checks.validation import Candidate, first_refusal
from mara_minimax.emulator.faults.situation import Situation
from mara_minimax.emulator.providers import Provider
from mara_minimax.emulator.scenarios import Scenario
from mara_minimax.emulator.types.canned import CannedReply
from mara_minimax.emulator.types.models import Model
from mara_minimax.emulator.types.refusal import Refusal, bad_request
from mara_minimax.emulator.types.reply import Reply
from mara_minimax.emulator.types.request import ChatRequest
from mara_minimax.emulator.wire.identity import Identity
from mara_minimax.emulator.wire.transport import Event, json_reply, stream_reply
from mara_minimax.emulator.wire.wire import Envelope

BAD_KEY = "bad-key"
_UNNAMED = Model("", 0)


Answer = Callable[[ChatRequest], Reply | Awaitable[Reply]]
"""Says what the model says; plain or asynchronous."""


class AnswerError(Exception):
    """The answer function failed or returned something else than a reply."""


@dataclass(frozen=True)
class Question:
    """An arrived chat request and everything about the server that shapes its answer."""

    provider: Provider
    scenario: Scenario
    authorization: str
    body: Any
    """The parsed body; `None` when it is not JSON."""
    answer: Answer
    created: float
    repeat: int
    """How often this very body was asked before."""
    ordinal: int
    delay: float
    retry_after: float


def has_key(authorization: str) -> bool:
    """Whether a header carries a key at all."""
    scheme, _, key = authorization.partition(" ")
    return scheme.lower() == "bearer" and bool(key.strip())


def refuse(provider: Provider, refusal: Refusal, created: float, ordinal: int) -> CannedReply:
    """A refusal outside of chat completions, in the provider's form."""
    identity = Identity(provider.name, refusal.message, str(ordinal))
    return provider.wire.error(refusal, Envelope(identity, _UNNAMED, created, ordinal))


def accepted_key(authorization: str) -> bool:
    """Any key but the one that stands for a wrong one."""
    return has_key(authorization) and authorization.partition(" ")[2].strip() != BAD_KEY


async def reply_to(question: Question) -> CannedReply:
    """The reply of the provider under the scenario."""
    provider = question.provider
    seed = json.dumps(question.body, sort_keys=True)
    identity = Identity(provider.name, seed, str(question.repeat))
    envelope = Envelope(identity, _UNNAMED, question.created, question.ordinal)
    checked = _checked(question)
    if isinstance(checked, Refusal):
        return provider.wire.error(checked, envelope)
    tier = checked.body.get("service_tier") or "standard"
    envelope = replace(envelope, model=checked.model, service_tier=tier)
    request = ChatRequest.from_body(checked.body, provider=provider.name, model=checked.model.id)
    situation = Situation(
        provider=provider.name,
        wire=provider.wire,
        envelope=envelope,
        stream=request.stream,
        wrong_key=provider.wrong_key(),
        retry_after=question.retry_after,
    )
    scenario = question.scenario
    streams_failure = request.stream and scenario.stream_failure is not None
    if scenario.failure is not None and not streams_failure:
        return scenario.failure(situation)
    thinks = provider.wire.thinks(request, checked.model)
    reply = finish(await _asked(question.answer, request), request, thinks=thinks)
    if _truncated_json(reply, request):
        return provider.wire.error(_TRUNCATED_JSON, envelope)
    return _on_the_wire(reply, request, question, situation)


def _checked(question: Question) -> Candidate | Refusal:
    provider, body = question.provider, question.body
    if not accepted_key(question.authorization):
        return provider.wrong_key()
    if not isinstance(body, dict):
        return provider.unreadable_body()
    name = body.get("model")
    model = provider.find_model(name) if isinstance(name, str) else None
    if model is None:
        return provider.unknown_model(name)
    candidate = Candidate(body, model)
    return first_refusal(candidate, (*provider.rules, *question.scenario.rules)) or candidate


async def _asked(answer: Answer, request: ChatRequest) -> Reply:
    try:
        result = answer(request)
        reply = await result if inspect.isawaitable(result) else result
    except Exception as error:
        shown = f"{type(error).__name__}: {error}"
        raise AnswerError(f"The emulator's answer function raised {shown}") from error
    if not isinstance(reply, Reply):
        kind = type(reply).__name__
        raise AnswerError(f"The emulator's answer function returned {kind} instead of a Reply.")
    return reply


def _on_the_wire(
    reply: Reply, request: ChatRequest, question: Question, situation: Situation
) -> CannedReply:
    scenario, wire, envelope = question.scenario, situation.wire, situation.envelope
    if scenario.reply is not None:
        reply = scenario.reply(reply, request)
    form = replace(wire.default_form(request, envelope.model), **scenario.form)
    headers = wire.headers(envelope)
    if not request.stream:
        body = wire.body(reply, form, envelope)
        return json_reply(
            scenario.body(body) if scenario.body else body,
            transport=scenario.transport,
            encode=wire.encode,
            headers=headers,
            delay=question.delay,
        )
    payloads = wire.events(reply, form, envelope)
    if scenario.events is not None:
        payloads = scenario.events(payloads)
    return stream_reply(
        _with_failure([Event(payload) for payload in payloads], situation, scenario),
        done=form.done and scenario.stream_failure is None,
        transport=scenario.transport,
        encode=wire.encode,
        headers=headers,
        delay=question.delay,
    )


def _with_failure(events: list[Event], situation: Situation, scenario: Scenario) -> list[Event]:
    if scenario.stream_failure is None:
        return events
    return [*events[: max(1, len(events) // 2)], scenario.stream_failure(situation)]


def _truncated_json(reply: Reply, request: ChatRequest) -> bool:
    wanted = request.provider == "mara" and request.response_format
    return bool(wanted) and reply.finish_reason == "length"


# Reported by a MARA client (2026-06) for `json_object` with too few tokens.
_TRUNCATED_JSON = bad_request(
    "invalid_model_output",
    "Model did not output valid JSON. The output was truncated before a complete JSON object "
    "could be generated",
)
