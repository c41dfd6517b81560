"""The conformance suite itself: its rules have sources, wrong LLMs break them, and it says so."""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import pytest

from llama_index_mara_minimax.conformance import RULES, LLMConformance
from llama_index_mara_minimax.conformance.rules import VERIFIED_WITH
from tests.llama_index import wrong_llms

pytest_plugins = "pytester"


@dataclass(frozen=True)
class Wrong:
    """An LLM class, the rules it breaks, and which case of them shows it (by default the first)."""

    llm: type
    breaks: str
    case: str = ""

    @property
    def rules(self) -> set[str]:
        return {f"R{number}" for number in self.breaks.split()}


WRONG = (
    Wrong(wrong_llms.CumulativeDeltas, "16 17 22 24", "stream_chat"),
    Wrong(wrong_llms.ForgetsThoughtsOnStreams, "07 20 23", "stream_chat"),
    Wrong(wrong_llms.HidesThinkingDeltas, "19", "stream_chat"),
    Wrong(wrong_llms.TwoTextBlocks, "05 17 18 51", "stream_chat"),
    Wrong(wrong_llms.SaysNone, "08"),
    Wrong(wrong_llms.BlocksOnly, "28 40"),
    Wrong(wrong_llms.NoUsage, "09"),
    Wrong(wrong_llms.AsksForNoUsage, "10", "stream_chat"),
    Wrong(wrong_llms.OneGrowingMessage, "21", "stream_chat"),
    Wrong(wrong_llms.NoGenerator, "25", "stream_chat"),
    Wrong(wrong_llms.AsyncGeneratorFunctions, "04 22"),
    Wrong(wrong_llms.ValueErrors, "54 55 57 60"),
    Wrong(wrong_llms.SilentStreams, "54 55 56 60", "stream_chat"),
    Wrong(wrong_llms.TalksAtOnce, "02 06"),
    Wrong(wrong_llms.AsksTwice, "05 06 11 27 51 68"),
    Wrong(wrong_llms.CountsTwice, "11 68", "complete"),
    Wrong(wrong_llms.IgnoresParameters, "12 27 69"),
    Wrong(wrong_llms.OneLoop, "13", "achat"),
    Wrong(wrong_llms.RefusesCachePoints, "14"),
    Wrong(wrong_llms.DropsMedia, "61"),
    Wrong(wrong_llms.ReturnsNoThought, "46 47 48"),
    Wrong(wrong_llms.SmallWindow, "03"),
    Wrong(wrong_llms.NoIds, "34 36"),
    Wrong(wrong_llms.AlwaysWantsCalls, "34 37 45"),
    Wrong(wrong_llms.FirstCallOnly, "29"),
    Wrong(wrong_llms.KeepsAllCalls, "30 38"),
    Wrong(wrong_llms.ChangesTheHistory, "31"),
    Wrong(wrong_llms.NotRequired, "26"),
    Wrong(wrong_llms.Choosy, "32 33"),
    Wrong(wrong_llms.ShowsTheKey, "62 63"),
    Wrong(wrong_llms.NamelessDict, "64"),
    Wrong(wrong_llms.NeverPickled, "63 66"),
    Wrong(wrong_llms.FrozenCallbacks, "51 67"),
    Wrong(wrong_llms.SendsVariables, "70"),
    Wrong(wrong_llms.RetriesOnceMore, "60"),
    Wrong(wrong_llms.Mock, "01 05 15 27 33 35 39 41 42 43 44 49 50 51 52 53 58 59 65"),
)

NUMBERS = {rule.number: rule for rule in RULES.values()}
PLUGIN = "llama_index_mara_minimax.conformance.report"
CONTROLS = {"R05", "R27", "R51"}
"""Rules that every wrong LLM is asked to keep, unless it is said to break them."""
SELECTED = """
import re
from tests.llama_index.test_conformance_suite import CONTROLS, RULES, WRONG

def pytest_collection_modifyitems(items):
    found = {}
    for item in items:
        place = int(re.search(r"[0-9]+", item.cls.__name__)[0])
        number, wrong = RULES[item.originalname].number, WRONG[place]
        if number in wrong.rules | CONTROLS:
            # `<` is before `[`: stream_chat is not to be found in astream_chat.
            fits = re.search(rf"[[-]{wrong.case}", item.name) is not None
            first = found.setdefault((place, number), item)
            if fits and not re.search(rf"[[-]{wrong.case}", first.name):
                found[place, number] = item
    items[:] = found.values()
"""
CLASSES = """
from llama_index_mara_minimax.conformance import LLMConformance
from tests.llama_index.test_conformance_suite import WRONG

def suite(place, wrong):
    def make_llm(self, base_url, **settings):
        return wrong.llm(api_key=self.api_key, base_url=base_url, **settings)
    title = f"{place} {wrong.llm.__name__}"
    fields = {"make_llm": make_llm, "reasoning_form": "reasoning", "title": title}
    return type(f"TestWrong{place}", (LLMConformance,), fields)

for place, wrong in enumerate(WRONG):
    globals()[f"TestWrong{place}"] = suite(place, wrong)
"""


