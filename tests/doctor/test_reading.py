"""What is read in a captured answer is what a call reads, and every character is accounted for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mara_minimax.__main__ import main
from mara_minimax.doctor.capture import CapturedAnswer
from mara_minimax.doctor.reading import Reading, read_answer
from mara_minimax.doctor.whereabouts import account
from mara_minimax.emulator import SCENARIOS, CannedReply, Emulator
from mara_minimax.errors import ProviderError
from mara_minimax.http_library import http_library
from mara_minimax.providers.endpoints import MARA, MINIMAX, Provider
from mara_minimax.settings import MARASettings, MiniMaxSettings
from mara_minimax.types import Reply
from tests.core.wire import (
    STREAMS,
    details,
    minimax_chunk,
    minimax_summary,
    outcome,
    sse,
    to_json,
)

PROVIDERS = {"minimax": MINIMAX, "mara": MARA}
TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}
ASKED = {"role": "user", "content": "What is the weather in Paris?"}


def read(body: bytes, provider: Provider = MINIMAX, **options: object) -> Reading:
    return read_answer(CapturedAnswer(body), provider, **options)


def assert_all_accounted_for(reading: Reading) -> None:
    """Assert that the pieces of text and reasoning are the reply's, and nothing is unknown."""
    reply = reading.shown
    assert reply is not None
    went = {piece.went for piece in reading.pieces}
    assert "unknown" not in went
    shown = {name: "".join(p.text for p in reading.pieces if p.went == name) for name in went}
    assert shown.get("text", "") == reply.text
    assert shown.get("reasoning", "") == (reply.reasoning.text if reply.reasoning else "")


def went(body: bytes, **options: object) -> list[tuple[str, str]]:
    return [(piece.text, piece.went) for piece in read(body, **options).pieces]


@pytest.mark.parametrize("name", STREAMS)
def test_it_reads_what_a_call_reads(name):
    stream = STREAMS[name]
    request = stream.request
    reading = read(
        stream.data,
        request.provider,
        stop=request.stop,
        starts_in_reasoning=request.starts_in_reasoning,
    )
    deltas, kind, _, partial = outcome(stream.data, request)
    assert type(reading.error) is (kind or type(None))
    wanted = partial if kind else deltas[-1].reply
    assert reading.shown.text == wanted.text
    assert reading.shown.tool_calls == wanted.tool_calls
    assert reading.shown.usage == wanted.usage
    assert_all_accounted_for(reading)


@pytest.fixture(scope="module")
def copier() -> Iterator[Any]:
    """An HTTP client that only copies bytes."""
    with http_library().Client(timeout=5, verify=False) as client:
        yield client


def captured(copier: Any, emulator: Emulator, scenario: str, *, stream: bool) -> CapturedAnswer:
    """Return an answer of the emulator as it stands in a capture."""
    model = {"mara": "MiniMax-M2.5"}.get(emulator.provider, "MiniMax-M2")
    body = {"model": model, "messages": [ASKED], "stream": stream}
    if scenario.startswith(("tools", "finish-")):
        body["tools"] = [TOOL]
    emulator.scenario = scenario
    headers = {"authorization": f"Bearer {emulator.api_key}"}
    response = copier.post(f"{emulator.base_url}/chat/completions", json=body, headers=headers)
    emulator.scenario = "default"
    kept = {n: v for n, v in response.headers.items() if n not in ("content-length", "connection")}
    return CapturedAnswer(response.content, response.status_code, kept, request=body)


def called(emulator: Emulator, answer: CapturedAnswer) -> tuple[Reply | None, str]:
    """Return what a call reads of the same bytes, over HTTP, and the class of its error."""
    emulator.enqueue(CannedReply(answer.status, dict(answer.headers), [answer.body]))
    given: Any = {"api_key": emulator.api_key, "base_url": emulator.base_url, "max_retries": 0}
    settings = MARASettings(**given) if emulator.provider == "mara" else MiniMaxSettings(**given)
    asked = answer.request
    request = settings.encode(asked["messages"], stream=asked["stream"], tools=asked.get("tools"))
    try:
        return settings.client.complete(request), ""
    except ProviderError as error:
        return error.partial, type(error).__name__


