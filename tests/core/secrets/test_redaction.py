"""What a server says is cleaned of keys and headers, in every spelling, and never fails."""

from __future__ import annotations

import inspect
import json
import sys
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mara_minimax import limits
from mara_minimax.secrets.redaction import NO_SECRETS, Redactor, one_line

KEY = "sk-/Secret+0123="
REDACTOR = Redactor(KEY, "team-token-1", 'session=abcdefgh; csrf="hgfedcba"')


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


def test_words_of_titles_are_no_secrets():
    text = "application/json is not the type of an application"
    assert Redactor("My first application", "." * 9).text(text) == text
    assert Redactor("\\" * 9).text("any text") == "any text"


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
