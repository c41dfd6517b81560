"""Warnings, shown at the line of the user's code that led to them."""

from __future__ import annotations

import sys
import warnings
from types import FrameType

_OWN_AND_FRAMEWORKS = (
    "mara_minimax",
    "langchain_mara_minimax",
    "llama_index_mara_minimax",
    "langchain_core",
    "llama_index",
    "llama_index_instrumentation",
    "pydantic",
    "wrapt",
)


class HistoryWarning(UserWarning):
    """A field of a stored message was left out because this package cannot have written it."""


def announce(text: str, category: type[Warning]) -> None:
    """Warn at the first frame outside this package and the frameworks."""
    level, frame = 2, sys._getframe(1)
    while frame.f_back is not None and _is_inside(frame):
        level, frame = level + 1, frame.f_back
    warnings.warn(text, category, stacklevel=level)


def announce_left_out(field: str) -> None:
    """Say that a field of a stored message is not sent, without quoting what it holds."""
    announce(
        f"{field!r} of a stored message holds what this package does not write there. "
        "It is left out of the request.",
        HistoryWarning,
    )


def _is_inside(frame: FrameType) -> bool:
    return frame.f_globals.get("__name__", "").partition(".")[0] in _OWN_AND_FRAMEWORKS
