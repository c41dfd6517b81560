"""Write values as JSON text, those too that JSON has no form for."""

from __future__ import annotations

import json
from typing import Any

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
