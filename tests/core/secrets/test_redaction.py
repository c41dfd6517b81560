"""What a server says is cleaned of keys and headers, in every spelling, and never fails."""

from __future__ import annotations

import inspect
import json
import sys
from importlib import import_module
from urllib.parse import quote

import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mara_minimax import limits
from mara_minimax.secrets.redaction import NO_SECRETS, Redactor, one_line

HTTP = openai.DefaultHttpxClient()
Request = type(HTTP.build_request("POST", "http://127.0.0.1/"))
LIBRARY = import_module(Request.__module__.partition(".")[0])
KEY = "sk-/Secret+0123="
REDACTOR = Redactor(KEY, "team-token-1", 'session=abcdefgh; csrf="hgfedcba"')


def response(content=None, headers=None):
    sent = {"Authorization": KEY, "X": "y"}
    request = Request("POST", "http://127.0.0.1/v1", headers=sent, content=b"prompt")
    return LIBRARY.Response(401, request=request, content=content, headers=headers)


@pytest.fixture(scope="module", autouse=True)
def _closed():
    yield
    HTTP.close()


@pytest.mark.parametrize(
    "secret",
    [KEY, "team-token-1", "session=abcdefgh", "abcdefgh", "hgfedcba", 'csrf="hgfedcba"'],
)
def test_keys_headers_and_their_parts_are_taken_out_of_a_text(secret):
    assert REDACTOR.text(f"no {secret}!") == "no [redacted]!"
    assert REDACTOR.text(f"no {secret.upper()}!") == "no [redacted]!"


def test_a_token_is_found_without_its_scheme():
    redactor = Redactor("Bearer 0123456789")
    assert redactor.text("Bearer 0123456789, 0123456789") == "[redacted], [redacted]"


def test_a_secret_inside_another_one_leaves_no_rest():
    redactor = Redactor("abcdefgh", "abcdefgh-and-more")
    assert redactor.text("abcdefgh-and-more") == "[redacted]"


SPELLINGS = {
    "JSON": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "all escaped": lambda text: "".join(f"\\u{ord(char):04X}" for char in text),
    "hexadecimal escapes": lambda text: "".join(f"\\x{ord(char):02x}" for char in text),
    "URL": lambda text: quote(text, safe=""),
    "all of a URL": lambda text: "".join(f"%{ord(char):02x}" for char in text),
    "a URL in a URL": lambda text: quote(quote(text, safe=""), safe=""),
    "JSON in JSON": lambda text: json.dumps(json.dumps(text).replace("/", "\\/")),
    "JSON in a URL": lambda text: quote("".join(f"\\u{ord(char):04x}" for char in text)),
    "UTF-16": lambda text: text.encode("utf-16-le").decode("latin-1"),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_text_that_holds_a_secret_in_another_spelling_goes_as_a_whole(spelling):
    text = f"no {SPELLINGS[spelling](KEY)}"
    assert KEY not in text or spelling == "nothing"
    assert REDACTOR.text(text) == "[redacted]"


@pytest.mark.parametrize("key", ["x", "e", "key", "EMPTY", "MiniMax"])
def test_a_short_key_goes_only_where_it_is_the_whole_text(key):
    redactor = Redactor(key, "1")
    words = "maximum context length of the MiniMax model, key EMPTY, 1 of 1"
    assert redactor.text(words) == words
    assert redactor.text(f" {key.upper()}\n") == redactor.text("1") == "[redacted]"
    assert redactor.value({"key": [key, 1, True, words]}) == {"key": ["[redacted]", 1, True, words]}


def test_a_short_name_in_an_object_is_not_a_value():
    assert Redactor("error").value({"error": "error"}) == {"error": "[redacted]"}


def test_secrets_are_taken_out_of_any_json_value():
    value = {KEY: [f"a {KEY}", {"x": KEY}], "n": 1, "none": None}
    cleaned = {"[redacted]": ["a [redacted]", {"x": "[redacted]"}], "n": 1, "none": None}
    assert REDACTOR.value(value) == cleaned
    assert KEY in value
    assert NO_SECRETS.value(value) == value


def test_a_key_of_digits_is_found_among_numbers():
    assert Redactor("1234567890").value([1234567890, 1]) == ["[redacted]", 1]


def nested(depth, leaf):
    for _ in range(depth):
        leaf = [{"x": leaf}]
    return leaf


def test_nesting_does_not_matter():
    value = REDACTOR.value(nested(30_000, KEY))
    for _ in range(30_000):
        value = value[0]["x"]
    assert value == "[redacted]"


def test_a_caller_without_stack_does_not_matter():
    def deeper(room):
        return deeper(room - 1) if room else REDACTOR.content(b'{"x": ["%s"]}' % KEY.encode())

    room = sys.getrecursionlimit() - len(inspect.stack())
    assert b"[redacted]" in deeper(room - 30)


def test_a_long_text_is_cut_without_leaving_a_part_of_a_secret():
    size = limits.MAX_ERROR_BYTES
    for text in ("x" * (size - 5) + KEY, "x" * (size - 60) + SPELLINGS["all escaped"](KEY)):
        cut = REDACTOR.text(text + "y" * 100)
        assert len(cut) <= size
        assert cut == "x" * (len(cut) - 6) + " [cut]"


def test_a_long_value_is_cut():
    size = limits.MAX_ERROR_BYTES
    value = REDACTOR.value({"text": "x" * size * 2, "more": 1})
    assert list(value) == ["text"]
    assert value["text"].endswith("x [cut]")
    assert len(REDACTOR.value([[0]] * size * 2)) < size


def test_json_is_written_anew_so_that_no_spelling_and_no_repeated_name_stays():
    escaped = SPELLINGS["all escaped"](KEY)
    content = f'{{"a": "{KEY}", "a": "{escaped}", "b": NaN, "c": "\\ud800"}}'
    assert REDACTOR.content(content.encode()) == b'{"a": "[redacted]", "b": NaN, "c": "\\ud800"}'
    assert REDACTOR.content(json.dumps([KEY]).encode("utf-16")) == b'["[redacted]"]'


def test_a_body_that_is_no_json_keeps_its_bytes():
    content = "<p>Schlüssel ".encode("latin-1")
    assert REDACTOR.content(content + KEY.encode()) == content + b"[redacted]"
    deep = b"[" * 300 + SPELLINGS["all escaped"](KEY).encode() + b"]" * 300
    assert REDACTOR.content(deep) == b"[redacted]"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("two\r\nlines\n", "two lines"),
        ("\x1b[2Jred\x07", "[2Jred"),
        ("c1 \x9b31m", "c1 31m"),
        ("abc\u202edef\u2066ghi\u200b", "abc def ghi"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("  错误 é 🎉 ", "错误 é 🎉"),
    ],
)
def test_a_line_holds_nothing_that_a_terminal_obeys(text, shown):
    assert one_line(text) == NO_SECRETS.line(text) == shown


