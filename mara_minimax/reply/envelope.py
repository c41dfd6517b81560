"""What the events of a reply say around its message: id, model, usage, and all the rest once."""

from __future__ import annotations

from typing import Any

from mara_minimax.reply.metadata import MetadataDecoder
from mara_minimax.reply.tool_calls import as_text
from mara_minimax.reply.usage import decode_usage
from mara_minimax.types import JSONObject, Usage


class EnvelopeDecoder:
    """Read everything of an event but its choices."""

    def __init__(self, metadata: MetadataDecoder) -> None:
        """Start before the first event; what nothing else reads goes to `metadata`."""
        self.id: str | None = None
        self.model: str | None = None
        self.usage: Usage | None = None
        self.has_last_usage = False
        """Whether usage came without choices, as it does at the end of a reply."""
        self.ends = False
        """Whether that counts output, which shows that the reply is complete."""
        self._raw_usage: Any = None
        self._metadata = metadata

    def decode(self, event: JSONObject) -> None:
        """Take one event."""
        if self.id is None:
            self.id = as_text(event.get("id")) or None
        model = event.get("model")
        if model != self.model:
            self.model = as_text(model) or self.model
        if raw_usage := event.get("usage"):
            self._decode_usage(raw_usage, has_choices=bool(event.get("choices")))
        # Looked at here and not there, because nearly every event of a stream has nothing new.
        if not self._metadata.event_fields.issuperset(event):
            self._metadata.decode_event(event)
        if "base_resp" in event:
            self._metadata.decode_status(event["base_resp"])
        if event.get("input_sensitive") or event.get("output_sensitive"):
            self._metadata.decode_sensitivity(event)

    def _decode_usage(self, raw_usage: Any, *, has_choices: bool) -> None:
        if has_choices and raw_usage == self._raw_usage:
            # MiniMax sends zeros with every chunk of some models.
            return
        self._raw_usage = raw_usage
        usage = decode_usage(raw_usage)
        if usage is None:
            return
        if usage.total_tokens or self.usage is None:
            self.usage = usage
        self.has_last_usage = self.has_last_usage or not has_choices
        if usage.total_tokens > usage.input_tokens and not has_choices:
            # Counts of output without choices come last, also without a finish reason.
            self.ends = True
