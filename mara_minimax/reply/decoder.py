"""Read a reply from wire events: one path for plain replies and for every kind of stream.

`ReplyDecoder` is pure. A plain reply is a stream of one event whose `message` holds it all
(`body.py`), so that both give the same `Reply`.
"""

from __future__ import annotations

from typing import Any

import mara_minimax
from mara_minimax.failures.reports import reports_failure
from mara_minimax.providers.endpoints import Provider
from mara_minimax.providers.models import ModelProfile
from mara_minimax.reply.answer_text import AnswerText
from mara_minimax.reply.content import ContentDecoder
from mara_minimax.reply.envelope import EnvelopeDecoder
from mara_minimax.reply.events import DONE
from mara_minimax.reply.finish_reasons import CUT, WHOLE, decode_finish_reason, is_nothing
from mara_minimax.reply.leaked_calls import LeakedCallDecoder
from mara_minimax.reply.messages import content_text, message_in, without_wrapping
from mara_minimax.reply.metadata import MetadataDecoder
from mara_minimax.reply.reasoning import ReasoningDecoder
from mara_minimax.reply.refusals import RefusalDecoder
from mara_minimax.reply.tool_calls import ToolCallDecoder, as_index
from mara_minimax.secrets.redaction import NO_SECRETS, Redactor
from mara_minimax.types import REASONING_FIELDS, Delta, JSONObject, Reply, ToolCall

_REASONING_FIELDS = frozenset(REASONING_FIELDS)


