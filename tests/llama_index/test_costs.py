"""What an import and an instance cost, told by what they load and open."""

from __future__ import annotations

import json
import subprocess
import sys

from mara_minimax.emulator import Emulator

OWN = {"llama_index_mara_minimax", "mara_minimax"}
SMALL = {"jiter", "difflib"}
"""All else that may be loaded: both take less than a millisecond."""

AFTER_THE_FIRST = """
import json, sys
from llama_index_mara_minimax import MARA, MiniMax

def make():
    return [MiniMax(api_key="sk-x"), MARA(api_key="sk-x", model="any"), MiniMax(
        api_key="sk-x", endpoint="china", temperature=0.5, timeout=3, default_headers={"a": "b"}
    )]

make()
seen = []
sys.addaudithook(lambda event, args: seen.append([event, str(args[:1])]))
for llm in make():
    llm.metadata, llm.to_payload()
print(json.dumps([e for e in seen if e[0] in ("open", "import") or e[0].startswith("socket.")]))
print("openai" in sys.modules)
"""


def _run(code: str) -> list[str]:
    finished = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout.splitlines()


def test_the_import_loads_nothing_heavy_beside_the_framework():
    code = (
        "import json, sys, llama_index.core.llms\n"
        "before = set(sys.modules)\n"
        "import llama_index_mara_minimax\n"
        "print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    loaded = {name.split(".")[0] for name in json.loads(_run(code)[0])}
    assert loaded <= OWN | SMALL


CALLS = """
import asyncio, sys
from llama_index_mara_minimax import {cls}
llm = {cls}(api_key="key", base_url={url!r})

async def responses():
    return [response async for response in await llm.astream_complete("What is 1 + 1?")]

assert "2" in llm.complete("What is 1 + 1?").text
assert "2" in asyncio.run(llm.acomplete("What is 1 + 1?")).text
assert "2" in list(llm.stream_complete("What is 1 + 1?"))[-1].text
assert "2" in asyncio.run(responses())[-1].text
print("openai" in sys.modules)
"""


def test_calls_that_succeed_do_without_the_openai_sdk(
    server: Emulator, mara_server: Emulator
) -> None:
    asked = {"MiniMax": server, "MARA": mara_server}
    calls = [CALLS.format(cls=cls, url=emulator.base_url) for cls, emulator in asked.items()]
    assert _run("".join(calls)) == ["False", "False"]
    assert [len(emulator.requests) for emulator in asked.values()] == [4, 4]


def test_making_an_instance_opens_and_imports_nothing():
    opened, has_sdk = _run(AFTER_THE_FIRST)
    assert json.loads(opened) == []
    assert has_sdk == "False"
