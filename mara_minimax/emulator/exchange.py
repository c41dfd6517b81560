"""From a parsed body to the reply: key, checks, answer, scenario, bytes."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from mara_minimax.emulator.answers.limits import finish
from mara_minimax.emulator.checks import mara
from mara_minimax.emulator.checks.validation import Candidate, first_refusal, has_accepted_key
from mara_minimax.emulator.providers import Provider
from mara_minimax.emulator.scenarios import Scenario
from mara_minimax.emulator.types.canned import CannedReply
from mara_minimax.emulator.types.models import Model
from mara_minimax.emulator.types.refusal import Refusal
from mara_minimax.emulator.types.reply import Reply
from mara_minimax.emulator.types.request import ChatRequest
from mara_minimax.emulator.wire.identity import Identity
from mara_minimax.emulator.wire.transport import Event, json_reply, stream_reply
from mara_minimax.emulator.wire.wire import Wire

_UNNAMED = Model("", 0)

Answer = Callable[[ChatRequest], Reply | Awaitable[Reply]]
"""Says what the model says; plain or asynchronous."""


class AnswerError(Exception):
    """The answer function failed or returned something else than a reply."""


@dataclass(frozen=True)
class Exchange:
    """A chat request as it arrived, and all about the server that shapes its reply."""

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


def refuse(provider: Provider, refusal: Refusal, created: float, ordinal: int) -> CannedReply:
    """A refusal outside of chat completions, in the provider's form."""
    identity = Identity(provider.name, refusal.message, str(ordinal))
    return provider.wire(identity, _UNNAMED, created, ordinal).error(refusal)


def reply_to(exchange: Exchange) -> CannedReply:
    """The reply of the provider under the scenario."""
    provider = exchange.provider
    seed = json.dumps(exchange.body, sort_keys=True)
    identity = Identity(provider.name, seed, str(exchange.repeat))
    wire = provider.wire(identity, _UNNAMED, exchange.created, exchange.ordinal)
    checked = _checked(exchange)
    if isinstance(checked, Refusal):
        return wire.error(checked)
    tier = checked.body.get("service_tier") or "standard"
    wire = replace(wire, model=checked.model, service_tier=tier)
    request = ChatRequest.from_body(checked.body, provider=provider.name, model=checked.model.id)
    scenario = exchange.scenario
    if scenario.failure is not None:
        return scenario.failure
    refusal = scenario.refusals.get(provider.name)
    if refusal is not None and not (request.stream and scenario.refuses_halfway):
        refused = wire.error(refusal)
        if scenario.retry_after:
            refused.headers["retry-after"] = f"{exchange.retry_after:g}"
        return refused
    thinks = wire.thinks(request)
    reply = finish(_asked(exchange.answer, request), request, thinks=thinks)
    if _is_truncated_json(reply, request):
        return wire.error(mara.TRUNCATED_JSON)
    return _encoded(reply, request, exchange, wire)


def _checked(exchange: Exchange) -> Candidate | Refusal:
    provider, body = exchange.provider, exchange.body
    if not has_accepted_key(exchange.authorization):
        return provider.wrong_key
    if not isinstance(body, dict):
        return provider.unreadable_body
    name = body.get("model")
    model = provider.find_model(name) if isinstance(name, str) else None
    if model is None:
        return provider.unknown_model(name)
    scenario = exchange.scenario
    if scenario.context_window is not None:
        model = replace(model, context_window=scenario.context_window)
    candidate = Candidate(body, model)
    return first_refusal(candidate, (*provider.rules, *scenario.rules)) or candidate


def _asked(answer: Answer, request: ChatRequest) -> Reply:
    try:
        result = answer(request)
        reply = asyncio.run(_awaited(result)) if inspect.isawaitable(result) else result
    except Exception as error:
        shown = f"{type(error).__name__}: {error}"
        raise AnswerError(f"The emulator's answer function raised {shown}") from error
    if not isinstance(reply, Reply):
        kind = type(reply).__name__
        raise AnswerError(f"The emulator's answer function returned {kind} instead of a Reply.")
    return reply


async def _awaited(reply: Awaitable[Reply]) -> Reply:
    return await reply


def _encoded(reply: Reply, request: ChatRequest, exchange: Exchange, wire: Wire) -> CannedReply:
    scenario = exchange.scenario
    if scenario.reply is not None:
        reply = scenario.reply(reply, request)
    form = replace(wire.default_form(request), **scenario.form)
    headers, change = wire.headers(), scenario.events
    transport = scenario.transport
    if transport.slow:
        transport = replace(transport, delay=exchange.delay)
    if not request.stream or scenario.never_streams:
        body = wire.body(reply, form)
        if change is not None and scenario.whole_too:
            (body,) = change([body])
        return json_reply(wire.encode(body), transport=transport, headers=headers)
    payloads = wire.events(reply, form)
    events = [Event(payload) for payload in (change(payloads) if change else payloads)]
    refusal = scenario.refusals.get(exchange.provider.name)
    if refusal is not None:
        name, payload = wire.error_event(refusal)
        events = [*events[: max(1, len(events) // 2)], Event(payload, name)]
    return stream_reply(
        events,
        done=form.done and refusal is None,
        transport=transport,
        encode=wire.encode,
        headers=headers,
    )


def _is_truncated_json(reply: Reply, request: ChatRequest) -> bool:
    wanted = request.provider == "mara" and request.response_format
    return bool(wanted) and reply.finish_reason == "length"
