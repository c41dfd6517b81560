"""What type checkers know of the constructors, beyond `mara_minimax/arguments.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypedDict

from langchain_core.caches import BaseCache
from langchain_core.callbacks import Callbacks
from langchain_core.rate_limiters import BaseRateLimiter

from mara_minimax.arguments import MARAArguments, MiniMaxArguments


class ModelArguments(TypedDict, total=False):
    """Arguments of LangChain's chat models, and of both of these."""

    name: str | None
    cache: BaseCache | bool | None
    verbose: bool
    callbacks: Callbacks
    tags: list[str] | None
    metadata: dict[str, Any] | None
    custom_get_token_ids: Callable[[str], list[int]] | None
    rate_limiter: BaseRateLimiter | None
    disable_streaming: bool | Literal["tool_calling"]
    output_version: str | None
    streaming: bool
    stream_usage: bool


class ChatMiniMaxArguments(MiniMaxArguments, ModelArguments, total=False):
    """Arguments of `ChatMiniMax`, besides `model`."""


class ChatMARAArguments(MARAArguments, ModelArguments, total=False):
    """Arguments of `ChatMARA`, besides `model`."""
