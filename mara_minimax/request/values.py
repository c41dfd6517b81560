"""Values that no request can carry: refused in advance, under every `parameter_policy`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import mara_minimax

_SHAPES: Final[Mapping[str, tuple[type | tuple[type, ...], str]]] = {
    "extra_body": (Mapping, "a dict of body fields"),
    "response_format": (Mapping, 'a dict, such as {"type": "json_object"}'),
    "stream_options": (Mapping, 'a dict, such as {"include_usage": True}'),
    "tools": ((list, tuple), "a list of tools"),
    "tool_choice": ((str, bool, Mapping), "'auto', 'none', 'required', a tool's name or a dict"),
}
"""Parameters that this package reads itself: the type of each, and how a message describes it."""


def check_values(given: Mapping[str, Any]) -> None:
    """Raise `ParameterError` for numbers that JSON cannot express, and for wrong types.

    Types are checked for the parameters that this package reads itself; the provider judges
    the others.
    """
    for name, value in given.items():
        # `to_timeout` checks it, by more rules than this one.
        if name != "timeout" and isinstance(value, float) and not math.isfinite(value):
            raise mara_minimax.errors.ParameterError(
                f"Invalid {name}={value!r}: JSON has no such number. Pass a finite one, or None "
                "for the provider's default."
            )
        if name in _SHAPES and value is not None:
            shape, described = _SHAPES[name]
            if not isinstance(value, shape):
                raise mara_minimax.errors.ParameterError(
                    f"{name} has to be {described}, not {type(value).__name__}."
                )
    if extra_body := given.get("extra_body"):
        check_values(extra_body)


def to_stop_sequences(stop: Any) -> list[str]:
    """Return stop sequences as a list, without empty ones; `None` becomes an empty list.

    Raises `ParameterError` for anything but strings, and when all of them are empty.
    """
    sequences = [stop] if isinstance(stop, str) else stop
    if sequences is None:
        return []
    if not isinstance(sequences, Sequence) or not all(isinstance(one, str) for one in sequences):
        raise mara_minimax.errors.ParameterError(
            f"stop has to be a string or a list of strings, not {stop!r}."
        )
    kept = [sequence for sequence in sequences if sequence]
    if sequences and not kept:
        raise mara_minimax.errors.ParameterError(
            f"stop={stop!r} would end every answer before it begins: pass strings that are not "
            "empty, or None."
        )
    return kept
