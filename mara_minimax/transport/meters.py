"""What flows in at a steady rate, given to those who ask in the order in which they asked."""

from __future__ import annotations

import heapq
from typing import NamedTuple

_SECONDS = 60.0
_SHARE_AT_ONCE = 20
"""A twentieth of a minute's amount may go at once; it is taken off what flows in."""

_ROUNDING = 1e-6
"""Seconds that no clock needs to show."""


class Place(NamedTuple):
    """Where somebody stands: what was asked for before, and what was asked for."""

    before: float
    amount: float


class Meter:
    """Lets no more than an amount a minute through, in whichever 60 seconds.

    There is no queue and no thread: who asks gets a place on the scale of all that was ever asked
    for, and may go when as much has flowed in. When nothing flows for a while, all wait longer by
    that while, and nobody goes together with others who did not before.
    """

    def __init__(self, per_minute: float) -> None:
        """A minute's amount; a twentieth of it is there at the start."""
        self._asked = 0.0
        self._given_up: list[Place] = []
        self.set_rate(per_minute)
        self._flowed = self._at_once

    def set_rate(self, per_minute: float) -> None:
        """Change what flows in; who waits keeps the place."""
        self._at_once = max(1.0, per_minute / _SHARE_AT_ONCE)
        self._rate = (per_minute - self._at_once + 1.0) / _SECONDS

    def flow(self, seconds: float) -> None:
        """Let the amount of some seconds in; what nobody asks for is lost."""
        self._add(self._rate * seconds)

    def ask(self, amount: float) -> Place:
        """Take the next place. What is more than may go at once goes, and is paid for later."""
        place = Place(self._asked, amount)
        self._asked += amount
        return place

    def give_up(self, place: Place) -> None:
        """Take no time for a place that nobody waits at."""
        heapq.heappush(self._given_up, place)
        self._add(0.0)

    def correct(self, amount: float) -> None:
        """Give back what was asked for and not used; a negative amount was used beyond it."""
        self._add(amount)

    def drain(self) -> None:
        """Leave nothing to go at once."""
        self._flowed = min(self._flowed, self._asked)

    def seconds_until(self, place: Place) -> float:
        """Return how long it takes until `place` may go, 0 where it may."""
        skipped = sum(each.amount for each in self._given_up if each.before < place.before)
        missing = place.before + min(place.amount, self._at_once) - self._flowed - skipped
        seconds = missing / self._rate
        return seconds if seconds > _ROUNDING else 0.0

    def _add(self, amount: float) -> None:
        self._flowed += amount
        while self._given_up and self._given_up[0].before <= self._flowed:
            self._flowed += heapq.heappop(self._given_up).amount
        self._flowed = min(self._flowed, self._asked + self._at_once)
