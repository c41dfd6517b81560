"""The fuzz targets for a few seconds, and that they notice what they are there to notice.

`make fuzz` runs them for as long as one likes.
"""

from __future__ import annotations

import sys

import pytest

from mara_minimax import types as types_module
from mara_minimax.errors import BadRequestError
from mara_minimax.failures import table as failures_module
from mara_minimax.reply import events as sse_module
from mara_minimax.reply.tags import TagDecoder
from mara_minimax.reply.tool_calls import ToolCallDecoder
from mara_minimax.request import history as history_module
from tests.fuzz import __main__ as command
from tests.fuzz import chance, guided, properties
from tests.fuzz.counts import Counts, CountsFile, read_counts
from tests.fuzz.oracles import fixed_ids
from tests.fuzz.source import BytesSource
from tests.fuzz.targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_structured_inputs(name):
    counts = properties.fuzz(TARGETS[name], seconds=0, runs=25)
    assert counts.inputs >= 25
    assert counts.executions >= counts.inputs


@pytest.mark.parametrize("name", TARGETS)
def test_random_inputs(name):
    counts = chance.fuzz(TARGETS[name], seconds=0, runs=400)
    assert counts.inputs == 400
    assert counts.executions >= counts.inputs


@pytest.mark.parametrize("name", TARGETS)
def test_the_seeds_of_the_guided_engine(name):
    with fixed_ids():
        for seed in TARGETS[name].seeds():
            assert TARGETS[name].check(BytesSource(seed)) > 0


def _drops_what_is_held(self):
    return "", ""


def _raises(self, data):
    raise KeyError("choices")


def _loses_calls(self, entries):
    return ()


def _bad_request(code, message, status):
    return failures_module.Failure("", BadRequestError, "x" * 5_000, False)


BREAKS = {
    "held text is dropped": ("tags", TagDecoder, "flush", _drops_what_is_held),
    "another error comes out": ("bodies", sse_module.EventDecoder, "decode", _raises),
    "calls are lost": ("forms", ToolCallDecoder, "decode", _loses_calls),
    "the text of an error has no end": ("failures", failures_module, "_classify", _bad_request),
    "results stay where they are": (
        "histories", history_module, "pair_tool_results", lambda messages, changes: messages,
    ),
    "arguments are sent as they are": (
        "histories", history_module, "parse_object", lambda text: {},
    ),
    "any record is taken": ("stored", types_module, "fault_in", lambda *parts: None),
}  # fmt: skip
"""Faults put into the library, each with the target that has to notice."""


@pytest.mark.parametrize("name", BREAKS)
def test_a_fault_is_noticed(name, monkeypatch):
    target, owner, attribute, fault = BREAKS[name]
    monkeypatch.setattr(owner, attribute, fault)
    with pytest.raises(chance.UnluckyError, match=f"target {target}, seed"):
        chance.fuzz(TARGETS[target], seconds=0, runs=2_000)


def test_reading_that_depends_on_cuts_is_noticed(monkeypatch):
    original = sse_module.EventDecoder.decode

    def forgetful(self, data):
        yield from original(self, data)
        self._line.clear()

    monkeypatch.setattr(sse_module.EventDecoder, "decode", forgetful)
    with pytest.raises(chance.UnluckyError):
        chance.fuzz(TARGETS["forms"], seconds=0, runs=200)


def test_counts_survive_the_process_that_counts(tmp_path):
    path = tmp_path / "counts"
    CountsFile(path).write(3, 7)
    assert read_counts(path) == Counts(3, 7)


def test_the_command_prints_what_it_did(monkeypatch, capsys, tmp_path):
    arguments = ["--runs", "20", "--target", "forms", "--engine", "random"]
    monkeypatch.setattr(sys, "argv", ["fuzz", *arguments, "--folder", str(tmp_path)])
    assert command.main() == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[1].split()[:3] == ["forms", "random", "20"]
    assert printed[-1] == "executions of the stream decoder: 60"


def test_without_atheris_the_command_says_so(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(guided, "available", lambda: False)
    arguments = ["--engine", "atheris", "--target", "tags", "--folder", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", ["fuzz", *arguments])
    assert command.main() == 0
    assert "atheris is not installed" in capsys.readouterr().out


@pytest.mark.skipif(not guided.available(), reason="atheris is in the extra `fuzz` alone")
def test_inputs_guided_by_coverage(tmp_path):
    counts = guided.fuzz(TARGETS["tags"], tmp_path, seconds=0, runs=300)
    assert counts.inputs >= 300
    assert counts.executions == 7 * counts.inputs
