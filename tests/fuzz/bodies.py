"""Any bytes as an answer: only the provider's errors come out, however the bytes are cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from mara_minimax.encoded_request import EncodedRequest
from mara_minimax.providers.endpoints import LLMPROVIDER, MARA, MINIMAX, MINIMAX_CHINA
from tests.core.wire import STREAMS, cut, request_to
from tests.fuzz.answers import ANSWERS, Answer
from tests.fuzz.mutations import CUTS, DAMAGES, FRAGMENTS, damaged, positions
from tests.fuzz.oracles import Outcome, check_outcome, read

REQUESTS: tuple[EncodedRequest, ...] = (
    request_to(MINIMAX),
    request_to(MARA),
    request_to(MARA, "gpt-oss-120b"),
    request_to(MARA, "DeepSeek-V3.1", starts_in_reasoning=True),
    request_to(MARA, "DeepSeek-V3.1"),
    request_to(LLMPROVIDER),
    request_to(MINIMAX, stop=["STOP", "Observation:"]),
    request_to(MARA, stop=["\n", "ab", "aab"], starts_in_reasoning=True),
    request_to(MINIMAX_CHINA, "MiniMax-M3"),
    request_to(MINIMAX, "M2-her", stop=["</think>"]),
)
"""Each way in which an answer can be read."""

_SHORT = 120
"""Length up to which a body is also read byte by byte."""


@dataclass(frozen=True)
class Case:
    """A body, the request that it answers, and where it is cut."""

    request: EncodedRequest
    data: bytes
    cuts: list[int]


CASES = st.builds(
    Case,
    st.sampled_from(REQUESTS),
    st.binary(max_size=60)
    | st.lists(st.sampled_from(FRAGMENTS), max_size=16).map(b"".join)
    | st.builds(damaged, st.sampled_from([s.data for s in STREAMS.values()]), DAMAGES)
    | ANSWERS.map(Answer.body),
    CUTS,
)


def check_body(case: Case) -> int:
    """Check a body of any bytes; return how often it was decoded."""
    check_splits(case.data, case.cuts, case.request)
    if len(case.data) > _SHORT:
        return 2
    check_splits(case.data, range(len(case.data)), case.request)
    return 4


def check_splits(data: bytes, cuts: Sequence[int], request: EncodedRequest) -> Outcome:
    """Check that `data` reads the same whole and cut, and return what was read."""
    whole = read([data], request)
    check_outcome(whole)
    assert read(cut(data, positions(cuts, len(data))), request) == whole
    return whole
