"""What `examples.bulk_ray` adds: actors that die and are started again, and what they share."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from unittest.mock import Mock

import pytest

from langchain_mara_minimax import ChatMARA, RateLimiter
from mara_minimax.emulator import Emulator
from tests.scale.driving import CONCURRENCY, descendants, kill, wait_until

pytest.importorskip("ray", reason="needs the extra `ray`")
pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def driver():
    return "examples.bulk_ray"


def test_a_worker_and_the_ledger_may_die_while_the_run_goes_on(bulk):
    run = bulk(150)
    with run.running() as process:
        for victim, goal in (("ray::MapWorker", 30), ("ray::Ledger", 80)):
            wait_until(lambda goal=goal: run.recorded() >= goal, process)
            os.kill(descendants(process, victim)[0], signal.SIGKILL)
        shown, _ = process.communicate(timeout=300)
    assert process.returncode == 0, shown
    assert run.wrong() == []
    # The dead worker's calls; those of the other one bear the ledger's absence.
    assert run.repeated() <= CONCURRENCY


def test_it_goes_on_with_what_one_process_began(bulk):
    run = bulk(60)
    run.module = "examples.bulk"
    with run.running() as process:
        wait_until(lambda: run.recorded() >= 20, process)
        kill(process)
    run.module = "examples.bulk_ray"
    code, shown = run.run()
    assert code == 0, shown
    assert run.wrong() == []
    assert 0 <= run.repeated() <= CONCURRENCY


async def test_a_worker_tells_the_shared_limiter_what_its_calls_show():
    from examples.bulk.worker import SharedLimiter

    shared = Mock(wraps=RateLimiter())
    with Emulator("mara", requests_per_minute=600) as emulator:
        model = ChatMARA(
            limiter=SharedLimiter(shared), api_key=emulator.api_key, base_url=emulator.base_url
        )
        await model.ainvoke("What is 2 * 3?")
    assert [name for name, *_ in shared.method_calls] == ["aacquire", "learn", "succeed"]
    assert shared.succeed.call_args.args[1].total_tokens > 0


@pytest.mark.skipif(not shutil.which("ss"), reason="needs ss to see who listens")
def test_it_listens_on_the_loopback_alone(bulk):
    run = bulk(40)
    with run.running() as process:
        wait_until(lambda: run.recorded() >= 1, process)
        processes = descendants(process)
        listed = subprocess.run(["ss", "-ltnpH"], capture_output=True, text=True, check=True)
        ours = [
            line.split()[3]
            for line in listed.stdout.splitlines()
            if (found := re.search(r"pid=(\d+)", line)) and int(found[1]) in processes
        ]
    assert len(ours) > 3
    assert [address for address in ours if "127.0.0.1" not in address] == []
