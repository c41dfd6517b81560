"""What a provider sends besides the reply itself, each field once."""

from __future__ import annotations

from typing import Any

import mara_minimax
from mara_minimax import limits
from mara_minimax.types import REASONING_FIELDS, JSONObject

_EVENT_FIELDS = frozenset({"id", "choices", "model", "object", "usage", "base_resp"})
_CHOICE_FIELDS = frozenset({"index", "delta", "message", "messages", "finish_reason", "logprobs"})
_MESSAGE_FIELDS = frozenset(
    {"role", "content", "tool_calls", "refusal", "channel", *REASONING_FIELDS}
)


class MetadataDecoder:
    """Keep the fields that nothing else reads, the first real value of each."""

    __slots__ = ("choice_fields", "event_fields", "message_fields", "values")

    def __init__(self) -> None:
        """Start with nothing."""
        self.values: JSONObject = {}
        self.event_fields = set(_EVENT_FIELDS)
        """Fields of an event of which nothing more is wanted; the next two are of its parts."""
        self.choice_fields = set(_CHOICE_FIELDS)
        self.message_fields = set(_MESSAGE_FIELDS)

    def decode_event(self, event: JSONObject) -> None:
        """Take the envelope of a reply or chunk."""
        self._keep(event, self.event_fields)

    def decode_status(self, base_resp: Any) -> None:
        """Take MiniMax's status: code 0 with a message is a warning, as of an unknown parameter."""
        if isinstance(base_resp, dict) and base_resp.get("status_msg"):
            self.values["status_msg"] = base_resp["status_msg"]

    def decode_sensitivity(self, event: JSONObject) -> None:
        """Take the marks of an event that is called sensitive; chunks before it may be fine."""
        marks = {name: event[name] for name in event if "_sensitive" in name and event[name]}
        self.values.update(marks)

    def decode_choice(self, choice: JSONObject) -> None:
        """Take a choice; the log probabilities of a stream's chunks are put together."""
        self._keep(choice, self.choice_fields)
        if logprobs := choice.get("logprobs"):
            self.values["logprobs"] = _join(self.values.get("logprobs"), logprobs)

    def decode_message(self, message: JSONObject) -> None:
        """Take a message or a delta."""
        self._keep(message, self.message_fields)

    def decode_tool_result(self, delta: JSONObject) -> None:
        """Take a delta of role `tool`, as it is: what a search of the host's own found.

        MiniMax's older hosts send that with `web_search` (https://github.com/lobehub/lobe-chat,
        a stream of 2025-05).
        """
        results = self.values.setdefault("tool_results", [])
        if len(results) == limits.MAX_PARTS:
            raise mara_minimax.errors.InvalidReplyError(
                f"The answer has more than {limits.MAX_PARTS} tool results."
            )
        results.append(delta)

    def _keep(self, part: JSONObject, done: set[str]) -> None:
        """Keep what is not `done`; a field is, once it had a value, and costs nothing more."""
        for name, value in part.items():
            if name in done or value is None:
                continue
            if value != "":
                done.add(name)
            if self.values.get(name, "") == "":
                self.values[name] = value
        if len(self.values) > limits.MAX_PARTS:
            raise mara_minimax.errors.InvalidReplyError(
                f"The answer has more than {limits.MAX_PARTS} fields."
            )


def _join(known: Any, added: Any) -> Any:
    """Join objects of lists (`content`, `refusal`) list by list; keep the first of others."""
    if not isinstance(added, dict):
        return added if known is None else known
    joined = {} if known is None else known
    if not isinstance(joined, dict):
        return known
    for name, value in added.items():
        if isinstance(value, list) and isinstance(joined.get(name, []), list):
            joined.setdefault(name, []).extend(value)
        elif value is not None:
            joined.setdefault(name, value)
    return joined
