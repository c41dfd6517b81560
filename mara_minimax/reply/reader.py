"""Read the bytes of one HTTP answer into deltas: the logic that all call forms share. Pure."""

from __future__ import annotations

import string
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import mara_minimax
from mara_minimax import limits
from mara_minimax.encoded_request import EncodedRequest
from mara_minimax.json_text import is_dense, parse_json
from mara_minimax.reply.asked_form import AskedForm
from mara_minimax.reply.body import decode_body
from mara_minimax.reply.call_markup import holds_markup
from mara_minimax.reply.decoder import ReplyDecoder
from mara_minimax.reply.events import BYTE_ORDER_MARK, DONE, EventDecoder
from mara_minimax.reply.leaked_calls import LeakedCallDecoder
from mara_minimax.reply.text_calls import parse_tool_call_from_text
from mara_minimax.secrets.redaction import NO_SECRETS, Redactor
from mara_minimax.types import Delta, Reply, ToolCall, ToolCallDelta

if TYPE_CHECKING:
    from mara_minimax.errors import ProviderError

_BLANK = string.whitespace.encode() + BYTE_ORDER_MARK
"""Bytes that may precede a body."""


_HEAD_BYTES = 8192
"""Of a page of HTML this much is looked at for its title."""
_TAIL_BYTES = 64
"""So many bytes hold the last bracket of a document, and blanks after it."""


