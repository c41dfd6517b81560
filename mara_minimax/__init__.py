"""Provider core of mara-minimax: MARA Cloud and MiniMax over their OpenAI-compatible APIs.

It knows endpoints, models, parameters, the wire and its errors, and no framework.
"""

from __future__ import annotations

import os
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any

from mara_minimax._version import __version__

if TYPE_CHECKING:
    from mara_minimax import errors
    from mara_minimax.transport.limiter import RateLimiter as RateLimiter

__all__ = ["RateLimiter", "__version__", "errors"]

_spare_descriptors: list[int] = []


def __getattr__(name: str) -> Any:
    """Load `mara_minimax.errors` when it is first named, and what a call needs.

    Its classes are openai classes too, and importing the SDK takes as long as importing a
    framework. A call that succeeds does without: modules that it runs through write
    `mara_minimax.errors.X` where they raise or catch. Those that only run when something fails
    import the classes as usual.
    """
    if name == "errors":
        # Loading opens files, which it cannot where connections hold every descriptor.
        while _spare_descriptors:
            os.close(_spare_descriptors.pop())
        return import_module("mara_minimax.errors")
    if name == "RateLimiter":
        return import_module("mara_minimax.transport.limiter").RateLimiter
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def keep_spare_descriptor() -> None:
    """Hold a file descriptor for loading `errors` when connections have taken all others.

    Without it the import fails, and so does saying that there are too many open files:
    test_a_process_without_file_descriptors_can_still_load_its_errors.
    """
    with suppress(OSError):
        if not _spare_descriptors and "errors" not in globals():
            _spare_descriptors.append(os.open(os.devnull, os.O_RDONLY))
