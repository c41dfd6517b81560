"""The server around the wire: start and stop, recording, canned replies, the command line."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading

import httpx
import openai
import pytest

from mara_minimax.emulator import SCENARIOS, CannedReply, Emulator
from mara_minimax.emulator.providers import PROVIDERS

BODY = {"model": "MiniMax-M2", "messages": [{"role": "user", "content": "Share a happy story"}]}
HEADERS = {"authorization": "Bearer key"}


def test_it_serves_from_its_start_on():
    with Emulator("minimax") as emulator:
        assert httpx.post(f"{emulator.base_url}/chat/completions", json=BODY).status_code == 401


def test_several_run_side_by_side():
    with Emulator("minimax") as first, Emulator("mara") as second:
        assert first.base_url != second.base_url
        for emulator in (first, second):
            assert httpx.get(f"{emulator.base_url}/models", headers=HEADERS).status_code == 200


def test_stopped_server_refuses_connections():
    with Emulator() as emulator:
        url = emulator.base_url
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/models")


def test_base_url_needs_a_running_server():
    with pytest.raises(RuntimeError, match="not running"):
        _ = Emulator().base_url


def test_taken_port_is_an_error_at_once():
    with Emulator() as emulator:
        port = int(emulator.base_url.split(":")[2].split("/")[0])
        with pytest.raises(OSError, match="in use"):
            Emulator(port=port).start()


def test_unknown_names_are_refused():
    with pytest.raises(LookupError, match=", ".join(PROVIDERS)):
        Emulator("openai")
    with pytest.raises(LookupError, match="Unknown scenario"):
        Emulator("minimax", scenario="nothing")
    with pytest.raises(LookupError, match="mara alone"):
        Emulator("minimax").scenario = "mara-think"


@pytest.mark.parametrize("name", ["stalled", "never-closes", "slow"])
def test_stop_does_not_wait_for_open_streams(name):
    emulator = Emulator(scenario=name, delay=60).start()
    client = httpx.Client(base_url=emulator.base_url, headers=HEADERS, timeout=5)
    with client, client.stream("POST", "/chat/completions", json={**BODY, "stream": True}) as reply:
        received = reply.iter_raw()
        next(received)
        emulator.stop()
        # Cut, and not at its end: what is left of it would take hours.
        with pytest.raises(httpx.RemoteProtocolError):
            list(received)


def test_runs_beside_an_event_loop():
    async def ask(emulator: Emulator) -> str:
        async with openai.AsyncOpenAI(base_url=emulator.base_url, api_key="k") as client:
            reply = await client.chat.completions.create(**BODY)
            return reply.choices[0].message.content

    with Emulator() as emulator:
        for _ in range(2):
            assert "happy story" in asyncio.run(ask(emulator))


def test_request_is_recorded_without_its_key(minimax):
    minimax.post("Hello!", temperature=0.5)
    (record,) = minimax.emulator.requests
    assert (record.method, record.path, record.status) == ("POST", "/v1/chat/completions", 200)
    assert record.headers["authorization"] == "<redacted>"
    assert record.has_key
    assert record.body == minimax.body("Hello!", temperature=0.5)
    assert "some-key" not in repr(record)


def test_missing_key_is_recorded(minimax):
    httpx.post(f"{minimax.emulator.base_url}/chat/completions", content=b"no json")
    (record,) = minimax.emulator.requests
    assert (record.has_key, record.body, record.status) == (False, None, 401)
    assert "authorization" not in record.headers


def test_last_body_is_that_of_the_newest_chat_request(minimax):
    with pytest.raises(LookupError, match="No chat request"):
        _ = minimax.emulator.last_body
    minimax.post("Hello!")
    minimax.http.get("/models")
    assert minimax.emulator.last_body == minimax.body("Hello!")


def test_clear_forgets_requests_and_canned_replies(minimax):
    minimax.emulator.enqueue(CannedReply(status=418))
    minimax.post()
    minimax.emulator.enqueue(CannedReply(status=418))
    minimax.emulator.clear()
    assert minimax.emulator.requests == []
    assert minimax.post().status_code == 200


def test_chunks_of_a_whole_stream_are_counted(minimax):
    stream = minimax.stream()
    record = minimax.emulator.requests[-1]
    assert record.wait_finished()
    assert record.chunks_sent == len(stream.payloads)
    assert not record.disconnected


def test_client_that_leaves_is_recorded(minimax):
    request = {"json": minimax.body("Share a happy story", stream=True)}
    slow = {"headers": {"x-emulator-scenario": "slow"}}
    with minimax.http.stream("POST", "/chat/completions", **request, **slow) as reply:
        next(reply.iter_raw())
    record = minimax.emulator.requests[-1]
    assert record.wait_finished()
    assert record.disconnected
    assert 0 < record.chunks_sent < 6


def test_canned_replies_are_served_in_order_then_the_rules(minimax):
    minimax.emulator.enqueue(CannedReply.json({"first": 1}, status=201, headers={"x-a": "b"}))
    minimax.emulator.enqueue(CannedReply.sse({"second": 2}, done=True))
    first, second, third = (minimax.post() for _ in range(3))
    assert (first.status_code, first.json(), first.headers["x-a"]) == (201, {"first": 1}, "b")
    assert second.text == 'data: {"second":2}\n\ndata: [DONE]\n\n'
    assert third.json()["object"] == "chat.completion"


def test_canned_reply_skips_validation_and_is_recorded(minimax):
    minimax.emulator.enqueue(CannedReply(chunks=[b"{}"]))
    reply = minimax.http.post("/chat/completions", json={}, headers={"authorization": ""})
    assert reply.json() == {}
    assert minimax.emulator.requests[-1].chunks_sent == 1


@pytest.mark.parametrize(
    ("streaming", "content_type"),
    [(True, "text/event-stream"), (False, "application/json; charset=utf-8")],
)
def test_canned_reply_gets_the_type_that_was_asked_for(minimax, streaming, content_type):
    minimax.emulator.enqueue(CannedReply(chunks=[b"data: {}\n\n"]))
    assert minimax.post(stream=streaming).headers["content-type"] == content_type


def test_a_canned_status_that_has_no_body_leaves_the_connection_usable(minimax):
    minimax.emulator.enqueue(CannedReply(status=204))
    with httpx.Client(limits=httpx.Limits(max_connections=1), headers=HEADERS) as client:
        url = f"{minimax.emulator.base_url}/chat/completions"
        asked = minimax.body(stream=True)
        statuses = [client.post(url, json=asked).status_code for _ in range(2)]
    assert statuses == [204, 200]


def test_canned_reply_can_drop_the_connection(minimax):
    minimax.emulator.enqueue(CannedReply(chunks=[b"data: {}\n\n"], cut=True))
    received: list[bytes] = []
    with pytest.raises(httpx.RemoteProtocolError):
        minimax.receive(received)
    assert received == [b"data: {}\n\n"]


def test_canned_reply_can_be_slow(minimax):
    minimax.emulator.enqueue(CannedReply(chunks=[b"a", b"b", b"c"], delay=0.001))
    assert minimax.post(stream=True).content == b"abc"
    minimax.emulator.enqueue(CannedReply(chunks=[b"a", b"b", b"c"], delay=60))
    received: list[bytes] = []
    with pytest.raises(httpx.ReadTimeout):
        minimax.receive(received, timeout=0.2)
    assert received == [b"a"]


def test_header_overrides_the_scenario_of_the_server(minimax):
    minimax.emulator.scenario = "http-500"
    assert minimax.post().status_code == 500
    assert minimax.post(scenario="default").status_code == 200
    assert minimax.emulator.scenario == "http-500"


def test_parallel_requests_are_all_recorded(minimax):
    threads = [threading.Thread(target=minimax.post, args=(f"Number {n}",)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    asked = {request.body["messages"][0]["content"] for request in minimax.emulator.requests}
    assert asked == {f"Number {n}" for n in range(16)}


def test_help_says_that_there_is_no_model_and_lists_all_scenarios():
    command = [sys.executable, "-m", "mara_minimax.emulator", "--help"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "emulates no model" in " ".join(ran.stdout.split())
    assert all(f"\n  {name} " in ran.stdout for name in SCENARIOS)


def test_command_prints_the_base_url_and_stops_on_a_signal():
    command = [sys.executable, "-m", "mara_minimax.emulator", "--provider", "mara", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        url = process.stdout.readline().strip()
        assert httpx.get(f"{url}/models", headers=HEADERS).status_code == 200
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(timeout=5) == 0


def test_command_refuses_an_unknown_scenario():
    command = [sys.executable, "-m", "mara_minimax.emulator", "--scenario", "nothing"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert "nothing" in ran.stderr
