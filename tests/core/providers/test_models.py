"""The table of models: knowledge that never forbids."""

from __future__ import annotations

import pytest

from mara_minimax.providers.models import MODELS, find_profile


def test_each_row_names_its_source():
    assert all(profile.source for models in MODELS.values() for profile in models.values())


def test_names_match_without_regard_to_case():
    assert find_profile("minimax", "minimax-m3") is find_profile("minimax", "MiniMax-M3")


@pytest.mark.parametrize("provider", ["minimax", "llmprovider", "mara"])
def test_an_unknown_model_can_do_everything_that_is_usual(provider):
    profile = find_profile(provider, "brand-new-model")
    assert not profile.known
    assert profile.tool_calling
    assert profile.context_window >= 16_000


def test_a_new_model_of_a_known_family_takes_the_familys_values():
    profile = find_profile("minimax", "MiniMax-M3.2-Ultra")
    assert (profile.known, profile.inputs) == (False, ("text", "image", "video"))
    assert find_profile("mara", "MiniMax-M2.9").family == "minimax"
    assert find_profile("mara", "DeepSeek-V4").family == "deepseek"


def test_a_date_of_release_is_known_wherever_the_model_runs():
    for provider, name in (
        ("minimax", "MiniMax-M2.5-highspeed"),
        ("mara", "MiniMax-M2.5"),
        ("self-hosted", "MiniMaxAI/MiniMax-M2.5"),
    ):
        profile = find_profile(provider, name)
        assert (profile.release_date, profile.open_weights) == ("2026-02-12", True)
    assert find_profile("minimax", "MiniMax-M9").release_date == ""


def test_an_announced_retirement_has_a_date_and_a_source():
    for models in MODELS.values():
        for profile in models.values():
            assert bool(profile.retirement_date) == bool(profile.retirement_source)
            assert (profile.status == "deprecated") == bool(profile.retirement_date)


def test_a_model_elsewhere_does_not_retire_with_minimaxs_hosts():
    assert find_profile("minimax", "MiniMax-M2.5").status == "deprecated"
    assert find_profile("mara", "MiniMax-M2.5").status == "active"


def test_m31_flash_is_controlled_by_levels_of_effort():
    profile = find_profile("minimax", "MiniMax-M3.1-Flash")
    assert profile.reasoning_effort_levels == ("low", "medium", "high", "xhigh", "max")
    assert profile.reasoning_effort_default == "max"


def test_windows_are_those_of_the_documents():
    assert find_profile("minimax", "MiniMax-M2").context_window == 204_800
    assert find_profile("minimax", "MiniMax-M3").context_window == 1_000_000
    assert find_profile("mara", "MiniMax-M2.5").context_window == 196_608
