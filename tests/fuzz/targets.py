"""The table of fuzz targets: each builds an input from a source of choices and checks it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from tests.fuzz import bodies, damage, failures, forms, histories, stored, tags
from tests.fuzz.source import Source

_SEED_BYTES = (16, 64, 256)


def _random_seeds() -> list[bytes]:
    """Return bytes that lead far into a target whose input is built from choices."""
    numbers = random.Random(0)
    return [numbers.randbytes(size) for size in _SEED_BYTES for _ in range(20)]


@dataclass(frozen=True)
class Target:
    """One part of the library under random input."""

    name: str
    text: str
    check: Callable[[Source], int]
    """Builds an input and checks it; returns how often the part was executed."""
    decodes_streams: bool = False
    seeds: Callable[[], list[bytes]] = _random_seeds


TARGETS = {
    target.name: target
    for target in (
        Target("bodies", "any bytes as an answer", bodies.check_body, True, bodies.seeds),
        Target("forms", "well-formed answers of every wire form", forms.check_form, True),
        Target("streams", "damaged streams", damage.check_damaged_stream, True),
        Target("replies", "damaged plain replies", damage.check_damaged_reply),
        Target("tags", "reasoning between tags, stop sequences", tags.check_tags),
        Target("failures", "the classifier of errors", failures.check_failures),
        Target("histories", "repair and encoding of histories", histories.check_history),
        Target("stored", "hostile stored messages", stored.check_stored),
    )
}