@given(st.text(st.characters(exclude_categories=())) | st.from_regex(r"[\\%ux0-9a-f]{0,300}"))
def test_no_text_makes_it_fail(text):
    assert isinstance(REDACTOR.line(text), str)


def test_a_response_is_copied_without_secrets_and_connection():
    raw = [(b"X-Echo", KEY.encode()), (b"X-\xff", b"\xe9"), (b"Set-Cookie", b"s")]
    raw.append((b"X-" + KEY.encode(), b"1"))
    copy = REDACTOR.response(response(json.dumps({"m": f"no {KEY}"}).encode(), raw))
    assert copy.status_code == 401
    assert copy.json() == {"m": "no [redacted]"}
    assert copy.headers["x-echo"] == "[redacted]"
    assert "set-cookie" not in copy.headers
    assert KEY.encode() not in b"".join(name + value for name, value in copy.headers.raw)


def test_the_request_of_a_response_is_copied_without_body_and_header_values():
    copy = REDACTOR.response(response()).request
    assert copy.headers["authorization"] == copy.headers["x"] == "[redacted]"
    assert copy.headers["host"] == "127.0.0.1"
    assert copy.method == "POST"
    assert copy.read() == b""


def test_a_stream_that_was_not_read_is_copied_empty():
    def body():
        yield KEY.encode()

    assert REDACTOR.response(response(content=body())).content == b""


def test_what_is_no_response_of_an_http_library_is_left_out():
    assert REDACTOR.response(object()) is None


def raised(error, cause=None):
    try:
        raise error from cause
    except type(error) as caught:
        return caught


def test_a_cause_keeps_its_own_causes_and_loses_frames_and_headers():
    inner = raised(OSError(111, "refused"))
    outer = raised(openai.APIConnectionError(request=response().request), inner)
    cause = REDACTOR.cause(outer)
    assert cause is outer
    assert cause.__cause__ is inner
    assert cause.__traceback__ is inner.__traceback__ is None
    assert cause.request.headers["authorization"] == "[redacted]"


def test_a_cause_that_quotes_a_secret_is_dropped_with_the_rest():
    inner = raised(OSError(f"illegal header {KEY}"), OSError("deeper"))
    outer = raised(ConnectionError("failed"), inner)
    assert REDACTOR.cause(outer).__cause__ is None
    assert REDACTOR.cause(inner) is None


def test_a_response_on_a_cause_is_redacted_as_well():
    error = raised(openai.AuthenticationError("no", response=response(), body=None))
    assert REDACTOR.cause(error).response.request.headers["authorization"] == "[redacted]"


def test_causes_that_lead_back_to_each_other_end():
    first, second = OSError("first"), OSError("second")
    first.__context__, second.__context__ = second, first
    assert REDACTOR.cause(first) is first


def test_a_cause_that_cannot_be_shown_is_dropped():
    class Broken(Exception):
        def __repr__(self):
            raise LookupError

    assert REDACTOR.cause(Broken()) is None
