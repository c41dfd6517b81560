"""Every setting is known to change the output, or not to."""

from __future__ import annotations

from typing import Any

import pytest

from mara_minimax.identity import CHANGES_OUTPUT, identifying_settings
from mara_minimax.settings import MARASettings, MiniMaxSettings

SETTINGS: Any = [MiniMaxSettings, MARASettings]


def test_every_setting_is_classified_and_nothing_else():
    assert CHANGES_OUTPUT.keys() == {name for kind in SETTINGS for name in kind.model_fields}


@pytest.mark.parametrize("kind", SETTINGS)
def test_no_secret_and_nothing_that_is_not_shown_identifies_a_model(kind):
    hidden = {name for name, field in kind.model_fields.items() if field.exclude}
    assert hidden
    assert not any(CHANGES_OUTPUT[name] for name in hidden)


def test_the_set_fields_that_change_the_output_identify_a_model():
    settings = MARASettings(
        api_key="sk-secret", temperature=0.5, top_k=40, max_retries=7, timeout=3, allow_http=True
    )
    assert identifying_settings(settings) == {
        "model": "MiniMax-M2.5",
        "temperature": 0.5,
        "top_k": 40,
        "replay_reasoning": True,
        "leaked_tool_calls": "warn",
        "parameter_policy": "adjust",
    }


def test_what_a_request_costs_and_how_it_travels_tells_no_models_apart():
    plain = MiniMaxSettings(api_key="k")
    other = MiniMaxSettings(
        api_key="k2", service_tier="priority", max_retries=0, default_headers={"X": "1"}
    )
    assert identifying_settings(plain) == identifying_settings(other)
