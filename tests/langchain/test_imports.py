"""What importing the adapter loads, and what it leaves until a request is made."""

from __future__ import annotations

import pickle
import subprocess
import sys

from langchain_mara_minimax.errors import ChatRateLimitError

HEAVY = ("openai", "mara_minimax.transport.client", "langchain_mara_minimax.errors")


def loaded_after(*steps: str) -> list[set[str]]:
    """The modules of `HEAVY` that a fresh process has loaded after each step."""
    tell = f"\nimport sys\nprint(*[name for name in {HEAVY} if name in sys.modules])\n"
    code = "".join(step + tell for step in steps)
    finished = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return [set(line.split()) for line in finished.stdout.splitlines()]


def test_nothing_heavy_is_loaded_before_a_request():
    steps = [
        "import langchain_mara_minimax",
        "from langchain_mara_minimax import *",
        "langchain_mara_minimax.ChatMiniMax(api_key='k').bind_tools([])",
        "langchain_mara_minimax.ChatMARA(api_key='k').with_structured_output({'title': 'T'})",
    ]
    assert loaded_after(*steps) == [set()] * len(steps)


CALLS = """
import asyncio
from langchain_mara_minimax import {cls}
model = {cls}(api_key="key", base_url={url!r})

async def chunks():
    return [chunk async for chunk in model.astream("What is 1 + 1?")]

assert "2" in model.invoke("What is 1 + 1?").text
assert "2" in asyncio.run(model.ainvoke("What is 1 + 1?")).text
assert "2" in "".join(chunk.text for chunk in model.stream("What is 1 + 1?"))
assert "2" in "".join(chunk.text for chunk in asyncio.run(chunks()))
"""


def test_calls_that_succeed_do_without_the_openai_sdk(server, mara_server):
    asked = {"ChatMiniMax": server, "ChatMARA": mara_server}
    calls = [CALLS.format(cls=cls, url=emulator.base_url) for cls, emulator in asked.items()]
    assert loaded_after(*calls) == [{"mara_minimax.transport.client"}] * 2
    assert [len(emulator.requests) for emulator in asked.values()] == [4, 4]


def test_a_parameter_that_is_refused_before_a_request_is_a_joined_error():
    code = """
from langchain_core.exceptions import ModelInvalidRequestError
from langchain_mara_minimax import ChatMiniMax
try:
    ChatMiniMax(api_key='k').invoke('Hi', temprature=1)
except ModelInvalidRequestError as error:
    assert type(error).__name__ == 'ChatUnknownArgumentError', type(error)
else:
    raise SystemExit('not refused')
"""
    (loaded,) = loaded_after(code)
    assert {"openai", "langchain_mara_minimax.errors"} <= loaded


def test_an_unpickled_error_loads_its_class():
    pickled = pickle.dumps(ChatRateLimitError("slow", code="1002")).hex()
    code = f"""
import pickle
import langchain_mara_minimax
error = pickle.loads(bytes.fromhex({pickled!r}))
from langchain_core.exceptions import ModelRateLimitError
assert isinstance(error, ModelRateLimitError) and error.code == '1002'
"""
    (loaded,) = loaded_after(code)
    assert "openai" in loaded
