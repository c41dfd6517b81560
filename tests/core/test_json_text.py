"""What is read as JSON and what is not; what is written."""

from __future__ import annotations

import datetime
import math

import pytest

from mara_minimax.errors import ParameterError
from mara_minimax.json_text import (
    MAX_DEPTH,
    is_plain,
    parse_json,
    parse_object,
    parse_partial_object,
    to_json_bytes,
    to_json_text,
)


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


@pytest.mark.parametrize(
    "data", [b"\xff", b"1" * 5000, b"", b"\x00", b"{", b"\xff\xfe\x00", b'{"a":\n'], ids=repr
)
def test_a_body_that_is_not_json_is_a_value_error_without_the_data(data):
    with pytest.raises(ValueError, match="^it is not JSON$"):
        parse_json(data)


@pytest.mark.parametrize("depth", [300, 700, 950, 2_000, 100_000])
def test_a_body_is_refused_where_it_is_nested_too_deeply(depth):
    with pytest.raises(ValueError, match="nested deeper than 200"):
        parse_json(nested(depth))


def test_a_body_of_many_brackets_is_read_where_it_is_flat():
    text = '{"a":"\\ud800","b":[' + ",".join(["[]"] * 500) + "]}"
    assert len(parse_json(text)["b"]) == 500


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b'{"a": "\\ud800"}', {"a": "\ud800"}),
        ('\ufeff{"a": 1}'.encode(), {"a": 1}),
        ('{"a": "ü"}'.encode("utf-16"), {"a": "ü"}),
    ],
)
def test_a_body_is_read_leniently(data, value):
    assert parse_json(data) == value


def test_numbers_that_json_does_not_have_are_read_in_a_body():
    assert math.isnan(parse_json(b'{"a": NaN}')["a"])


@pytest.mark.parametrize(
    "text",
    [
        '{"a": NaN}',
        '{"a": Infinity}',
        '{"a": -Infinity}',
        '{"a": 1e999}',
        '{"a": 1, "a": 2}',
        '{"a": {"b": 1, "b": 1}}',
        f'{{"a": {nested(MAX_DEPTH)}}}',
        f'{{"a": {nested(100_000)}}}',
        '{"a": 1',
        '{"a": 1} {"b": 2}',
        "[]",
        "",
        None,
        {"a": 1},
    ],
    ids=lambda text: repr(text)[:30],
)
def test_arguments_that_readers_disagree_on_are_no_object(text):
    assert parse_object(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1.5, "b": {"a": 1}}', {"a": 1.5, "b": {"a": 1}}),
        (' {"a": "\ud800"} ', {"a": "\ud800"}),
        (f'{{"a": {nested(MAX_DEPTH - 1)}}}', None),
    ],
)
def test_complete_arguments_are_read(text, value):
    found = parse_object(text)
    assert found is not None
    assert value is None or found == value


@pytest.mark.parametrize(
    ("text", "value"),
    [('{"a": "Pa', {"a": "Pa"}), ("{", {}), ("[1", None), ("x", None), ('{"a": "\ud800', None)],
)
def test_the_beginning_of_an_object_is_read_as_far_as_it_goes(text, value):
    assert parse_partial_object(text) == value


@pytest.mark.parametrize("write", [to_json_text, to_json_bytes])
@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_does_not_have_are_not_written(write, number):
    with pytest.raises(ParameterError, match="cannot be written as JSON"):
        write({"a": [number]})


@pytest.mark.parametrize("write", [to_json_text, to_json_bytes])
def test_what_has_no_json_form_is_an_error(write):
    circle: list[object] = []
    circle.append(circle)
    for value in ({"a": object()}, circle):
        with pytest.raises(ParameterError, match="cannot be written as JSON"):
            write(value)


def test_values_of_other_types_are_written_as_pydantic_writes_them():
    value = {"day": datetime.date(2026, 1, 2), "set": {1}}
    assert to_json_text(value) == '{"day": "2026-01-02", "set": [1]}'
    assert to_json_bytes(value) == b'{"day":"2026-01-02","set":[1]}'


def test_words_that_look_like_numbers_and_lone_surrogates_are_written():
    assert to_json_bytes({"a": "NaN"}) == b'{"a":"NaN"}'
    assert to_json_bytes({"a": "\ud800"}) == b'{"a":"\\ud800"}'


HALF = 0.5


@pytest.mark.parametrize(
    "value", [None, True, 1, 1.5, "x", "\ud800", [], {}, [{"a": [1, None]}], [HALF, HALF]]
)
def test_values_of_jsons_own_types_are_plain(value):
    assert is_plain(value)


SHARED = {"a": 1}


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), (1,), {1}, b"x", object(), {1: 2}, [SHARED, SHARED]],
)
def test_other_values_are_not_plain(value):
    assert not is_plain(value)
    assert not is_plain([{"a": value}])


def test_what_stands_inside_itself_is_not_plain():
    loop = {}
    loop["a"] = [loop]
    assert not is_plain(loop)


def test_plain_values_have_a_depth():
    value = "x"
    for _ in range(MAX_DEPTH):
        value = [value]
    assert is_plain(value)
    assert not is_plain([value])