class ReplyDecoder:
    """Turn events into deltas and, at the end, into one `Reply`.

    Call `decode` for each event, then `flush` once. `stopped` becomes true when a stop
    sequence ended the text, so that the caller can close the connection early.
    """

    def __init__(
        self,
        provider: Provider,
        profile: ModelProfile,
        *,
        stop: tuple[str, ...] = (),
        starts_in_reasoning: bool = False,
        closer_ends_reasoning: bool = True,
        leaked: LeakedCallDecoder | None = None,
        redactor: Redactor = NO_SECRETS,
    ) -> None:
        """`stop` sequences are enforced here; `starts_in_reasoning` as in `TagDecoder`.

        With `closer_ends_reasoning` a closing tag without an opening one separates reasoning
        from answer, which only the end of a stream shows; without it such a tag is text.
        `leaked` reads calls that stand in the text as markup; `None` leaves them there.
        `redactor` cleans the parts of an event that an error repeats.
        """
        self._redactor = redactor
        self._provider = provider
        self._reasoning = ReasoningDecoder(provider, profile, starts_inside=starts_in_reasoning)
        self._closer_ends_reasoning = closer_ends_reasoning and profile.reasoning
        self._text = AnswerText(stop, leaked)
        self._content = ContentDecoder(self._reasoning, self._text)
        self._calls = ToolCallDecoder()
        self._choice_index: int | None = None
        """Index of the first choice, which is the answer; `None` before it came."""
        self._finish_reason = ""
        self._ended = False
        self._has_message = False
        self._metadata = MetadataDecoder()
        self._envelope = EnvelopeDecoder(self._metadata)
        self._refusal = RefusalDecoder()

    def decode(self, event: Any) -> Delta | None:
        """Take one event and return what it adds, `None` for nothing.

        Raises the provider's error when the event reports one, and `InvalidReplyError` for
        an event that cannot be read.
        """
        if event is DONE:
            self._ended = True
            return None
        if not isinstance(event, dict):
            raise mara_minimax.errors.InvalidReplyError(
                "The stream contains an event that is not a JSON object."
            )
        if ("error" in event or "base_resp" in event or "type" in event) and reports_failure(event):
            # Loads the openai SDK, which calls that succeed do without.
            from mara_minimax.failures.answers import error_in_event

            raise error_in_event(
                event, self._provider, self._redactor, partial=self.partial_reply()
            )
        self._envelope.decode(event)
        choices = event.get("choices")
        if not choices or not isinstance(choices, list):
            return None
        for choice in choices:
            if isinstance(choice, dict) and self._is_first(choice):
                return self._decode_choice(choice)
        return None

    def flush(self) -> Delta:
        """Return the last delta, which carries the `Reply`.

        Raises `IncompleteStreamError`, with what was received, when nothing on the wire said
        that the reply is complete, or when it held no answer at all.
        """
        delta = Delta()
        self._release_held(delta)
        if self._choice_index is None or not (self._has_ended() or self.stopped):
            raise mara_minimax.errors.IncompleteStreamError(
                f"{self._provider.title}: the stream ended before the reply was complete.",
                provider=self._provider.name,
                request_id=self._request_id(),
                retryable=True,
                partial=self.partial_reply(),
            )
        reason = self._map_finish_reason(has_calls=True)
        deltas, calls = self._calls.flush(
            self._envelope.id, cut=self.stopped or reason not in WHOLE, at_limit=reason in CUT
        )
        delta.tool_calls += deltas
        delta.reply = self._build_reply(calls)
        if not self._content and is_nothing(self._finish_reason, delta.reply):
            raise mara_minimax.errors.InvalidReplyError(
                f"{self._provider.title}: the answer ended without a single token. A proxy such "
                "as LiteLLM makes that of an error that it swallowed.",
                provider=self._provider.name,
                request_id=self._request_id(),
                retryable=True,
                partial=delta.reply,
            )
        return delta

    @property
    def stopped(self) -> bool:
        """Whether a stop sequence has ended the text."""
        return self._text.stopped

    @property
    def ended(self) -> bool:
        """Whether the end of the reply was read; its usage may still come."""
        return self._choice_index is not None and self._has_ended()

    @property
    def complete(self) -> bool:
        """Whether what comes last was read: usage alone, or the summary of a message with it."""
        said_last = self._has_message or self._envelope.has_last_usage
        return self.ended and said_last and self._envelope.usage is not None

    @property
    def said_stop(self) -> bool:
        """Whether the provider itself gave `stop` as the finish reason."""
        return self._finish_reason == "stop" and not self.stopped

    def partial_reply(self) -> Reply:
        """Return what was received so far, for errors; unfinished tool calls are left out."""
        return self._build_reply(())

    def _is_first(self, choice: JSONObject) -> bool:
        """Whether `choice` belongs to the first of several answers, the only one that is read.

        More than one is refused before the request; which index the first has is up to the
        provider, and many chunks name none.
        """
        index = choice.get("index")
        if type(index) is not int:
            index = as_index(index)
        if self._choice_index is None:
            self._choice_index = index or 0
        return index is None or index == self._choice_index

    def _has_ended(self) -> bool:
        return self._ended or self._envelope.ends

    def _decode_choice(self, choice: JSONObject) -> Delta | None:
        delta = Delta()
        part = choice.get("delta")
        if isinstance(part, dict):
            if part.get("role") == "tool":
                # Not written by the model: nor is its finish reason the answer's.
                self._metadata.decode_tool_result(part)
                return None
            self._decode_part(part, delta)
        if "message" in choice or "messages" in choice:
            message = message_in(choice)
            if message is not None:
                self._decode_message(message, delta)
        finish_reason = choice.get("finish_reason")
        if finish_reason and isinstance(finish_reason, str):
            if not self._finish_reason:
                self._restart_content()
            self._finish_reason = finish_reason
            self._ended = True
        if choice.get("logprobs") or not self._metadata.choice_fields.issuperset(choice):
            self._metadata.decode_choice(choice)
        return delta if delta.text or delta.reasoning or delta.tool_calls else None

    def _decode_message(self, message: JSONObject, delta: Delta) -> None:
        """Read a whole message; where it repeats what was streamed, only what is missing."""
        self._ended = self._has_message = True
        part = dict(message)
        self._refusal.decode(part.pop("refusal", None), whole=True)
        calls = part.pop("tool_calls", None)
        if self._content or self._reasoning or self._calls:
            content = part.pop("content", None)
            if self._reasoning:
                delta.reasoning += self._reasoning.settle(part)
                self._content.expect_reasoning()
                part = {name: part[name] for name in part if name not in _REASONING_FIELDS}
            self._content.decode_missing(content_text(content), delta)
        self._decode_part(part, delta)
        if calls and not self.stopped:
            self._release_text(delta)
            delta.tool_calls += self._calls.decode_whole(calls)
            self._restart_content()

    def _decode_part(self, part: JSONObject, delta: Delta) -> None:
        """Read one `delta`, or one `message` that nothing was streamed of."""
        if "provider_specific_fields" in part:
            part = without_wrapping(part)
        self._reasoning.begins_part = True
        if not _REASONING_FIELDS.isdisjoint(part):
            delta.reasoning += self._reasoning.decode_fields(part)
            if withdrawn := self._reasoning.take_withdrawn():
                delta.text += self._text.decode(withdrawn)
            self._content.expect_reasoning()
        if content := part.get("content"):
            if type(content) is not str:
                content = content_text(content)
            self._content.decode(content, delta)
        if refusal := part.get("refusal"):
            self._refusal.decode(refusal, whole=False)
        if (calls := part.get("tool_calls")) and not self.stopped:
            delta.reasoning += self._reasoning.release()
            self._release_text(delta)
            delta.tool_calls += self._calls.decode(calls)
            self._restart_content()
        if not self._metadata.message_fields.issuperset(part):
            self._metadata.decode_message(part)

    def _release_text(self, delta: Delta) -> None:
        """Give out the text that is held back where calls follow."""
        delta.text += self._text.decode(self._reasoning.release_content())
        delta.text += self._text.release()

    def _restart_content(self) -> None:
        self._reasoning.restart()
        self._content.expect_reasoning()

    def _release_held(self, delta: Delta) -> None:
        """Give out everything that is held back."""
        self._content.flush(delta)
        if not self._calls and self._map_finish_reason(has_calls=False) == "stop":
            # Never closed, and not cut: a host that ignores the setting, or a model that did
            # not think. Chunks of a stream cannot be taken back, so it is given again.
            delta.text += self._text.decode(self._reasoning.withdraw())
        reasoning, text = self._reasoning.flush()
        delta.reasoning += reasoning
        delta.text += self._text.decode(text)
        whole = self._has_ended() and self._map_finish_reason(has_calls=True) in WHOLE
        calls, text = self._text.flush(whole=whole)
        delta.text += text
        delta.tool_calls += self._calls.decode(calls)

    def _request_id(self) -> str | None:
        return self._envelope.id and self._redactor.line(self._envelope.id)

    def _build_reply(self, calls: tuple[ToolCall, ...]) -> Reply:
        text = self._text.so_far()
        reasoning = self._reasoning.build()
        if reasoning is None and self._closer_ends_reasoning:
            reasoning, text = self._reasoning.split_at_closer(text)
        metadata = dict(self._metadata.values)
        finish_reason = self._map_finish_reason(has_calls=bool(calls))
        if self._finish_reason not in ("", finish_reason):
            metadata["raw_finish_reason"] = self._finish_reason
        return Reply(
            text=text,
            reasoning=reasoning,
            tool_calls=calls,
            finish_reason=finish_reason,
            usage=self._envelope.usage,
            id=self._envelope.id,
            model=self._envelope.model,
            metadata=metadata,
            refusal=self._refusal.build(
                finish_reason, metadata, answered=bool(calls or text.strip())
            ),
        )

    def _map_finish_reason(self, *, has_calls: bool) -> str:
        if self.stopped:
            return "stop"
        return decode_finish_reason(
            self._finish_reason, ended=self._has_ended(), has_calls=has_calls
        )
