"""When a text that grows piece by piece is worth reading again."""

from __future__ import annotations

from typing import Final

ALWAYS_READ: Final = 512
"""Length up to which a text is read at every piece."""


class Growth:
    """Whether a text grew enough since it was last read: by a sixteenth, once it is long.

    Reading all of it at every piece would cost the square of its length.
    """

    __slots__ = ("_due_length",)

    def __init__(self) -> None:
        """Start with nothing read."""
        self._due_length = 0

    def is_due(self, length: int) -> bool:
        """Whether to read a text that has `length` characters; it counts as read then."""
        if length < self._due_length:
            return False
        self._due_length = length * 17 // 16 if length > ALWAYS_READ else 0
        return True
