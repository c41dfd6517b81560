"""What belongs together: for each kind of row, the tables and pages that have to hold it too.

Each function returns the gaps of today's tables, so that a new row without its twins is a new gap
that names the file to edit. Library and emulator are asked alike: neither copies the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_type_hints

from mara_minimax import settings as settings_module
from mara_minimax.arguments import MARAArguments, MiniMaxArguments
from mara_minimax.doctor.hosts import PROVIDERS
from mara_minimax.emulator import SCENARIOS, faults
from mara_minimax.emulator import providers as emulated
from mara_minimax.emulator.checks.validation import Candidate, first_refusal
from mara_minimax.emulator.types import models as emulated_models
from mara_minimax.failures import table as failures
from mara_minimax.identity import CHANGES_OUTPUT
from mara_minimax.providers import endpoints, models, parameters
from mara_minimax.request import encode
from tests.project import values

ROOT = Path(__file__).parents[2]
CORE = "mara_minimax"
ENDPOINTS = f"{CORE}/providers/endpoints.py"
MODELS = f"{CORE}/providers/models.py"
PARAMETERS = f"{CORE}/providers/parameters.py"
ENCODE = f"{CORE}/request/encode.py"
SETTINGS = f"{CORE}/settings.py"
FAILURES = f"{CORE}/failures/table.py"
EMULATED_MODELS = f"{CORE}/emulator/types/models.py"
EMULATED_PROVIDERS = f"{CORE}/emulator/providers.py"
REFUSALS = f"{CORE}/emulator/scenarios/refusals.py"
FAULT_CODES = f"{CORE}/emulator/faults/codes.py"

ARGUMENTS = f"{CORE}/arguments.py"
IDENTITY = f"{CORE}/identity.py"
VALUES = "tests/project/values.py"


_SETTINGS: Mapping[type[settings_module.ChatSettings], type] = {
    settings_module.MiniMaxSettings: MiniMaxArguments,
    settings_module.MARASettings: MARAArguments,
}


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
    fields = {name for cls in _SETTINGS for name in cls.model_fields}
    reading = text_of(SETTINGS) + text_of(f"{CORE}/chat_settings.py")
    named = {name for rule in parameters.PARAMETER_RULES for name in (rule.name, rule.replacement)}
    checked = {provider: set(_checked_parameters(provider)) for provider in emulated.PROVIDERS}
    everywhere = {*values.VALUES, *filter(None, named)}.union(*checked.values())
    elsewhere = {
        "messages",
        "stream",
        "extra_body",
        "strict",
        "cache_control",
    }  # the last two are of tools and parts
    for name in sorted(everywhere - encode.KNOWN_PARAMETERS - elsewhere):
        yield Gap(f"parameter {name}", ENCODE, "no name in KNOWN_PARAMETERS")
    for name in sorted(encode.KNOWN_PARAMETERS - values.VALUES.keys() - {"model"}):
        yield Gap(f"parameter {name}", VALUES, "no values of it that are tried")
    for name in sorted(fields):
        row = f"setting {name}"
        if name not in encode.KNOWN_PARAMETERS and f"self.{name}" not in reading:
            yield Gap(row, ENCODE, "no name in KNOWN_PARAMETERS, so that it is never sent")
        if name not in CHANGES_OUTPUT:
            yield Gap(row, IDENTITY, "no row in CHANGES_OUTPUT")
        if f"| `{name}` |" not in text_of("docs/api/fields.md"):
            yield Gap(row, "docs/api/fields.md", "no such line; run `make tables`")
    for cls, arguments in _SETTINGS.items():
        for name in sorted(cls.model_fields.keys() - get_type_hints(arguments).keys() - {"model"}):
            yield Gap(f"setting {name}", ARGUMENTS, f"no name in {arguments.__name__}")
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
    groups = faults.GROUPS
    played = {
        (fault.provider, fault.plain_ending.code) for rows in groups.values() for fault in rows
    }
    for provider, rows in failures.FAILURES.items():
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
    """Values of `endpoint`: their type, the settings, the pages."""
    for value in sorted(endpoints.MINIMAX_ENDPOINTS.keys() ^ set(get_args(endpoints.Endpoint))):
        yield Gap(f"endpoint {value}", ENDPOINTS, "not in both MINIMAX_ENDPOINTS and Endpoint")
    for value, provider in endpoints.MINIMAX_ENDPOINTS.items():
        row = f"endpoint {value}"
        host = provider.base_url.removeprefix("https://").removesuffix("/v1")
        if f'`"{value}"`' not in text_of(SETTINGS) or host not in text_of(SETTINGS):
            yield Gap(row, SETTINGS, f'the docstring of `endpoint` lacks `"{value}"` or {host}')
        for page in ("README.md", "docs/providers.md", "docs/faq.md"):
            if value != "international" and f'`endpoint="{value}"`' not in text_of(page):
                yield Gap(row, page, f'no line with `endpoint="{value}"`')


def gaps_of_providers() -> Iterator[Gap]:
    """Providers and their hosts: models, rules, the doctor, the emulator, the pages."""
    for provider in endpoints.PROVIDERS:
        name, row = provider.name, f"provider {provider.title}"
        if not re.search(r"\(.*20\d\d", provider.source):
            yield Gap(row, ENDPOINTS, "its source names no date")
        if name not in models.MODELS or provider.default_model not in models.MODELS[name]:
            yield Gap(row, MODELS, "no table in MODELS that holds its default model")
        if name not in models._UNKNOWN_DEFAULTS:
            yield Gap(row, MODELS, "no row in _UNKNOWN_DEFAULTS")
        if not any(rule.provider == name for rule in parameters.PARAMETER_RULES):
            yield Gap(row, PARAMETERS, "no rule in PARAMETER_RULES")
        options = [option for option, known in PROVIDERS.items() if known == provider]
        if f"`{provider.key_variable}`" not in text_of("docs/install.md"):
            yield Gap(row, "docs/install.md", f"{provider.key_variable} is not named")
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


def _checked_parameters(provider: str) -> Iterator[str]:
    """Yield the body fields that the emulator's checks of a provider read."""
    text = text_of(f"{CORE}/emulator/checks/{provider}.py")
    yield from re.findall(r'body\.get\("(\w+)"\)', text)
    for rows in re.findall(r"^_PARAMETERS = parameters\((.*?)^\)", text, re.DOTALL | re.MULTILINE):
        yield from re.findall(r'^    \("(\w+)", ', rows, re.MULTILINE)


