"""JSON as text: values written as it, those too that it has no form for, and text read as it."""

from __future__ import annotations

import json
from typing import Any

import jiter
from pydantic_core import to_jsonable_python

import mara_minimax

_write = json.JSONEncoder(ensure_ascii=False, default=to_jsonable_python).encode
"""Made once: `json.dumps` makes an encoder for every call that has options."""


def to_json_text(value: Any) -> str:
    """Return `value` as JSON text: dates as text, sets as lists, models as objects.

    Raises `ParameterError` for what pydantic cannot write either.
    """
    try:
        return _write(value)
    except (TypeError, ValueError, RecursionError) as error:
        problem = str(error)
    raise mara_minimax.errors.ParameterError(f"A value cannot be written as JSON: {problem}.")


def is_json_object(text: Any) -> bool:
    """Whether `text` is one complete JSON object, such as the arguments of a tool call."""
    if not isinstance(text, str):
        return False
    try:
        return isinstance(jiter.from_json(text.encode()), dict)
    except ValueError:
        # Lone surrogates are valid for the json module and not for jiter.
        pass
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
