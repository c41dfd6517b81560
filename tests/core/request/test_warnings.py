"""A cause is warned of once in a process, unless the user's filters want more or less."""

from __future__ import annotations

import warnings

import pytest

from mara_minimax.encoded_request import LeakedToolCallWarning, ParameterWarning, RequestWarning
from mara_minimax.request.warnings import give_warnings, warn_of_leaked_calls

COLD = RequestWarning("temperature=0 is cold", ("minimax", "m", "temperature", "0"))
HOT = RequestWarning("temperature=9 is hot", ("minimax", "m", "temperature", "9"))


def texts(action, *found, times=1, **matching):
    with warnings.catch_warnings(record=True) as caught:
        warnings.resetwarnings()
        warnings.filterwarnings(action, **matching)
        for _ in range(times):
            give_warnings(found)
    return [str(warning.message) for warning in caught]


def test_a_cause_is_warned_of_once():
    assert texts("default", COLD, COLD, times=3) == [COLD.text]


def test_each_cause_is_warned_of():
    assert texts("default", COLD, HOT) == [COLD.text, HOT.text]


def test_a_framework_that_resets_pythons_memory_does_not_repeat_a_warning():
    seen = []
    for _ in range(3):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            seen += texts("default", COLD)
    assert seen == [COLD.text]


def test_the_filter_always_gives_every_warning():
    assert texts("always", COLD, times=3) == [COLD.text] * 3


def test_the_filter_error_raises_every_time():
    texts("default", COLD)
    for _ in range(2):
        with pytest.raises(ParameterWarning, match="is cold"):
            texts("error", COLD)


def test_a_warning_that_a_filter_held_back_is_given_later():
    assert texts("ignore", COLD) == []
    assert texts("default", COLD) == [COLD.text]


@pytest.mark.parametrize(
    "matching",
    [{"message": ".*hot"}, {"category": DeprecationWarning}, {"module": "elsewhere"}],
    ids=str,
)
def test_a_filter_for_other_warnings_does_not_count(matching):
    texts("default", COLD)
    assert texts("always", COLD, **matching) == []


@pytest.mark.parametrize(
    "matching",
    [{"message": ".*cold"}, {"category": ParameterWarning}, {"module": "mara_minimax"}],
    ids=str,
)
def test_a_filter_for_this_warning_counts(matching):
    texts("default", COLD)
    assert texts("always", COLD, **matching) == [COLD.text]


def test_calls_that_leaked_into_text_are_told_once_for_each_model():
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("default")
        for model in ("a", "b", "a"):
            warn_of_leaked_calls(model)
    assert [warning.category for warning in found] == [LeakedToolCallWarning] * 2
    assert [str(warning.message).split()[3] for warning in found] == ["'a'", "'b'"]
