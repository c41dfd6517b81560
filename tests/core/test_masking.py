"""Keys and header values hide from displays, and are what was given where they are sent."""

from __future__ import annotations

import asyncio
import inspect

import pytest
from pydantic import SecretStr

from mara_minimax.errors import ParameterError
from mara_minimax.masking import (
    HiddenText,
    check_headers,
    fingerprint,
    hide_arguments,
    mask_arguments,
    mask_nested_arguments,
    reveal_headers,
)


def test_hidden_text_is_text_that_no_repr_shows():
    text = HiddenText("sk-secret")
    assert text == "sk-secret"
    assert {text: 1} == {"sk-secret": 1}
    assert "secret" not in f"{text!r} {[text]} {text[:9]!r} {text[3:]!r}"


@pytest.mark.parametrize("name", ["extra_headers", "default_headers", "headers"])
def test_header_values_of_arguments_are_hidden_and_names_stay(name):
    hidden = hide_arguments({name: {"X": "secret"}, "n": 1})
    assert "secret" not in repr(hidden)
    assert list(hidden[name]) == ["X"]
    assert hidden["n"] == 1


def test_keys_and_named_texts_of_arguments_are_hidden():
    hidden = hide_arguments({"api_key": "secret", "apikey": "secret", "n": 1}, also=("apikey",))
    assert "secret" not in repr(hidden)


def test_arguments_inside_arguments_are_hidden_too():
    hidden = hide_arguments({"llm_kwargs": {"extra_headers": {"X": "secret"}}})
    assert "secret" not in repr(hidden)


def test_what_was_given_is_not_changed():
    given = {"extra_headers": {"X": "secret"}}
    hide_arguments(given)
    assert given == {"extra_headers": {"X": "secret"}}


def test_headers_are_revealed_for_the_sdk_and_hide_from_its_frames():
    mark = object()
    revealed = reveal_headers({"A": SecretStr("secret"), "B": "plain secret", "C": mark})
    assert revealed == {"A": "secret", "B": "plain secret", "C": mark}
    assert "secret" not in repr(revealed)
    assert reveal_headers(None) == {}


@pytest.mark.parametrize("value", ["secret\n", "secr\u00e9t", "secret\x00", "\u2026"])
def test_a_value_that_http_cannot_carry_is_refused_by_place(value):
    with pytest.raises(ParameterError, match="'X' has a character at position") as caught:
        reveal_headers({"X": value})
    assert "secr" not in str(caught.value)


@pytest.mark.parametrize(
    "headers",
    ["X: secret", 5, ["secret"], {"X": 5}, {"X": b"secret"}, {"X": None}, {"X": ["secret"]}],
)
def test_headers_of_another_type_are_refused_without_being_quoted(headers):
    with pytest.raises(ParameterError, match="default_headers") as caught:
        check_headers(headers, "default_headers")
    assert "secret" not in str(caught.value)


def test_headers_of_the_right_type_pass():
    assert check_headers({"X": "1", "Y": SecretStr("2")}, "headers") == {"X": "1", "Y": "2"}
    assert check_headers(None, "headers") is None


def test_a_fingerprint_tells_headers_apart_whatever_their_order():
    first = fingerprint({"A": "1", "B": SecretStr("2")})
    assert first == fingerprint({"b": "2", "a": "1"})
    assert first != fingerprint({"A": "1", "B": "3"})


def test_masked_methods_get_hidden_arguments():
    @mask_arguments(("call", "acall"))
    class Model:
        def call(self, **kwargs):
            return kwargs

        async def acall(self, **kwargs):
            return kwargs

    given = {"extra_headers": {"X": "secret"}, "n": 1}
    for got in (Model().call(**given), asyncio.run(Model().acall(**given))):
        assert got["n"] == 1
        assert "secret" not in repr(got)
        assert got["extra_headers"]["X"].get_secret_value() == "secret"


def test_masked_generators_stay_generators_hide_and_close_what_they_run():
    closed = []

    @mask_arguments(("stream", "astream"))
    class Model:
        def stream(self, **kwargs):
            try:
                yield kwargs
                yield kwargs
            finally:
                closed.append("sync")

        async def astream(self, **kwargs):
            try:
                yield kwargs
                yield kwargs
            finally:
                closed.append("async")

    async def first(stream):
        got = await anext(stream)
        shown = repr(stream.ag_frame.f_locals)
        await stream.aclose()
        return got, shown

    async def every(stream):
        return [item async for item in stream]

    assert inspect.isgeneratorfunction(Model.stream)
    assert inspect.isasyncgenfunction(Model.astream)
    given = {"extra_headers": {"X": "secret"}}
    stream = Model().stream(**given)
    got = [(next(stream), repr(stream.gi_frame.f_locals))]
    stream.close()
    got.append(asyncio.run(first(Model().astream(**given))))
    assert closed == ["sync", "async"]
    assert len(list(Model().stream())) == 2
    assert len(asyncio.run(every(Model().astream()))) == 2
    for kwargs, shown in got:
        assert "secret" not in f"{kwargs!r} {shown}"
        assert kwargs["extra_headers"]["X"].get_secret_value() == "secret"


@pytest.mark.parametrize("place", ["by name", "by position"])
def test_only_the_arguments_handed_on_are_hidden_where_others_fill_a_template(place):
    @mask_nested_arguments(("predict", "apredict", "stream"))
    class Model:
        def predict(self, prompt, llm_kwargs=None, **variables):
            return llm_kwargs, variables

        async def apredict(self, prompt, llm_kwargs=None, **variables):
            return llm_kwargs, variables

        def stream(self, prompt, llm_kwargs=None, **variables):
            yield llm_kwargs, variables

    model, given = Model(), {"extra_headers": {"X": "secret"}}
    args, named = ((given,), {}) if place == "by position" else ((), {"llm_kwargs": given})
    results = (
        model.predict("p", *args, **named, api_key="variable", headers="variable"),
        asyncio.run(model.apredict("p", *args, **named, api_key="variable", headers="variable")),
        next(model.stream("p", *args, **named, api_key="variable", headers="variable")),
    )
    for nested, variables in results:
        assert "secret" not in repr(nested)
        assert nested["extra_headers"]["X"].get_secret_value() == "secret"
        assert variables == {"api_key": "variable", "headers": "variable"}
