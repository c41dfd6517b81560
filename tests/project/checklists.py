"""What belongs together: for each kind of row, the tables and pages that have to hold it too.

Each function returns the gaps of today's tables, so that a new row without its twins is a new gap
that names the file to edit. Library and emulator are asked alike: neither copies the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, get_args

from mara_minimax import settings as settings_module
from mara_minimax import types
from mara_minimax.doctor import command
from mara_minimax.emulator import SCENARIOS, faults
from mara_minimax.emulator import providers as emulated
from mara_minimax.emulator.checks.validation import Candidate, first_refusal
from mara_minimax.emulator.types import models as emulated_models
from mara_minimax.emulator.wire.form import ReasoningPlace
from mara_minimax.failures import table as failures
from mara_minimax.identity import CHANGES_OUTPUT
from mara_minimax.providers import endpoints, models, parameters
from mara_minimax.reply.reasoning import REASONING_FIELDS
from mara_minimax.request import encode, history
from mara_minimax.request.replay import place_reasoning

ROOT = Path(__file__).parents[2]
CORE = "mara_minimax"
ENDPOINTS = f"{CORE}/providers/endpoints.py"
MODELS = f"{CORE}/providers/models.py"
PARAMETERS = f"{CORE}/providers/parameters.py"
ENCODE = f"{CORE}/request/encode.py"
SETTINGS = f"{CORE}/settings.py"
FAILURES = f"{CORE}/failures/table.py"
COMMAND = f"{CORE}/doctor/command.py"
EMULATED_MODELS = f"{CORE}/emulator/types/models.py"
EMULATED_PROVIDERS = f"{CORE}/emulator/providers.py"
FAULT_CODES = f"{CORE}/emulator/faults/codes.py"
SCENARIO_TABLE = f"{CORE}/emulator/scenarios/table.py"

PLACE_OF_FORM = {
    "reasoning_details": "details",
    "reasoning_content": "content",
    "reasoning": "field",
    "inline": "inline",
}
"""Forms of reasoning, and what the emulator calls each (`emulator/wire/form.py`)."""


class Gap(NamedTuple):
    """A row that one file holds and another does not, or holds otherwise."""

    row: str
    file: str
    what: str

    def __str__(self) -> str:
        return f"{self.row}: {self.what} ({self.file})"


def text_of(file: str) -> str:
    """Return the text of a file of the repository, `""` if there is none."""
    path = ROOT / file
    return path.read_text("utf-8") if path.is_file() else ""


def gaps_of_models() -> Iterator[Gap]:
    """Models: the library's table, the emulator's, the page."""
    for provider, known in models.MODELS.items():
        served = _served_models(provider)
        for name in sorted({*known, *served}):
            row = f"model {provider}/{name}"
            if name not in known:
                yield Gap(row, MODELS, f"no row in MODELS[{provider!r}]")
                continue
            profile = known[name]
            if not re.search(r"\(.*20\d\d", profile.source):
                yield Gap(row, MODELS, "its source names no date")
            if f"| {provider} | `{name}` | {profile.context_window:,} |" not in text_of(
                "docs/models.md"
            ):
                yield Gap(row, "docs/models.md", "no such line; run `make tables`")
            if name not in served and provider in emulated.PROVIDERS:
                yield Gap(row, EMULATED_MODELS, f"no row for {provider}")
            if name not in served:
                continue
            for fact, ours, theirs in (
                ("context window", profile.context_window, served[name].context_window),
                ("most output", profile.max_output_tokens, served[name].max_output),
                ("image input", _takes_images(profile), served[name].images),
            ):
                if ours != theirs and None not in (ours, theirs):
                    what = f"{fact}: {theirs} here, {ours} in {MODELS}"
                    yield Gap(row, EMULATED_MODELS, what)


def gaps_of_parameters() -> Iterator[Gap]:
    """Parameters: those that a call may name, the settings, the rules, the emulator's checks."""
    fields = _sent_fields()
    named = {name for rule in parameters.PARAMETER_RULES for name in (rule.name, rule.replacement)}
    checked = {provider: set(_checked_parameters(provider)) for provider in emulated.PROVIDERS}
    everywhere = {*fields, *filter(None, named)}.union(*checked.values())
    elsewhere = {
        "messages",
        "stream",
        "extra_body",
        "strict",
        "cache_control",
    }  # the last two are of tools and parts
    for name in sorted(everywhere - encode.KNOWN_PARAMETERS - elsewhere):
        yield Gap(f"parameter {name}", ENCODE, "no name in KNOWN_PARAMETERS")
    for name in sorted(fields):
        if name not in CHANGES_OUTPUT:
            yield Gap(f"parameter {name}", f"{CORE}/identity.py", "no row in CHANGES_OUTPUT")
        if f"| `{name}` |" not in text_of("docs/api/fields.md"):
            what = "not in the table of settings; run `make tables`"
            yield Gap(f"parameter {name}", "docs/api/fields.md", what)
    for rule in parameters.PARAMETER_RULES:
        row = f"parameter {rule.provider}/{rule.name}"
        if f"| {rule.provider} | `{rule.name}` |" not in text_of("docs/parameters.md"):
            yield Gap(row, "docs/parameters.md", "no such line; run `make tables`")
        is_checked = rule.name in checked.get(rule.provider, {rule.name})
        if rule.action in ("range", "refused", "replaced") and not is_checked:
            file = f"{CORE}/emulator/checks/{rule.provider}.py"
            yield Gap(row, file, f"no check, but the rule says {rule.action}")
        yield from _ranges_that_differ(rule, row)


