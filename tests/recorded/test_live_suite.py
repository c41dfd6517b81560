"""The live suite runs, with emulators in the place of the providers, and asks nobody else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from mara_minimax.emulator import Emulator

ROOT = Path(__file__).parents[2]


def _clean() -> dict[str, str]:
    names = ("MINIMAX_", "MARA_", "RECORD_", "LIVE_")
    return {name: value for name, value in os.environ.items() if not name.startswith(names)}


def _pytest(*arguments: str, **variables: str) -> str:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=ROOT, env=_clean() | variables
    )
    assert done.returncode in (0, 5), done.stdout
    return done.stdout


def test_every_question_is_asked_and_its_answer_written_down(
    server: Emulator, mara_server: Emulator, tmp_path: Path
) -> None:
    answers = tmp_path / "answers.jsonl"
    printed = _pytest(
        *("-m", "live", "tests/live/test_questions.py"),
        MINIMAX_API_KEY="key-one",
        MINIMAX_BASE_URL=server.base_url,
        MARA_API_KEY="key-two",
        MARA_BASE_URL=mara_server.base_url,
        LIVE_ANSWERS=str(answers),
    )
    text = answers.read_text("utf-8")
    seen = [json.loads(line) for line in text.splitlines()]
    assert f"{len(seen)} passed" in printed
    assert "skipped" not in printed
    assert len({answer["question"] for answer in seen}) == len(seen) > 30
    assert "key-one" not in text
    reasoning = {a["question"]: a.get("fields") for a in seen if "reasoning" in a["question"]}
    assert reasoning["test_where_the_reasoning_of_a_plain_reply_stands[mara]"] == ["reasoning"]
    assert len(server.requests) >= 15
    assert len(mara_server.requests) >= 15


def test_the_standard_suites_run_where_the_providers_are_said_to_be(server: Emulator) -> None:
    printed = _pytest(
        *("-m", "live", "tests/live/test_standard.py", "-k", "TestMiniMax and test_invoke"),
        MINIMAX_API_KEY="key-one",
        MINIMAX_BASE_URL=server.base_url,
    )
    assert "passed" in printed
    assert server.requests


def test_without_keys_each_live_test_is_skipped() -> None:
    printed = _pytest("-m", "live", "tests/live")
    assert "passed" not in printed
    assert "failed" not in printed
    assert "skipped" in printed


def test_live_tests_are_left_out_unless_asked_for() -> None:
    printed = _pytest("tests/live/test_questions.py", "--collect-only")
    assert "no tests collected" in printed


def test_recording_live_without_keys_says_so_and_does_nothing(tmp_path: Path) -> None:
    marker = tmp_path / "python"
    marker.write_text("#!/bin/sh\necho started\n")
    marker.chmod(0o755)
    done = subprocess.run(
        ["sh", "tests/live/record.sh", "tests"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env=_clean() | {"BIN": str(tmp_path)},
    )
    assert done.stdout.splitlines() == [
        "MINIMAX_API_KEY is not set: nothing is recorded from minimax.",
        "MARA_API_KEY is not set: nothing is recorded from mara.",
    ]
