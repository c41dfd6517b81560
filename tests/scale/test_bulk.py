"""`examples.bulk` and `examples.bulk_ray`: with faults, killed and resumed, and refused."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta

import pytest

from tests.scale.driving import KEY, descendants, kill, kill_all, wait_until

pytestmark = pytest.mark.timeout(900)

QUICK = (0.0, 0.01)
REFUSAL = {"error": {"type": "bad_request_error", "message": "invalid params (2013)"}}
NO_KEY = {"error": {"type": "authorized_error", "message": "invalid api key (2049)"}}
USED_UP = {"error": {"type": "rate_limit_error", "message": "usage limit exceeded (2056)"}}


def test_killed_twice_it_answers_each_prompt_once_and_repeats_calls_in_flight_only(bulk, prompts):
    run = bulk(prompts, faults=0.05)
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
    calls, faults = (sum(each.values()) for each in (run.server.calls, run.server.faults))
    print(f"{calls} calls, {faults} of them failed, {run.repeated()} repeated; {shown}")
    assert code == 0, shown
    assert run.wrong() == []
    assert 0 <= run.repeated() <= 2 * run.in_flight
    assert run.server.most_in_flight <= run.in_flight
    assert faults > prompts * 0.01


def test_a_used_up_plan_is_waited_for_by_all_calls_and_no_prompt_fails(bulk):
    run = bulk(60)
    with run.running() as process:
        wait_until(lambda: run.recorded() > 0, process)
        reset = (datetime.now(UTC) + timedelta(seconds=10)).replace(microsecond=0)
        message = f"usage limit exceeded, resets at {reset:%Y-%m-%dT%H:%M:%SZ} (2056)"
        error = {"error": {"type": "rate_limit_error", "message": message}}
        run.server.refused = {f"prompt {n}": (429, error) for n in range(run.count)}
        wait_until(lambda: datetime.now(UTC) > reset - timedelta(seconds=2), process)
        run.server.refused.clear()
        shown, _ = process.communicate(timeout=300)
    assert process.returncode == 0, shown
    assert run.wrong() == []
    # What was on its way was refused once; nothing was asked before the reset.
    assert 0 < sum(run.server.faults.values()) <= run.in_flight
    assert run.repeated() == 0


@pytest.mark.parametrize(("status", "body", "code"), [(401, NO_KEY, 2049), (429, USED_UP, 2056)])
def test_what_does_not_pass_ends_the_run_and_fails_no_prompt(bulk, status, body, code):
    run = bulk(100, delay=QUICK)
    run.server.refused = {f"prompt {n}": (status, body) for n in range(run.count)}
    exit_code, shown = run.run()
    assert exit_code == 1
    assert f"Error ({code})" in shown
    assert run.recorded() == 0
    assert not run.output.exists()
    assert sum(run.server.calls.values()) <= run.in_flight

    run.server.refused.clear()
    run.server.faults.clear()
    run.server.calls.clear()
    assert run.run()[0] == 0
    assert run.wrong() == []


def test_what_the_provider_refuses_is_recorded_and_asked_again_on_demand(bulk):
    run = bulk(20, delay=QUICK)
    run.server.refused["prompt 7"] = (400, REFUSAL)
    code, shown = run.run()
    row = run.rows()[7]
    assert code == 1
    assert "19 answered, 1 failed" in shown
    assert (row["id"], row["answer"]) == ("p7", None)
    assert (row["error_class"], row["error_code"]) == ("BadRequestError", "2013")
    assert run.server.calls["prompt 7"] == 1

    run.server.refused.clear()
    run.run()
    assert run.server.calls["prompt 7"] == 1
    assert run.run("--retry-failed")[0] == 0
    assert run.server.calls["prompt 7"] == 2
    assert run.wrong() == []
    assert run.repeated() == 0


def test_a_damaged_journal_ends_the_run_before_anything_is_asked(bulk):
    run = bulk(10)
    run.journal.write_text("garbage\n" * 2)
    code, shown = run.run()
    assert code == 1
    assert "is damaged at byte 0" in shown.splitlines()[-1]
    assert not run.server.calls


def test_all_calls_together_keep_to_the_limit_of_requests(bulk):
    run = bulk(24)
    with run.running("--rpm", "1") as process:
        wait_until(lambda: run.recorded() == 1, process)
        # Without the limit, others would have been on their way before the first was answered.
        assert sum(run.server.calls.values()) == 1


def test_the_key_is_in_no_argument_and_no_file(bulk):
    run = bulk(40)
    with run.running() as process:
        wait_until(lambda: run.recorded() >= 5, process)
        commands = descendants(process, KEY)
        shown, _ = process.communicate(timeout=300)
    assert run.server.keys == {KEY}
    assert commands == []
    written = [file.read_text() for file in run.output.parent.iterdir()]
    assert [text for text in [shown, *written] if KEY in text] == []


def test_llama_index_answers_alike(bulk):
    run = bulk(30, delay=QUICK)
    code, shown = run.run("--framework", "llama-index")
    assert code == 0, shown
    assert run.wrong() == []
    assert {(row["input_tokens"], row["output_tokens"]) for row in run.rows()} == {(5, 9)}
    assert {row["finish_reason"] for row in run.rows()} == {"stop"}


def test_parquet_goes_in_and_out(bulk):
    pyarrow = pytest.importorskip("pyarrow", reason="needs the extra `ray`")
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs the extra `ray`")
    run = bulk(30, delay=QUICK)
    rows = [json.loads(line) for line in run.prompts.read_text().splitlines()]
    asked = [
        {"id": row["id"], "messages": [{"role": "user", "content": row["prompt"]}]} for row in rows
    ]
    run.prompts = run.prompts.with_suffix(".parquet")
    run.output = run.output.with_suffix(".parquet")
    parquet.write_table(pyarrow.Table.from_pylist(asked), run.prompts)
    code, shown = run.run()
    assert code == 0, shown
    found = parquet.read_table(run.output).to_pylist()
    assert [(row["id"], row["answer"]) for row in found] == [
        (f"p{n}", f"answer to {n}: {3 * n}") for n in range(30)
    ]
