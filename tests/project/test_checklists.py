"""A new model, parameter, error code, endpoint or form of reasoning has all its twins."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Literal

import pytest

from mara_minimax import types
from mara_minimax.errors import ServerError
from mara_minimax.failures import table as failures
from mara_minimax.failures.table import Failure
from mara_minimax.providers import endpoints, models, parameters
from mara_minimax.providers.parameters import ParameterRule
from mara_minimax.settings import MARASettings
from tests.project import checklists
from tests.project.checklists import (
    CORE,
    EMULATED_MODELS,
    EMULATED_PROVIDERS,
    FAILURES,
    FAULT_CODES,
    MODELS,
    PARAMETERS,
    Gap,
)

KINDS: dict[str, Callable[[], Iterator[Gap]]] = {
    "model": checklists.gaps_of_models,
    "parameter": checklists.gaps_of_parameters,
    "error code": checklists.gaps_of_error_codes,
    "endpoint": checklists.gaps_of_endpoints,
    "reasoning form": checklists.gaps_of_reasoning_forms,
}

NO_SOURCE = "unsettled: no source says which side is right"

KNOWN: dict[tuple[str, str], str] = {
    ("model minimax/MiniMax-M2.1-lightning", MODELS): NO_SOURCE,
    ("model llmprovider/abab6.5s-chat", EMULATED_MODELS): NO_SOURCE,
    ("model llmprovider/abab6.5t-chat", EMULATED_MODELS): "any name is served there",
    ("model mara/MiniMax-M3", EMULATED_MODELS): NO_SOURCE,
    ("parameter llmprovider/n", f"{CORE}/emulator/checks/llmprovider.py"): (
        "the provider takes it; this package reads one answer"
    ),
    ("code mara/decimal_above_max_value", FAILURES): "played as a code without a row",
}
"""Gaps that stay open: row and file, and the reason."""


def gaps_in(kind: str) -> list[Gap]:
    return [gap for gap in KINDS[kind]() if gap[:2] not in KNOWN]


def files_in(kind: str) -> set[str]:
    return {gap.file for gap in gaps_in(kind)}


def message_for(gaps: list[Gap]) -> str:
    return "\n".join(["These files lack a row:", *map(str, gaps)])


@pytest.mark.parametrize("kind", KINDS)
def test_every_table_and_page_holds_what_the_others_hold(kind):
    gaps = gaps_in(kind)
    assert not gaps, message_for(gaps)


def test_each_known_gap_is_still_open():
    open_gaps = {gap[:2] for find_gaps in KINDS.values() for gap in find_gaps()}
    assert set(KNOWN) - open_gaps == set(), "these are closed: take them out of KNOWN"


def test_a_new_model_is_missed_where_it_has_no_twin(monkeypatch):
    row = replace(models.MINIMAX_MODELS["MiniMax-M2"], source="a page")
    monkeypatch.setitem(models.MINIMAX_MODELS, "Brand-New-1", row)
    assert files_in("model") == {MODELS, EMULATED_MODELS, "docs/models.md"}


def test_a_new_parameter_is_missed_where_it_has_no_twin(monkeypatch):
    rule = ParameterRule("mara", "brand_new", "range", "a page (2026-11)", high=1)
    monkeypatch.setattr(parameters, "PARAMETER_RULES", (*parameters.PARAMETER_RULES, rule))
    monkeypatch.setattr(MARASettings, "_sent_fields", (*MARASettings._sent_fields, "brand_new"))
    assert files_in("parameter") == {
        f"{CORE}/request/encode.py",
        f"{CORE}/identity.py",
        f"{CORE}/emulator/checks/mara.py",
        "docs/api/fields.md",
        "docs/parameters.md",
    }


def test_a_new_error_code_is_missed_where_it_has_no_twin(monkeypatch):
    row = Failure("2099", ServerError, "a new failure", True)
    monkeypatch.setattr(failures, "MINIMAX_FAILURES", (*failures.MINIMAX_FAILURES, row))
    assert files_in("error code") == {FAULT_CODES, "docs/errors.md"}


def test_a_new_endpoint_is_missed_where_it_has_no_twin(monkeypatch):
    row = replace(
        endpoints.MINIMAX, name="brandnew", title="Brand New", base_url="https://brand.new/v1"
    )
    monkeypatch.setattr(endpoints, "PROVIDERS", (*endpoints.PROVIDERS, row))
    assert files_in("endpoint") == {
        checklists.ENDPOINTS,
        MODELS,
        PARAMETERS,
        checklists.COMMAND,
        EMULATED_PROVIDERS,
        EMULATED_MODELS,
        f"{CORE}/emulator/checks/brandnew.py",
        f"{CORE}/emulator/wire/brandnew.py",
        "README.md",
        "docs/providers.md",
    }


def test_a_new_value_of_endpoint_is_missed_in_the_settings(monkeypatch):
    monkeypatch.setitem(endpoints.MINIMAX_ENDPOINTS, "brandnew", endpoints.MINIMAX)
    assert files_in("endpoint") == {checklists.SETTINGS}


def test_a_new_form_of_reasoning_is_missed_where_it_has_no_twin(monkeypatch):
    forms = Literal["reasoning_details", "reasoning_content", "reasoning", "inline", "thoughts"]
    monkeypatch.setattr(types, "ReasoningForm", forms)
    assert files_in("reasoning form") == {
        f"{CORE}/reply/reasoning.py",
        f"{CORE}/request/history.py",
        f"{CORE}/request/replay.py",
        f"{CORE}/doctor/answers.py",
        "docs/reasoning.md",
        "tests/project/checklists.py",
        checklists.SCENARIO_TABLE,
    }


def test_the_message_names_row_and_file(monkeypatch):
    rows = {**models.MINIMAX_MODELS}
    del rows["MiniMax-M2"]
    monkeypatch.setitem(models.MODELS, "minimax", rows)
    assert message_for(gaps_in("model")) == (
        "These files lack a row:\n"
        "model minimax/MiniMax-M2: no row in MODELS['minimax'] (mara_minimax/providers/models.py)"
    )
