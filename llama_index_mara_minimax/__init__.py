"""MARA Cloud and MiniMax for LlamaIndex."""

from __future__ import annotations

from llama_index_mara_minimax.llms import MARA, MiniMax
from mara_minimax import __version__
from mara_minimax.transport.limiter import RateLimiter

__all__ = ["MARA", "MiniMax", "RateLimiter", "__version__"]
