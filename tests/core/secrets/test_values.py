"""Secrets hide from displays, know their host, and are what was given where they are sent."""

from __future__ import annotations

import copy
import pickle

import pytest
from pydantic import SecretStr

from mara_minimax.errors import MissingAPIKeyError
from mara_minimax.secrets.values import BoundSecret, HiddenText, bind, hide, read_secret, reveal

URL = "https://api.example/v1"


def test_hidden_text_is_text_that_no_repr_shows():
    text = HiddenText("sk-secret")
    assert text == "sk-secret"
    assert {text: 1} == {"sk-secret": 1}
    assert "secret" not in f"{text!r} {[text]} {text[:9]!r} {text[3:]!r}"


def test_texts_are_hidden_also_in_mappings_and_other_values_stay():
    mark = object()
    hidden = hide({"A": "secret", "B": SecretStr("secret"), "C": mark, "D": {"E": "secret"}})
    assert "secret" not in repr(hidden)
    assert hidden["A"] == hidden["B"] == hidden["D"]["E"] == SecretStr("secret")
    assert hidden["C"] is mark


def test_what_was_given_is_not_changed():
    given = {"A": "secret"}
    hide(given)
    bind(given, "api.example")
    assert given == {"A": "secret"}


def test_a_bound_secret_shows_nothing():
    secret = bind("sk-secret", "api.example")
    assert "sk-secret" not in f"{secret!r} {secret} {[secret]} {secret:}"


def test_secrets_without_a_host_are_bound_and_others_keep_theirs():
    first = bind(" sk-1\n", "one.example")
    assert (first.get_secret_value(), first.host, first.variable) == ("sk-1", "one.example", "")
    assert bind(first, "two.example") is first
    both = bind({"A": first, "B": SecretStr("sk-2")}, "two.example")
    assert {name: secret.host for name, secret in both.items()} == {
        "A": "one.example",
        "B": "two.example",
    }
    assert bind(None, "two.example") is None


def test_secrets_are_equal_by_their_text():
    first = BoundSecret("k", host="a", variable="A")
    second = BoundSecret("k", host="b")
    assert first == second == SecretStr("k")
    assert SecretStr("k") == first
    assert hash(first) == hash(second)
    assert first != SecretStr("other")
    assert first != "k"


def test_a_secret_is_revealed_for_its_host_and_hides_from_the_frames_of_the_http_library():
    text = reveal(bind("sk-secret", "api.example"), URL, "The API key")
    assert text == "sk-secret"
    assert "secret" not in repr(text)
    assert reveal(SecretStr("sk-secret\n"), URL, "The API key") == "sk-secret"


def test_a_secret_of_another_host_is_not_revealed_and_the_error_names_both_hosts():
    with pytest.raises(
        MissingAPIKeyError, match=r"The API key .*other\.example.*api\.example"
    ) as e:
        reveal(bind("sk-secret", "other.example"), URL, "The API key")
    assert "sk-secret" not in str(e.value)


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy])
def test_a_copy_in_the_process_is_the_secret_itself(again, monkeypatch):
    monkeypatch.setenv("SOME_API_KEY", "sk-1")
    secret = read_secret("SOME_API_KEY", "api.example")
    monkeypatch.setenv("SOME_API_KEY", "sk-2")
    assert again(secret) is secret


def test_a_pickle_holds_a_given_secret_encoded_with_its_host():
    data = pickle.dumps({"X": bind("sk-secret", "api.example")})
    assert b"sk-secret" not in data
    secret = pickle.loads(data)["X"]
    assert (secret.get_secret_value(), secret.host) == ("sk-secret", "api.example")


def test_a_pickle_holds_also_what_no_request_can_carry():
    assert pickle.loads(pickle.dumps(bind("\ud800", "api.example"))) == SecretStr("\ud800")


def test_a_pickle_holds_no_secret_of_the_environment(monkeypatch):
    monkeypatch.setenv("SOME_API_KEY", "sk-1")
    data = pickle.dumps(read_secret("SOME_API_KEY", "api.example"))
    assert b"sk-1" not in data
    monkeypatch.setenv("SOME_API_KEY", "sk-2")
    secret = pickle.loads(data)
    assert (secret.get_secret_value(), secret.variable) == ("sk-2", "SOME_API_KEY")
    monkeypatch.setenv("SOME_API_KEY", " ")
    assert pickle.loads(data) is None
