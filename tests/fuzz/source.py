"""Where a fuzzed input takes its choices from: a fuzzer's bytes, hypothesis, or chance.

Inputs are built by the same code either way, so that a coverage-guided engine reaches the
structures that a property test describes, and the other way round.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from hypothesis import strategies as st

Item = TypeVar("Item")


class Source(Protocol):
    """A supply of choices."""

    def below(self, limit: int) -> int:
        """Return a number from 0 to `limit` - 1; the simplest choice is 0."""

    def rest(self) -> bytes:
        """Return some bytes, whatever they are."""


class BytesSource:
    """Choices read from bytes; when they run out, each choice is the simplest."""

    __slots__ = ("_data", "_position")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    def below(self, limit: int) -> int:
        size = 1 if limit <= 256 else 2
        taken = self._data[self._position : self._position + size]
        self._position += size
        return int.from_bytes(taken, "little") % limit if limit else 0

    def rest(self) -> bytes:
        return self._data[self._position :]


class RandomSource:
    """Choices at random: blind, but many times faster than the other two."""

    __slots__ = ("_random", "_seeds", "below")

    def __init__(self, numbers: random.Random, seeds: Sequence[bytes]) -> None:
        """`seeds` are good bytes to start from."""
        self._random = numbers
        self._seeds = seeds
        self.below = numbers.randrange

    def rest(self) -> bytes:
        """Return fragments in a row, or a seed with some of its bytes replaced by fragments."""
        pick, choices = self._random.choice, self._random.choices
        if self._random.random() < 0.8:
            return b"".join(choices(FRAGMENTS, k=self.below(12)))
        data = bytearray(pick(self._seeds))
        for _ in range(self.below(4)):
            start = self.below(len(data) + 1)
            data[start : start + pick((0, 0, 1, 5, 30))] = pick(FRAGMENTS)
        return bytes(data)


class DrawSource:
    """Choices that hypothesis draws, and shrinks when they lead to a failure."""

    def __init__(self, data: Any) -> None:
        self._data = data

    def below(self, limit: int) -> int:
        number: int = self._data.draw(st.integers(0, max(limit - 1, 0)))
        return number

    def rest(self) -> bytes:
        data: bytes = self._data.draw(RAW)
        return data


FRAGMENTS = (
    b"data: ", b"data:", b"{", b"}", b"[", b"]", b"\n", b"\r\n", b"\n\n", b":", b",", b'"',
    b"event: error\n", b"[DONE]", b'"choices"', b'"delta"', b'"content"', b'"error"', b"null",
    b'{"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}', b"\xff", b"\xef\xbb\xbf",
    b"0", b'{"choices":[{"message":', b'"base_resp"', b'"\\ud800"', b"1e999", b"NaN", b'"id"',
    b'"tool_calls"', b'"function"', b'"arguments"', b'"name"', b'"index"', b'"reasoning"',
    b'"reasoning_content"', b'"reasoning_details"', b'"text"', b'"usage"', b'"total_tokens"',
    b'"finish_reason"', b'"message"', b'"messages"', b'"type"', b'"code"', b'"status_code"',
    b'"http_code"', b"<think>", b"</think>", b"<mm:think>", b"</mm:think>", b"\\n", b"true",
)  # fmt: skip
"""What bodies are made of; also the dictionary of the coverage-guided engine."""

RAW = st.binary(max_size=60) | st.lists(st.sampled_from(FRAGMENTS), max_size=16).map(b"".join)


def pick(source: Source, items: Sequence[Item]) -> Item:
    return items[source.below(len(items))]


def once_in(source: Source, times: int) -> bool:
    """Whether something rare happens; the simplest choice is that it does not."""
    return source.below(times) == times - 1


def several(source: Source, most: int, make: Callable[[Source], Item]) -> list[Item]:
    return [make(source) for _ in range(source.below(most + 1))]


def text(source: Source, words: Sequence[str], most: int) -> str:
    return "".join(several(source, most, lambda source: pick(source, words)))


def cuts(source: Source, size: int, most: int = 3) -> list[int]:
    """Return some positions in something of `size`."""
    return sorted(several(source, most, lambda source: source.below(size + 1)))
