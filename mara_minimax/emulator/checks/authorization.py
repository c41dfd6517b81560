"""Which keys are accepted: all but the one that stands for a wrong key."""

from __future__ import annotations

BAD_KEY = "bad-key"


def has_key(authorization: str) -> bool:
    """Whether a header carries a key at all."""
    scheme, _, key = authorization.partition(" ")
    return scheme.lower() == "bearer" and bool(key.strip())


def has_accepted_key(authorization: str) -> bool:
    """Whether a header carries a key that is not wrong."""
    return has_key(authorization) and authorization.partition(" ")[2].strip() != BAD_KEY
