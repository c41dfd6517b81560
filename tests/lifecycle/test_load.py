"""The load run, shortened, and that it would notice an answer which is not the right one."""

from __future__ import annotations

import re
import subprocess
import sys

from benchmarks import load
from mara_minimax.emulator import CannedReply
from mara_minimax.settings import MiniMaxSettings
from tests.lifecycle.conftest import CHUNK, ROOT


def test_50_streams_under_faults_each_end_in_an_answer_or_a_typed_error():
    command = [sys.executable, "-m", "benchmarks.load", "--seconds", "5", "--streams", "50"]
    command += ["--faults", "0.2", "--delay", "0.05", "--timeout", "4"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    figures = dict(re.findall(r"^(\w+(?: \w+)?) +(\d+)", done.stdout, re.MULTILINE))
    assert int(figures["silent failures"]) == 0
    assert int(figures["typed errors"]) > 0
    assert int(figures["complete answers"]) > int(figures["typed errors"])
    assert done.stderr == ""


def events_of(text):
    delta = {**CHUNK, "choices": [{"index": 0, "delta": {"content": text}}]}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    last = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": usage}
    return CannedReply.sse(delta, {**CHUNK, **last}, done=True)


async def tally_of(server, text):
    server.enqueue(events_of(text))
    tally = load.Tally()
    await load.ask(MiniMaxSettings(api_key="key", base_url=server.base_url), 7, tally)
    return tally


async def test_the_right_answer_counts(server):
    tally = await tally_of(server, "7 + 7 equals 14.")
    assert (tally.answers, tally.silent) == (1, [])


async def test_an_answer_to_another_question_is_a_silent_failure(server):
    tally = await tally_of(server, "8 + 8 equals 16.")
    assert tally.answers == 0
    assert len(tally.silent) == 1


async def test_half_an_answer_is_a_silent_failure(server):
    tally = await tally_of(server, "7 + 7 equals")
    assert len(tally.silent) == 1


async def test_an_error_of_no_documented_class_is_a_silent_failure(server, monkeypatch):
    settings = MiniMaxSettings(api_key="key", base_url=server.base_url)
    monkeypatch.setattr(MiniMaxSettings, "client", property(lambda _: None))
    tally = load.Tally()
    await load.ask(settings, 7, tally)
    assert len(tally.silent) == 1
