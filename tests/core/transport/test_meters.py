"""What flows in at a steady rate, and who may go when."""

from __future__ import annotations

import pytest

from mara_minimax.transport.meters import Meter


def waits_of(meter, count, amount=1.0):
    return [meter.seconds_until(meter.ask(amount)) for _ in range(count)]


@pytest.mark.parametrize("limit", [1, 7, 20, 60, 500, 3000])
def test_no_minute_has_more_than_the_limit(limit):
    waits = waits_of(Meter(limit), 3 * limit)
    assert waits == sorted(waits)
    for first, later in zip(waits, waits[limit:], strict=False):
        assert later - first >= 60 - 1e-6


@pytest.mark.parametrize("limit", [1, 7, 20, 60, 500, 3000])
def test_a_minute_uses_nine_tenths_of_the_limit(limit):
    assert waits_of(Meter(limit), 3 * limit)[-1] <= 3 * 60 / 0.9


def test_a_twentieth_of_a_minute_goes_at_once_also_after_a_pause():
    meter = Meter(100)
    for _ in range(2):
        waits = waits_of(meter, 6)
        assert [wait > 0 for wait in waits] == [False] * 5 + [True]
        meter.flow(3600)


def test_who_came_first_goes_first():
    meter = Meter(60)
    places = [meter.ask(1.0) for _ in range(9)]
    gone = []
    for _ in range(9):
        gone += [place for place in places if place not in gone and not meter.seconds_until(place)]
        meter.flow(1.1)
    assert gone == places


def test_a_place_that_was_given_up_takes_no_time():
    meter, other = Meter(20), Meter(20)
    places = [meter.ask(1.0) for _ in range(9)]
    for place in places[2:7]:
        meter.give_up(place)
    expected = waits_of(other, 4)
    for _ in range(2):
        left = [meter.seconds_until(place) for place in (places[1], *places[7:])]
        assert left == pytest.approx([max(0.0, each) for each in expected[1:]])
        meter.flow(4)
        expected = [each - 4 for each in expected]


def test_a_place_that_is_given_up_on_its_turn_goes_to_the_next():
    meter = Meter(20)
    first, second, third = (meter.ask(1.0) for _ in range(3))
    meter.flow(meter.seconds_until(second))
    meter.give_up(second)
    assert meter.seconds_until(first) == meter.seconds_until(third) == 0.0


def test_what_is_larger_than_what_goes_at_once_goes_and_is_paid_for_by_the_next():
    meter = Meter(60_000)
    large, small = meter.ask(30_000), meter.ask(1)
    assert meter.seconds_until(large) == 0.0
    assert meter.seconds_until(small) == pytest.approx(27_001 / 57_001 * 60)


def test_what_was_not_used_is_given_back_and_what_was_used_beyond_is_waited_for():
    meter = Meter(60_000)
    meter.ask(3_000)
    meter.correct(3_000)
    assert meter.seconds_until(meter.ask(3_000)) == 0.0
    meter.correct(-57_001)
    assert meter.seconds_until(meter.ask(0)) == pytest.approx(60.0)


def test_a_drained_meter_lets_nobody_go_at_once():
    meter = Meter(100)
    meter.drain()
    waits = waits_of(meter, 2)
    assert waits == pytest.approx([60 / 96, 2 * 60 / 96])


def test_another_rate_holds_for_those_who_wait_too():
    meter = Meter(20)
    place = [meter.ask(1.0) for _ in range(3)][-1]
    before = meter.seconds_until(place)
    meter.set_rate(10)
    assert meter.seconds_until(place) == pytest.approx(2 * before)
