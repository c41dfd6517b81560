"""Provider core of mara-minimax: MARA Cloud and MiniMax over their OpenAI-compatible APIs.

It knows endpoints, models, parameters, the wire and its errors, and no framework.
"""

from __future__ import annotations

from mara_minimax._version import __version__

__all__ = ["__version__"]
