"""The names that type checkers have to know of a constructor."""

from __future__ import annotations

from typing import Any

from mara_minimax.request.foreign_names import FOREIGN_NAMES, MODEL_KWARGS
from mara_minimax.request.names import ALIASES


def names_of(cls: Any) -> set[str]:
    """Return the names of fields, aliases, and of what is sent with every call.

    The model is left out, because it is an argument of its own.
    """
    sent = {name for name, row in FOREIGN_NAMES.items() if row.action == "sent"}
    return {*cls.model_fields, *ALIASES, *sent, MODEL_KWARGS} - {"model"}
