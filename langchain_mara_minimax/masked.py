"""Calls whose header values enter no trace, no callback, no cache key and no bound model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from langchain_core.language_models import BaseChatModel

from langchain_mara_minimax.joining import joined_errors
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take the fields; what is wrong with them is an error of LangChain's families too."""
        with joined_errors():
            super().__init__(*args, **kwargs)

    def _get_llm_string(self, stop: list[str] | None = None, **kwargs: Any) -> str:
        """Return the cache key; calls with other headers have another one, without values."""
        # Names of headers have no case: one of the call replaces the model's own.
        headers = {
            name.lower(): value
            for source in (getattr(self, "default_headers", None), kwargs.get("extra_headers"))
            if isinstance(source, Mapping)
            for name, value in source.items()
        }
        if headers:
            kwargs["extra_headers"] = fingerprint(headers)
        return super()._get_llm_string(stop, **kwargs)
