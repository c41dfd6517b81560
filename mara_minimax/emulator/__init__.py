"""A local server that speaks the wire of MiniMax, MARA Cloud and llmprovider.ai.

It emulates bytes and rules, and no model: what the model says comes from `answer`, which looks
into the documents of the prompt and calls tools by simple rules, or from a function of yours.
Nothing here is imported from the library it tests, so that one cannot hide the other's mistakes.
"""

from __future__ import annotations

try:
    import starlette  # noqa: F401 - tells early what is missing
    import uvicorn  # noqa: F401
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        f"The emulator needs {error.name}: pip install 'mara-minimax[emulator]'."
    ) from error

from mara_minimax.emulator.answers import answer
from mara_minimax.emulator.emulator import Emulator
from mara_minimax.emulator.records import RecordedRequest
from mara_minimax.emulator.scenarios import SCENARIOS
from mara_minimax.emulator.types.canned import CannedReply
from mara_minimax.emulator.types.reply import Reply, ToolCall, Usage
from mara_minimax.emulator.types.request import ChatRequest, Message, Tool, ToolResult

__all__ = [
    "SCENARIOS",
    "CannedReply",
    "ChatRequest",
    "Emulator",
    "Message",
    "RecordedRequest",
    "Reply",
    "Tool",
    "ToolCall",
    "ToolResult",
    "Usage",
    "answer",
]
