"""Any bytes as an answer: only the provider's errors come out, however the bytes are cut."""

from __future__ import annotations

from mara_minimax.encoded_request import EncodedRequest
from mara_minimax.providers.endpoints import LLMPROVIDER, MARA, MINIMAX, MINIMAX_CHINA
from tests.core.wire import STREAMS, cut, request_to, sse
from tests.fuzz.oracles import check_outcome, read
from tests.fuzz.source import Source, once_in, pick

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


def check_body(source: Source) -> int:
    """Check a body of any bytes; return how often it was decoded."""
    request = pick(source, REQUESTS)
    seed = [source.below(1 << 16) for _ in range(3)]
    by_byte = once_in(source, 4)
    data = source.rest()
    positions = sorted(position % (len(data) + 1) for position in seed)
    return check_splits(data, positions, request, by_byte=by_byte and len(data) <= _SHORT)


def check_splits(
    data: bytes, positions: list[int], request: EncodedRequest, *, by_byte: bool = False
) -> int:
    """Check that `data` reads the same whole and cut; return how often it was decoded."""
    whole = read([data], request)
    check_outcome(whole)
    assert read(cut(data, positions), request) == whole, positions
    if not by_byte:
        return 2
    assert read(cut(data, range(len(data))), request) == whole, "byte by byte"
    return 3


def seeds() -> list[bytes]:
    """Return inputs of `check_body` that hold the streams of the other tests."""
    requests = list(REQUESTS)
    found = []
    for stream in STREAMS.values():
        number = requests.index(stream.request) if stream.request in requests else 0
        found.append(bytes([number, 7, 0, 40, 0, 90, 0, 0]) + stream.data)
    found += [bytes([n]) + bytes(7) + sse(done=True) for n in range(len(requests))]
    return found
