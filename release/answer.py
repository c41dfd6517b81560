"""One question to what an extra installed, asked of a server with one canned reply.

`python answer.py EXTRA`, in an environment that has the wheel with that extra and nothing else.
It imports nothing that only another extra brings, which is the point.
"""

from __future__ import annotations

import asyncio
import io
import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

REPLY = {
    "id": "reply-1",
    "object": "chat.completion",
    "created": 1_760_000_000,
    "model": "MiniMax-M2",
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": "Two.", "reasoning_content": "1+1"},
        }
    ],
    "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
}


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        body = json.dumps(REPLY).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[str]:
    """Yield the base URL of the canned reply."""
    server = HTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()


def ask_core(url: str) -> str:
    from mara_minimax.settings import MiniMaxSettings

    settings = MiniMaxSettings(api_key="canned-key", base_url=url)
    request = settings.encode([{"role": "user", "content": "What is 1+1?"}], stream=False)
    return settings.client.complete(request).text


def ask_over_aiohttp(url: str) -> str:
    from mara_minimax.settings import MiniMaxSettings

    settings = MiniMaxSettings(api_key="canned-key", base_url=url, transport="aiohttp")
    request = settings.encode([{"role": "user", "content": "What is 1+1?"}], stream=False)
    return asyncio.run(settings.client.acomplete(request)).text


def ask_langchain(url: str) -> str:
    from langchain_mara_minimax import ChatMARA, ChatMiniMax

    models = [cls(api_key="canned-key", base_url=url) for cls in (ChatMiniMax, ChatMARA)]
    return {str(model.invoke("What is 1+1?").text) for model in models}.pop()


def ask_llama_index(url: str) -> str:
    from llama_index_mara_minimax import MARA, MiniMax

    models = [cls(api_key="canned-key", base_url=url) for cls in (MiniMax, MARA)]
    return {model.complete("What is 1+1?").text for model in models}.pop()


def ask_emulator(_: str) -> str:
    from mara_minimax.emulator import Emulator

    with Emulator("minimax") as emulator:
        found = ask_core(emulator.base_url)
    return "Two." if "2" in found else found


def run_doctor(url: str) -> str:
    from mara_minimax.__main__ import main

    # The canned reply is no good provider, so the doctor has something to say.
    with redirect_stdout(io.StringIO()):
        code = main(["doctor", "--provider", "minimax", "--base-url", url])
    return "Two." if code in (0, 1) else f"exit code {code}"


SUITE = """
from llama_index_mara_minimax import MARA
from llama_index_mara_minimax.conformance import LLMConformance

class TestMARA(LLMConformance):
    def make_llm(self, base_url, **settings):
        return MARA(api_key=self.api_key, base_url=base_url, **settings)
"""


def run_conformance(_: str) -> str:
    import pytest

    with TemporaryDirectory() as folder, redirect_stdout(io.StringIO()):
        path = Path(folder) / "test_mara.py"
        path.write_text(SUITE, "utf-8")
        # Its own, so that pytest looks for none in the folders above.
        path.with_name("pytest.ini").write_text("[pytest]\n", "utf-8")
        plugin = ["-p", "llama_index_mara_minimax.conformance.report"]
        code = pytest.main([str(path), *plugin, "-k", "every_form_gives_the_answer"])
    return "Two." if code == 0 else f"exit code {code}"


QUESTIONS: dict[str, tuple[Callable[[str], str], ...]] = {
    "": (ask_core, run_doctor, ask_emulator),
    "langchain": (ask_core, ask_langchain),
    "llama-index": (ask_core, ask_llama_index),
    "conformance": (ask_core, ask_llama_index, run_conformance),
    "doctor": (ask_core, run_doctor),
    "emulator": (ask_emulator,),
    "fast": (ask_core, ask_over_aiohttp),
    "all": (ask_core, ask_langchain, ask_llama_index),
}
"""What each extra has to be able to do by itself; the empty name is no extra."""


def main(extra: str) -> None:
    """Ask, and fail unless each answer is right."""
    with serving() as url:
        for question in QUESTIONS[extra]:
            answer = question(url)
            if answer != "Two.":
                sys.exit(f"{extra or 'core'}: {question.__name__} answered {answer!r}")
    print(f"{extra or 'core'}: answered")


if __name__ == "__main__":
    main(*sys.argv[1:])
