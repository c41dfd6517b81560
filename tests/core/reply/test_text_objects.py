"""JSON objects in what a model wrote."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mara_minimax.reply.text_objects import objects_in, partial_object_in, sole_object

A = '{"a": 1}'


@pytest.mark.parametrize(
    "text",
    [
        A,
        f"\n  {A}\t\n",
        f"```json\n{A}\n```",
        f"```\n{A}\n```",
        f"```JSON \r\n{A}\r\n```\n",
        f"\ufeff{A}",
    ],
)
def test_an_object_stands_alone_plainly_or_in_one_fence(text):
    assert sole_object(text) == {"a": 1}


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"Here: {A}",
        f"{A} is it.",
        f"{A}\n{A}",
        f"Here:\n```json\n{A}\n```",
        f"```json\n{A}\n```\nDone.",
        f"```json\n{A}\n```\n```json\n{A}\n```",
        f"```json\n{A}",
        f"```python\n{A}\n```",
        f"[{A}]",
        '{"a": 1',
        '{"a": 1, "a": 2}',
        '{"a": NaN}',
        '{"a": "line\nbreak"}',
        '{"a":' * 300 + "1" + "}" * 300,
        "1",
        "null",
    ],
)
def test_anything_else_is_no_sole_object(text):
    assert sole_object(text) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("{", []),
        ("{{{{", []),
        ('{"a": {"b": 1}}', [{"a": {"b": 1}}]),
        ("{}", [{}]),
        ('x {"a": 1} y {"b": 2}', [{"a": 1}, {"b": 2}]),
        ('An {album}: {"a": 1}', [{"a": 1}]),
        ('[{"a": 1}, {"b": 2}]', [{"a": 1}, {"b": 2}]),
        ('Draft {"a": 1}:\n```json\n{"b": 2}\n```\n', [{"b": 2}, {"a": 1}]),
        ('```json\n{"b": 2}\n```\nor {"a": 1}', [{"b": 2}, {"a": 1}]),
        ('```\n{"left": "open"}', [{"left": "open"}]),
        ('x {"a": "```", "b": 1} {"c": 2}', [{"a": "```", "b": 1}, {"c": 2}]),
        ('x {"a": "two\nlines"}', [{"a": "two\nlines"}]),
        ('x {"half": {"a": 1}', []),
        ('x {"half": oops {"a": 1}', [{"a": 1}]),
        ('x {"a": 1, "a": 2} {"b": 3}', [{"b": 3}]),
        ('x {"a": Infinity} {"b": 3}', [{"b": 3}]),
        ('x {"a": ' + "9" * 5000 + '} {"b": 3}', [{"b": 3}]),
        ("I would say {}.", []),
        ("x " + '{"a":' * 300 + "1" + "}" * 300 + ' {"b": 3}', [{"b": 3}]),
        ("[" * 100_000, []),
        ('{"a":' * 100_000, []),
    ],
)
def test_objects_are_found_fenced_ones_first_and_in_order(text, found):
    assert objects_in(text) == found


def test_a_thousand_places_are_looked_at():
    assert objects_in('{"a" ' * 999 + A) == [{"a": 1}]
    assert objects_in('{"a" ' * 1000 + A) == []


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.lists(st.text()), min_size=1))
def test_any_object_is_found_alone_and_among_words(value):
    text = json.dumps(value, ensure_ascii=False)
    assert sole_object(text) == value
    assert objects_in(f"Here you are: {text} – enjoy!") == [value]


@given(st.text(alphabet='{}[]"`:, \\a1\n'))
def test_no_text_breaks_the_readers(text):
    for found in [sole_object(text), partial_object_in(text), *objects_in(text)]:
        assert found is None or isinstance(found, dict)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", None),
        ('{"a": "b', {"a": "b"}),
        (' {"a": 1, "b', {"a": 1}),
        ('```json\n{"a": "b', {"a": "b"}),
        ('Here:\n```\n{"a": "b"}\n```\nDone', {"a": "b"}),
        ('{"a": "```\\n{}', {"a": "```\n{}"}),
        ('Here: {"a": "b', None),
        ("```json\n[1", None),
        ("Some words and ```", None),
        ('{"a": NaN', None),
    ],
)
def test_the_beginning_of_an_answer_is_read_as_far_as_it_goes(text, found):
    assert partial_object_in(text) == found
