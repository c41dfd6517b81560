"""Find out why there is no answer, where the provider says that there is none on purpose."""

from __future__ import annotations

from typing import Any, Final

from mara_minimax.reply.tool_calls import as_index
from mara_minimax.types import JSONObject

FILTERED: Final = "content_filter"
"""Finish reason of output that a filter ended."""

_FILTERED_WORDS: Final = "The provider's content filter ended the answer."

_SENSITIVE: Final = {"input": "question", "output": "answer"}

_KINDS: Final[dict[int | None, str]] = {
    1: "severe",
    2: "pornography",
    3: "advertising",
    4: "prohibited",
    5: "abuse",
    6: "violence",
}
"""Values of `input_sensitive_type` and `output_sensitive_type`; 7 is anything else
(https://platform.minimax.io/docs/api-reference/text-chat-openai, 2026)."""


class RefusalDecoder:
    """Collect the words of a refusal, which streams send in pieces as `delta.refusal`."""

    __slots__ = ("_words",)

    def __init__(self) -> None:
        """Start without words."""
        self._words: list[str] = []

    def decode(self, refusal: Any, *, whole: bool) -> None:
        """Take `refusal` of a delta, or of a `whole` message that repeats what was streamed."""
        if refusal and isinstance(refusal, str):
            if whole:
                self._words.clear()
            self._words.append(refusal)

    def build(self, finish_reason: str, metadata: JSONObject, *, answered: bool) -> str | None:
        """Return the model's words of refusal or what the provider found, `None` for an answer.

        A mark of sensitivity counts where nothing was `answered`; beside an answer it is
        metadata: MiniMax marks answers that it gives nonetheless.
        """
        if self._words:
            return "".join(self._words)
        if finish_reason == FILTERED:
            return _FILTERED_WORDS
        if answered:
            return None
        for side, name in _SENSITIVE.items():
            if metadata.get(f"{side}_sensitive") is True:
                kind = as_index(metadata.get(f"{side}_sensitive_type"))
                what = f" ({_KINDS[kind]})" if kind in _KINDS else ""
                return f"The provider found the {name} too sensitive{what}."
        return None
