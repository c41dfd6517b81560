"""A captured folder: the bytes as they came, without what tells whose they are."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from mara_minimax.__main__ import main
from mara_minimax.doctor.anonymity import Anonymizer
from mara_minimax.doctor.capture import read_capture
from mara_minimax.emulator import CannedReply, Emulator
from tests.doctor.conftest import KEY

GROUP, USER, ORGANIZATION = "1782588123456789012", "Jane Roe", "org-Canary123456"
SHORT_GROUP = "G4711"
MAIL, ADDRESS, ADDRESS_6 = "jane@roe.example", "203.0.113.7", "2001:db8:85a3::8a2e:370:7334"


def token(**claims: Any) -> str:
    """Return a key of MiniMax's older form: a signed token that names its account."""
    parts = [{"alg": "RS256", "typ": "JWT"}, {"iss": "minimax", **claims}]
    encoded = [base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts]
    return ".".join([*encoded, "c2lnbmF0dXJl"])


TOKEN = token(GroupID=GROUP, UserName=USER, Mail=MAIL, SubjectID=SHORT_GROUP)
PLANTED = (
    KEY, TOKEN, GROUP, USER, ORGANIZATION, SHORT_GROUP, MAIL, ADDRESS, ADDRESS_6, "canary",
)  # fmt: skip
SAID = (
    f"Key {KEY} and {TOKEN} of group {GROUP} ({SHORT_GROUP}), user {USER} <{MAIL}> in "
    f"{ORGANIZATION}, from {ADDRESS}, [{ADDRESS_6}]:443 and {ADDRESS_6}."
)
HEADERS = {
    "x-mm-group-id": SHORT_GROUP,
    "x-org-name": "canary-company",
    "set-cookie": "session=canary",
    "x-forwarded-for": f"{ADDRESS}, {ADDRESS_6}",
    "x-ratelimit-remaining-requests": "7",
    "trace-id": "0615f4352ef441af0c13c6915e5d6a7f",
}


def reply(text: str = SAID) -> CannedReply:
    choice = {"index": 0, "finish_reason": "stop", "message": {"content": text}}
    body = {"id": "0615f", "choices": [choice], "group_id": int(GROUP), "org": "canary-company"}
    return CannedReply.json(body, headers=dict(HEADERS))


