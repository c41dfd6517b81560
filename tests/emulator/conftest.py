"""One running emulator a provider for the whole run, emptied before each test."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass, field
from typing import Any

import httpx
import openai
import pytest

from mara_minimax.emulator import Emulator, server

MODELS = {"minimax": "MiniMax-M2", "mara": "MiniMax-M2.5", "llmprovider": "abab5.5-chat"}
FIXED_TIME = 1_790_000_000.5


@dataclass
class Stream:
    """An event stream, taken apart by hand so that no client library can smooth it."""

    status: int
    raw: bytes
    headers: httpx.Headers
    payloads: list[Any] = field(default_factory=list)
    done: bool = False

    @property
    def deltas(self) -> list[dict[str, Any]]:
        return [
            choice["delta"]
            for payload in self.payloads
            for choice in payload.get("choices") or []
            if choice.get("delta") is not None
        ]

    def joined(self, name: str) -> str:
        return "".join(delta.get(name) or "" for delta in self.deltas)

    @property
    def finish_reasons(self) -> list[str]:
        return [
            choice["finish_reason"]
            for payload in self.payloads
            for choice in payload.get("choices") or []
            if choice.get("finish_reason") is not None
        ]

    def tool_calls(self) -> list[dict[str, Any]]:
        return [call for delta in self.deltas for call in delta.get("tool_calls") or []]


class Asker:
    """Raw HTTP to one emulator."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.model = MODELS[emulator.provider]
        self.http = httpx.Client(
            base_url=emulator.base_url, headers={"authorization": "Bearer some-key"}, timeout=5
        )

    def body(self, content: Any = "What is 6 * 7?", **fields: Any) -> dict[str, Any]:
        messages = content if isinstance(content, list) else [{"role": "user", "content": content}]
        return {"model": self.model, "messages": messages, **fields}

    def post(self, content: Any = "What is 6 * 7?", *, scenario: str = "", **fields: Any):
        headers = {"x-emulator-scenario": scenario} if scenario else {}
        return self.http.post(
            "/chat/completions", json=self.body(content, **fields), headers=headers
        )

    def message(self, content: Any = "What is 6 * 7?", **fields: Any) -> dict[str, Any]:
        reply = self.post(content, **fields)
        assert reply.status_code == 200, reply.text
        return reply.json()["choices"][0]["message"]

    def text(self, content: Any, **fields: Any) -> str:
        if self.emulator.provider == "minimax":
            fields.setdefault("reasoning_split", True)
        return self.message(content, **fields)["content"]

    def calls(self, content: Any, tools: list[Any], **fields: Any) -> list[tuple[str, Any]]:
        message = self.message(content, tools=tools, **fields)
        return [
            (call["function"]["name"], json.loads(call["function"]["arguments"]))
            for call in message.get("tool_calls") or []
        ]

    def stream(self, content: Any = "What is 6 * 7?", **fields: Any) -> Stream:
        reply = self.post(content, stream=True, **fields)
        stream = Stream(reply.status_code, reply.content, reply.headers)
        for line in reply.content.decode().replace("\r\n", "\n").split("\n"):
            if line == "data: [DONE]":
                stream.done = True
            elif line.startswith("data: "):
                stream.payloads.append(json.loads(line[6:]))
        return stream

    def receive(self, chunks: list[bytes], *, scenario: str = "", timeout: float = 5) -> None:
        """Append the raw chunks of a stream to the list, as long as they come."""
        headers = {"x-emulator-scenario": scenario} if scenario else {}
        asked = {"json": self.body(stream=True), "headers": headers, "timeout": timeout}
        with self.http.stream("POST", "/chat/completions", **asked) as reply:
            chunks.extend(reply.iter_raw())

    def refusal(self, content: Any = "What is 6 * 7?", **fields: Any) -> tuple[int, str]:
        reply = self.post(content, **fields)
        if reply.headers["content-type"].startswith("text/plain"):
            return reply.status_code, reply.text
        error = reply.json()["error"]
        return reply.status_code, error["message"] if isinstance(error, dict) else error


def _asker(provider: str):
    with Emulator(provider, clock=lambda: FIXED_TIME, delay=0.01, retry_after=0.01) as emulator:
        asker = Asker(emulator)
        yield asker
        asker.http.close()


@pytest.fixture(scope="session")
def _minimax():
    yield from _asker("minimax")


@pytest.fixture(scope="session")
def _mara():
    yield from _asker("mara")


@pytest.fixture(scope="session")
def _llmprovider():
    yield from _asker("llmprovider")


def _emptied(asker: Asker) -> Asker:
    asker.emulator.scenario = "default"
    asker.emulator.clear()
    return asker


@pytest.fixture
def minimax(_minimax: Asker) -> Asker:
    return _emptied(_minimax)


@pytest.fixture
def mara(_mara: Asker) -> Asker:
    return _emptied(_mara)


@pytest.fixture
def llmprovider(_llmprovider: Asker) -> Asker:
    return _emptied(_llmprovider)


@pytest.fixture(params=sorted(MODELS))
def any_provider(request: pytest.FixtureRequest) -> Asker:
    return _emptied(request.getfixturevalue(f"_{request.param}"))


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between chunks, recorded and not waited for."""
    recorded: list[float] = []

    def client_left(_connection: socket.socket, seconds: float | None) -> bool:
        if seconds:
            recorded.append(seconds)
        return False

    monkeypatch.setattr(server, "client_left", client_left)
    return recorded


@pytest.fixture
def sdk():
    """Makes an openai client without retries for an emulator."""
    clients = []

    def make(asker: Asker, **options: Any) -> openai.OpenAI:
        options = {"max_retries": 0, **options}
        emulator = asker.emulator
        client = openai.OpenAI(base_url=emulator.base_url, api_key=emulator.api_key, **options)
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


def _function(name: str, description: str, required: list[str] | None, properties: dict[str, Any]):
    parameters = {
        "type": "object",
        "properties": properties,
        "required": list(properties) if required is None else required,
    }
    function = {"name": name, "description": description, "parameters": parameters}
    return {"type": "function", "function": function}


@pytest.fixture
def function():
    """Makes a tool: `function("add", "Add two numbers", a={"type": "integer"}, ...)`."""

    def make(_name: str, _description: str, _required: list[str] | None = None, **properties: Any):
        return _function(_name, _description, _required, properties)

    return make


@pytest.fixture
def weather(function):
    return function(
        "get_weather",
        "Current weather in a city",
        ["city"],
        city={"type": "string"},
        unit={"type": "string", "enum": ["celsius", "fahrenheit"]},
    )


@pytest.fixture
def clock(function):
    return function("get_time", "Current time in a timezone", timezone={"type": "string"})
