"""Hundreds of short lives leave no descriptor and no memory behind."""

from __future__ import annotations

import pytest

from tests.lifecycle.callers import CALLERS
from tests.lifecycle.conftest import SCRIPT

CYCLES = 500
CYCLE = (
    SCRIPT
    + """
import gc, os

name, base_url, cycles = sys.argv[1], sys.argv[2], int(sys.argv[3])

def descriptors():
    return len(os.listdir("/proc/self/fd"))

async def leave_a_stream(caller):
    async for _ in await caller.astream():
        break

def live(number):
    caller = CALLERS[name](base_url, api_key=f"key-{number}")
    caller.call()
    asyncio.run(caller.acall())
    if number % 5 == 0:
        for _ in caller.stream():
            break
        asyncio.run(leave_a_stream(caller))

# More than the clients that are kept, so that each further one takes the place of another.
for number in range(80):
    live(number)
gc.collect()
before = descriptors(), sys.getallocatedblocks()
most = 0
for number in range(cycles):
    live(number)
    most = max(most, descriptors())
gc.collect()
print(before[0], most, descriptors(), sys.getallocatedblocks() - before[1])
"""
)


@pytest.mark.parametrize("name", CALLERS)
def test_500_lives_of_an_instance_leak_nothing(name, far_server, run_script):
    """Make, call in sync, call in a loop of its own, at times leave a stream, drop."""
    cycles = CYCLES if name == "core" else CYCLES // 10
    process = run_script(CYCLE, name, far_server, str(cycles), debug=False)
    out, err = process.communicate(timeout=110)
    assert err == ""
    before, most, after, grown = map(int, out.split())
    assert after <= before + 1
    assert most <= before + 6
    # Short strings of replies are kept up to a bound; a client or a loop is hundreds of blocks.
    assert grown < 20 * cycles


RERUNS = (
    SCRIPT
    + """
import gc, os

def rerun():
    asyncio.new_event_loop().run_until_complete(caller.acall())

def descriptors():
    gc.collect()
    return len(os.listdir("/proc/self/fd"))

rerun()
one = descriptors()
for _ in range(100):
    rerun()
print(descriptors() - one)
"""
)


@pytest.mark.parametrize("name", CALLERS)
def test_100_loops_that_nobody_closes_leave_as_many_descriptors_as_one(
    name, far_server, run_script
):
    """A script that is run again and again, as Streamlit does, makes a loop each time."""
    process = run_script(RERUNS, name, far_server, debug=False, strict=False)
    out, err = process.communicate(timeout=60)
    assert (out, err) == ("0\n", "")
