"""Nothing received is missing and nothing stands twice, in every form of reasoning and setting."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mara_minimax.encoded_request import EncodedRequest
from mara_minimax.providers.endpoints import MARA, MINIMAX
from mara_minimax.request.encode import encode_request
from mara_minimax.types import REASONING_FIELDS
from tests.core.wire import cut, details, minimax_chunk, minimax_summary, read, sse, to_json

THOUGHT = "I read the question twice, then think about 17 sheep. "
ANSWER = "There are 9 left: all but nine died."
Deltas = list[dict[str, Any]]


def request_with(setting: str) -> EncodedRequest:
    """Return the request of a call with one of the settings."""
    messages = [{"role": "user", "content": "How many sheep?"}]
    options: dict[str, dict[str, Any]] = {
        "enable_thinking": {"chat_template_kwargs": {"enable_thinking": True}},
        "reasoning_split on": {"reasoning_split": True},
        "reasoning_split off": {"reasoning_split": False},
    }
    deep = setting == "enable_thinking"
    model = "DeepSeek-V3.1" if deep else "MiniMax-M2"
    return encode_request(
        messages,
        {"model": model, **options.get(setting, {})},
        provider=MARA if deep else MINIMAX,
        starts_in_reasoning=True if setting == "starts_in_reasoning" else None,
    )


SETTINGS = ("none", "starts_in_reasoning", "enable_thinking", "reasoning_split on",
            "reasoning_split off")  # fmt: skip
REQUESTS = {setting: request_with(setting) for setting in SETTINGS}
GUESSING = {"starts_in_reasoning", "enable_thinking"}


def in_fields(pieces: list[str], *fields: str) -> Deltas:
    """Return each piece in the next of `fields`; `details` stands for the list of entries."""
    return [
        {"reasoning_details": details(piece)} if field == "reasoning_details" else {field: piece}
        for piece, field in zip(pieces, itertools.cycle(fields), strict=False)
    ]


def merged(*streams: Deltas) -> Deltas:
    """Return several streams of deltas as one that holds them side by side."""
    return [
        dict(itertools.chain.from_iterable(delta.items() for delta in deltas))
        for deltas in itertools.zip_longest(*streams, fillvalue={})
    ]


FORMS = {
    "reasoning_content": lambda pieces: in_fields(pieces, "reasoning_content"),
    "reasoning": lambda pieces: in_fields(pieces, "reasoning"),
    "details": lambda pieces: in_fields(pieces, "reasoning_details"),
    "details and field": lambda pieces: merged(
        in_fields(pieces, "reasoning_details"), in_fields(pieces, "reasoning_content")
    ),
    "alternating": lambda pieces: in_fields(pieces, "reasoning_content", "reasoning"),
    "the other field with all of it": lambda pieces: [
        *in_fields(pieces, "reasoning_content"),
        {"reasoning": "".join(pieces)},
    ],
    "the other field again": lambda pieces: [
        *in_fields(pieces, "reasoning_content"),
        *in_fields(pieces, "reasoning"),
    ],
}


def all_but_once(whole: str, parts: list[str]) -> None:
    """Assert that the words of `whole` stand in `parts`, each once and in order."""
    assert " ".join(parts).split() == whole.split()


def split_text(data: Any, text: str) -> list[str]:
    cuts = data.draw(st.lists(st.integers(1, len(text) - 1), max_size=6, unique=True))
    return cut(text, cuts)


def replies(deltas: Deltas, finish: str, request: EncodedRequest) -> Iterator[tuple[str, str]]:
    """Yield (reasoning, text) as a stream of `deltas`, and as one message, show it."""
    chunks = [minimax_chunk(**delta) for delta in deltas]
    whole: dict[str, Any] = {}
    for delta in deltas:
        for name, value in delta.items():
            if name == "reasoning_details":
                text = whole[name][0]["text"] if name in whole else ""
                whole[name] = details(text + value[0]["text"])
            else:
                whole[name] = whole.get(name, "") + value
    for body in (
        sse(*chunks, minimax_chunk(finish)),
        sse(*chunks, minimax_summary(finish, **whole)),
        to_json(minimax_summary(finish, **whole)),
    ):
        reply = read(body, request)[-1].reply
        assert reply is not None
        yield (reply.reasoning.text if reply.reasoning else ""), reply.text


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=12)
@given(data=st.data())
def test_reasoning_in_fields(form: str, setting: str, data: Any) -> None:
    thought, answer = split_text(data, THOUGHT), split_text(data, ANSWER)
    finish = data.draw(st.sampled_from(["stop", "length"]))
    deltas = [*FORMS[form](thought), *({"content": piece} for piece in answer)]
    # Of one message whose two fields hold every other piece nobody knows the order.
    bodies = 1 if form == "alternating" else 3
    for reasoning, text in itertools.islice(replies(deltas, finish, REQUESTS[setting]), bodies):
        assert text == ANSWER
        all_but_once(THOUGHT, [reasoning])


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("opener", ["<think>\n", "<think><think>\n", "<mm:think>", ""])
@pytest.mark.parametrize("end", ["closed", "unclosed", "cut"])
@settings(max_examples=12)
@given(data=st.data())
def test_reasoning_between_tags(end: str, opener: str, setting: str, data: Any) -> None:
    closer = "\n</mm:think>\n\n" if ":" in opener else "\n</think>\n\n"
    content = opener + THOUGHT + (closer + ANSWER if end == "closed" else "")
    finish = "length" if end == "cut" else "stop"
    deltas: Deltas = [{"content": piece} for piece in split_text(data, content)]
    for reasoning, text in replies(deltas, finish, REQUESTS[setting]):
        all_but_once(THOUGHT + (ANSWER if end == "closed" else ""), [reasoning, text])
        if opener or (end == "closed"):
            all_but_once(THOUGHT, [reasoning])
        elif setting in GUESSING and end == "cut":
            assert text == ""
        else:
            assert (reasoning, text) == ("", THOUGHT)


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("field", REASONING_FIELDS)
@pytest.mark.parametrize("end", ["closed", "unclosed", "cut"])
@settings(max_examples=12)
@given(data=st.data())
def test_fields_and_tags_that_say_the_same(end: str, field: str, setting: str, data: Any) -> None:
    thought = split_text(data, THOUGHT)
    tagged = [{"content": piece} for piece in ["<think>\n" + thought[0], *thought[1:]]]
    deltas = merged(in_fields(thought, field), tagged)
    if end == "closed":
        deltas += [{"content": "\n</think>\n\n"}, {"content": ANSWER}]
    for reasoning, text in replies(deltas, "length" if end == "cut" else "stop", REQUESTS[setting]):
        all_but_once(THOUGHT, [reasoning])
        assert text == (ANSWER if end == "closed" else "")


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("field", REASONING_FIELDS)
@settings(max_examples=12)
@given(data=st.data())
def test_fields_and_tags_that_say_different_things(field: str, setting: str, data: Any) -> None:
    first, second = "Sheep are animals. ", "Nine of them live."
    deltas = in_fields(split_text(data, first), field)
    content = f"<think>{second}</think>{ANSWER}"
    deltas += [{"content": piece} for piece in split_text(data, content)]
    for reasoning, text in replies(deltas, "stop", REQUESTS[setting]):
        all_but_once(first + second, [reasoning])
        assert text == ANSWER


@pytest.mark.parametrize("setting", SETTINGS)
@settings(max_examples=12)
@given(data=st.data())
def test_an_answer_before_its_reasoning(setting: str, data: Any) -> None:
    deltas: Deltas = [{"content": piece} for piece in split_text(data, ANSWER)]
    deltas += in_fields(split_text(data, THOUGHT), "reasoning_content")
    for reasoning, text in replies(deltas, "length", REQUESTS[setting]):
        assert text == ANSWER
        all_but_once(THOUGHT, [reasoning])
