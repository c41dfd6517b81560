"""CONTRIBUTING's recipes, followed: what they call enough is enough."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from docs.generate import models_page
from langchain_mara_minimax import ChatMiniMax
from llama_index_mara_minimax import MiniMax
from mara_minimax import errors
from mara_minimax.emulator import SCENARIOS, Emulator
from mara_minimax.emulator.scenarios import Scenario
from mara_minimax.encoded_request import ParameterWarning
from mara_minimax.providers import models, parameters
from mara_minimax.providers.models import MINIMAX_MODELS
from mara_minimax.providers.parameters import ParameterRule
from mara_minimax.request import encode

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
RECIPES = dict(re.findall(r"^## (.+)\n\n((?:\d\. .+\n)+)", TEXT, re.MULTILINE))
NEW = "Brand-New-1"


@pytest.fixture
def server():
    with Emulator("minimax") as emulator:
        yield emulator


def make(cls, server, **settings):
    return cls(api_key=server.api_key, base_url=server.base_url, **settings)


def ask(cls, server, **parameters):
    model = make(cls, server)
    if cls is ChatMiniMax:
        model.invoke("Hi", **parameters)
    else:
        model.complete("Hi", **parameters)
    return server.last_body


def test_the_recipes_are_those_that_were_asked_for():
    assert {
        "Add a model",
        "Add a host of a known provider",
        "Add a provider",
        "Teach it a parameter",
        "Add an error code",
        "Add a form of reasoning",
        "Support a new wire form",
        "Add a scenario to the emulator",
        "Add a fault",
        "Record the cassettes",
    } <= set(RECIPES)


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_a_recipe_has_at_most_ten_lines(name):
    assert len(RECIPES[name].splitlines()) <= 10


def test_every_file_that_is_named_exists():
    named = set(re.findall(r"`((?:mara_minimax|tests|docs|benchmarks|\.github)/[\w./-]+)`", TEXT))
    assert named
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_every_target_that_is_named_exists():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    named = set(re.findall(r"`make ([a-z-]+)", TEXT))
    assert named
    assert [t for t in sorted(named) if not re.search(rf"^{t}:", makefile, re.MULTILINE)] == []


def test_a_row_is_all_that_a_model_takes(monkeypatch, server):
    row = replace(MINIMAX_MODELS["MiniMax-M2"], context_window=123_456, source="a page (2026-11)")
    monkeypatch.setitem(MINIMAX_MODELS, NEW, row)
    # What the module derives from its table on import.
    monkeypatch.setitem(models._BY_NAME, ("minimax", NEW.lower()), row)

    assert make(ChatMiniMax, server, model=NEW).profile["max_input_tokens"] == 123_456
    assert make(MiniMax, server, model=NEW).metadata.context_window == 123_456
    assert f"| minimax | `{NEW}` | 123,456 |" in models_page()


def test_a_model_without_a_row_is_not_in_the_tables(server):
    assert make(MiniMax, server, model=NEW).metadata.context_window != 123_456
    assert NEW not in models_page()


@pytest.mark.parametrize("cls", [ChatMiniMax, MiniMax])
def test_a_name_is_all_that_a_parameter_takes(cls, monkeypatch, server):
    monkeypatch.setattr(encode, "KNOWN_PARAMETERS", encode.KNOWN_PARAMETERS | {"brand_new"})

    assert ask(cls, server, brand_new=7)["brand_new"] == 7


@pytest.mark.parametrize("cls", [ChatMiniMax, MiniMax])
def test_without_its_name_a_parameter_is_refused(cls, server):
    with pytest.raises(errors.UnknownArgumentError):
        ask(cls, server, brand_new=7)
    assert server.requests == []


@pytest.mark.parametrize("cls", [ChatMiniMax, MiniMax])
def test_a_rule_is_all_that_a_limit_takes(cls, monkeypatch, server):
    rule = ParameterRule("minimax", "seed", "range", "a page (2026-11)", low=0, high=9)
    monkeypatch.setattr(parameters, "PARAMETER_RULES", (*parameters.PARAMETER_RULES, rule))

    with pytest.warns(ParameterWarning, match="a page"):
        assert ask(cls, server, seed=99)["seed"] == 9


def test_a_row_is_all_that_a_scenario_takes(monkeypatch, server):
    monkeypatch.setitem(SCENARIOS, "brand-new", Scenario("brand-new", "", form={"piece": 3}))
    model = make(ChatMiniMax, server)
    usual = len([chunk for chunk in model.stream("What is 1+1?") if chunk.text])

    server.scenario = "brand-new"
    assert len([chunk for chunk in model.stream("What is 1+1?") if chunk.text]) > usual
