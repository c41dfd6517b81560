"""How much an account may ask for in a minute, by what is given, told and refused."""

from __future__ import annotations

import math

_FIRST_RATE = 500.0
"""Requests a minute where nobody says: the most that is published for a paying account
(https://platform.minimax.io/docs/guides/rate-limits, 2026-11)."""
_SLOWER = 0.75
"""What a refusal multiplies the pace by."""
_FASTER = 1.0
"""What the answers to a minute's requests add to the pace."""
_SLOWEST = 0.01
_FIRST_PAUSE = 2.0
_LONGEST_PAUSE = 60.0
"""Seconds after a refusal that does not say how long; they double until an answer comes."""


class Pace:
    """The limits of an account, and the share of them that refusals and answers leave."""

    def __init__(self, requests: float | None, tokens: float | None) -> None:
        """Start with the limits a minute that the user gave, at full pace."""
        self._given_requests = requests
        self._given_tokens = tokens
        self._told: dict[str, float] = {}
        self._share = 1.0
        self._refusals = 0

    @property
    def requests(self) -> float:
        """Requests a minute."""
        return self._request_limit * self._share

    @property
    def tokens(self) -> float:
        """Tokens a minute; infinite where nobody says."""
        return self.token_limit * min(self._share, 1.0)

    @property
    def token_limit(self) -> float:
        """Tokens a minute at full pace."""
        return min(self._given_tokens or math.inf, self._told.get("tokens", math.inf))

    @property
    def _request_limit(self) -> float:
        given = self._given_requests or self._told.get("requests", _FIRST_RATE)
        return min(given, self._told.get("requests", math.inf))

    @property
    def _is_known(self) -> bool:
        return self._given_requests is not None or "requests" in self._told

    def learn(self, told: dict[str, float]) -> None:
        """Take the limits a minute that a host tells."""
        self._told.update(told)
        self._set_share(self._share)

    def go_faster(self, *, has_waited: bool) -> None:
        """Take an answer; beyond the first rate only where its request had to wait."""
        if self._share < 1.0 or (has_waited and not self._is_known):
            self._set_share(self._share + _FASTER / self._request_limit)

    def go_slower(self) -> float:
        """Take a refusal; return the seconds of the pause after one that names none."""
        pause = min(_FIRST_PAUSE * 2.0**self._refusals, _LONGEST_PAUSE)
        self._refusals += 1
        self._set_share(max(self._share * _SLOWER, _SLOWEST))
        return pause

    def forget_refusals(self) -> None:
        """Let pauses begin with the shortest again."""
        self._refusals = 0

    def _set_share(self, share: float) -> None:
        self._share = min(share, 1.0) if self._is_known else share
