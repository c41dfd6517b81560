"""`examples.bulk` in one process, with faults, killed and resumed; it waits for a plan's reset."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from tests.scale.driving import CONCURRENCY, KEY, kill, kill_all, wait_until

pytestmark = pytest.mark.timeout(900)

NO_KEY = {"error": {"type": "authorized_error", "message": "invalid api key (2049)"}}
USED_UP = {"error": {"type": "rate_limit_error", "message": "usage limit exceeded (2056)"}}


@pytest.fixture
def local(bulk):
    return lambda count, **given: bulk(count, module="examples.bulk", **given)


def test_killed_twice_it_answers_each_prompt_once_and_repeats_calls_in_flight_only(local, prompts):
    run = local(prompts, faults=0.05)
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    print("seed", seed)
    for end, first, last in ((kill, 0.1, 0.4), (kill_all, 0.5, 0.9)):
        goal = round(prompts * chance.uniform(first, last))
        with run.running() as process:
            wait_until(lambda goal=goal: run.recorded() >= goal, process)
            end(process)
        assert not run.output.exists()
    code, shown = run.run()
    assert code == 0, shown
    assert run.wrong() == []
    assert 0 <= run.repeated() <= 2 * CONCURRENCY
    assert run.server.most_in_flight <= CONCURRENCY
    assert sum(run.server.faults.values()) > 0


def test_a_used_up_plan_is_waited_for_and_no_prompt_fails(local):
    run = local(20, delay=(0.0, 0.01))
    reset = datetime.now(UTC) + timedelta(seconds=12)
    message = f"usage limit exceeded, resets at {reset:%Y-%m-%dT%H:%M:%SZ} (2056)"
    error = {"error": {"type": "rate_limit_error", "message": message}}
    run.server.refused = {"prompt 7": (429, error)}
    with run.running() as process:
        wait_until(lambda: run.server.calls["prompt 7"] == 1, process)
        run.server.refused.clear()
        shown, _ = process.communicate(timeout=300)
    assert process.returncode == 0, shown
    assert run.wrong() == []
    assert run.server.calls["prompt 7"] == 2


@pytest.mark.parametrize(("status", "body", "code"), [(401, NO_KEY, 2049), (429, USED_UP, 2056)])
def test_what_does_not_pass_ends_the_run_and_fails_no_prompt(local, status, body, code):
    run = local(100, delay=(0.0, 0.01))
    run.server.refused = {f"prompt {n}": (status, body) for n in range(100)}
    exit_code, shown = run.run()
    assert exit_code == 1
    assert f"Error ({code})" in shown
    assert run.recorded() == 0
    assert not run.output.exists()
    assert sum(run.server.calls.values()) <= CONCURRENCY

    run.server.refused.clear()
    run.server.faults.clear()
    run.server.calls.clear()
    assert run.run()[0] == 0
    assert run.wrong() == []


def test_a_damaged_journal_ends_the_run_before_anything_is_asked(local):
    run = local(10)
    run.journal.write_text("garbage\n" * 2)
    code, shown = run.run()
    assert code == 1
    assert "is damaged at byte 0" in shown.splitlines()[-1]
    assert not run.server.calls


def test_it_keeps_to_the_limit_of_requests(local):
    run = local(24)
    with run.running("--rpm", "1") as process:
        wait_until(lambda: run.recorded() == 1, process)
        # Without the limit, others would have been on their way before the first was answered.
        assert sum(run.server.calls.values()) == 1


def test_the_key_is_in_no_file_and_llama_index_answers_alike(local):
    run = local(30, delay=(0.0, 0.01))
    code, shown = run.run("--framework", "llama-index")
    assert code == 0, shown
    assert run.wrong() == []
    assert run.server.keys == {KEY}
    written = [file.read_text() for file in run.output.parent.iterdir()]
    assert [text for text in [shown, *written] if KEY in text] == []
