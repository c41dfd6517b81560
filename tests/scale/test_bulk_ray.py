"""`examples.bulk_ray` on a local Ray cluster of two workers, with faults, killed and resumed."""

from __future__ import annotations

import json
import os
import random
import re
import signal

import pytest

from tests.scale.driving import (
    CONCURRENCY,
    KEY,
    WORKERS,
    descendants,
    kill,
    kill_all,
    wait_until,
)

pytest.importorskip("ray", reason="needs the extra `ray`")
pytestmark = pytest.mark.timeout(900)

IN_FLIGHT = WORKERS * CONCURRENCY
REFUSAL = {"error": {"type": "bad_request_error", "message": "invalid params (2013)"}}
NO_KEY = {"error": {"type": "authorized_error", "message": "invalid api key (2049)"}}


def test_killed_twice_it_answers_each_prompt_once_and_repeats_calls_in_flight_only(bulk, prompts):
    run = bulk(prompts, faults=0.05)
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    print("seed", seed)
    for end, first, last in ((kill, 0.1, 0.4), (kill_all, 0.5, 0.9)):
        goal = round(prompts * chance.uniform(first, last))
        with run.running() as driver:
            wait_until(lambda goal=goal: run.recorded() >= goal, driver)
            end(driver)
        assert not run.output.exists()
    code, shown = run.run()
    calls, faults = (sum(each.values()) for each in (run.server.calls, run.server.faults))
    print(f"{calls} calls, {faults} of them failed, {run.repeated()} repeated; {shown}")
    assert code == 0, shown
    assert run.wrong() == []
    assert 0 <= run.repeated() <= 2 * IN_FLIGHT
    assert run.server.most_in_flight <= IN_FLIGHT
    assert faults > prompts * 0.01


def test_a_worker_and_the_ledger_may_die_while_the_run_goes_on(bulk):
    run = bulk(150)
    with run.running() as driver:
        for victim, goal in (("ray::MapWorker", 30), ("ray::Ledger", 80)):
            wait_until(lambda goal=goal: run.recorded() >= goal, driver)
            os.kill(descendants(driver, victim)[0], signal.SIGKILL)
        shown, _ = driver.communicate(timeout=300)
    assert driver.returncode == 0, shown
    assert run.wrong() == []
    # The dead worker's calls; those of the other one bear the ledger's absence.
    assert run.repeated() <= CONCURRENCY


def test_what_the_provider_refuses_is_recorded_and_asked_again_on_demand(bulk):
    run = bulk(20, delay=(0.0, 0.01))
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


def test_what_is_wrong_with_the_account_ends_the_run_and_fails_no_prompt(bulk):
    run = bulk(100, delay=(0.0, 0.01))
    run.server.refused = {f"prompt {n}": (401, NO_KEY) for n in range(100)}
    code, shown = run.run()
    assert code == 1
    assert "Stopped: AuthenticationError (2049)" in shown
    assert run.recorded() == 0
    assert not run.output.exists()
    assert sum(run.server.calls.values()) <= 2 * IN_FLIGHT

    run.server.refused.clear()
    run.server.faults.clear()
    run.server.calls.clear()
    assert run.run()[0] == 0
    assert run.wrong() == []


def test_a_damaged_journal_ends_the_run_before_anything_is_asked(bulk):
    run = bulk(10)
    run.journal.write_text("garbage\n" * 2)
    code, shown = run.run()
    assert code == 1
    assert "is damaged at byte 0" in shown.splitlines()[-1]
    assert not run.server.calls


def test_all_workers_together_keep_to_the_limit_of_requests(bulk):
    run = bulk(24)
    with run.running("--rpm", "1") as driver:
        wait_until(lambda: run.recorded() == 1, driver)
        # Without the limit, others would have been on their way before the first was answered.
        assert sum(run.server.calls.values()) == 1


def test_the_key_is_in_no_argument_and_no_file(bulk):
    run = bulk(40)
    with run.running() as driver:
        wait_until(lambda: run.recorded() >= 5, driver)
        commands = descendants(driver, KEY)
        shown, _ = driver.communicate(timeout=300)
    assert run.server.keys == {KEY}
    assert commands == []
    written = [file.read_text() for file in run.output.parent.iterdir()]
    assert [text for text in [shown, *written] if KEY in text] == []


def test_parquet_goes_in_and_out_and_llama_index_answers_alike(bulk):
    import pyarrow
    import pyarrow.parquet

    run = bulk(30, delay=(0.0, 0.01))
    rows = [json.loads(line) for line in run.prompts.read_text().splitlines()]
    asked = [
        {"id": row["id"], "messages": [{"role": "user", "content": row["prompt"]}]} for row in rows
    ]
    run.prompts = run.prompts.with_suffix(".parquet")
    run.output = run.output.with_suffix(".parquet")
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(asked), run.prompts)
    code, shown = run.run("--framework", "llama-index")
    assert code == 0, shown
    found = pyarrow.parquet.read_table(run.output).to_pylist()
    assert [(row["id"], row["answer"]) for row in found] == [
        (f"p{n}", f"answer to {n}: {3 * n}") for n in range(30)
    ]
    assert {(row["input_tokens"], row["output_tokens"]) for row in found} == {(5, 9)}
    assert {row["finish_reason"] for row in found} == {"stop"}


def test_it_listens_on_the_loopback_alone(bulk):
    run = bulk(40)
    with run.running() as driver:
        wait_until(lambda: run.recorded() >= 1, driver)
        processes = descendants(driver)
        listening = [line for line in _listening() if re.search(r"pid=(\d+)", line)]
        ours = [
            line.split()[3]
            for line in listening
            if int(re.search(r"pid=(\d+)", line)[1]) in processes
        ]
        driver.communicate(timeout=300)
    assert len(ours) > 3
    assert [address for address in ours if "127.0.0.1" not in address] == []


def _listening():
    import shutil
    import subprocess

    if not shutil.which("ss"):
        pytest.skip("needs ss to see who listens")
    return subprocess.run(["ss", "-ltnpH"], capture_output=True, text=True).stdout.splitlines()