def gaps_of_error_codes() -> Iterator[Gap]:
    """Error codes: the table of failures, the page, the faults that play them."""
    tables: Mapping[str, tuple[failures.Failure, ...]] = {
        "minimax": failures.MINIMAX_FAILURES,
        "mara": failures.MARA_FAILURES,
    }
    groups = faults.GROUPS
    played = {
        (fault.provider, fault.plain_ending.code) for rows in groups.values() for fault in rows
    }
    for provider, rows in tables.items():
        codes = {failure.code for failure in rows}
        for code in sorted(codes):
            row = f"code {provider}/{code}"
            if f"| `{code}` |" not in text_of("docs/errors.md"):
                yield Gap(row, "docs/errors.md", "no such line; run `make tables`")
            if (provider, code) not in played:
                yield Gap(row, FAULT_CODES, "no fault that plays it")
        named = {fault.plain_ending.code for fault in groups["What the providers name"]
                 if fault.provider == provider}  # fmt: skip
        for code in sorted(filter(None, named - codes)):
            yield Gap(f"code {provider}/{code}", FAILURES, f"no row for {provider}")
    statuses = {fault.plain_ending.status for rows in groups.values() for fault in rows}
    for failure in failures.STATUS_FAILURES:
        if int(failure.code) not in statuses:
            yield Gap(f"status {failure.code}", FAULT_CODES, "no fault that plays it")


def gaps_of_endpoints() -> Iterator[Gap]:
    """Endpoints: settings, models, rules, the doctor, the emulator, the pages."""
    classes = (settings_module.MiniMaxSettings, settings_module.MARASettings)
    reachable = [*endpoints.MINIMAX_ENDPOINTS.values(), endpoints.MARA]
    values = get_args(classes[0].model_fields["endpoint"].annotation)
    for name in sorted(endpoints.MINIMAX_ENDPOINTS.keys() ^ set(values)):
        yield Gap(f"endpoint {name}", SETTINGS, "not in both MINIMAX_ENDPOINTS and `endpoint`")
    for provider in endpoints.PROVIDERS:
        name, row = provider.name, f"endpoint {provider.title}"
        if provider not in reachable:
            yield Gap(row, ENDPOINTS, "no value of MINIMAX_ENDPOINTS, and no settings class")
        if not re.search(r"\(.*20\d\d", provider.source):
            yield Gap(row, ENDPOINTS, "its source names no date")
        if name not in models.MODELS or provider.default_model not in models.MODELS[name]:
            yield Gap(row, MODELS, "no table in MODELS that holds its default model")
        if name not in models._UNKNOWN_DEFAULTS:
            yield Gap(row, MODELS, "no row in _UNKNOWN_DEFAULTS")
        if not any(rule.provider == name for rule in parameters.PARAMETER_RULES):
            yield Gap(row, PARAMETERS, "no rule in PARAMETER_RULES")
        options = [option for option, known in command.PROVIDERS.items() if known == provider]
        if not options:
            yield Gap(row, COMMAND, "no `--provider` in PROVIDERS")
        yield from (
            Gap(row, "docs/doctor.md", f"no `--provider` {option}")
            for option in options
            if f"`{option}`" not in text_of("docs/doctor.md")
        )
        yield from _gaps_of_emulation(provider, row)
        for page in ("README.md", "docs/providers.md"):
            facts = (provider.base_url, provider.key_variable, provider.default_model)
            line = f"| `{facts[0]}` | `{facts[1]}` |"
            if line not in text_of(page) or f"`{facts[2]}`" not in text_of(page):
                yield Gap(row, page, "no line with its URL, key variable and default model")
            if provider.url_variable not in text_of(page):
                yield Gap(row, page, f"{provider.url_variable} is not named")


