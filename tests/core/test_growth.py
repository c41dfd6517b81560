"""A growing text is read whole while it is short, and seldom when it is long."""

from __future__ import annotations

from mara_minimax.reply.growth import ALWAYS_READ, Growth


def test_a_short_text_is_read_at_every_piece():
    growth = Growth()
    assert all(growth.is_due(length) for length in range(ALWAYS_READ + 1))


def test_a_long_text_is_read_after_it_grew_by_a_sixteenth():
    growth = Growth()
    assert growth.is_due(1600)
    assert not growth.is_due(1699)
    assert growth.is_due(1700)
    assert not growth.is_due(1805)


def test_reading_costs_a_multiple_of_the_length():
    growth = Growth()
    read = [length for length in range(0, 1_000_000, 4) if growth.is_due(length)]
    assert sum(length for length in read if length > ALWAYS_READ) < 18 * 1_000_000
