"""Marks that say up to where a prompt is to be cached: `cache_control` on content parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mara_minimax.encoded_request import RequestWarning
from mara_minimax.providers.endpoints import Provider
from mara_minimax.request.parameters import ParameterPolicy, drop_ignored
from mara_minimax.types import JSONObject

CACHE_CONTROL: Final = "cache_control"


def drop_cache_marks(
    messages: list[JSONObject], provider: Provider, model: str, policy: ParameterPolicy
) -> tuple[RequestWarning, ...]:
    """Take the marks out of `messages` in parts, in place, where the provider does not know them.

    Text that stands in parts for their sake is one text again, as the adapters join it. That of
    an assistant, which they join in two ways, stays in parts.
    """
    marked = [message for message in messages if _is_marked(message["content"])]
    for message in marked:
        # The parts are the user's own.
        message["content"] = [
            dict(part) if isinstance(part, Mapping) else part for part in message["content"]
        ]
    parts = [part for message in marked for part in message["content"] if isinstance(part, dict)]
    warnings = drop_ignored(parts, CACHE_CONTROL, provider, model, policy)
    for message in marked if warnings else ():
        texts = [
            part.get("text") if isinstance(part, dict) else None for part in message["content"]
        ]
        if message["role"] != "assistant" and all(isinstance(text, str) for text in texts):
            message["content"] = "\n".join(map(str, texts))
    return warnings


def _is_marked(content: list[Any]) -> bool:
    return any(isinstance(part, Mapping) and part.get(CACHE_CONTROL) for part in content)
