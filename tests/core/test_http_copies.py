"""What hangs on an error is a copy without connection, secrets and frames."""

from __future__ import annotations

import json

import openai

from mara_minimax.http_library import http_library
from mara_minimax.secrets.http_copies import clean_cause, copy_request, copy_response
from mara_minimax.secrets.redaction import Redactor

LIBRARY = http_library()
KEY = "sk-canary-0123456789"
REDACTOR = Redactor(KEY)


def response(content=None, headers=None):
    sent = {"Authorization": KEY, "X": "y"}
    request = LIBRARY.Request("POST", "http://127.0.0.1/v1", headers=sent, content=b"prompt")
    return LIBRARY.Response(401, request=request, content=content, headers=headers)


def test_a_response_is_copied_without_secrets_and_connection():
    raw = [(b"X-Echo", KEY.encode()), (b"X-\xff", b"\xe9"), (b"Set-Cookie", b"s")]
    raw.append((b"X-" + KEY.encode(), b"1"))
    copy = copy_response(response(json.dumps({"m": f"no {KEY}"}).encode(), raw), REDACTOR)
    assert copy.status_code == 401
    assert copy.json() == {"m": "no [redacted]"}
    assert copy.headers["x-echo"] == "[redacted]"
    assert "set-cookie" not in copy.headers
    assert KEY.encode() not in b"".join(name + value for name, value in copy.headers.raw)


def test_the_request_of_a_response_is_copied_without_body_and_header_values():
    copy = copy_response(response(), REDACTOR).request
    assert copy.headers["authorization"] == copy.headers["x"] == "[redacted]"
    assert copy.headers["host"] == "127.0.0.1"
    assert copy.method == "POST"
    assert copy.read() == b""


def test_a_stream_that_was_not_read_is_copied_empty():
    def body():
        yield KEY.encode()

    assert copy_response(response(content=body()), REDACTOR).content == b""


def test_what_is_no_response_of_an_http_library_is_left_out():
    assert copy_response(object(), REDACTOR) is None


def raised(error, cause=None):
    try:
        raise error from cause
    except type(error) as caught:
        return caught


def test_a_cause_keeps_its_own_causes_and_loses_frames_and_headers():
    inner = raised(OSError(111, "refused"))
    outer = raised(openai.APIConnectionError(request=response().request), inner)
    cause = clean_cause(outer, REDACTOR)
    assert cause is outer
    assert cause.__cause__ is inner
    assert cause.__traceback__ is inner.__traceback__ is None
    assert cause.request.headers["authorization"] == "[redacted]"


def test_a_cause_that_quotes_a_secret_is_dropped_with_the_rest():
    inner = raised(OSError(f"illegal header {KEY}"), OSError("deeper"))
    outer = raised(ConnectionError("failed"), inner)
    assert clean_cause(outer, REDACTOR).__cause__ is None
    assert clean_cause(inner, REDACTOR) is None


def test_a_response_on_a_cause_is_redacted_as_well():
    error = raised(openai.AuthenticationError("no", response=response(), body=None))
    assert clean_cause(error, REDACTOR).response.request.headers["authorization"] == "[redacted]"


def test_causes_that_lead_back_to_each_other_end():
    first, second = OSError("first"), OSError("second")
    first.__context__, second.__context__ = second, first
    assert clean_cause(first, REDACTOR) is first


def test_a_cause_that_cannot_be_shown_is_dropped():
    class Broken(Exception):
        def __repr__(self):
            raise LookupError

    assert clean_cause(Broken(), REDACTOR) is None


def test_a_request_of_no_http_library_is_not_copied():
    assert copy_request(object()) is None
