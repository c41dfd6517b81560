"""The checkpoint: what was acknowledged is on the disk, once, whatever the process met."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import subprocess
import sys

import pytest

from examples.bulk.journal import Journal, JournalError, read
from examples.bulk.ledger import Ledger


def answer(identifier, digest="d", text="yes"):
    return {"id": identifier, "digest": digest, "answer": text}


def failure(identifier, *, retryable):
    fields = {"error_class": "BadRequestError", "retryable": retryable}
    return {"id": identifier, "digest": "d", **fields}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "out.journal"


@pytest.fixture
def opened(path):
    """Open the journal as one run after another; each closes the one before."""
    journals = []

    def open_journal(run="run 2", **options):
        while journals:
            journals.pop().close()
        journals.append(Journal(path, run, **options))
        return journals[-1]

    yield open_journal
    for journal in journals:
        journal.close()


def ids(path):
    return [record["id"] for record, _ in read(path)]


def test_an_answer_is_pending_for_no_later_run(opened, path):
    opened("run 1").append([answer("a")])
    assert opened().pending([("a", "d"), ("b", "d")]) == [False, True]
    assert ids(path) == ["a"]


def test_another_question_with_the_same_id_is_pending(opened):
    opened("run 1").append([answer("a")])
    assert opened().pending([("a", "other")]) == [True]


def test_a_second_answer_to_the_same_question_is_not_written(opened, path):
    journal = opened()
    assert journal.append([answer("a"), answer("a")]) == [{**answer("a"), "run": "run 2"}]
    assert journal.append([answer("a", text="no")]) == []
    assert ids(path) == ["a"]


@pytest.mark.parametrize(
    ("retryable", "retry_failed", "pending"),
    [(True, False, True), (False, False, False), (False, True, True)],
)
def test_a_failure_is_pending_if_it_may_pass_or_if_told(opened, retryable, retry_failed, pending):
    opened("run 1").append([failure("a", retryable=retryable)])
    assert opened(retry_failed=retry_failed).pending([("a", "d")]) == [pending]


@pytest.mark.parametrize("retryable", [True, False])
def test_a_failure_is_final_in_its_own_run_also_after_the_ledger_died(opened, retryable):
    opened("run 1").append([failure("a", retryable=retryable)])
    for _ in range(2):
        journal = opened("run 1", retry_failed=True)
        assert journal.pending([("a", "d")]) == [False]


def test_an_answer_follows_a_failure(opened, path):
    opened("run 1").append([failure("a", retryable=True)])
    opened().append([answer("a")])
    assert ids(path) == ["a", "a"]
    assert opened("run 3", retry_failed=True).pending([("a", "d")]) == [False]


@pytest.mark.parametrize(
    "torn",
    [b'{"id": "b", "dig', b"\0\0\0\0", b'{"id": "b"}', b"\0\0\n", b'{"answer": "' + b"x" * 999],
    ids=["in a key", "zeros", "before its end", "zeros and an end", "longer than the next"],
)
def test_a_torn_last_line_is_cut_off_and_its_prompt_pending(opened, path, torn):
    opened("run 1").append([answer("a")])
    with path.open("ab") as file:
        file.write(torn)
    journal = opened()
    assert journal.pending([("a", "d"), ("b", "d")]) == [False, True]
    journal.append([answer("b")])
    assert ids(path) == ["a", "b"]
    assert path.read_bytes().endswith(b"}\n")


def test_damage_in_the_middle_is_an_error_and_is_not_cut_off(opened, path):
    opened("run 1").append([answer("a")])
    with path.open("ab") as file:
        file.write(b"garbage\n" + json.dumps(answer("b")).encode() + b"\n")
    size = path.stat().st_size
    for _ in range(2):
        with pytest.raises(JournalError, match="damaged at byte"):
            opened()
    assert path.stat().st_size == size


def test_a_full_disk_leaves_no_half_line_and_the_prompt_pending(opened, path, monkeypatch):
    journal = opened()
    journal.append([answer("a")])
    write = os.pwrite

    def full(file, data, offset):
        write(file, data[:5], offset)
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", full)
        with pytest.raises(OSError, match="No space"):
            journal.append([answer("b")])
    assert journal.pending([("b", "d")]) == [True]
    journal.append([answer("b")])
    assert ids(path) == ["a", "b"]


def test_what_is_written_in_pieces_is_written_whole(opened, path, monkeypatch):
    write = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda file, data, offset: write(file, data[:7], offset))
    opened().append([answer("a"), answer("b")])
    assert ids(path) == ["a", "b"]


def test_nothing_is_acknowledged_before_it_is_synchronised(opened, monkeypatch):
    order = []
    sync = os.fsync
    journal = opened()
    monkeypatch.setattr(os, "fsync", lambda file: (order.append("fsync"), sync(file)))
    journal.append([answer("a")])
    order.append("returned")
    assert order == ["fsync", "returned"]


def test_two_runs_cannot_have_the_journal_at_once(opened, path):
    opened("run 1")
    with pytest.raises(JournalError, match="Another run holds"):
        Journal(path, "run 2", patience=0.2)


def test_a_killed_process_hands_the_journal_over(opened, path):
    script = (
        "import sys, time; from pathlib import Path; from examples.bulk.journal import Journal\n"
        f"journal = Journal(Path({str(path)!r}), 'run 1')\n"
        f"journal.append([{answer('a')!r}])\n"
        "print('holds', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline() == "holds\n"
        with pytest.raises(JournalError):
            Journal(path, "run 2", patience=0)
    finally:
        holder.kill()
        holder.communicate()
    assert opened().pending([("a", "d")]) == [False]


async def test_the_ledger_acknowledges_and_counts_what_is_on_the_disk(path):
    ledger = Ledger(path, "run 1", retry_failed=False)
    records = [answer(f"a{n}") for n in range(50)] + [failure("f", retryable=True)]
    await asyncio.gather(*map(ledger.record, records))
    assert sorted(ids(path)) == sorted(record["id"] for record in records)
    await ledger.record(answer("a1"))
    assert (await ledger.state())[0] == {"answered": 50, "failed": 1}


async def test_the_ledger_writes_what_came_together_with_one_synchronisation(path, monkeypatch):
    ledger = Ledger(path, "run 1", retry_failed=False)
    synchronised = []
    sync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda file: (synchronised.append(file), sync(file)))
    await asyncio.gather(*(ledger.record(answer(f"a{n}")) for n in range(50)))
    assert len(synchronised) == 1


async def test_the_ledger_reports_a_full_disk_to_each_waiting_worker(path, monkeypatch):
    ledger = Ledger(path, "run 1", retry_failed=False)

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", full)
        waiting = [ledger.record(answer(name)) for name in "ab"]
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [OSError, OSError]
    await ledger.record(answer("a"))
    assert ids(path) == ["a"]
