"""Who may import whom."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from mara_minimax.emulator import CannedReply, Emulator

BLOCK = """
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.split('.')[0] in {blocked!r}:
            raise ImportError('blocked: ' + name)
sys.meta_path.insert(0, Block())
"""

LANGCHAIN = {"langchain", "langchain_core", "langchain_openai", "langgraph"}
LLAMA_INDEX = {"llama_index"}
SERVERS = {"starlette", "uvicorn"}


@pytest.mark.parametrize(
    ("module", "blocked"),
    [
        ("mara_minimax.settings", LANGCHAIN | LLAMA_INDEX | SERVERS),
        ("langchain_mara_minimax", LLAMA_INDEX | SERVERS),
        ("llama_index_mara_minimax", LANGCHAIN | SERVERS | {"pytest"}),
        ("mara_minimax.emulator", LANGCHAIN | LLAMA_INDEX | SERVERS),
    ],
)
def test_a_package_imports_without_what_it_may_not_use(module, blocked):
    code = BLOCK.format(blocked=blocked) + f"import {module}\n"
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr


CALLS = """
import asyncio, sys
from mara_minimax.settings import {settings}
settings = {settings}(api_key="key", base_url={url!r})
messages = [{{"role": "user", "content": "What is 1 + 1?"}}]
tool = {{"type": "function", "function": {{"name": "add", "parameters": {{"type": "object"}}}}}}

async def deltas(request):
    return [delta async for delta in settings.client.astream(request)]

for given in ({{}}, {{"tools": [tool]}}):
    plain = settings.encode(messages, stream=False, **given)
    streamed = settings.encode(messages, stream=True, **given)
    for reply in (
        settings.client.complete(plain),
        asyncio.run(settings.client.acomplete(plain)),
        list(settings.client.stream(streamed))[-1].reply,
        asyncio.run(deltas(streamed))[-1].reply,
    ):
        assert reply.text or reply.tool_calls, reply
assert 'openai' not in sys.modules
"""


def test_calls_that_succeed_do_without_the_openai_sdk(server, mara_server):
    asked = {"MiniMaxSettings": server, "MARASettings": mara_server}
    calls = [CALLS.format(settings=name, url=host.base_url) for name, host in asked.items()]
    finished = subprocess.run(
        [sys.executable, "-c", "".join(calls)], capture_output=True, text=True
    )
    assert finished.returncode == 0, finished.stderr
    assert [len(host.requests) for host in asked.values()] == [8, 8]


def test_a_call_that_fails_raises_an_error_of_the_openai_sdk():
    code = """
import sys
from mara_minimax.settings import MiniMaxSettings
settings = MiniMaxSettings(api_key="key", base_url={url!r}, max_retries=0)
try:
    settings.client.complete(settings.encode([{{"role": "user", "content": "Hi"}}], stream=False))
except Exception as error:
    assert isinstance(error, sys.modules["openai"].InternalServerError)
else:
    raise SystemExit("no error")
"""
    with Emulator("minimax") as emulator:
        emulator.enqueue(CannedReply(status=500))
        code = code.format(url=emulator.base_url)
        finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr


def test_the_errors_are_found_in_the_package_without_importing_them():
    code = "import mara_minimax\nassert issubclass(mara_minimax.errors.ParameterError, Exception)"
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr


def test_the_package_has_no_other_names():
    import mara_minimax

    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = mara_minimax.nothing


def test_errors_are_those_of_their_module():
    import mara_minimax

    assert mara_minimax.__getattr__("errors") is sys.modules["mara_minimax.errors"]


def test_a_descriptor_is_kept_until_the_errors_are_loaded(monkeypatch):
    import mara_minimax

    monkeypatch.delattr(mara_minimax, "errors")
    mara_minimax.keep_spare_descriptor()
    mara_minimax.keep_spare_descriptor()
    (descriptor,) = mara_minimax._spare_descriptors
    os.fstat(descriptor)

    assert mara_minimax.errors is sys.modules["mara_minimax.errors"]
    assert mara_minimax._spare_descriptors == []
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)
