"""A local server that speaks the wire of MiniMax, MARA Cloud and llmprovider.ai.

It emulates bytes and rules, and no model: answers come from a small set of deterministic rules.
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

from mara_minimax.emulator.records import CannedReply, RecordedRequest
from mara_minimax.emulator.scenarios import SCENARIOS
from mara_minimax.emulator.server import Emulator

__all__ = ["SCENARIOS", "CannedReply", "Emulator", "RecordedRequest"]
