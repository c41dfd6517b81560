"""Token usage in each shape that is known."""

from __future__ import annotations

import pytest

from mara_minimax.reply.usage import decode_usage
from mara_minimax.types import Usage
from tests.core.wire import (
    PLACEHOLDER,
    SAMBANOVA_USAGE,
    USAGE,
    minimax_chunk,
    minimax_event,
    minimax_usage_chunk,
    read,
    reply_of,
    sse,
)

COUNTS = {"prompt_tokens": 20, "completion_tokens": 10, "total_tokens": 30}


def test_cached_and_reasoning_tokens():
    assert decode_usage(USAGE) == Usage(
        20, 10, 30, cache_read_tokens=16, reasoning_tokens=4, raw=USAGE
    )


def test_tokens_read_from_and_written_to_a_marked_cache():
    details = {"cache_read_input_tokens": 12, "cache_creation_input_tokens": 3}
    usage = decode_usage({**COUNTS, "prompt_tokens_details": details})
    assert (usage.cache_read_tokens, usage.cache_creation_tokens) == (12, 3)


def test_no_details_at_all():
    usage = decode_usage(COUNTS)
    assert (usage.input_tokens, usage.output_tokens, usage.total_tokens) == (20, 10, 30)
    assert (usage.cache_read_tokens, usage.cache_creation_tokens, usage.reasoning_tokens) == (
        None,
        None,
        None,
    )


@pytest.mark.parametrize("details", [None, {}, [], "none", 0])
def test_details_that_are_null_or_odd(details):
    usage = decode_usage(
        {**COUNTS, "prompt_tokens_details": details, "completion_tokens_details": details}
    )
    assert (usage.cache_read_tokens, usage.reasoning_tokens) == (None, None)


def test_no_cached_tokens_are_zero_and_not_unknown():
    usage = decode_usage({**COUNTS, "prompt_tokens_details": {"cached_tokens": 0}})
    assert usage.cache_read_tokens == 0


def test_timing_figures_stay_in_the_raw_usage():
    assert decode_usage(SAMBANOVA_USAGE).raw["time_to_first_token"] == 0.125


@pytest.mark.parametrize("usage", [None, {}, PLACEHOLDER, [], "30", 30, {"prompt_tokens": None}])
def test_a_missing_usage_or_a_placeholder_is_none(usage):
    assert decode_usage(usage) is None


@pytest.mark.parametrize("total", [None, 0, "30", -1, 1e308, {"a": 1}])
def test_a_total_that_is_missing_or_odd_is_the_sum(total):
    usage = decode_usage({**COUNTS, "total_tokens": total})
    assert usage.total_tokens == 30


def test_a_total_alone_is_kept():
    assert decode_usage({"total_tokens": 7}) == Usage(0, 0, 7, raw={"total_tokens": 7})


ODD = [
    "20", True, [20], {"n": 20}, 2.5, float("nan"), float("inf"), -1, -1.0, 1e308, 2**53 + 1,
    10**5000,
]  # fmt: skip


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: type(odd).__name__)
def test_what_cannot_be_a_count_is_unknown_and_stays_in_the_raw_usage(odd):
    usage = decode_usage({**COUNTS, "prompt_tokens": odd})
    assert (usage.input_tokens, usage.output_tokens) == (0, 10)
    assert usage.raw["prompt_tokens"] is odd


def test_whole_floats_are_counts():
    assert decode_usage({**COUNTS, "prompt_tokens": 20.0}).input_tokens == 20


def test_an_odd_cached_count_does_not_hide_the_other_name():
    details = {"cached_tokens": "x", "cache_read_input_tokens": 5}
    assert decode_usage({**COUNTS, "prompt_tokens_details": details}).cache_read_tokens == 5


def test_usage_appears_once_on_the_last_delta():
    deltas = read(sse(minimax_chunk("stop", content="Hi"), minimax_usage_chunk()))
    assert [delta.reply is not None for delta in deltas] == [False, True]
    assert deltas[-1].reply.usage.total_tokens == 30


def test_the_last_of_growing_counts_is_the_usage():
    growing = [{**COUNTS, "completion_tokens": n, "total_tokens": 20 + n} for n in (1, 2)]
    data = sse(
        minimax_chunk(content="Hi", fields={"usage": growing[0]}),
        minimax_chunk("stop", content="!", fields={"usage": growing[1]}),
    )
    assert reply_of(data).usage.output_tokens == 2


def test_zeros_after_the_real_counts_are_ignored():
    zeros = dict.fromkeys(COUNTS, 0)
    data = sse(
        minimax_chunk("stop", content="Hi", fields={"usage": COUNTS}),
        minimax_event([], usage=zeros),
    )
    assert reply_of(data).usage.total_tokens == 30


@pytest.mark.parametrize(
    ("fields", "counts"),
    [
        ({"prompt_tokens": 5, "completion_tokens": 4, "reasoning_tokens": 3}, (5, 4, None, 3)),
        ({"prompt_tokens": 5, "completion_tokens": 4, "reasoning_tokens": 0}, (5, 4, None, None)),
        (
            {"prompt_tokens": 5, "completion_tokens": 4, "prompt_cache_hit_tokens": 2},
            (5, 4, 2, None),
        ),
        (
            {
                "input_tokens": 5,
                "output_tokens": 4,
                "input_tokens_details": {"cached_tokens": 2},
                "output_tokens_details": {"reasoning_tokens": 3},
            },
            (5, 4, 2, 3),
        ),
        (
            {
                "prompt_tokens": 5,
                "completion_tokens": 4,
                "reasoning_tokens": 9,
                "completion_tokens_details": {"reasoning_tokens": 3},
            },
            (5, 4, None, 3),
        ),
    ],
)
def test_counts_under_other_names(fields, counts):
    usage = decode_usage(fields)
    assert counts == (
        usage.input_tokens,
        usage.output_tokens,
        usage.cache_read_tokens,
        usage.reasoning_tokens,
    )
    assert (usage.total_tokens, usage.raw) == (9, fields)
