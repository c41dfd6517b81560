"""Processes made by fork, forkserver and spawn call with instances of their parent."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import traceback

import pytest

from tests.lifecycle.callers import CALLERS
from tests.lifecycle.conftest import SCRIPT

# Python warns of a fork in a process with threads, such as the emulator's.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


def fork(work):
    """Run `work` in a forked process; what is returned waits for its text."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            text = work()
        except BaseException:  # noqa: BLE001 - a child tells all
            text = traceback.format_exc()
        os.write(writer, text.encode()[:4000])
        os._exit(0)
    os.close(writer)

    def result():
        with os.fdopen(reader) as pipe:
            text = pipe.read()
        os.waitpid(child, 0)
        return text

    return result


def in_a_fork(work):
    return fork(work)()


def ask(name, base_url):
    return CALLERS[name](base_url).call()


def test_a_forked_child_and_its_parent_go_on_calling(caller, server):
    assert "2" in caller.call()
    assert "2" in in_a_fork(caller.call)
    assert "2" in caller.call()
    assert len(server.requests) == 3


def test_children_and_their_parent_do_not_read_each_others_answers(server):
    """They all begin with the parent's idle connection, which only the parent may use."""
    caller = CALLERS["core"](server.base_url, timeout=5)
    caller.call()

    def sums(start):
        texts = [sum_of(caller, number) for number in range(start, start + 10)]
        return str(texts == [f"{n} + 1 equals {n + 1}." for n in range(start, start + 10)])

    children = [fork(lambda start=start: sums(start)) for start in (100, 200, 300)]
    assert sums(400) == "True"
    assert [child() for child in children] == ["True"] * 3


def sum_of(caller, number):
    request = [{"role": "user", "content": f"What is {number} + 1?"}]
    return caller.model.client.complete(caller.model.encode(request, stream=False)).text


def test_a_fork_in_the_middle_of_a_stream_leaves_the_stream_to_the_parent(caller, server):
    server.scenario = "slow"
    stream = caller.stream()
    first = next(stream)
    assert "2" in in_a_fork(caller.call)
    rest = list(stream)
    assert first is not None
    assert rest
    assert len(server.requests) == 2


FORK_IN_A_LOOP = (
    SCRIPT
    + """
import os

async def main():
    first = await caller.acall()
    child = os.fork()
    if child == 0:
        # The parent's loop cannot run here; a child begins with its own.
        asyncio._set_running_loop(None)
        os._exit(0 if "2" in asyncio.run(caller.acall()) else 1)
    status = await asyncio.to_thread(os.waitpid, child, 0)
    return first, status[1], await caller.acall()

first, status, last = asyncio.run(main())
print("2" in first, status, "2" in last)
"""
)


@pytest.mark.parametrize("name", CALLERS)
def test_a_fork_inside_a_running_loop_disturbs_neither_side(name, server, run_script):
    process = run_script(FORK_IN_A_LOOP, name, server.base_url)
    assert process.communicate(timeout=60) == ("True 0 True\n", "")
    assert len(server.requests) == 3


FORK_AND_EXIT = (
    SCRIPT
    + """
import os

caller.call()
if os.fork() == 0:
    print("child", "2" in caller.call())
else:
    os.wait()
    print("parent", "2" in caller.call())
"""
)


def test_a_forked_child_that_ends_by_itself_says_nothing(server, run_script):
    process = run_script(FORK_AND_EXIT, "core", server.base_url, strict=False)
    out, err = process.communicate(timeout=60)
    assert sorted(out.splitlines()) == ["child True", "parent True"]
    assert err == ""


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_a_pool_of_worker_processes_calls(method, server):
    ask("core", server.base_url)
    context = multiprocessing.get_context(method)
    with context.Pool(2) as pool:
        answers = pool.starmap(ask, [("core", server.base_url)] * 4)
    assert sum("2" in answer for answer in answers) == 4
    assert len(server.requests) == 5


def call_of(pickled):
    return pickle.loads(pickled).complete("What is 1+1?").text


def test_an_instance_travels_to_a_spawned_process_and_calls_there(server):
    model = CALLERS["llama_index"](server.base_url).model
    model.complete("What is 1+1?")
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert "2" in pool.apply(call_of, (pickle.dumps(model),))


EXIT_BESIDE_DAEMONS = (
    SCRIPT
    + """
import threading, time

async def main():
    await caller.acall()
    began.release()
    await asyncio.sleep(60)

def stream():
    for _ in caller.stream():
        began.release()
        time.sleep(60)

def idle():
    began.release()
    time.sleep(60)

began = threading.Semaphore(0)
daemons = {"idle": [idle], "calling": [lambda: asyncio.run(main()), stream]}
for target in daemons[sys.argv[3]]:
    threading.Thread(target=target, daemon=True).start()
    began.acquire()
caller.call()
"""
)


@pytest.mark.parametrize("daemons", ["idle", "calling"])
@pytest.mark.parametrize("name", CALLERS)
def test_a_process_that_ends_beside_daemon_threads_leaves_no_socket_unclosed(
    name, daemons, far_server, run_script
):
    process = run_script(EXIT_BESIDE_DAEMONS, name, far_server, daemons)
    assert process.communicate(timeout=60) == ("", "")
