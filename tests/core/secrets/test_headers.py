"""Headers that users set: refused where HTTP cannot carry them, hidden, told apart."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from mara_minimax.errors import MissingAPIKeyError, ParameterError
from mara_minimax.secrets.headers import (
    check_headers,
    check_headers_host,
    fingerprint,
    reveal_headers,
)
from mara_minimax.secrets.values import bind

URL = "https://api.example/v1"


def test_headers_are_revealed_for_the_request_and_hide_from_its_frames():
    mark = object()
    revealed = reveal_headers({"A": SecretStr("secret"), "B": " plain secret ", "C": mark}, URL)
    assert revealed == {"A": "secret", "B": "plain secret", "C": mark}
    assert "secret" not in repr(revealed)
    assert reveal_headers(None, URL) == {}


@pytest.mark.parametrize("value", ["secret\n", "secr\u00e9t", "secret\x00", "\u2026"])
@pytest.mark.parametrize("hidden", [str, SecretStr])
def test_a_value_that_http_cannot_carry_is_refused_by_place(value, hidden):
    for check in (
        lambda headers: reveal_headers(headers, URL),
        lambda headers: check_headers(headers, "default_headers"),
    ):
        with pytest.raises(ParameterError, match="'X' has a character at position") as caught:
            check({"X": hidden(value)})
        assert "secr" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "X Y", "X:", "X\n", "\u00dc", 5])
def test_what_is_no_name_of_a_header_is_refused(name):
    with pytest.raises(ParameterError, match="Invalid header name"):
        reveal_headers({name: "1"}, URL)


@pytest.mark.parametrize("headers", ["X: secret", 5, ["secret"]])
def test_what_is_no_mapping_is_refused_without_being_quoted(headers):
    with pytest.raises(ParameterError, match="extra_headers has to be a mapping") as caught:
        reveal_headers(headers, URL)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("value", [5, 0.5, b"secret"])
def test_a_value_that_is_no_text_is_refused_without_being_quoted(value):
    with pytest.raises(ParameterError, match="'X' in extra_headers has to be text") as caught:
        reveal_headers({"X": value}, URL)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "headers",
    ["X: secret", 5, ["secret"], {"X": 5}, {"X": b"secret"}, {"X": None}, {"X": ["secret"]}],
)
def test_default_headers_of_another_type_are_refused_without_being_quoted(headers):
    with pytest.raises(ParameterError, match="default_headers") as caught:
        check_headers(headers, "default_headers")
    assert "secret" not in str(caught.value)


def test_default_headers_of_the_right_type_are_hidden():
    checked = check_headers({"X": "1", "Y": SecretStr("2")}, "default_headers")
    assert checked == {"X": SecretStr("1"), "Y": SecretStr("2")}
    assert check_headers(None, "default_headers") is None


def test_a_header_of_another_host_is_refused_and_named():
    headers = {"X-Team": bind("secret", "other.example")}
    for check in (reveal_headers, check_headers_host):
        with pytest.raises(
            MissingAPIKeyError, match="header 'X-Team' .*other.example.*api.example"
        ):
            check(headers, URL)
        assert not check(None, URL)


def test_headers_of_the_same_host_and_those_of_none_are_not_refused():
    check_headers_host({"A": bind("secret", "api.example"), "B": SecretStr("b"), "C": "c"}, URL)


def test_a_fingerprint_tells_headers_apart_whatever_their_order_and_form():
    first = fingerprint({"a": "1", "b": SecretStr("2")})
    assert first == fingerprint({"b": bind("2", "api.example"), "a": "1"})
    assert first != fingerprint({"a": "1", "b": SecretStr("3")})
    assert fingerprint({"a": None}) != fingerprint({"a": "\ud800"})
