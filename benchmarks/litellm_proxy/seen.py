"""What a caller of either framework can read of an answer or an error, as JSON values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mara_minimax import errors

Seen = dict[str, Any]


def seen_message(message: Any) -> Seen:
    """Return what a message of LangChain holds."""
    extra, metadata = message.additional_kwargs, message.response_metadata
    return {
        "text": str(message.text),
        "reasoning": extra.get("reasoning_content") or "",
        "calls": [[call["name"], call["args"], call["id"]] for call in message.tool_calls],
        "tokens": _tokens(metadata.get("token_usage")),
        "finish_reason": metadata.get("finish_reason"),
        "id": metadata.get("id"),
    }


def seen_response(llm: Any, response: Any) -> Seen:
    """Return what a response of LlamaIndex holds."""
    message, raw = response.message, response.raw or {}
    blocks = [block for block in message.blocks if block.block_type == "thinking"]
    calls = llm.get_tool_calls_from_response(response, error_on_no_tool_call=False)
    return {
        "text": str(message.content or ""),
        "reasoning": "".join(block.content or "" for block in blocks),
        "calls": [[call.tool_name, call.tool_kwargs, call.tool_id] for call in calls],
        "tokens": _tokens(raw.get("usage")),
        "finish_reason": response.additional_kwargs.get("finish_reason"),
        "id": raw.get("id"),
    }


def seen_or_raised(call: Callable[[], Seen]) -> Seen:
    """Return what a call gives, or what its error holds."""
    try:
        return call()
    except Exception as error:  # noqa: BLE001 - which error it is, is the question
        return seen_error(error)


def seen_error(error: Exception) -> Seen:
    """Return what an error holds; classes that translate it for a framework count as its own."""
    kinds = [kind for kind in type(error).__mro__ if kind.__module__ == errors.__name__]
    partial = getattr(error, "partial", None)
    return {
        "error": (kinds[0] if kinds else type(error)).__name__,
        "id": getattr(error, "request_id", None),
        "code": getattr(error, "code", None),
        "retry_after": getattr(error, "retry_after", None),
        "retryable": getattr(error, "retryable", None),
        "partial": partial.text if partial else "",
    }


def _tokens(usage: Any) -> dict[str, Any]:
    usage = usage or {}
    prompt = usage.get("prompt_tokens_details") or {}
    completion = usage.get("completion_tokens_details") or {}
    return {
        "prompt": usage.get("prompt_tokens"),
        "completion": usage.get("completion_tokens"),
        "cached": prompt.get("cached_tokens"),
        "reasoning": completion.get("reasoning_tokens"),
    }
