"""From a request's bytes to the reply: key, body, validation, answer, form, scenario."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from mara_minimax.emulator.answers import answer
from mara_minimax.emulator.identity import Identity
from mara_minimax.emulator.models import Model
from mara_minimax.emulator.providers import Provider
from mara_minimax.emulator.records import CannedReply
from mara_minimax.emulator.refusals import Refusal, bad_request
from mara_minimax.emulator.reply import Plan, plan_reply
from mara_minimax.emulator.request import ChatRequest
from mara_minimax.emulator.scenario import Scenario, Situation
from mara_minimax.emulator.transport import Event, json_reply, stream_reply
from mara_minimax.emulator.validation import Candidate, first_refusal
from mara_minimax.emulator.wire import Envelope

BAD_KEY = "bad-key"
_UNNAMED = Model("", 0)


@dataclass(frozen=True)
class Question:
    """An arrived chat request and everything about the server that shapes its answer."""

    provider: Provider
    scenario: Scenario
    authorization: str
    body: Any
    """The parsed body; `None` when it is not JSON."""
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


def reply_to(question: Question) -> CannedReply:
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
    situation = Situation(provider, checked, envelope, question.retry_after)
    return _answered(question, situation)


def _checked(question: Question) -> ChatRequest | Refusal:
    provider, body = question.provider, question.body
    if not accepted_key(question.authorization):
        return provider.wrong_key()
    if not isinstance(body, dict):
        return provider.unreadable_body()
    name = body.get("model")
    model = provider.find_model(name) if isinstance(name, str) else None
    if model is None:
        return provider.unknown_model(name)
    rules = (*provider.rules, *question.scenario.rules)
    refusal = first_refusal(Candidate(body, model), rules)
    return refusal or ChatRequest(body, model, provider.name)


def _answered(question: Question, situation: Situation) -> CannedReply:
    scenario, request = question.scenario, situation.request
    streams_failure = request.stream and scenario.stream_failure is not None
    if scenario.failure is not None and not streams_failure:
        return scenario.failure(situation)
    wire = question.provider.wire
    plan = plan_reply(answer(request), request, thinks=wire.thinks(request))
    if _truncated_json(plan, request):
        return wire.error(_TRUNCATED_JSON, situation.envelope)
    if scenario.plan is not None:
        plan = scenario.plan(plan, request)
    form = replace(wire.default_form(request), **scenario.form)
    headers = wire.headers(situation.envelope)
    if not request.stream:
        body = wire.body(plan, form, situation.envelope)
        return json_reply(
            scenario.body(body) if scenario.body else body,
            transport=scenario.transport,
            encode=wire.encode,
            headers=headers,
            delay=question.delay,
        )
    payloads = wire.events(plan, form, situation.envelope)
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


def _truncated_json(plan: Plan, request: ChatRequest) -> bool:
    wanted: Mapping[str, Any] = request.body.get("response_format") or {}
    return request.provider == "mara" and bool(wanted) and plan.finish_reason == "length"


# Reported by a MARA client (2026-06) for `json_object` with too few tokens.
_TRUNCATED_JSON = bad_request(
    "invalid_model_output",
    "Model did not output valid JSON. The output was truncated before a complete JSON object "
    "could be generated",
)
