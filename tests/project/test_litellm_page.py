"""docs/litellm.md shows what was recorded behind LiteLLM's proxy; nothing here needs LiteLLM."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from benchmarks.litellm_proxy.__main__ import PACKAGES, PAGE, RESULTS
from benchmarks.litellm_proxy.callers import CALLERS
from benchmarks.litellm_proxy.columns import COLUMNS, MODELS
from benchmarks.litellm_proxy.page import render, swallowed, verdict
from benchmarks.litellm_proxy.proxy import config
from benchmarks.litellm_proxy.rows import NO_ERROR, ROWS
from mara_minimax.emulator import Emulator
from tests.project.test_make import lines_of

ROOT = Path(__file__).parents[2]
FAILURES = [row for row in ROWS if row.group == "Errors" and ":" not in row.title]


@pytest.fixture
def results() -> dict[str, Any]:
    return dict(json.loads(RESULTS.read_text("utf-8")))


def key_of(row):
    return row.key


def test_the_page_shows_the_recorded_answers(results):
    assert PAGE.read_text("utf-8") == render(results), "run `make litellm`"


def test_every_row_has_an_answer_in_every_column_and_framework(results):
    asked = {
        row.key: {
            column.title: {kind.framework: ["direct", "proxied"] for kind in CALLERS}
            for column in COLUMNS
            if row.applies(column.provider, streamed=column.streamed)
        }
        for row in ROWS
    }
    assert asked == {
        key: {
            column: {framework: sorted(seen) for framework, seen in frameworks.items()}
            for column, frameworks in columns.items()
        }
        for key, columns in results["seen"].items()
    }


def test_versions_and_date_are_recorded_and_shown(results):
    assert list(results["versions"]) == list(PACKAGES)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", results["date"])
    page = PAGE.read_text("utf-8")
    assert f"litellm {results['versions']['litellm']}" in page
    assert results["date"] in page


def test_the_recorded_answers_name_no_folder_and_no_port():
    text = RESULTS.read_text("utf-8")
    assert not re.search(r"site-packages|127\.0\.0\.1|/home/|/tmp/", text)
    assert str(ROOT) not in text


@pytest.mark.filterwarnings("ignore::mara_minimax.encoded_request.HistoryWarning")
@pytest.mark.parametrize("kind", CALLERS, ids=lambda kind: kind.framework)
@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.title)
def test_without_the_proxy_each_row_gives_what_was_recorded(column, kind, results):
    with Emulator(column.provider, retry_after=7) as emulator:
        for row in ROWS:
            if not row.applies(column.provider, streamed=column.streamed):
                continue
            caller = kind(
                column.provider,
                streamed=column.streamed,
                model=MODELS[column.provider],
                base_url=emulator.base_url,
                api_key=emulator.api_key,
                **column.settings,
            )
            recorded = results["seen"][row.key][column.title][kind.framework]["direct"]
            assert row.ask(caller, emulator) == recorded, row.key


@pytest.mark.parametrize("row", FAILURES, ids=key_of)
def test_without_the_proxy_every_failure_is_an_error(row, results):
    for answers in results["seen"][row.key].values():
        for seen in answers.values():
            assert re.fullmatch(r"\w+Error", seen["direct"])


@pytest.mark.parametrize(
    ("direct", "proxied", "word"),
    [
        ("It is two.", "It is two.", "yes"),
        (None, None, "n/a"),
        (None, 10, "made up"),
        (7.0, None, "lost"),
        ("ServerError", f"{NO_ERROR}; finish reason stop, text ''", "**no error**"),
        ("It is two.", "\n\nIt is two.", "yes, with line breaks"),
        ({"content": "2", "reasoning": "1+1"}, {"content": "2"}, "lost"),
        ({"reasoning": "1+1"}, {"reasoning_content": "1+1"}, "in another form"),
        ("RateLimitError", "ServerError", "`ServerError`"),
        (False, True, "`True`"),
        ([["add", {"a": 1}]], [["add", {"a": 1, "b": "not asked for by anyone"}]], "changed"),
    ],
)
def test_a_cell_says_what_became_of_a_value(direct, proxied, word):
    assert verdict(direct, proxied) == word


def test_the_sentence_names_each_failure_that_left_no_trace(results):
    hidden = [
        row.title
        for row in FAILURES
        for answers in results["seen"][row.key].values()
        if any(seen["proxied"].startswith(NO_ERROR) for seen in answers.values())
    ]
    assert hidden
    sentence = swallowed(results["seen"])
    assert sentence in PAGE.read_text("utf-8")
    assert all(title in sentence for title in hidden)


def test_the_sentence_says_so_when_every_failure_leaves_a_trace():
    seen = {"LangChain": {"direct": "ServerError", "proxied": "ServerError"}}
    assert swallowed({row.key: {"MiniMax, plain": seen} for row in ROWS}) == (
        "No error of the table was swallowed without a trace."
    )


def test_the_proxy_repeats_nothing_and_rests_from_nothing():
    settings = config({"MiniMax-M2.1": "http://127.0.0.1:1/v1"})
    (model,) = settings["model_list"]
    assert model["model_name"] == "MiniMax-M2.1"
    assert model["litellm_params"]["model"] == "openai/MiniMax-M2.1"
    assert model["litellm_params"]["api_base"] == "http://127.0.0.1:1/v1"
    assert settings["router_settings"] == {"num_retries": 0, "disable_cooldowns": True}


def test_the_target_installs_the_proxy_into_an_environment_of_its_own():
    install, run = (
        line for line in lines_of("litellm") if "pip install" in line or "benchmarks" in line
    )
    assert install.startswith(".venv-matrix/litellm/bin/python")
    assert "'litellm[proxy]'" in install
    assert run.split() == [".venv-matrix/litellm/bin/python", "-m", "benchmarks.litellm_proxy"]
