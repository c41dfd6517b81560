"""What importing the adapter loads, and what it leaves until a request is made."""

from __future__ import annotations

import subprocess
import sys

import pytest

from mara_minimax.emulator import Emulator

HEAVY = ("openai", "mara_minimax.transport.client", "langchain_mara_minimax.errors")


def loaded_after(code: str) -> set[str]:
    """The modules of `HEAVY` that a fresh process has loaded after `code`."""
    code += f"\nimport sys\nprint(*[name for name in {HEAVY} if name in sys.modules])"
    finished = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return set(finished.stdout.split())


@pytest.mark.parametrize(
    "code",
    [
        "import langchain_mara_minimax",
        "from langchain_mara_minimax import *",
        "import langchain_mara_minimax as m\nm.ChatMiniMax(api_key='k').bind_tools([])",
        (
            "import langchain_mara_minimax as m\n"
            "m.ChatMARA(api_key='k').with_structured_output({'title': 'T', 'type': 'object'})"
        ),
    ],
)
def test_nothing_heavy_is_loaded_before_a_request(code):
    assert loaded_after(code) == set()


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


@pytest.mark.parametrize(("cls", "provider"), [("ChatMiniMax", "minimax"), ("ChatMARA", "mara")])
def test_calls_that_succeed_do_without_the_openai_sdk(cls, provider):
    with Emulator(provider) as emulator:
        loaded = loaded_after(CALLS.format(cls=cls, url=emulator.base_url))
        assert len(emulator.requests) == 4
    assert loaded == {"mara_minimax.transport.client"}


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
    assert {"openai", "langchain_mara_minimax.errors"} <= loaded_after(code)


def test_an_unpickled_error_loads_its_class():
    code = """
import pickle, subprocess, sys
from langchain_mara_minimax.errors import ChatRateLimitError
print(pickle.dumps(ChatRateLimitError('slow', code='1002')).hex())
"""
    pickled = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()
    code = f"""
import pickle
import langchain_mara_minimax
error = pickle.loads(bytes.fromhex({pickled!r}))
from langchain_core.exceptions import ModelRateLimitError
assert isinstance(error, ModelRateLimitError) and error.code == '1002'
"""
    assert "openai" in loaded_after(code)
