"""docs/comparison.md shows the recorded answers; each promise of ours names a test that runs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.comparison.__main__ import PAGE, RESULTS
from benchmarks.comparison.caller import Answer, Caller
from benchmarks.comparison.features import FEATURES, Feature
from benchmarks.comparison.langchain_callers import OurChatModel
from benchmarks.comparison.llama_index_callers import OurLLM
from benchmarks.comparison.page import FRAMEWORKS, promise_of, render
from benchmarks.comparison.subject import ask
from benchmarks.comparison.verdict import NotOffered, judge_error

ROOT = Path(__file__).parents[2]
OURS = {"langchain": "ours, LangChain", "llama_index": "ours, LlamaIndex"}
PEERS = {
    "ChatOpenAI",
    "ChatDeepSeek",
    "ChatLiteLLM",
    "ChatSambaNova",
    "llama-index-llms-minimax",
    "OpenAILike",
    "SambaNovaCloud",
}
PROMISES = sorted({promise_of(feature, name) for feature in FEATURES for name in FRAMEWORKS})


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    return dict(json.loads(RESULTS.read_text("utf-8")))


@pytest.fixture(scope="module")
def collected() -> set[str]:
    """Ids of the tests that a run of the promised files would run, without parameters."""
    files = sorted({promise.partition("::")[0] for promise in PROMISES})
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    listed = subprocess.run(
        [*command, *files], cwd=ROOT, capture_output=True, text=True, timeout=110
    )
    return {line.partition("[")[0] for line in listed.stdout.splitlines() if "::" in line}


class Silent(Caller):
    """An integration that swallows everything: no check may find a virtue in it."""

    def build(self, **settings: Any) -> Any:
        return self

    def question(self, text: str) -> Any:
        return type("Message", (), {"content": text})()

    def picture_of_a_tool(self, picture: str) -> list[Any]:
        return []

    def call_of_another_class(self) -> list[Any]:
        return []

    def plain(self, model: Any, messages: list[Any]) -> Answer:
        raise NotImplementedError

    def stream(self, model: Any, messages: list[Any]) -> Iterator[Answer]:
        yield Answer("", "")

    async def astream(self, model: Any, messages: list[Any]) -> Any:
        yield Answer("", "")

    def whole(self, chunks: list[Answer]) -> Answer:
        return chunks[0]

    def call_tool(self, model: Any, *, forced: bool) -> Answer:
        return Answer("", "")

    def stream_tool(self, model: Any) -> Iterator[Answer]:
        yield Answer("", "")

    def fill(self, model: Any) -> Any:
        return None


def key_of(feature: Feature) -> str:
    return feature.key


def test_the_page_shows_the_recorded_answers(results):
    assert PAGE.read_text("utf-8") == render(results), "run `make comparison`"


def test_every_integration_has_an_answer_to_every_row(results):
    assert set(results["subjects"]) == {*OURS.values(), *PEERS}
    for subject in results["subjects"].values():
        assert list(subject["answers"]) == [feature.key for feature in FEATURES]
        assert {a["answer"] for a in subject["answers"].values()} <= {"yes", "partly", "no", "n/a"}


def test_versions_and_date_are_recorded(results):
    packages = {subject["package"] for subject in results["subjects"].values()}
    assert packages < set(results["versions"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", results["date"])


@pytest.mark.parametrize("promise", PROMISES)
def test_each_promise_of_ours_names_a_test_that_is_run(promise, collected):
    assert any(name == promise or name.startswith(f"{promise}::") for name in collected)


# The page counts what is adjusted or replaced, with a warning, as accepted.
@pytest.mark.filterwarnings("ignore::mara_minimax.encoded_request.HistoryWarning")
@pytest.mark.filterwarnings("ignore::mara_minimax.encoded_request.ParameterWarning")
@pytest.mark.parametrize("kind", [OurChatModel, OurLLM], ids=OURS)
@pytest.mark.parametrize("feature", FEATURES, ids=key_of)
def test_ours_does_what_the_page_says(feature, kind, results):
    found = ask(feature, kind)

    assert found.answer == results["subjects"][kind.name]["answers"][feature.key]["answer"], found
    assert found.answer == "yes", found


UNSEEN = {
    # What never asks and never shows anything has no secret to show, and closes what it has not.
    "Secrets: `OPENAI_API_KEY` does not go to another provider",
    "Secrets: the key is in no repr, dump or pickle",
}


@pytest.mark.parametrize("feature", [f for f in FEATURES if f.key not in UNSEEN], ids=key_of)
def test_a_check_finds_nothing_good_where_nothing_is_done(feature):
    assert ask(feature, Silent).answer != "yes"


def test_a_key_that_is_handed_on_is_noticed():
    class Generous(OurChatModel):
        def build(self, **settings: Any) -> Any:
            return super().build(**{**settings, "api_key": os.environ["OPENAI_API_KEY"]})

    feature = next(f for f in FEATURES if "`OPENAI_API_KEY`" in f.title)
    assert ask(feature, Generous).answer == "no"


def test_a_key_that_is_shown_is_noticed():
    class Open(Silent):
        def build(self, **settings: Any) -> Any:
            return dict(settings)

    feature = next(f for f in FEATURES if "repr" in f.title)
    found = ask(feature, Open)
    assert (found.answer, "repr" in found.evidence) == ("no", True)


def test_what_an_integration_lacks_is_not_counted_as_a_fault():
    class Without(Silent):
        def build(self, **settings: Any) -> Any:
            raise NotOffered("no setting")

    assert ask(FEATURES[0], Without).answer == "n/a"


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (TypeError("login fail"), "no"),
        (OSError("login fail"), "yes"),
        (OSError("something else"), "partly"),
    ],
)
def test_an_error_counts_by_its_class_and_its_words(error, answer):
    assert judge_error(error, "login fail").answer == answer


def test_the_recorded_answers_name_no_folder_of_a_machine():
    text = RESULTS.read_text("utf-8")
    assert str(ROOT) not in text
    assert "site-packages" not in text
