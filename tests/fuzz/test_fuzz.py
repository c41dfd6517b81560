"""The fuzz targets for a few seconds, and that they notice what they are there to notice.

`make fuzz` runs them for as long as one likes.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import Any

import pytest

from langchain_mara_minimax import chat_models, messages
from mara_minimax import json_text
from mara_minimax.errors import BadRequestError
from mara_minimax.failures import answers
from mara_minimax.failures.table import Failure
from mara_minimax.reply import events as sse
from mara_minimax.reply.tags import TagDecoder
from mara_minimax.reply.tool_calls import ToolCallDecoder
from mara_minimax.request import history
from mara_minimax.secrets.redaction import Redactor
from tests.fuzz import __main__ as command
from tests.fuzz.engine import Counts, fuzz
from tests.fuzz.targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_holds(name):
    counts = Counts()
    fuzz(TARGETS[name], counts, runs=100)
    assert counts.inputs >= 100
    assert counts.executions > 50


def _raises(self, data):
    raise KeyError("choices")


def _endless(code, message, status):
    return Failure("", BadRequestError, "x" * 5_000, False)


def _forgetful(self, data, original=sse.EventDecoder.decode):
    yield from original(self, data)
    self._line.clear()


def _adds_up(outputs):
    """Return the sum of each count, whatever it is."""
    names = ("prompt_tokens", "completion_tokens", "total_tokens")
    usages = [output["token_usage"] for output in outputs if "token_usage" in output]
    return {"token_usage": {n: sum(usage.get(n) or 0 for usage in usages) for n in names}}


def _trusts(text, details, record):
    """Read a record without looking at it first."""
    return record.get("form")


@dataclass(frozen=True)
class Fault:
    """Something wrong in the library, and how the target that has to notice it reports it."""

    target: str
    owner: Any
    attribute: str
    value: Any
    error: type[Exception] = AssertionError
    text: str | None = None
    seed: int = 0
    """One that finds it soon."""


FAULTS = {
    "held text is dropped": Fault("tags", TagDecoder, "flush", lambda self: ("", "")),
    "another error comes out": Fault("bodies", sse.EventDecoder, "decode", _raises, KeyError),
    "calls are lost": Fault("forms", ToolCallDecoder, "decode", lambda self, entries: ()),
    "reading depends on cuts": Fault("forms", sse.EventDecoder, "decode", _forgetful),
    "the text of an error has no end": Fault(
        "replies", answers, "classify", _endless, text="a text of 5,"
    ),
    "results stay where they are": Fault(
        "histories", history, "pair_tool_results", lambda messages, changes: messages
    ),
    "arguments are sent as they are": Fault("histories", history, "parse_object", lambda text: {}),
    "errors keep their secrets": Fault(
        "replies", Redactor, "text", lambda self, text: text, text="(key|header) in "
    ),
    "odd counts of tokens are added up": Fault(
        "replies", chat_models, "combine_outputs", _adds_up, TypeError, r"type\(s\) for \+", 8
    ),
    "a stored record is read unseen": Fault(
        "stored", messages, "restore_reasoning", _trusts, AttributeError
    ),
}
if sys.version_info < (3, 12):
    # Newer versions pickle values that are deeper than any input.
    FAULTS["a body may be nested deeper than its redaction goes"] = Fault(
        "replies", json_text, "_is_deep", lambda value: False, AssertionError, "RecursionError", 1
    )


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_noticed(name, monkeypatch):
    fault = FAULTS[name]
    monkeypatch.setattr(fault.owner, fault.attribute, fault.value)
    with pytest.raises(fault.error, match=fault.text):
        fuzz(TARGETS[fault.target], Counts(), runs=5_000, first_seed=fault.seed)


def test_a_seed_gives_the_same_inputs_each_time():
    seen = []

    def keep(case):
        seen.append(repr(case))
        return 1

    target = replace(TARGETS["replies"], check=keep)
    fuzz(target, Counts(), runs=30)
    fuzz(target, Counts(), runs=30)
    assert seen[:30] == seen[30:]
    fuzz(target, Counts(), runs=30, first_seed=1)
    assert seen[60:] != seen[:30]


def test_an_input_that_failed_is_kept_and_comes_first_the_next_time(tmp_path):
    seen = []

    def check(case):
        seen.append(case)
        assert not case[1]
        return 1

    target = replace(TARGETS["tags"], check=check)
    with pytest.raises(AssertionError) as caught:
        fuzz(target, Counts(), runs=100, folder=tmp_path)
    assert "check_tags(" in "".join(caught.value.__notes__)
    smallest = seen[-1]
    assert seen[0] != smallest
    seen.clear()
    with pytest.raises(AssertionError):
        fuzz(target, Counts(), runs=100, folder=tmp_path)
    assert seen[0] == smallest


def test_the_command_prints_what_it_did(monkeypatch, capsys, tmp_path):
    arguments = ["--runs", "20", "--target", "forms", "--folder", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", ["fuzz", *arguments])
    assert command.main() == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[1].split()[:3] == ["forms", "20", "60"]
    assert printed[-1] == "executions: 60"


def test_the_command_goes_on_after_a_failure_and_says_so(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(TagDecoder, "decode", _raises)
    arguments = ["--runs", "20", "--target", "tags", "--target", "forms"]
    monkeypatch.setattr(sys, "argv", ["fuzz", *arguments, "--folder", str(tmp_path)])
    assert command.main() == 1
    printed = capsys.readouterr().out
    assert "tags       FAILED" in printed
    assert "check_tags(" in printed
    assert "\nforms" in printed
