"""LangChain chat models for MiniMax and MARA Cloud."""

from __future__ import annotations

from langchain_mara_minimax.blocks import register_translators
from langchain_mara_minimax.chat_models import ChatMARA, ChatMiniMax
from langchain_mara_minimax.parsing import StructuredOutputError, StructuredOutputRefusedError
from langchain_mara_minimax.register import register
from mara_minimax import __version__
from mara_minimax.transport.limiter import RateLimiter

__all__ = [
    "ChatMARA",
    "ChatMiniMax",
    "RateLimiter",
    "StructuredOutputError",
    "StructuredOutputRefusedError",
    "__version__",
    "register",
]

register_translators()
