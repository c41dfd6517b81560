"""Hostile answers to every form of a call: a result or a typed error, and no secret in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import openai
from hypothesis import strategies as st

from tests.fuzz.answers import ANSWERS, Answer
from tests.fuzz.calls import CALLS, NETWORK, PARAMETERS
from tests.fuzz.errors import faults_of, leaks_of


@dataclass(frozen=True)
class Case:
    """An answer, and the calls that get it."""

    answer: Answer
    calls: tuple[str, ...]
    parameters: dict[str, Any]


_CALL = st.sampled_from(sorted(CALLS))
CASES = st.builds(Case, ANSWERS, st.tuples(_CALL, _CALL), st.sampled_from(PARAMETERS))


def check_reply(case: Case) -> int:
    """Check an answer in some forms of a call; return how many these are."""
    NETWORK.response = case.answer.response
    for name in case.calls:
        try:
            CALLS[name](**case.parameters)
        except openai.OpenAIError as error:
            problems = sorted({*faults_of(error), *leaks_of(error)})
            assert not problems, problems
    return len(case.calls)
