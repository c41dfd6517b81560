"""llmprovider.ai's wire: plain OpenAI shapes, no reasoning, no tools.

Source: the reseller's page "MiniMax Chat Completion API" (2025-03-26); no traffic is published.
"""

from __future__ import annotations

from mara_minimax.emulator.types.models import LLMPROVIDER_MODELS
from mara_minimax.emulator.wire.wire import Wire


class LLMProviderWire(Wire):
    """Writes replies of llmprovider.ai."""

    catalogue = LLMPROVIDER_MODELS
    """The model of the reseller's page and one sibling."""
    catalogue_created = 1_742_947_200