class ReplyReader:
    """Turn body bytes into deltas, the last of which carries the reply.

    Whether the body is a stream or one JSON document is seen from its first byte: providers
    answer a request for a stream with plain JSON when they fail, and content types are not
    always right.
    """

    def __init__(self, request: EncodedRequest, redactor: Redactor = NO_SECRETS) -> None:
        """Start before the first byte of the answer to `request`."""
        self._request = request
        self._redactor = redactor
        self._events = EventDecoder()
        self._decoder = ReplyDecoder(
            request.provider,
            request.profile,
            stop=request.stop,
            starts_in_reasoning=request.starts_in_reasoning,
            closer_ends_reasoning=request.closer_ends_reasoning,
            leaked=_leaked_call_decoder(request),
            redactor=redactor,
        )
        self._form: AskedForm | None = None
        if request.tool_names or request.json_answer:
            self._form = AskedForm(request.tool_names, json_answer=request.json_answer)
        self._head = b""
        self.content_type = ""
        """What the answer's header says of its kind, for errors."""
        self._bytes = 0
        self._document: bytearray | None = None
        self._document_bytes = 0
        self._started = False
        self._saw_event = False
        self._failure: ProviderError | None = None
        self.finished = False
        self.stopped = False
        """Whether reading on would add nothing, so that the connection can be closed early.

        `flush` then gives the reply, or raises what the stream reported after its deltas.
        """
        self.ended = False
        """Whether the end of the reply of a stream was read; its usage may still come."""

    @property
    def complete(self) -> bool:
        """Whether the whole reply of a stream was read, its usage included."""
        return self.finished or self._decoder.complete

    @property
    def may_be_whole(self) -> bool:
        """Whether a JSON document may end here, by its last byte; `is_whole` reads it all."""
        document = self._document
        return document is not None and document[-_TAIL_BYTES:].rstrip().endswith((b"}", b"]"))

    @property
    def buffered_bytes(self) -> int:
        """Return the size of what was read and is not yet complete, without blanks at its end."""
        return self._events.buffered_bytes if self._document is None else self._document_bytes

    def is_whole(self) -> bool:
        """Whether the end of the body would add nothing; reads a JSON document for that."""
        if not self._document:
            return self.ended
        try:
            return bool(parse_json(bytes(self._document)))
        except ValueError:
            return False

    def partial_reply(self) -> Reply:
        """Return what was received so far, for errors."""
        return self._decoder.partial_reply()

    def decode(self, data: bytes) -> list[Delta]:
        """Return the deltas that `data` completes."""
        deltas = self._decode(data)
        return deltas if self._form is None else _shaped(deltas, self._form)

    def _decode(self, data: bytes) -> list[Delta]:
        if self.finished or self.stopped:
            return []
        self._bytes += len(data)
        if self._bytes > limits.MAX_ANSWER_BYTES:
            return self._end_early()
        if not self._started:
            data = self._begin(data)
        elif self._head and len(self._head) < _HEAD_BYTES:
            self._head += data[: _HEAD_BYTES - len(self._head)]
        if self._document is None:
            return self._decode_events(self._events.decode(data))
        if len(self._document) + len(data) > limits.MAX_EVENT_BYTES:
            raise self._too_large(limits.MAX_EVENT_BYTES)
        self._document += data
        if not data.isspace():
            self._document_bytes = len(self._document)
        return []

    def flush(self) -> list[Delta]:
        """Return the deltas that the end of the body completes; raise if it came too early."""
        deltas = self._flush()
        return deltas if self._form is None else _shaped(deltas, self._form)

    def _flush(self) -> list[Delta]:
        if self._failure is not None:
            raise self._failure
        if self.finished:
            return []
        if self._document is not None:
            self.finished = self.ended = True
            return [self._decode_document(bytes(self._document))]
        deltas = [] if self.stopped else self._decode_events(self._events.flush())
        if self.finished:
            return deltas
        if not self._saw_event:
            # Loads the openai SDK, which calls that succeed do without.
            from mara_minimax.failures.unreadable import unreadable_answer

            raise unreadable_answer(
                self._head, self.content_type, self._request.provider, self._redactor
            )
        self.finished = self.ended = True
        return [*deltas, self._last_delta()]

    def _begin(self, data: bytes) -> bytes:
        """Return what is left of `data` once the blank beginning of the body is taken off."""
        data = data.lstrip(_BLANK)
        self._started = bool(data)
        if data.startswith((b"{", b"[")):
            self._document = bytearray()
        elif not data.startswith((b"data:", b"event:", b":", b"id:")):
            self._head = data[:_HEAD_BYTES]
        return data

    def _decode_events(self, events: Iterator[Any]) -> list[Delta]:
        deltas: list[Delta] = []
        decoder = self._decoder
        try:
            for event in events:
                self._saw_event = True
                delta = decoder.decode(event)
                if delta is not None:
                    deltas.append(delta)
                if event is DONE:
                    deltas.append(self._last_delta())
                    self.finished = True
                    break
                if decoder.stopped:
                    break
        except mara_minimax.errors.ProviderError as error:
            if error.partial is None:
                error.partial = self._decoder.partial_reply()
            self._failure = error
            self.stopped = True
            # What came before the failure is given out first, also from the same read.
            if not deltas:
                raise
        self.stopped = self.stopped or decoder.stopped
        self.ended = self.finished or decoder.ended
        return deltas

    def _decode_document(self, document: bytes) -> Delta:
        request = self._request
        if is_dense(document):
            raise self._too_large(limits.MAX_CONTAINERS, "objects and arrays")
        try:
            body = parse_json(document)
        except ValueError as error:
            raise mara_minimax.errors.InvalidReplyError(
                f"{request.provider.title} sent an answer that cannot be read: {error}.",
                provider=request.provider.name,
                # Cut on its way, or the words of a proxy: the next answer can be another.
                retryable=True,
            ) from None
        reply = decode_body(body, request.provider, self._decoder, self._redactor)
        return delta_of(self._judge(reply))

    def _end_early(self) -> list[Delta]:
        """Keep a reply that was whole before the limit was reached, and refuse any other."""
        if not self._decoder.ended:
            raise self._too_large(limits.MAX_ANSWER_BYTES)
        self.stopped = True
        return []

    def _too_large(self, limit: int, unit: str = "bytes") -> ProviderError:
        return mara_minimax.errors.InvalidReplyError(
            f"The answer has more than {limit} {unit}.", provider=self._request.provider.name
        )

    def _last_delta(self) -> Delta:
        delta = self._decoder.flush()
        assert delta.reply is not None  # noqa: S101 - what `flush` promises
        reply = self._judge(delta.reply)
        if len(reply.tool_calls) > len(delta.reply.tool_calls):
            delta.tool_calls = delta_of(reply).tool_calls
        delta.reply = reply
        return delta

    def _judge(self, reply: Reply) -> Reply:
        """Return `reply` as an answer to the request: its forced call, what leaked into text."""
        reply = self._with_forced_call(reply)
        if not (self._request.body.get("tools") and holds_markup(reply.text)):
            return reply
        if self._request.leaked_tool_calls != "error":
            return replace(reply, leaks_tool_calls=True)
        provider = self._request.provider
        raise mara_minimax.errors.LeakedToolCallError(
            f"{provider.title} left the model's markup of tool calls in the text.",
            provider=provider.name,
            request_id=reply.id and self._redactor.line(reply.id),
            partial=reply,
        )

    def _with_forced_call(self, reply: Reply) -> Reply:
        """Return `reply` with the forced tool call, read from its text if it has no other.

        A reply without one is marked with `ignores_tool_choice`. Text is read only where the
        provider gave `stop` as the finish reason: other text may be cut off.
        """
        forced = self._request.forced
        if forced is None or reply.tool_calls:
            return reply
        call = parse_tool_call_from_text(reply.text, forced) if self._decoder.said_stop else None
        if call is None:
            return replace(reply, ignores_tool_choice=True)
        name, arguments = call
        call_id = f"call_{reply.id or uuid.uuid4().hex}_1"
        calls = (ToolCall(0, call_id, name, arguments),)
        return replace(reply, tool_calls=calls, finish_reason="tool_calls")


def _leaked_call_decoder(request: EncodedRequest) -> LeakedCallDecoder | None:
    tools = request.body.get("tools")
    parses = request.leaked_tool_calls == "parse" and request.body.get("tool_choice") != "none"
    if not parses or not isinstance(tools, list):
        return None
    return LeakedCallDecoder(tools, request.body["messages"])


def _shaped(deltas: list[Delta], form: AskedForm) -> list[Delta]:
    """Return `deltas` as the request asked for them, without those that hold nothing yet."""
    shaped = map(form.shape, deltas)
    return [d for d in shaped if d.text or d.reasoning or d.tool_calls or d.reply is not None]


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