_ENDLESS = {"stalled", "never-closes", "cut-connection", "http-502-endless", "slow"}
"""Answers that are never whole, or take their time."""


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
@pytest.mark.parametrize("scenario", sorted(SCENARIOS.keys() - _ENDLESS))
def test_it_agrees_with_the_client_on_every_scenario(scenario, stream, server, mara_server, copier):
    for emulator in (server, mara_server):
        if emulator.provider not in SCENARIOS[scenario].providers:
            continue
        answer = captured(copier, emulator, scenario, stream=stream)
        reading = read_answer(answer, PROVIDERS[emulator.provider])
        reply, error = called(emulator, answer)
        assert (type(reading.error).__name__ if reading.error else "") == error
        assert reading.shown == reply
        if reply is not None:
            assert_all_accounted_for(reading)


def test_tags_with_their_white_space_are_tags():
    body = sse(
        minimax_chunk(content="<thi"),
        minimax_chunk(content="nk>\nWhy"),
        minimax_chunk(content="\n</think>\n\nIt is so: <think>."),
        minimax_chunk("stop"),
    )
    assert went(body) == [
        ("<thi", "tag"),
        ("nk>\n", "tag"),
        ("Why", "reasoning"),
        ("\n</think>\n\n", "tag"),
        ("It is so: <think>.", "text"),
    ]


def test_what_two_fields_say_is_a_repeat_in_one_of_them():
    body = to_json(minimax_summary("stop", content="4", reasoning_content="2+2",
                                   reasoning_details=details("2+2")))  # fmt: skip
    pieces = read(body).pieces
    assert [(p.source, p.text, p.went) for p in pieces] == [
        ("reasoning_details", "2+2", "reasoning"),
        ("reasoning_content", "2+2", "repeat"),
        ("content", "4", "text"),
    ]


def test_a_frame_that_says_all_again_is_a_repeat():
    body = sse(minimax_chunk(content="Hel"), minimax_chunk(content="lo"),
               minimax_summary("stop", content="Hello"))  # fmt: skip
    assert went(body) == [("Hel", "text"), ("lo", "text"), ("Hello", "repeat")]


def test_what_stands_behind_a_stop_sequence_is_cut():
    body = to_json(minimax_summary("stop", content="Look. STOP More."))
    assert went(body, stop=["STOP"]) == [("Look. ", "text"), ("STOP More.", "cut by stop")]


def test_results_of_a_search_are_not_the_answer():
    delta = {"role": "tool", "content": '{"results": []}'}
    found = {"id": "r", "choices": [{"index": 0, "delta": delta}]}
    body = sse(found, minimax_chunk("stop", content="None."))
    assert ('{"results": []}', "search result") in went(body)


def test_lists_of_parts_and_refusals_are_shown():
    message = {"content": [{"type": "text", "text": "I"}, {"type": "text", "text": " can"}]}
    body = to_json(minimax_summary("content_filter", **message, refusal="No."))
    assert went(body) == [("I can", "text"), ("No.", "refusal")]


def test_what_the_reply_does_not_hold_is_unknown():
    reply = Reply("Hi", None, (), "stop", None)
    pieces = account(sse(minimax_chunk(content="Hi, lost")), reply)
    assert [(p.text, p.went) for p in pieces] == [
        ("Hi", "text"), (",", "unknown"), (" ", "white space"), ("lost", "unknown"),
    ]  # fmt: skip


@pytest.fixture
def shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator:
    """Read a file with a body; return exit code and what is printed."""

    def run(body: bytes, *options: str, name: str = "body") -> tuple[int, str]:
        path = tmp_path / name
        path.write_bytes(body)
        code = main(["read", str(path), *options])
        return code, capsys.readouterr().out

    return run


