"""What a row of the failure table is: the bytes that are sent and how a call has to end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

End = Literal["keep", "close", "reset", "hold", "repeat"]
Place = Literal["server", "refused", "dns", "full", "tls", "plain-as-tls"]


@dataclass(frozen=True)
class RawAnswer:
    """Bytes of a TCP connection, from the status line on, and how they end.

    `keep` leaves the connection open for the next request; `close` ends it in order; `reset`
    breaks it; `hold` sends nothing more; `repeat` sends `tail` until the client leaves.
    """

    data: bytes = b""
    end: End = "keep"
    tail: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Ending:
    """How a call ends: its error, the requests it took, and what the error still knows."""

    error: str
    """Name of the error's class."""
    requests: int = 1
    """With `max_retries=2`; three where the failure is retried."""
    code: str | None = None
    status: int | None = None
    request_id: str | None = None
    retry_after: float | None = None
    text: str = ""
    reasoning: str = ""
    tokens: int = 0
    """Total of the usage that was received."""


@dataclass(frozen=True)
class Fault:
    """One failure: what is sent to a plain request and to one for a stream, and the endings."""

    name: str
    what: str
    plain: RawAnswer
    stream: RawAnswer
    plain_ending: Ending
    stream_ending: Ending
    provider: str = "minimax"
    place: Place = "server"
    """Where it fails: at a server that answers, or before there is one."""
    impatient: bool = False
    """It ends with the timeout, so that tests choose a short one."""

    def answer(self, *, streams: bool) -> RawAnswer:
        """What a request gets."""
        return self.stream if streams else self.plain

    def ending(self, *, streams: bool) -> Ending:
        """How its call has to end."""
        return self.stream_ending if streams else self.plain_ending


def fault(  # noqa: PLR0917 - a row of the table, read from left to right
    name: str,
    what: str,
    answer: RawAnswer,
    ending: Ending,
    streamed: RawAnswer | None = None,
    stream_ending: Ending | None = None,
    **fields: Any,
) -> Fault:
    """A failure; the same answer and ending for plain requests and streams unless it says else."""
    return Fault(name, what, answer, streamed or answer, ending, stream_ending or ending, **fields)
