"""Calls whose header values enter no trace, no callback, no cache key and no bound model."""

from __future__ import annotations

from typing import Any, Final

from langchain_core.language_models import BaseChatModel

from mara_minimax.masking import fingerprint, mask_arguments

_CALLS: Final = (
    "bind",
    "invoke",
    "ainvoke",
    "stream",
    "astream",
    "batch",
    "abatch",
    "batch_as_completed",
    "abatch_as_completed",
    "transform",
    "atransform",
    "generate",
    "agenerate",
    "generate_prompt",
    "agenerate_prompt",
    "astream_log",
    "stream_events",
    "astream_events",
)
"""Public calls, whose arguments LangChain copies into runs and hands on by name."""


@mask_arguments(_CALLS)
class MaskedChatModel(BaseChatModel):
    """A LangChain chat model that hides keys and header values given to a call."""

    def _get_llm_string(self, stop: list[str] | None = None, **kwargs: Any) -> str:
        """Return the cache key; calls with other headers have another one, without values."""
        if headers := kwargs.get("extra_headers"):
            kwargs["extra_headers"] = fingerprint(headers)
        return super()._get_llm_string(stop, **kwargs)
