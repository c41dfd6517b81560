"""Requests over a real connection: call forms, closing, isolation, sharing."""

from __future__ import annotations

import asyncio

import openai
import pytest

from mara_minimax import errors
from mara_minimax.emulator import CannedReply, Emulator
from mara_minimax.http_library import http_library
from mara_minimax.settings import MARASettings, MiniMaxSettings
from mara_minimax.transport import pools as connections
from tests.core.calls import FORMS, GOOD_REPLY, GOOD_STREAM, USER, call, chunk, sse


@FORMS
def test_every_call_form_gives_the_same_reply(form, emulator, settings):
    reply = call(settings, form)
    assert "2" in reply.text
    assert reply.reasoning is not None
    assert reply.finish_reason == "stop"
    assert reply.usage is not None
    assert emulator.last_body["messages"] == USER
    assert emulator.last_body["reasoning_split"] is True
    assert emulator.last_body.get("stream", False) is (form in ("stream", "astream"))


def test_a_plain_request_that_is_answered_with_a_stream_is_read_all_the_same(emulator, settings):
    emulator.enqueue(CannedReply(chunks=[GOOD_STREAM]))
    assert call(settings, "complete").text == "2"


def test_a_stop_sequence_that_the_model_ignores_ends_the_text(emulator, settings):
    emulator.enqueue(CannedReply(chunks=[sse(chunk(content="a EN")), sse(chunk(content="D b"))]))
    reply = call(settings, "stream", stop=["END"])
    assert (reply.text, reply.finish_reason) == ("a ", "stop")


async def test_closing_an_async_stream_closes_the_connection(emulator, settings):
    emulator.enqueue(CannedReply(chunks=[sse(chunk(content="x"))] * 200, delay=0.02))
    stream = settings.client.astream(settings.encode(USER, stream=True))
    await anext(stream)
    await stream.aclose()
    await wait_for_disconnect(emulator)


def test_closing_a_stream_closes_the_connection(emulator, settings):
    emulator.enqueue(CannedReply(chunks=[sse(chunk(content="x"))] * 200, delay=0.02))
    stream = settings.client.stream(settings.encode(USER, stream=True))
    next(stream)
    stream.close()
    asyncio.run(wait_for_disconnect(emulator))


async def wait_for_disconnect(emulator):
    for _ in range(100):
        if emulator.requests[-1].disconnected:
            return
        await asyncio.sleep(0.02)
    pytest.fail("the server never saw the connection close")


def test_event_loops_in_a_row_share_nothing(emulator, settings):
    request = settings.encode(USER, stream=False)
    for _ in range(3):
        assert asyncio.run(settings.client.acomplete(request)).text


def test_the_first_delta_arrives_before_the_second_is_sent(emulator, settings):
    emulator.enqueue(CannedReply(chunks=[sse(chunk(content="first")), GOOD_STREAM], delay=0.5))
    stream = settings.client.stream(settings.encode(USER, stream=True))
    next(stream)
    assert emulator.requests[-1].chunks_sent <= 1
    stream.close()


def test_variables_of_openai_reach_no_other_company(emulator, settings, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-openai")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-leak")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-leak")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Corp-Token: leak")
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "sk-admin")
    fresh = settings.model_copy(update={"default_headers": {"X-Own": "1"}})
    for form in ("complete", "acomplete"):
        call(fresh, form)
        headers = emulator.requests[-1].headers
        assert headers["x-own"] == "1"
        assert headers["user-agent"].startswith("mara-minimax/")
        assert not [name for name in headers if name.startswith("openai-") or "corp" in name]
        assert not [value for value in headers.values() if "leak" in value or "sk-" in value]


def test_headers_of_a_call_are_sent(emulator, settings):
    call(settings, "complete", extra_headers={"X-Call": "yes"})
    assert emulator.requests[-1].headers["x-call"] == "yes"


def test_text_that_has_no_utf8_form_is_sent_escaped(emulator, settings):
    emulator.enqueue(CannedReply(chunks=[GOOD_REPLY]))
    request = settings.encode([{"role": "user", "content": "lone \ud83d half"}], stream=False)
    assert settings.client.complete(request).text == "2"
    assert emulator.last_body["messages"][0]["content"] == "lone \ud83d half"


def test_a_body_that_is_no_json_is_refused_before_the_request(emulator, settings):
    request = settings.encode(USER, stream=False, metadata={"x": object()})
    with pytest.raises(errors.ParameterError, match="written as JSON"):
        settings.client.complete(request)
    assert emulator.requests == []


def test_instances_of_both_providers_share_one_connection_pool(emulator, monkeypatch):
    made = []
    monkeypatch.setattr(connections, "_shared_pools", {})
    kind = http_library().Client
    monkeypatch.setattr(http_library(), "Client", lambda **o: made.append(kind(**o)) or made[0])
    for settings in (MiniMaxSettings, MARASettings, MiniMaxSettings):
        call(settings(api_key="key", base_url=emulator.base_url), "complete")
    assert len(made) == 1
    assert len(emulator.requests) == 3
    made[0].close()


def test_own_http_clients_are_used(emulator):
    seen: list[str] = []
    own = openai.DefaultHttpxClient(
        event_hooks={"request": [lambda request: seen.append(str(request.url))]}
    )
    with own:
        settings = MiniMaxSettings(api_key="key", base_url=emulator.base_url, http_client=own)
        call(settings, "complete")
    assert seen == [f"{emulator.base_url}/chat/completions"]


def test_a_mara_reply_keeps_its_timing_figures():
    with Emulator("mara") as emulator:
        settings = MARASettings(api_key="key", base_url=emulator.base_url)
        for form in ("complete", "stream"):
            usage = call(settings, form).usage
            assert usage.raw["time_to_first_token"] > 0


def test_a_timeout_of_a_call_wins_over_the_clients(emulator, settings):
    emulator.enqueue(CannedReply(chunks=[b" ", GOOD_STREAM], delay=2.0))
    with pytest.raises(errors.APITimeoutError):
        call(settings.model_copy(update={"max_retries": 0}), "complete", timeout=0.2)
