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


def test_windows_are_those_of_the_documents():
    assert find_profile("minimax", "MiniMax-M2").context_window == 204_800
    assert find_profile("minimax", "MiniMax-M3").context_window == 1_000_000
    assert find_profile("mara", "MiniMax-M2.5").context_window == 196_608
