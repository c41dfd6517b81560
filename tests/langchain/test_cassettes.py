"""What the recorded answers hold: text to read, no secret, and nothing that no test plays."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from pytest_recording.plugin import get_default_cassette_name
from vcr.request import Request

from tests.langchain.recording import (
    CASSETTES,
    KEPT_REQUEST_HEADERS,
    LEFT_OUT_RESPONSE_HEADERS,
    Yaml,
    filtered_request,
    same_body,
)

PATHS = sorted(CASSETTES.glob("*.yaml"))


def test_each_cassette_belongs_to_a_test() -> None:
    module = Path(__file__).with_name("test_standard_recorded.py")
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", str(module)]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    tests = {tuple(line.split("::")[1:]) for line in listed.splitlines() if line.count("::") == 2}
    names = {get_default_cassette_name(type(group, (), {}), name) for group, name in tests}
    assert {path.stem for path in PATHS} <= names
    assert len(PATHS) > 100


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_cassette_is_text_without_secrets(path: Path) -> None:
    text = path.read_text("utf-8")
    for secret in ("authorization", "bearer", "api-key", "api_key", "cookie", "127.0.0.1"):
        assert secret not in text.lower()
    assert "!!binary" not in text
    for interaction in yaml.safe_load(text)["interactions"]:
        request, response = interaction["request"], interaction["response"]
        assert {name.lower() for name in request["headers"]} <= KEPT_REQUEST_HEADERS
        assert not LEFT_OUT_RESPONSE_HEADERS & {name.lower() for name in response["headers"]}
        assert ".emulator.test/v1/" in request["uri"]
        assert isinstance(request["body"], str)
        assert isinstance(response["body"]["string"], str)


def _request(body: str) -> Request:
    headers = {"Authorization": "Bearer SECRET", "User-Agent": "x", "Content-Type": "text/json"}
    return Request("POST", "http://127.0.0.1:4711/v1/chat/completions", body, headers)


def test_a_request_loses_its_port_and_its_key() -> None:
    request = _request("{}")
    kept = filtered_request("http://127.0.0.1:4711/v1", "mara")(request)
    assert kept.uri == "http://mara.emulator.test/v1/chat/completions"
    assert kept.headers == {"Content-Type": "text/json"}
    assert request.headers["Authorization"] == "Bearer SECRET"


def test_bodies_match_as_json_and_uuids_by_their_order() -> None:
    first, second = (f"{n}" * 8 + "-0000-4000-8000-000000000000" for n in (1, 2))
    body = '{"id": "%s", "of": "%s"}'
    same_body(
        _request(body % (first, first)), _request('{"of": "X", "id": "X"}'.replace("X", second))
    )
    with pytest.raises(AssertionError):
        same_body(_request(body % (first, first)), _request(body % (first, second)))
    with pytest.raises(AssertionError):
        same_body(_request('{"a": 1}'), _request('{"a": 2}'))


def test_streams_are_written_line_by_line_in_the_order_of_the_conversation() -> None:
    def exchange(messages: str, answer: str) -> dict[str, Any]:
        return {
            "request": {"body": f'{{"messages": {messages}}}'},
            "response": {"body": {"string": answer}},
        }

    cassette = {"interactions": [exchange("[1, 2]", "data: 2\n\n"), exchange("[1]", "data: 1\n")]}
    text = Yaml.serialize(cassette)
    assert text.index("data: 1") < text.index("data: 2")
    assert "string: |\n        data: 1\n" in text
    assert Yaml.deserialize(text) == cassette
