"""A promise about one run, and what the run says about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.rows import Rows


@dataclass(frozen=True)
class Target:
    """A promise about one run."""

    text: str
    relation: str
    """`>=`, `<=` or `<`."""
    limit: float
    figure: Callable[[Rows], float]
    """Raises `KeyError` when the run did not measure it."""
    floor: Callable[[Rows], float] | None = None
    """The figure of an adapter that costs nothing, where that may not be enough."""


@dataclass(frozen=True)
class Verdict:
    """What a run says about a target."""

    target: Target
    figure: float
    floor: float | None = None

    @property
    def met(self) -> bool:
        """Whether the promise is kept."""
        limit = self.target.limit
        if self.target.relation == ">=":
            return self.figure >= limit
        return self.figure <= limit if self.target.relation == "<=" else self.figure < limit
