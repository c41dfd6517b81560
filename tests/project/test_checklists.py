"""A new row of any kind has all its twins."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Literal

import pytest

from mara_minimax import types
from mara_minimax.arguments import MARAArguments
from mara_minimax.emulator import faults
from mara_minimax.emulator.faults.fault import Ending
from mara_minimax.emulator.types import models as emulated_models
from mara_minimax.emulator.types.models import Model
from mara_minimax.errors import ServerError
from mara_minimax.failures import table as failures
from mara_minimax.failures.table import Failure
from mara_minimax.providers import endpoints, models, parameters
from mara_minimax.providers.parameters import ParameterRule
from mara_minimax.request import encode
from mara_minimax.settings import MARASettings
from tests.project import checklists, reasoning_checklist, values
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
    "provider": checklists.gaps_of_providers,
    "reasoning form": reasoning_checklist.gaps_of_reasoning_forms,
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


def files_for_new(kind: str) -> set[str]:
    """Return where the row that a test calls brand-new is missed."""
    return {gap.file for gap in KINDS[kind]() if "brand" in gap.row.lower()}


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
    assert files_for_new("model") == {MODELS, EMULATED_MODELS, "docs/models.md"}


def test_a_new_model_of_the_emulator_is_missed_in_the_library(monkeypatch):
    served = {**emulated_models.MINIMAX_MODELS, "Brand-New-1": Model("Brand-New-1", 300_000)}
    monkeypatch.setattr(emulated_models, "MINIMAX_MODELS", served)
    assert files_for_new("model") == {MODELS}


def test_a_new_parameter_is_missed_where_it_has_no_twin(monkeypatch):
    rule = ParameterRule("mara", "brand_new", "range", "a page (2026-11)", high=1)
    monkeypatch.setattr(parameters, "PARAMETER_RULES", (*parameters.PARAMETER_RULES, rule))
    assert files_for_new("parameter") == {
        checklists.ENCODE,
        f"{CORE}/emulator/checks/mara.py",
        "docs/parameters.md",
    }


def test_a_parameter_without_values_is_missed_among_those_that_are_tried(monkeypatch):
    monkeypatch.setattr(encode, "KNOWN_PARAMETERS", encode.KNOWN_PARAMETERS | {"brand_new"})
    assert files_for_new("parameter") == {checklists.VALUES}


def test_values_of_a_parameter_that_no_call_may_name_are_missed_there(monkeypatch):
    monkeypatch.setitem(values.VALUES, "brand_new", [1])
    assert files_for_new("parameter") == {checklists.ENCODE}


def test_a_new_setting_is_missed_where_it_has_no_twin(monkeypatch):
    class Settings(MARASettings):
        brand_new: int | None = None

    monkeypatch.setattr(checklists, "_SETTINGS", {Settings: MARAArguments})
    assert files_for_new("parameter") == {
        checklists.ENCODE,
        checklists.IDENTITY,
        checklists.ARGUMENTS,
        "docs/api/fields.md",
    }


@pytest.mark.parametrize(
    ("high", "what"), [(0.5, "takes 1.5, beyond the range"), (3, "refuses 3, which is sent")]
)
def test_a_range_that_the_emulator_does_not_have_is_missed_there(high, what, monkeypatch):
    rule = ParameterRule("minimax", "temperature", "range", "a page (2026-11)", high=high)
    monkeypatch.setattr(parameters, "PARAMETER_RULES", (rule,))
    gaps = {gap.what for gap in gaps_in("parameter") if gap.row == "parameter minimax/temperature"}
    assert [gap for gap in gaps if what in gap and "MiniMax-M3" in gap]


def test_a_new_error_code_is_missed_where_it_has_no_twin(monkeypatch):
    row = Failure("brand_new", ServerError, "a new failure", True)
    rows = (*failures.MINIMAX_FAILURES, row)
    monkeypatch.setitem(failures.FAILURES, "minimax", rows)
    assert files_for_new("error code") == {FAULT_CODES, "docs/errors.md"}


def test_a_code_that_is_played_is_missed_in_the_table(monkeypatch):
    name = "What the providers name"
    played = replace(faults.GROUPS[name][0], plain_ending=Ending("ServerError", 3, "brand_new"))
    monkeypatch.setitem(faults.GROUPS, name, (*faults.GROUPS[name], played))
    assert files_for_new("error code") == {FAILURES}


def test_a_new_provider_is_missed_where_it_has_no_twin(monkeypatch):
    row = replace(
        endpoints.MINIMAX,
        name="brandnew",
        title="Brand New",
        base_url="https://brand.new/v1",
        key_variable="BRAND_NEW_API_KEY",
    )
    monkeypatch.setattr(endpoints, "PROVIDERS", (*endpoints.PROVIDERS, row))
    monkeypatch.setattr(checklists, "PROVIDERS", {**checklists.PROVIDERS, "brandnew": row})
    assert files_for_new("provider") == {
        MODELS,
        PARAMETERS,
        EMULATED_PROVIDERS,
        EMULATED_MODELS,
        f"{CORE}/emulator/checks/brandnew.py",
        f"{CORE}/emulator/wire/brandnew.py",
        checklists.REFUSALS,
        "README.md",
        "docs/providers.md",
        "docs/install.md",
        "docs/doctor.md",
    }


def test_a_new_host_of_a_provider_is_missed_where_it_has_no_twin(monkeypatch):
    row = replace(endpoints.MINIMAX, title="Brand New", base_url="https://brand.new/v1")
    monkeypatch.setitem(endpoints.MINIMAX_ENDPOINTS, "brandnew", row)
    assert files_for_new("endpoint") == {
        checklists.ENDPOINTS,
        checklists.SETTINGS,
        "README.md",
        "docs/providers.md",
        "docs/faq.md",
    }


def test_a_new_form_of_reasoning_is_missed_where_it_has_no_twin(monkeypatch):
    forms = Literal[types.ReasoningForm, "brand_new"]
    monkeypatch.setattr(types, "ReasoningForm", forms)
    assert files_for_new("reasoning form") == {
        reasoning_checklist.TYPES,
        f"{CORE}/reply/reasoning.py",
        f"{CORE}/request/replay.py",
        reasoning_checklist.BODY,
        reasoning_checklist.SCENARIO_TABLE,
        "docs/reasoning.md",
    }


def test_a_form_of_the_emulator_is_missed_in_the_library(monkeypatch):
    places = Literal[reasoning_checklist.ReasoningPlace, "brand_new"]
    monkeypatch.setattr(reasoning_checklist, "ReasoningPlace", places)
    assert reasoning_checklist.TYPES in files_for_new("reasoning form")


def test_the_message_names_row_and_file():
    gap = Gap("model minimax/MiniMax-M2", MODELS, "no row in MODELS['minimax']")
    assert message_for([gap]) == (
        "These files lack a row:\n"
        "model minimax/MiniMax-M2: no row in MODELS['minimax'] (mara_minimax/providers/models.py)"
    )
