"""The order of the checks, and the questions that are asked for them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from mara_minimax.doctor.access import (
    check_access,
    check_endpoint,
    check_key,
    check_models,
)
from mara_minimax.doctor.answers import (
    check_answer,
    check_done,
    check_reasoning,
    check_stream,
    check_stream_usage,
    check_turn_two,
)
from mara_minimax.doctor.capture import write_capture
from mara_minimax.doctor.probe import Answer, Probe
from mara_minimax.doctor.report import CHECKS, Finding, Report
from mara_minimax.doctor.servers import check_server
from mara_minimax.doctor.tools import (
    CITY_SCHEMA,
    WEATHER_TOOL,
    check_forced_choice,
    check_json_schema,
    check_tool_results,
    check_tools,
)
from mara_minimax.providers.endpoints import Provider
from mara_minimax.providers.models import find_profile
from mara_minimax.secrets.redaction import one_line
from mara_minimax.settings import ChatSettings
from mara_minimax.types import JSONObject, Reply

SUM = {"role": "user", "content": "What is 17 + 25? Answer in one short sentence."}
NEXT_SUM = {"role": "user", "content": "And 42 + 8? Answer in one short sentence."}
EXPLANATION = {"role": "user", "content": "Explain what an API is in three sentences."}
WEATHER = {"role": "user", "content": "What is the weather in Oslo?"}
WEATHER_RESULT = "It is 7 degrees and raining in Oslo."
# Asked against what is demanded, so that obeying shows more than good will.
NO_CALL = {"role": "user", "content": "Say hello in words. Do not call any function."}
NO_JSON = {"role": "user", "content": "Say hello to Oslo in words. Do not write JSON."}


def diagnose(
    settings: ChatSettings,
    *,
    timeout: float = 30.0,
    progress: Callable[[str], None] = lambda _: None,
    capture: tuple[Path, str] | None = None,
    key_variable: str = "",
) -> Report:
    """Run all checks and return the report: at most nine requests, without retries.

    When the endpoint or the key fails, the checks that depend on it are skipped. `progress` is
    told the title of each step before it is taken. `capture` is an empty folder for what was
    sent and received, and the provider as `--provider` names it. `key_variable` is where the key
    was read, unless it is the provider's own variable.
    """
    start = time.perf_counter()
    probe = Probe(settings, timeout)
    examination = _Examination(probe, progress)
    examination.run(key_variable)
    report = _report(settings.provider, probe.settings.model, settings.endpoint_url)
    report.findings = _in_order(examination.findings)
    report.requests, report.tokens = len(probe.exchanges), probe.tokens
    report.seconds = round(time.perf_counter() - start, 3)
    if capture is not None:
        folder, name = capture
        write_capture(folder, probe.exchanges, report, provider=name, secrets=probe.sent_secrets)
    return report


def without_key(provider: Provider, model: str, base_url: str) -> Report:
    """Return the report for a provider that has no key: nothing was asked."""
    report = _report(provider, model, base_url)
    report.findings = _in_order([check_key(provider, "")])
    return report


class _Examination:
    """The questions in their order, and what they brought."""

    def __init__(self, probe: Probe, progress: Callable[[str], None]) -> None:
        self._probe = probe
        self._progress = progress
        self.findings: list[Finding] = []

    def run(self, key_variable: str) -> None:
        """Ask; return early where the rest would only repeat a failure."""
        probe, settings = self._probe, self._probe.settings
        self._add(check_key(settings.provider, probe.key, key_variable))
        self._progress(CHECKS["models"])
        listing = probe.list_models()
        self._add(check_endpoint(listing, settings.endpoint_url))
        if listing.status is None:
            return
        if not settings.model and listing.names:
            # As calls do that name none.
            probe.settings = settings = settings.model_copy(update={"model": listing.names[0]})
        self._add(check_models(listing, settings.model, settings.model_profile()))
        plain = self._ask("answer", [SUM])
        self._add(check_access(plain))
        if self.findings[-1].status == "fail":
            return
        self._add(check_answer(plain))
        if plain.reply is None:
            return
        self._streams(plain)
        self._second_turn(plain.reply)
        called = self._tools()
        self._add(check_server(probe.exchanges[0].body, plain, called))
        format_answer = self._ask("json-schema", [NO_JSON], response_format=CITY_SCHEMA)
        self._add(check_json_schema(format_answer))

    def _streams(self, plain: Answer) -> None:
        stream = self._ask("stream", [EXPLANATION], stream=True)
        self._add(check_stream(stream))
        self._add(check_reasoning(plain, stream))
        self._add(check_stream_usage(stream))
        self._add(check_done(stream))

    def _second_turn(self, first: Reply) -> None:
        if first.reasoning is None:
            self._add(Finding("turn-two", "skip", "no reasoning to send back"))
            return
        self._add(check_turn_two(self._ask("turn-two", [SUM, _to_message(first), NEXT_SUM])))

    def _tools(self) -> Answer:
        called = self._ask("tools", [WEATHER], tools=[WEATHER_TOOL])
        self._add(check_tools(called))
        if called.reply is None or not called.reply.tool_calls:
            self._add(Finding("tool-results", "skip", "no call to answer"))
        else:
            results = [
                {"role": "tool", "tool_call_id": call.id, "content": WEATHER_RESULT}
                for call in called.reply.tool_calls
            ]
            history = [WEATHER, _to_message(called.reply), *results]
            answered = self._ask("tool-results", history, tools=[WEATHER_TOOL])
            self._add(check_tool_results(answered))
        forced = self._ask(
            "forced-choice", [NO_CALL], unchanged=True, tools=[WEATHER_TOOL], tool_choice="required"
        )
        self._add(check_forced_choice(forced))
        return called

    def _ask(self, check: str, messages: list[JSONObject], **parameters: Any) -> Answer:
        self._progress(CHECKS[check])
        return self._probe.ask(messages, **parameters)

    def _add(self, finding: Finding) -> None:
        self.findings.append(finding)


def _report(provider: Provider, model: str, base_url: str) -> Report:
    profile = find_profile(provider.name, model)
    sources = dict.fromkeys(filter(None, (provider.source, profile.source)))
    return Report(provider.title, model, base_url, tuple(sources))


def _in_order(findings: list[Finding]) -> list[Finding]:
    """Return a finding for every check, those not tried included, each text in one line."""
    found = {finding.check: finding for finding in findings}
    failure = next((finding for finding in findings if finding.status == "fail"), None)
    why = f"not tried: {failure.title} failed" if failure else "not tried"
    return [_in_lines(found.get(check) or Finding(check, "skip", why)) for check in CHECKS]


def _in_lines(finding: Finding) -> Finding:
    """Take control characters out of what an endpoint made us say."""
    return replace(
        finding,
        seen=one_line(finding.seen),
        expected=one_line(finding.expected),
        advice=one_line(finding.advice),
    )


def _to_message(reply: Reply) -> JSONObject:
    message: JSONObject = {"role": "assistant", "content": reply.text}
    if reply.reasoning is not None:
        message["reasoning"] = reply.reasoning
    if reply.tool_calls:
        message["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in reply.tool_calls
        ]
    return message
