"""`--quota`: ask the host what is left of a Token Plan, and nothing else."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime

from mara_minimax.doctor.access import advice_on_refusal, check_key, is_plan_key
from mara_minimax.doctor.probe import Fetched, Probe
from mara_minimax.doctor.remains import to_number, to_windows
from mara_minimax.doctor.report import Finding, Report
from mara_minimax.providers.endpoints import Provider
from mara_minimax.settings import ChatSettings

SOURCE = (
    "public reports, not tried with a key by this package's authors: "
    "https://github.com/robinebers/openusage/pull/536 (2026-06), "
    "https://github.com/can1357/oh-my-pi/pull/6650 (2026-07)"
)


def ask_quota(settings: ChatSettings, *, timeout: float = 30.0, key_variable: str = "") -> Report:
    """Return a report of what is left of the plan: one request, or two, and no tokens.

    The key goes to the host of the endpoint. `Report.quota` has what the host tells, which is
    known from public reports and untried.
    """
    start = time.perf_counter()
    probe = Probe(settings, timeout)
    provider = settings.provider
    fetched, path = Fetched(), ""
    for path in provider.plan_paths:
        fetched = probe.fetch(path)
        if fetched.status != 404:
            break
    windows = to_windows(fetched.body, datetime.now(UTC)) or []
    has_plan_key = is_plan_key(provider, probe.key)
    finding = check_quota(fetched, provider, tells=bool(windows), has_plan_key=has_plan_key)
    report = Report(provider.title, "Token Plan", settings.endpoint_url, (SOURCE,))
    key = check_key(provider, probe.key, key_variable)
    # Of a good key the advice is to ask what is left.
    report.findings = [replace(key, advice="") if key.status == "pass" else key, finding]
    report.quota = windows if finding.status == "pass" else []
    report.requests = len(probe.exchanges)
    report.seconds = round(time.perf_counter() - start, 3)
    return report


def check_quota(
    fetched: Fetched, provider: Provider, *, tells: bool, has_plan_key: bool
) -> Finding:
    """Say what the host told, or why it told nothing; its own words may repeat a part of a key."""
    prefix = provider.plan_key_prefix
    other_key = f"The key does not begin with {prefix}: it is no key of a Token Plan."
    if fetched.status is None:
        return Finding("quota", "fail", f"no answer: {fetched.reason}")
    code = _code_in(fetched.body)
    if fetched.status in (401, 403) or code:
        details = f"HTTP {fetched.status}" + (f", code {code:g}" if code else "")
        advice = advice_on_refusal(provider) if has_plan_key else other_key
        return Finding("quota", "fail", f"the host refuses to tell ({details})", advice=advice)
    if fetched.status == 404:
        return Finding("quota", "fail", "the host does not know the path (HTTP 404)")
    if not tells:
        seen = f"the answer names nothing that is left (HTTP {fetched.status})"
        return Finding("quota", "fail", seen, advice="" if has_plan_key else other_key)
    return Finding("quota", "pass", "as the host tells it:")


def _code_in(body: object) -> float | None:
    report = body.get("base_resp") if isinstance(body, dict) else None
    return to_number(report.get("status_code")) if isinstance(report, dict) else None