def _ranges_that_differ(rule: parameters.ParameterRule, row: str) -> Iterator[Gap]:
    """Yield the ends of a range that the emulator refuses, and a value beyond that it takes."""
    provider = emulated.PROVIDERS.get(rule.provider)
    if rule.action != "range" or provider is None:
        return
    low: Any = rule.low if rule.lowest is None else rule.lowest
    served = [
        model
        for model in _served_models(rule.provider).values()
        if rule in parameters.find_rules(rule.provider, model.id)
    ]
    for value, is_taken in ((low, True), (rule.high, True), (rule.high + 1, False)):
        found = [
            model.id for model in served if _takes(provider, model, rule.name, value) != is_taken
        ]
        what = f"refuses {value:g}, which is sent, for {', '.join(found)}"
        if not is_taken:
            what = f"takes {value:g}, beyond the range in {PARAMETERS}, for {', '.join(found)}"
        if found:
            yield Gap(row, f"{CORE}/emulator/checks/{rule.provider}.py", what)


def _takes(provider: Any, model: emulated_models.Model, name: str, value: float) -> bool:
    """Whether the emulator takes a value of a parameter."""
    messages = [{"role": "user", "content": "Hi"}]
    body = {"model": model.id, "messages": messages, name: value}
    if name == "top_k":
        body[name] = int(value)
    return first_refusal(Candidate(body, model), provider.rules) is None


def _gaps_of_emulation(provider: endpoints.Provider, row: str) -> Iterator[Gap]:
    known = emulated.PROVIDERS.get(provider.name)
    if known is None:
        yield Gap(row, EMULATED_PROVIDERS, f"no row {provider.name!r} in PROVIDERS")
    if not _served_models(provider.name):
        yield Gap(row, EMULATED_MODELS, f"no {provider.name.upper()}_MODELS")
    lacking = [
        scenario.name
        for scenario in SCENARIOS.values()
        if scenario.refusals
        and scenario.providers == frozenset(emulated.PROVIDERS)
        and provider.name not in scenario.refusals
    ]
    if lacking:
        yield Gap(row, REFUSALS, f"no refusal for the scenarios {', '.join(lacking)}")
    for part in ("checks", "wire"):
        file = f"{CORE}/emulator/{part}/{provider.name}.py"
        if not text_of(file):
            yield Gap(row, file, "no such file")
