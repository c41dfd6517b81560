"""What hangs on an error is a copy without keys, headers and frames."""

from __future__ import annotations

from importlib import import_module

import openai
import pytest

from mara_minimax.redaction import cleaned, detached, find_secrets, redacted, without

HTTP = openai.DefaultHttpxClient()
Request = type(HTTP.build_request("POST", "http://127.0.0.1/"))


def response(**fields):
    kind = import_module(Request.__module__.partition(".")[0]).Response
    headers = {"Authorization": "sk-secret", "X": "y"}
    request = Request("POST", "http://127.0.0.1/v1", headers=headers, content=b"prompt")
    return kind(401, request=request, **fields)


def test_secrets_are_the_key_and_long_header_values_with_and_without_scheme():
    assert find_secrets("k", ["1", "Bearer long-token", None]) == (
        "Bearer long-token",
        "long-token",
        "k",
    )
    assert find_secrets("", []) == ()


def test_a_secret_inside_another_one_leaves_no_rest():
    secrets = find_secrets("abcdefgh", ["abcdefgh-and-more"])
    assert without("abcdefgh-and-more", secrets) == "[redacted]"


def test_secrets_are_taken_out_of_any_json_value():
    value = {"sk": ["a sk", {"x": "sk"}], "n": 1}
    assert without(value, ["sk"]) == {"[redacted]": ["a [redacted]", {"x": "[redacted]"}], "n": 1}


def test_a_request_is_copied_without_body_and_header_values():
    copy = redacted(response().request)
    assert copy.headers["authorization"] == copy.headers["x"] == "[redacted]"
    assert copy.headers["host"] == "127.0.0.1"
    assert copy.method == "POST"
    assert copy.read() == b""


def test_a_response_is_copied_without_secrets_and_connection():
    copy = detached(
        response(json={"m": "no sk-secret"}, headers={"X-Echo": "sk-secret", "Set-Cookie": "s"}),
        ["sk-secret"],
    )
    assert copy.status_code == 401
    assert copy.json() == {"m": "no [redacted]"}
    assert copy.headers["x-echo"] == "[redacted]"
    assert "set-cookie" not in copy.headers


def test_a_stream_that_was_not_read_is_copied_empty():
    def body():
        yield b"sk-secret"

    assert detached(response(content=body()), []).content == b""


def raised(error, cause=None):
    try:
        raise error from cause
    except type(error) as caught:
        return caught


def test_a_cause_keeps_its_own_causes_and_loses_frames_and_headers():
    inner = raised(OSError(111, "refused"))
    outer = raised(openai.APIConnectionError(request=response().request), inner)
    cause = cleaned(outer, ["sk-secret"])
    assert cause is outer
    assert cause.__cause__ is inner
    assert cause.__traceback__ is inner.__traceback__ is None
    assert cause.request.headers["authorization"] == "[redacted]"


def test_a_cause_that_quotes_a_secret_is_dropped_with_the_rest():
    inner = raised(OSError("illegal header sk-secret"), OSError("deeper"))
    outer = raised(ConnectionError("failed"), inner)
    assert cleaned(outer, ["sk-secret"]).__cause__ is None
    assert cleaned(inner, ["sk-secret"]) is None


def test_a_response_on_a_cause_is_redacted_as_well():
    error = raised(openai.AuthenticationError("no", response=response(), body=None))
    assert cleaned(error, []).response.request.headers["authorization"] == "[redacted]"


@pytest.fixture(scope="module", autouse=True)
def _closed():
    yield
    HTTP.close()
