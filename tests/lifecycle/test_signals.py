"""A process that is interrupted or ends in the middle of a stream closes its connection."""

from __future__ import annotations

import signal
import time

import pytest

from tests.lifecycle.callers import CALLERS
from tests.lifecycle.conftest import SCRIPT, SLOW_CHUNKS, settles

BEGIN = (
    SCRIPT
    + """
import signal

# Processes that are started in the background inherit that interrupts are ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)

async def read():
    async for _ in await caller.astream():
        pass

"""
)
INTERRUPTED = {
    "stream": "for _ in caller.stream(): pass",
    "astream": "asyncio.run(read())",
}
AFTER_AN_INTERRUPT = """
try:
    {call}
except KeyboardInterrupt:
    print("interrupted", caller.call(), asyncio.run(caller.acall()))
"""


def arrives(server):
    """Wait until the script reads its stream."""
    return settles(lambda: server.requests[-1:] and server.requests[-1].chunks_sent >= 3, 60)


def was_left(server):
    record = server.requests[0]
    return record.wait_finished(60) and record.disconnected and record.chunks_sent < SLOW_CHUNKS


@pytest.mark.parametrize("name", CALLERS)
@pytest.mark.parametrize("form", INTERRUPTED)
def test_keyboard_interrupt_ends_a_stream_and_the_next_call_works(
    form, name, slow_stream, run_script
):
    code = BEGIN + AFTER_AN_INTERRUPT.format(call=INTERRUPTED[form])
    process = run_script(code, name, slow_stream.base_url)
    assert arrives(slow_stream)
    process.send_signal(signal.SIGINT)
    assert was_left(slow_stream)
    out, err = process.communicate(timeout=60)
    assert out.startswith("interrupted")
    assert out.count("2") == 2
    assert err == ""
    assert process.returncode == 0


def test_keyboard_interrupt_ends_a_call_that_waits_for_its_answer(silent_server, run_script):
    code = BEGIN + "try: caller.call()\nexcept KeyboardInterrupt: print('interrupted')\n"
    process = run_script(code, "core", silent_server.base_url)
    assert silent_server.asked.wait(60)
    # Python drops an interrupt that falls into a finalizer; a call that waits runs none.
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    assert silent_server.left.wait(20)
    assert process.communicate(timeout=60) == ("interrupted\n", "")


@pytest.mark.parametrize("form", INTERRUPTED)
def test_sigterm_ends_the_process_and_its_stream(form, slow_stream, run_script):
    process = run_script(BEGIN + INTERRUPTED[form], "core", slow_stream.base_url)
    assert arrives(slow_stream)
    process.terminate()
    assert was_left(slow_stream)
    assert process.communicate(timeout=60) == ("", "")


HELD_AT_EXIT = {
    "a stream": "stream = caller.stream(); next(stream)",
    "an async stream": "async def main():\n"
    "    global stream\n"
    "    stream = await caller.astream()\n"
    "    await anext(stream)\n"
    "asyncio.run(main())",
    "a stream of an exiting coroutine": "async def main():\n"
    "    async for _ in await caller.astream():\n"
    "        sys.exit(0)\n"
    "asyncio.run(main())",
    "a stream of a daemon thread": "import threading\n"
    "first = threading.Event()\n"
    "def read():\n"
    "    for _ in caller.stream(): first.set()\n"
    "threading.Thread(target=read, daemon=True).start(); first.wait()",
    "a stream of a loop that runs in a daemon thread": "import threading\n"
    "first = threading.Event()\n"
    "async def read_on():\n"
    "    async for _ in await caller.astream(): first.set()\n"
    "threading.Thread(target=lambda: asyncio.run(read_on()), daemon=True).start(); first.wait()",
}


@pytest.mark.parametrize("held", HELD_AT_EXIT)
def test_process_exit_in_the_middle_of_a_stream_says_nothing(held, slow_stream, run_script):
    process = run_script(BEGIN + HELD_AT_EXIT[held], "core", slow_stream.base_url)
    assert process.communicate(timeout=60) == ("", "")
    assert was_left(slow_stream)
    assert process.returncode == 0


@pytest.mark.parametrize("name", CALLERS)
def test_process_exit_after_calls_closes_idle_connections_without_a_word(name, server, run_script):
    code = BEGIN + "print(caller.call(), asyncio.run(caller.acall()), list(caller.stream())[:0])"
    process = run_script(code, name, server.base_url)
    out, err = process.communicate(timeout=60)
    assert out.count("2") == 2
    assert err == ""
