"""What cassettes hold: text to read, no secret, and nothing that no test plays."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from pytest_recording.plugin import get_default_cassette_name
from vcr.request import Request

from tests.recording import (
    FOLDER,
    KEPT_REQUEST_HEADERS,
    LEFT_OUT_RESPONSE_HEADERS,
    Yaml,
    filtered_request,
    same_body,
)
from tests.scrubbing import KEPT_RESPONSE_HEADERS

PATHS = sorted(FOLDER.glob("*/*/*.yaml"))
MODULES = {
    "langchain": ("tests/langchain/test_standard_recorded.py", 100),
    "llama_index": ("tests/llama_index/test_recorded.py", 40),
}
"""The module that plays each framework's cassettes, and how many there are at least."""


def test_each_cassette_belongs_to_a_test() -> None:
    modules = [module for module, _ in MODULES.values()]
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", *modules]
    listed = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    ).stdout
    for framework, (module, least) in MODULES.items():
        tests = [line for line in listed.splitlines() if line.startswith(f"{module}::")]
        recorded = [path for path in PATHS if path.parent.name == framework]
        assert {path.stem for path in recorded} <= {_cassette_name(test) for test in tests}
        assert len(recorded) > least


def _cassette_name(node_id: str) -> str:
    *_, group, test = node_id.split("::")
    of_class = "." not in group
    return get_default_cassette_name(type(group, (), {}) if of_class else None, test)


_SECRET = re.compile(r"bearer\s+\S|\bsk-\w|cookie|127\.0\.0\.1|authorization:", re.IGNORECASE)


def test_each_folder_of_cassettes_has_a_test_that_plays_it() -> None:
    assert {path.parent.name for path in PATHS} == set(MODULES)
    assert {path.parent.parent.name for path in PATHS} <= {"emulator", "live"}


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_cassette_is_text_without_secrets(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not _SECRET.search(text)
    assert "!!binary" not in text
    for interaction in yaml.safe_load(text)["interactions"]:
        request, response = interaction["request"], interaction["response"]
        assert {name.lower() for name in request["headers"]} <= KEPT_REQUEST_HEADERS
        assert not LEFT_OUT_RESPONSE_HEADERS & {name.lower() for name in response["headers"]}
        assert f".{path.parent.parent.name}.test/v1/" in request["uri"]
        assert isinstance(request["body"], str)
        assert isinstance(response["body"]["string"], str)
        if path.parent.parent.name == "live":
            assert {name.lower() for name in response["headers"]} <= KEPT_RESPONSE_HEADERS


def _request(body: str) -> Request:
    headers = {"Authorization": "Bearer SECRET", "User-Agent": "x", "Content-Type": "text/json"}
    return Request("POST", "http://127.0.0.1:4711/v1/chat/completions", body, headers)


def test_a_request_loses_its_port_and_its_key() -> None:
    request = _request("{}")
    kept = filtered_request("http://127.0.0.1:4711/v1", "mara")(request)
    assert kept.uri == "https://mara.emulator.test/v1/chat/completions"
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


def test_indentation_of_a_docstring_is_no_difference_and_its_words_are():
    body = '{"tools": [{"description": "%s", "name": "f"}]}'
    same_body(_request(body % r"Adds.\n\n    More.\n    "), _request(body % r"Adds.\n\nMore.\n"))
    with pytest.raises(AssertionError):
        same_body(_request(body % "Adds."), _request(body % "Subtracts."))
    with pytest.raises(AssertionError):
        same_body(_request('{"content": "a  b"}'), _request('{"content": "a b"}'))


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
