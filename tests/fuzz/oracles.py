"""What has to hold of every answer, whatever its bytes."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from mara_minimax.encoded_request import EncodedRequest
from mara_minimax.errors import ProviderError
from mara_minimax.reply.reader import ReplyReader
from mara_minimax.types import Delta, Reply
from tests.core.wire import assert_adds_up


def fixed_ids() -> AbstractContextManager[Any]:
    """Make ids that the wire lacks the same in every reading."""
    return mock.patch("uuid.uuid4", return_value=uuid.UUID(int=0))


@dataclass
class Outcome:  # noqa: PLW1641 - outcomes are compared only
    """All that a caller can see of one answer."""

    deltas: list[Delta]
    error: ProviderError | None

    @property
    def reply(self) -> Reply | None:
        return self.deltas[-1].reply if self.deltas else None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Outcome):
            return NotImplemented
        # NaN, which JSON readers let in, differs from itself but not in what is shown of it.
        return self._seen() == other._seen() or repr(self._seen()) == repr(other._seen())

    def _seen(self) -> tuple[Any, ...]:
        if self.error is None:
            return (self.deltas,)
        return self.deltas, type(self.error), self.error.message, self.error.partial


def read(pieces: Sequence[bytes], request: EncodedRequest) -> Outcome:
    """Read an answer that arrives in `pieces`; errors of other classes are let through."""
    reader = ReplyReader(request)
    deltas: list[Delta] = []
    try:
        for piece in pieces:
            deltas += reader.decode(piece)
            if reader.stopped:
                break
        deltas += reader.flush()
    except ProviderError as error:
        return Outcome(deltas, error)
    return Outcome(deltas, None)


def check_outcome(outcome: Outcome) -> None:
    """Assert what holds of any answer: deltas and reply agree, errors hold what was received."""
    deltas, reply, error = outcome.deltas, outcome.reply, outcome.error
    assert all(delta.reply is None for delta in deltas[:-1])
    if error is not None:
        assert reply is None
        _check_partial(deltas, error.partial)
        return
    assert reply is not None
    if _is_split_late(deltas, reply):
        assert reply.reasoning is not None
        shown = "".join(delta.text for delta in deltas)
        assert shown == reply.reasoning.wire_text + reply.text
    else:
        assert_adds_up(deltas, reply)
    ids = [call.id for call in reply.tool_calls]
    assert all(ids)
    assert len(set(ids)) == len(ids)


def _is_split_late(deltas: Sequence[Delta], reply: Reply) -> bool:
    """Whether the reply has reasoning that a stream could only show as text.

    Where nothing but a closing tag tells reasoning, deltas hold all of it as text.
    """
    reasoning = reply.reasoning
    if reasoning is None or reasoning.form != "inline" or reasoning.prefix:
        return False
    shown = "".join(delta.text for delta in deltas)
    if any(delta.reasoning for delta in deltas) or reply.text.startswith(shown):
        return False
    assert (reasoning.wire_text + reply.text).startswith(shown)
    return True


def _check_partial(deltas: Sequence[Delta], partial: Reply | None) -> None:
    """Assert that a failed answer hands out no call, and holds all that was shown."""
    if partial is None:
        assert not deltas
        return
    assert not partial.tool_calls
    if not _is_split_late(deltas, partial):
        thought = partial.reasoning.text if partial.reasoning else ""
        assert partial.text.startswith("".join(delta.text for delta in deltas))
        assert thought.startswith("".join(delta.reasoning for delta in deltas))
