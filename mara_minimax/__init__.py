"""Provider core of mara-minimax: MARA Cloud and MiniMax over their OpenAI-compatible APIs.

It knows endpoints, models, parameters, the wire and its errors, and no framework.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mara_minimax._version import __version__

if TYPE_CHECKING:
    from mara_minimax import errors

__all__ = ["__version__", "errors"]


def __getattr__(name: str) -> Any:
    """Load `mara_minimax.errors` when it is first named.

    Its classes are openai classes too, and importing the SDK takes as long as importing a
    framework. A call that succeeds does without: modules that it runs through write
    `mara_minimax.errors.X` where they raise or catch. Those that only run when something fails
    import the classes as usual.
    """
    if name == "errors":
        return import_module("mara_minimax.errors")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