@pytest.fixture
def run(pytester, monkeypatch):
    """Run a test file under the report's plugin; returns the verdicts on each LLM first."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeini("[pytest]")

    def run_file(text, *options):
        pytester.makepyfile(text)
        result = pytester.runpytest_inprocess(
            "-p",
            PLUGIN,
            "--conformance-report=report.md",
            "-q",
            "--tb=no",
            "-W",
            "ignore",
            *options,
        )
        table = Path("report.md").read_text("utf-8")
        head, _, *rows = (
            line.strip("| ").split(" | ") for line in table.splitlines() if "|" in line
        )
        verdicts = {
            title: {row[0][:3]: row[column] for row in rows}
            for column, title in enumerate(head[1:], 1)
        }
        return verdicts, result, table

    return run_file


def test_numbers_are_given_once_and_none_is_left_out():
    assert sorted(NUMBERS) == [f"R{number:02}" for number in range(1, len(RULES) + 1)]


def test_every_test_of_the_suite_is_a_rule_with_a_reason():
    tests = {name for name in dir(LLMConformance) if name.startswith("test_")}
    assert tests == set(RULES)
    assert all(re.match(r"[A-Z`\"].*\.$", rule.reason) for rule in RULES.values())


@pytest.mark.parametrize("group", sorted({rule.group for rule in RULES.values()}))
def test_every_source_is_a_symbol_of_llama_index(group):
    for rule in (rule for rule in RULES.values() if rule.group == group):
        assert rule.sources
        for source in rule.sources:
            module, _, name = source.partition(":")
            found = importlib.import_module(f"llama_index.core.{module}")
            assert reduce(getattr, name.split("."), found), source


def test_the_version_of_the_sources_is_the_one_that_is_tested():
    pins = (Path(__file__).parents[2] / "constraints.txt").read_text("utf-8")
    assert f"llama-index-core=={VERIFIED_WITH}\n" in pins


def test_each_rule_is_broken_by_some_wrong_llm():
    assert NUMBERS.keys() - set().union(*(wrong.rules for wrong in WRONG)) == set()


def test_each_wrong_llm_breaks_its_rules_and_no_other(run, pytester):
    pytester.makeconftest(SELECTED)
    verdicts, _, _ = run(CLASSES)
    broken = {
        title: {number for number, verdict in found.items() if "fails" in verdict}
        for title, found in verdicts.items()
    }
    for place, wrong in enumerate(WRONG):
        title = f"{place} {wrong.llm.__name__}"
        assert (title, broken[title]) == (title, wrong.rules)


KINDS = """
import pytest
from llama_index_mara_minimax import MARA
from llama_index_mara_minimax.conformance import LLMConformance

class TestKinds(LLMConformance):
    has_async = False
    unsupported_block = None

    @property
    def known_failures(self):
        return {"R03": "it is so", "R04": "it was so"}

    def make_llm(self, base_url, **settings):
        return MARA(api_key=self.api_key, base_url=base_url, **settings)

    def test_metadata_leaves_room_for_prompt_and_answer(self):
        assert "room" == "none"

    def test_it_is_an_llm_of_the_framework(self):
        raise LookupError("no LLM")

    def test_of_its_own(self):
        pass
"""
SIX_RULES = "an_llm or leaves_room or are_cor or two_event_loops or is_one_block or content_that"


def test_the_report_tells_what_passes_fails_is_known_to_fail_and_is_skipped(run):
    verdicts, result, table = run(KINDS, "-k", f"{SIX_RULES} or of_its_own")
    assert verdicts == {
        "Kinds": {
            "**r": "1 of 4",
            "R01": "**fails in 1 of 1**",
            "R03": "known to fail in 1 of 1",
            "R04": "passes, though known to fail",
            "R07": "skipped",
            "R13": "passes",
            "R61": "skipped",
        }
    }
    assert "- Kinds: it was so (R04)\n" in table
    assert "- Kinds: has_reasoning is false (R07)\n" in table
    result.stdout.fnmatch_lines(
        [
            "*= conformance of Kinds =*",
            "R01 it is an llm of the framework: fails in 1 of 1 (*no LLM*)",
            "    R01 holds because: Engines take nothing else, *",
            "    R01 in llama_index.core: llms.utils:resolve_llm, *",
            "R03 *: known to fail in 1 of 1 (it is so)",
            "R07 *: skipped (has_reasoning is false)",
            "1 of 4 rules are kept",
        ]
    )


MUTE = """
from llama_index_mara_minimax import MARA
from llama_index_mara_minimax.conformance import LLMConformance

class Mute(MARA):
    def get_tool_calls_from_response(self, response, error_on_no_tool_call=True, **kwargs):
        calls = super().get_tool_calls_from_response(response, error_on_no_tool_call, **kwargs)
        return [call.model_copy(update={"tool_id": ""}) for call in calls]

class TestMute(LLMConformance):
    def make_llm(self, base_url, **settings):
        return Mute(api_key=self.api_key, base_url=base_url, **settings)
"""


def test_a_rule_is_chosen_by_its_number_and_its_failure_names_the_case_and_what_was_there(run):
    verdicts, result, _ = run(MUTE, "-k", "R36")
    assert verdicts["Mute"].keys() == {"**r", "R36"}
    result.stdout.fnmatch_lines(
        ["R36 *: fails in 4 of 4 (chat_with_tools: AssertionError: ids: '', '')"]
    )


def test_without_a_file_the_report_stands_at_the_end_alone(run, pytester):
    result = pytester.runpytest_inprocess("-p", PLUGIN, "--collect-only")
    assert "conformance of" not in result.stdout.str()


def test_a_number_that_no_rule_has_is_an_error(run):
    unknown = KINDS.replace('"R03"', '"R99"')
    verdicts, _, _ = run(unknown, "-k", "streams_are_cor")
    assert verdicts["Kinds"]["R04"] == "**fails in 1 of 1**"
