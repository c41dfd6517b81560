"""Which settings change the output of a model, for traces and for telling models apart."""

from __future__ import annotations

from typing import Any, Final

from mara_minimax.types import JSONObject

CHANGES_OUTPUT: Final[dict[str, bool]] = {
    "model": True,
    "endpoint": True,
    "base_url": True,  # another host may serve something else under the same name
    "temperature": True,
    "top_p": True,
    "top_k": True,
    "do_sample": True,
    "max_tokens": True,
    "stop": True,
    "thinking": True,
    "reasoning_effort": True,
    "reasoning_split": True,
    "replay_reasoning": True,
    "starts_in_reasoning": True,
    "leaked_tool_calls": True,
    "chat_template_kwargs": True,
    "extra_body": True,
    "parameter_policy": True,
    # What is known, not what is asked; what a request says of it is in the fields above.
    "profile": False,
    # How a request travels, and who pays.
    "api_key": False,
    "default_headers": False,
    "allow_http": False,
    "timeout": False,
    "max_retries": False,
    "include_response_headers": False,
    "http_client": False,
    "http_async_client": False,
    "transport": False,
    "limiter": False,
    "service_tier": False,
}
"""Every field of the settings classes; `True` where the same prompt may get another answer."""


def identifying_settings(settings: Any) -> JSONObject:
    """Return the set fields of a settings object that change the output; none is secret."""
    return {
        name: value
        for name, changes in CHANGES_OUTPUT.items()
        if changes and (value := getattr(settings, name, None)) is not None
    }
