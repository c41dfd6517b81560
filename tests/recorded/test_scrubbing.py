"""Recordings of a real provider hold nothing of the account; the emulator plays the provider."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from vcr import VCR

from llama_index_mara_minimax import MiniMax
from mara_minimax.emulator import CannedReply, Emulator
from mara_minimax.errors import RateLimitError
from tests import recording
from tests.scrubbing import Scrubber

KEY = "sk-canary-5f3e9a0c7d"
ORGANIZATION = "org-Canary123456"
REPLY_ID = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
HEADERS = {
    "set-cookie": "session=canary-cookie",
    "x-request-id": "canary-request-id",
    "minimax-request-id": "canary-request-id",
    "openai-organization": ORGANIZATION,
    "x-ratelimit-remaining-requests": "7",
    "retry-after": "1",
}
CANARIES = (KEY, ORGANIZATION, REPLY_ID, "canary", "Bearer", "Authorization", "127.0.0.1")


@pytest.fixture
def record(server: Emulator, tmp_path: Path):
    """Let a function talk to the emulator as if it were live; return the cassette's text."""

    def run(talk: Any, *replies: CannedReply) -> str:
        for reply in replies:
            reply.headers.update(HEADERS)
            server.enqueue(reply)
        scrubber = Scrubber(server.base_url, "https://minimax.live.test/v1", (KEY,))
        vcr = VCR(
            before_record_request=scrubber.request,
            before_record_response=scrubber.response,
            decode_compressed_response=True,
        )
        vcr.register_serializer("yaml", recording.Yaml)
        path = tmp_path / "cassette.yaml"
        with vcr.use_cassette(str(path)):
            talk(MiniMax(api_key=KEY, base_url=server.base_url, max_retries=0))
        return path.read_text("utf-8")

    return run


def _reply(**fields: Any) -> CannedReply:
    choice = {"index": 0, "finish_reason": "stop", "message": {"content": "Four.", **fields}}
    body = {"id": REPLY_ID, "choices": [choice], "org_id": ORGANIZATION, "created": 1}
    return CannedReply.json(body)


def test_a_reply_loses_its_ids_and_keeps_its_words(record):
    text = record(lambda llm: llm.complete("2+2?"), _reply())
    assert not [canary for canary in CANARIES if canary in text]
    (exchange,) = yaml.safe_load(text)["interactions"]
    assert exchange["request"]["uri"] == "https://minimax.live.test/v1/chat/completions"
    assert set(exchange["response"]["headers"]) == {"content-type", "retry-after"}
    body = json.loads(exchange["response"]["body"]["string"])
    assert body["choices"][0]["message"]["content"] == "Four."
    assert body["created"] == 1


def test_a_stream_loses_its_ids_in_every_event(record):
    chunks = [{"id": REPLY_ID, "choices": [{"delta": {"content": word}}]} for word in ("Fo", "ur.")]
    end = {"id": REPLY_ID, "choices": [{"delta": {}, "finish_reason": "stop"}]}
    text = record(lambda llm: list(llm.stream_complete("2+2?")), CannedReply.sse(*chunks, end))
    assert not [canary for canary in CANARIES if canary in text]
    assert text.count('"content":"Fo"') == text.count('"content":"ur."') == 1


def test_an_error_loses_the_account_it_names(record):
    error = {"message": f"Rate limit of {ORGANIZATION}, key {KEY}", "type": "rate_limit_error"}
    body = {"type": "error", "error": error, "request_id": "canary-request-id"}

    def talk(llm: MiniMax) -> None:
        with pytest.raises(RateLimitError):
            llm.complete("2+2?")

    text = record(talk, CannedReply.json(body, status=429))
    assert not [canary for canary in CANARIES if canary in text]
    assert "Rate limit of scrubbed-" in text


def test_an_id_that_a_later_request_repeats_is_the_same_word_there(record):
    def talk(llm: MiniMax) -> None:
        first = llm.complete("2+2?")
        llm.complete(f"You said {first.raw['id']}")

    first, second = yaml.safe_load(record(talk, _reply(), _reply()))["interactions"]
    word = json.loads(first["response"]["body"]["string"])["id"]
    assert word.startswith("scrubbed-")
    assert f"You said {word}" in second["request"]["body"]


def test_recording_live_and_playing_it_again(server: Emulator, tmp_path: Path):
    """The whole way of `make record-live`, with the emulator at the other end."""
    environment = {
        **os.environ,
        recording.LIVE_VARIABLE: "minimax",
        recording.FOLDER_VARIABLE: str(tmp_path),
        "MINIMAX_API_KEY": KEY,
        "MINIMAX_BASE_URL": server.base_url,
    }
    module = "tests/llama_index/test_recorded.py"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", module]

    def run(*options: str, **variables: str) -> str:
        done = subprocess.run(
            [*command, *options],
            capture_output=True,
            text=True,
            check=False,
            cwd=Path(__file__).parents[2],
            env=environment | variables,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    run("--record-mode=once", "-k", "details")
    asked = len(server.requests)
    assert asked > 5
    paths = list((tmp_path / "live" / "llama_index").glob("*.yaml"))
    assert len(paths) > 5
    for path in paths:
        text = path.read_text("utf-8")
        assert not [canary for canary in (*CANARIES, server.base_url) if canary in text]
        assert "trace-id" not in text
    # Nothing is asked again, and no key is needed.
    run("-k", "details", MINIMAX_API_KEY="")
    assert len(server.requests) == asked
