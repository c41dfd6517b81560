"""A local server that speaks the wire of MiniMax, MARA Cloud and llmprovider.ai.

It emulates bytes and rules, and no model: what the model says comes from `answer`, which looks
into the documents of the prompt and calls tools by simple rules, or from a function of yours.
Nothing here is imported from the library it tests, so that one cannot hide the other's mistakes.
"""

from __future__ import annotations

from mara_minimax.emulator.answers import answer
from mara_minimax.emulator.emulator import Emulator
from mara_minimax.emulator.scenarios import SCENARIOS
from mara_minimax.emulator.state import RecordedRequest
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