@pytest.fixture
def capture(server: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Let the doctor capture the emulator with a key; return the folder."""

    def run(key: str = KEY, *options: str) -> Path:
        folder = tmp_path / "capture"
        monkeypatch.setenv("MINIMAX_API_KEY", key)
        monkeypatch.setenv("MINIMAX_BASE_URL", server.base_url)
        main(["doctor", "--provider", "minimax", "--capture", str(folder), *options])
        return folder

    return run


def contents(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in sorted(folder.iterdir()))


def test_requests_and_answers_are_written_as_they_came(capture, server):
    folder = capture()
    heads = [json.loads(path.read_bytes()) for path in sorted(folder.glob("*.exchange.json"))]
    assert [head["asked"] for head in heads] == ["GET /models"] + ["POST /chat/completions"] * 7
    assert len(heads) == len(server.requests)
    for head, request in zip(heads, server.requests, strict=True):
        assert head["status"] == 200
        assert head["read_to_end"]
        sent = head["request"] and json.loads((folder / head["request"]).read_bytes())
        assert sent == request.body
    streams = [head for head in heads if (head["answer"] or "").endswith(".sse")]
    assert len(streams) == 1
    assert (folder / streams[0]["answer"]).read_bytes().startswith(b"data: {")
    assert json.loads((folder / "report.json").read_bytes())["exit_code"] == 0


@pytest.mark.parametrize("key", [KEY, TOKEN], ids=["key", "token"])
def test_what_tells_whose_it_is_is_nowhere_in_the_folder(key, capture, server):
    event = {"id": "0615f", "choices": [{"index": 0, "delta": {"content": SAID}}]}
    end = {"id": "0615f", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    server.enqueue(reply())
    server.enqueue(CannedReply.sse(event, end))
    server.enqueue(CannedReply.json({"error": {"message": SAID, "code": 1002}}, status=429))
    folder = capture(key)
    written = contents(folder)
    assert {planted: written.count(planted.encode()) for planted in PLANTED} == dict.fromkeys(
        PLANTED, 0
    )
    assert b"127.0.0.1" not in written
    assert b"Authorization" not in written


def test_what_is_left_can_be_read(capture, server):
    server.enqueue(reply())
    folder = capture(TOKEN)
    answer = read_capture(folder / "02.answer.json")
    body = json.loads(answer.body)
    assert body["group_id"] == int("9" * len(GROUP))
    said = body["choices"][0]["message"]["content"]
    assert said.startswith("Key [redacted] and [redacted] of group 9999")
    assert answer.headers["x-ratelimit-remaining-requests"] == "7"
    assert answer.headers["trace-id"] == HEADERS["trace-id"]
    assert "set-cookie" not in answer.headers
    head = json.loads((folder / "02.exchange.json").read_bytes())
    assert head["headers"]["set-cookie"] == "[redacted]"


def test_an_id_that_a_later_answer_names_is_taken_out_of_the_earlier_ones(capture, server):
    server.enqueue(reply(f"You are {SHORT_GROUP}."))
    server.enqueue(CannedReply.json({"error": {"message": "no"}, "group_id": "G4711"}, status=400))
    assert SHORT_GROUP.encode() not in contents(capture())


def test_a_key_in_a_spelling_that_cannot_be_replaced_leaves_nothing_of_its_body(capture, server):
    spelled = "".join(f"\\u{ord(c):04x}" for c in KEY)
    body = reply("KEY").chunks[0].replace(b"KEY", spelled.encode())
    server.enqueue(CannedReply(200, {"content-type": "application/json"}, [body]))
    folder = capture()
    assert (folder / "02.answer.txt").read_bytes() == b"[redacted]"


def test_an_endpoint_of_ones_own_is_not_named(capture, server):
    server.enqueue(reply(f"I am at {server.base_url}."))
    assert server.base_url.encode() not in contents(capture())


@pytest.mark.parametrize(
    "text",
    [
        "12:30:45 std::move, a ratio of 3:2, 1.2.3, 0.30000000000000004, 2026-11-30",
        '{"model":"MiniMax-M2","role":"assistant","user":"user","created":1764000001}',
        "id 0615f4352ef441af0c13c6915e5d6a7f, call_function_83vjvfjotxnb_1",
    ],
)
def test_what_names_nobody_stays(text):
    anonymizer = Anonymizer(())
    anonymizer.learn(text.encode())
    assert anonymizer.remove(text.encode()).decode() == text.replace(
        '"user":"user"', '"user":"[redacted]"'
    )


@pytest.mark.parametrize(
    "text",
    [
        "::1", "fe80::1%eth0", "10.1.2.3.", "ip-10-1-2-3.internal", "https://x/?GroupId=ab12",
        r'{\"group_id\": \"ab12\"}', "sk-0123456789", "jane@roe.example",
        "eyJ4NDU2Nzg5.eyJiOjF9MTI.x",
    ],
)  # fmt: skip
def test_what_names_somebody_goes_by_its_look(text):
    left = Anonymizer(()).remove(text.encode()).decode()
    assert "[redacted]" in left
    for word in ("fe80", "::1", "10.1", "10-1", "ab12", "0123", "jane", "x4NDU"):
        assert word not in left


def test_what_a_field_or_a_parameter_names_goes_from_plain_text_too():
    anonymizer = Anonymizer(())
    for told in (
        b'{"account_name": "Roe & Co"}',
        b"https://x/?GroupId=ab12",
        b"eyJ4NDU2Nzg5.WzEsMiwzXQ.x",
    ):
        anonymizer.learn(told)
    assert anonymizer.remove(b"Roe & Co of ab12, not cab12") == (
        b"[redacted] of [redacted], not cab12"
    )


def test_a_folder_that_is_not_empty_is_refused(capture, server, tmp_path, capsys):
    (tmp_path / "capture").mkdir()
    (tmp_path / "capture" / "mine.txt").write_text("x")
    with pytest.raises(SystemExit, match="2"):
        capture()
    assert "is not empty" in capsys.readouterr().err
    assert server.requests == []


def test_a_folder_that_cannot_be_made_is_refused(capture, server, tmp_path, capsys):
    (tmp_path / "capture").write_text("x")
    with pytest.raises(SystemExit, match="2"):
        capture()
    assert "cannot be made" in capsys.readouterr().err
    assert server.requests == []


def test_without_an_answer_there_is_nothing_but_the_request(capture, server, monkeypatch):
    monkeypatch.setattr(type(server), "base_url", "http://127.0.0.1:9/v1")
    folder = capture()
    head = json.loads((folder / "01.exchange.json").read_bytes())
    assert (head["status"], head["answer"], head["request"]) == (None, None, None)


def test_a_file_of_another_format_is_refused(tmp_path):
    (tmp_path / "01.exchange.json").write_text('{"format": 2}')
    with pytest.raises(ValueError, match="not a file of format 1"):
        read_capture(tmp_path / "01.exchange.json")