def gaps_of_reasoning_forms() -> Iterator[Gap]:
    """Forms of reasoning: read, sent back, emulated, looked for by the doctor, described."""
    for form in get_args(types.ReasoningForm):
        row = f"reasoning form {form}"
        if form != "inline":
            if form not in REASONING_FIELDS:
                yield Gap(row, f"{CORE}/reply/reasoning.py", "not in REASONING_FIELDS")
            if form not in history._FIELDS["assistant"]:
                yield Gap(row, f"{CORE}/request/history.py", "not among the fields of an assistant")
            if f'"{form}"' not in text_of(f"{CORE}/doctor/answers.py"):
                yield Gap(row, f"{CORE}/doctor/answers.py", "not a place that the doctor looks at")
        if not _is_sent_back(form):
            yield Gap(row, f"{CORE}/request/replay.py", "place_reasoning does not write it")
        words = "<think>" if form == "inline" else f"`{form}`"
        if words not in text_of("docs/reasoning.md"):
            yield Gap(row, "docs/reasoning.md", "not described")
        place = PLACE_OF_FORM.get(form)
        if place is None:
            yield Gap(row, "tests/project/checklists.py", "no row in PLACE_OF_FORM")
        elif place not in get_args(ReasoningPlace):
            yield Gap(row, f"{CORE}/emulator/wire/form.py", f"no {place!r} in ReasoningPlace")
        if not any(
            scenario.form.get("reasoning") == (place or form) for scenario in SCENARIOS.values()
        ):
            yield Gap(row, SCENARIO_TABLE, "no scenario that sends it")
    unnamed = set(get_args(ReasoningPlace)) - {*PLACE_OF_FORM.values(), "none", "split", "mirrored"}
    for place in sorted(unnamed):
        yield Gap(f"reasoning place {place}", f"{CORE}/types.py", "no form of ReasoningForm")


def _takes_images(profile: models.ModelProfile) -> bool | None:
    """Return what the table says, `None` where no document tells."""
    if "image" in profile.inputs:
        return True
    return False if "image" in profile.refused_inputs else None


def _served_models(provider: str) -> Mapping[str, emulated_models.Model]:
    table: Mapping[str, emulated_models.Model] = getattr(
        emulated_models, f"{provider.upper()}_MODELS", {}
    )
    return table


def _sent_fields() -> set[str]:
    classes = (settings_module.MiniMaxSettings, settings_module.MARASettings)
    return {name for cls in classes for name in cls._sent_fields}


def _checked_parameters(provider: str) -> Iterator[str]:
    """Yield the body fields that the emulator's checks of a provider read."""
    text = text_of(f"{CORE}/emulator/checks/{provider}.py")
    yield from re.findall(r'body\.get\("(\w+)"\)', text)
    for rows in re.findall(r"^_PARAMETERS = parameters\((.*?)^\)", text, re.DOTALL | re.MULTILINE):
        yield from re.findall(r'^    \("(\w+)", ', rows, re.MULTILINE)


def _ranges_that_differ(rule: parameters.ParameterRule, row: str) -> Iterator[Gap]:
    """Yield the models whose emulator refuses an end of a range that the library allows."""
    provider = emulated.PROVIDERS.get(rule.provider)
    if rule.action != "range" or provider is None:
        return
    low: Any = rule.low if rule.lowest is None else rule.lowest
    for model in _served_models(rule.provider).values():
        if rule not in parameters.find_rules(rule.provider, model.id):
            continue
        for value in (low, rule.high):
            body = {
                "model": model.id,
                "messages": [{"role": "user", "content": "Hi"}],
                rule.name: int(value) if rule.name == "top_k" else value,
            }
            if first_refusal(Candidate(body, model), provider.rules) is not None:
                file = f"{CORE}/emulator/checks/{rule.provider}.py"
                yield Gap(f"{row} of {model.id}", file, f"refuses {value:g}, which is sent")


def _gaps_of_emulation(provider: endpoints.Provider, row: str) -> Iterator[Gap]:
    known = emulated.PROVIDERS.get(provider.name)
    if known is None:
        yield Gap(row, EMULATED_PROVIDERS, f"no row {provider.name!r} in PROVIDERS")
    if not _served_models(provider.name):
        yield Gap(row, EMULATED_MODELS, f"no {provider.name.upper()}_MODELS")
    for part in ("checks", "wire"):
        file = f"{CORE}/emulator/{part}/{provider.name}.py"
        if not text_of(file):
            yield Gap(row, file, "no such file")


def _is_sent_back(form: Any) -> bool:
    reasoning = types.Reasoning("Add.", form, prefix="<think>", suffix="</think>")
    message: dict[str, Any] = {"role": "assistant", "content": "4", "reasoning": reasoning}
    place_reasoning(message, endpoints.MINIMAX, models.find_profile("minimax", "MiniMax-M2"))
    return message != {"role": "assistant", "content": "4"}
