"""From a parsed body to the reply: key, checks, answer, scenario, bytes."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable
from dataclasses import replace
from typing import Any

from mara_minimax.emulator.answers.limits import finish
from mara_minimax.emulator.checks import mara
from mara_minimax.emulator.checks.validation import Candidate, first_refusal, has_accepted_key
from mara_minimax.emulator.providers import Provider
from mara_minimax.emulator.scenarios import Scenario
from mara_minimax.emulator.scenarios.refusals import OVER_LIMIT
from mara_minimax.emulator.state import Answer, EmulatorState
from mara_minimax.emulator.types.canned import CannedReply
from mara_minimax.emulator.types.refusal import Refusal
from mara_minimax.emulator.types.reply import Reply
from mara_minimax.emulator.types.request import ChatRequest
from mara_minimax.emulator.wire.transport import Event, json_reply, stream_reply
from mara_minimax.emulator.wire.wire import Wire


class AnswerError(Exception):
    """The answer function failed or returned something else than a reply."""


def refuse(state: EmulatorState, refusal: Refusal) -> CannedReply:
    """A refusal outside of chat completions, in the provider's form."""
    return state.wire(refusal.message, state.asked.total()).error(refusal)


def reply_to(
    state: EmulatorState, body: Any, *, authorization: str, scenario: str | None
) -> CannedReply:
    """The provider's reply to a parsed body, under the scenario of that name or the chosen one.

    The body is `None` when it is not JSON.

    Raises:
        AnswerError: The answer function failed.
        UnknownScenarioError: The provider has no such scenario.
    """
    chosen, wire = state.begin(body, scenario)
    provider = state.provider
    checked = _checked(provider, chosen, body, authorization)
    if isinstance(checked, Refusal):
        return wire.error(checked)
    tier = checked.body.get("service_tier") or "standard"
    wire = replace(wire, model=checked.model, service_tier=tier)
    exceeded = state.account.admit()
    wire = replace(wire, per_minute=state.account.requests_per_minute, left=state.account.left)
    if exceeded is not None:
        return wire.error(OVER_LIMIT[exceeded][provider.name])
    request = ChatRequest.from_body(checked.body, provider=provider.name, model=checked.model.id)
    if chosen.failure is not None:
        return chosen.failure
    refusal = chosen.refusals.get(provider.name)
    if refusal is not None and not (request.stream and chosen.refuses_halfway):
        refused = wire.error(refusal)
        if chosen.retry_after:
            refused.headers["retry-after"] = f"{state.retry_after:g}"
        return refused
    answered = _asked(state.answer, request)
    try:
        reply = finish(answered, request, thinks=wire.thinks(request))
        state.account.use(reply.usage.total_tokens if reply.usage else 0)
        if _is_truncated_json(reply, request):
            return wire.error(mara.TRUNCATED_JSON)
        encoded = _encoded(reply, request, chosen, wire)
    except (AttributeError, TypeError) as error:
        # `Reply(None)`, or calls that are no `ToolCall`s: nothing checks a Reply when it is made.
        raise AnswerError(f"The answer function's {answered} cannot be written: {error}") from error
    if chosen.transport.slow:
        encoded.delay = state.delay
    return encoded


def _checked(
    provider: Provider, scenario: Scenario, body: Any, authorization: str
) -> Candidate | Refusal:
    if not has_accepted_key(authorization):
        return provider.wrong_key
    if not isinstance(body, dict):
        return provider.unreadable_body
    name = body.get("model")
    model = provider.find_model(name) if isinstance(name, str) else None
    if model is None:
        return provider.unknown_model(name)
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


def _encoded(reply: Reply, request: ChatRequest, scenario: Scenario, wire: Wire) -> CannedReply:
    if scenario.reply is not None:
        reply = scenario.reply(reply, request)
    form = replace(wire.default_form(request), **scenario.form)
    headers, change = wire.headers(), scenario.events
    transport = scenario.transport
    if not request.stream or scenario.never_streams:
        body = wire.body(reply, form)
        if change is not None and scenario.whole_too:
            (body,) = change([body])
        return json_reply(wire.encode(body), transport=transport, headers=headers)
    payloads = wire.events(reply, form)
    events = [Event(payload) for payload in (change(payloads) if change else payloads)]
    refusal = scenario.refusals.get(request.provider)
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
