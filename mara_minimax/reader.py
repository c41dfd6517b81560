"""Read the bytes of one HTTP answer into deltas: the logic that all call forms share. Pure."""

from __future__ import annotations

from mara_minimax.decode import decode_reply
from mara_minimax.encode import EncodedRequest
from mara_minimax.errors import InvalidReplyError
from mara_minimax.sse import DONE, MAX_EVENT_BYTES, EventDecoder, parse_json
from mara_minimax.stream import ReplyDecoder
from mara_minimax.types import Delta, Reply, ToolCallDelta


class ReplyReader:
    """Turn body bytes into deltas, the last of which carries the reply.

    Whether the body is a stream or one JSON document is seen from its first byte: providers
    answer a request for a stream with plain JSON when they fail, and content types are not
    always right.
    """

    def __init__(self, request: EncodedRequest) -> None:
        """Start before the first byte of the answer to `request`."""
        self._request = request
        self._events = EventDecoder()
        self._decoder = ReplyDecoder(
            request.provider,
            request.profile,
            stop=request.stop,
            starts_in_reasoning=request.starts_in_reasoning,
        )
        self._document: list[bytes] | None = None
        self._document_bytes = 0
        self._started = False
        self._saw_event = False
        self.finished = False

    @property
    def stopped(self) -> bool:
        """Whether reading on is useless, so that the connection can be closed early."""
        return self._decoder.stopped

    def read(self, data: bytes) -> list[Delta]:
        """Return the deltas that `data` completes."""
        if not self._started:
            data = data.lstrip()
            if not data:
                return []
            self._started = True
            if data[:1] in (b"{", b"["):
                self._document = []
        if self._document is not None:
            self._keep(data)
            return []
        return self._decode_events(self._events.decode(data))

    def finish(self) -> list[Delta]:
        """Return the deltas that the end of the body completes; raise if it came too early."""
        if self.finished:
            return []
        if self._document is not None:
            self.finished = True
            return [self._decode_document(b"".join(self._document))]
        deltas = [] if self.stopped else self._decode_events(self._events.flush())
        if self.finished:
            return deltas
        if not self._saw_event:
            raise InvalidReplyError(
                f"{self._request.provider.title} sent an answer that is neither JSON nor a "
                "stream of events.",
                provider=self._request.provider.name,
                retryable=True,
            )
        self.finished = True
        return [*deltas, self._decoder.finish()]

    def _decode_events(self, events: list[object]) -> list[Delta]:
        deltas: list[Delta] = []
        for event in events:
            if self.finished:
                break
            self._saw_event = True
            delta = self._decoder.decode(event)
            if delta is not None:
                deltas.append(delta)
            if event is DONE:
                # The caller reads on to the end, so that the connection can be used again.
                self.finished = True
                deltas.append(self._decoder.finish())
            elif self.stopped:
                break
        return deltas

    def _keep(self, data: bytes) -> None:
        assert self._document is not None  # noqa: S101 - for the type checker
        self._document_bytes += len(data)
        if self._document_bytes > MAX_EVENT_BYTES:
            raise InvalidReplyError(
                f"The answer is larger than {MAX_EVENT_BYTES} bytes.",
                provider=self._request.provider.name,
            )
        self._document.append(data)

    def _decode_document(self, document: bytes) -> Delta:
        request = self._request
        reply = decode_reply(
            parse_json(document),
            request.provider,
            request.profile,
            stop=request.stop,
            starts_in_reasoning=request.starts_in_reasoning,
        )
        return delta_of(reply)


def delta_of(reply: Reply) -> Delta:
    """Return a whole reply as the one delta of a stream."""
    return Delta(
        text=reply.text,
        reasoning=reply.reasoning.text if reply.reasoning else "",
        tool_calls=tuple(
            ToolCallDelta(call.index, call.id, call.name or None, call.arguments)
            for call in reply.tool_calls
        ),
        reply=reply,
    )