def test_a_bare_stream_is_shown(shown):
    body = STREAMS["split reasoning, tool calls, placeholders and summary frame"].data
    code, out = shown(body, name="body.sse")
    assert code == 0
    assert "reasoning  'Weather first.\\nThen time.' (reasoning_details)" in out
    assert """call       'get_weather' '{"city": "Zürich"}' (id 'call_function_abc_1')""" in out
    assert "20 in, 10 out, 30 in all, 4 of them reasoning, 16 read from the cache" in out
    assert "finish     'tool_calls'" in out
    assert "    1  reasoning_details    reasoning    'Weather '" in out


def test_a_bare_error_is_shown(shown):
    error = {"error": {"code": "insufficient_quota", "message": "Rate\x1b[2J limit."}}
    code, out = shown(to_json(error), "--provider", "mara", "--status", "429", name="body.json")
    assert code == 1
    assert out.startswith("error      RateLimitError: MARA Cloud")
    assert "code insufficient_quota" in out
    assert "status_code 429" in out
    assert "\x1b" not in out


def test_an_invalid_call_and_a_refusal_are_shown(shown):
    call = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": "{"}}
    _, out = shown(to_json(minimax_summary("tool_calls", content="", tool_calls=[call])))
    assert "call       'add' '{' (id 'c1', invalid)" in out
    _, out = shown(to_json(minimax_summary("stop", usage={}, content="", refusal="No.")))
    assert "usage" not in out
    assert "refusal    'No.'" in out


def test_json_holds_all_of_it(shown):
    body = STREAMS["error within the stream"].data
    code, out = shown(body, "--json")
    told = json.loads(out)
    assert code == 1
    assert told["reply"]["text"] == "Hal"
    assert told["error"]["class"] == "RateLimitError"
    assert told["pieces"] == [{"event": 1, "source": "content", "text": "Hal", "went": "text"}]


def test_json_of_a_reply_has_no_error(shown):
    code, out = shown(to_json(minimax_summary("stop", content="Hi")), "--json")
    assert (code, json.loads(out)["error"]) == (0, None)
    assert json.loads(out)["reply"]["text"] == "Hi"


def test_json_of_an_error_without_a_reply(shown):
    _, out = shown(b"", "--json", "--status", "503")
    assert json.loads(out)["reply"] is None


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["missing.json"], "No such file"),
        (["01.exchange.json"], "answers GET /models, which is no chat request"),
        (["02.exchange.json"], "is of an unknown provider"),
        (["03.exchange.json"], "not a file of format 1"),
        (["04.exchange.json"], "holds no answer"),
        (["body.json", "--status", "42"], "--status is no HTTP status"),
    ],
)
def test_what_cannot_be_read_is_refused(arguments, complaint, tmp_path, capsys):
    ok = {"format": 1, "status": 200, "provider": "minimax"}
    (tmp_path / "body.json").write_text("{}")
    for name, head in {
        "01": {**ok, "asked": "GET /models"},
        "02": {**ok, "provider": "elsewhere"},
        "03": {},
        "04": {**ok, "status": None},
    }.items():
        (tmp_path / f"{name}.exchange.json").write_text(json.dumps(head))
    with pytest.raises(SystemExit, match="2"):
        main(["read", str(tmp_path / arguments[0]), *arguments[1:]])
    assert complaint in capsys.readouterr().err


def test_a_captured_answer_is_read_as_its_request_asked(server, key, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("MINIMAX_BASE_URL", server.base_url)
    main(["doctor", "--provider", "minimax", "--capture", str(tmp_path)])
    capsys.readouterr()
    assert main(["read", str(tmp_path / "03.answer.sse")]) == 0
    by_answer = capsys.readouterr().out
    assert main(["read", str(tmp_path / "03.exchange.json")]) == 0
    assert capsys.readouterr().out == by_answer
    assert "model 'MiniMax-M2'" in by_answer
