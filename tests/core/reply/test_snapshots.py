"""Deltas or snapshots: on what evidence it is decided, and what must wait."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mara_minimax.reply.snapshots import SnapshotDetector, length_to_hold

LONG = "The quick brown fox jumps over the lazy dog. "


def read_all(fragments, whole=None):
    detector = SnapshotDetector()
    return "".join(map(detector.decode, fragments)) + detector.flush(whole)


def snapshots(*deltas):
    return ["".join(deltas[: n + 1]) for n in range(len(deltas))]


def test_the_first_fragment_never_waits():
    assert SnapshotDetector().decode("Hel") == "Hel"


@pytest.mark.parametrize(
    "deltas",
    [
        ["a", "and"],
        ["a", "and", " so on"],
        ["a", "a", "a"],
        ["ha", "haha", "hahaha"],
        ["-", "--", "---", "----"],
        ["-" * 40, "-" * 80],
        ["|", "|---", "|---|", " x"],
        ["in", "inside", "in"],
        [" ", "  ", "x"],
        [LONG, LONG],
        [LONG, LONG, LONG],
        ["1", "10", "1", "100"],
        ["a", "and", "android"],
        ["Row, row, row your boat\n", "Row, row, row your boat\nGently"],
        ["| a | b | c |\n", "| a | b | c |\n|---|", "---|---|\n"],
        [LONG, LONG + "again", " and on"],
        ["Hello, you", "Hello, you!"],
    ],
)
def test_deltas_that_look_like_snapshots_are_read_as_deltas(deltas):
    assert read_all(deltas) == "".join(deltas)


@pytest.mark.parametrize(
    "deltas",
    [
        [LONG, "And then", " it sleeps."],
        ["Hello", ", world", "! How", " are you", " today, my friend", "?"],
        ["<think>\nThe user", " asks.\n</think>\n\n", "Fine."],
        ["Hi", " there", "!"],
        [LONG, "!"],
    ],
)
def test_snapshots_are_read_as_what_they_add(deltas):
    assert read_all(snapshots(*deltas)) == "".join(deltas)


def test_a_growing_fragment_waits_for_the_next_one_and_no_longer():
    detector = SnapshotDetector()
    assert [detector.decode(each) for each in ("a", "and", " so", " on")] == [
        "a",
        "",
        "and so",
        " on",
    ]


def test_after_one_proof_of_deltas_nothing_waits_again():
    detector = SnapshotDetector()
    detector.decode("a")
    detector.decode("b")
    assert [detector.decode(each) for each in (LONG, LONG + "!")] == [LONG, LONG + "!"]


def test_growth_over_a_long_prefix_is_told_at_its_second_step():
    detector = SnapshotDetector()
    fragments = snapshots(LONG, "It ", "is", " so")
    assert [detector.decode(each) for each in fragments] == [LONG, "", "It is", " so"]


@pytest.mark.parametrize(("sibling", "text"), [(True, "Hi you"), (False, "HiHi you")])
def test_a_short_text_follows_another_text_of_its_stream(sibling, text):
    detector = SnapshotDetector()
    given = detector.decode("Hi") + detector.decode("Hi you")
    assert given + detector.flush(sibling_is_snapshot=sibling) == text


def test_what_was_proved_can_be_asked():
    detector = SnapshotDetector()
    detector.decode("a")
    assert detector.sends_snapshots is None
    detector.decode("b")
    assert detector.sends_snapshots is False


def test_a_snapshot_sent_again_adds_nothing():
    told = snapshots(LONG, "more", " text")
    assert read_all([*told, told[-1], LONG]) == LONG + "more text"


def test_a_host_may_change_over_to_deltas_and_back_to_snapshots():
    text = LONG * 4
    grown = [LONG, LONG * 2, LONG * 3, text]
    deltas = ["one, ", "two, ", "three, "]
    whole = text + "".join(deltas)
    again = [LONG, text, whole, whole + "four", whole]
    assert read_all([*grown, *deltas, *again, "."]) == whole + "four."


def test_a_host_may_change_from_snapshots_to_deltas():
    told = snapshots(LONG, "one", " two")
    assert read_all([*told, " three", " four"]) == LONG + "one two three four"


def test_a_host_may_change_back_to_snapshots():
    told = snapshots(LONG, "one", " two", " three", " four", " five")
    assert read_all([*told[:3], " three", told[4], " five", told[5], told[2], " six"]) == (
        LONG + "one two three four five six"
    )


def test_a_delta_may_be_longer_than_all_snapshots_before_it():
    told = snapshots(LONG, "one", " two")
    assert read_all([*told, "x" * 500, "y"]) == LONG + "one two" + "x" * 500 + "y"


def test_empty_fragments_say_nothing():
    assert read_all(["", "a", "", "b"]) == "ab"


@pytest.mark.parametrize(
    ("fragments", "whole"),
    [
        (["a", "and"], "aand"),
        (["a", "and"], "and"),
        (["a", "and"], "and so"),
        (["-", "--"], "---"),
        (["Hello, you", "Hello, you!"], "Hello, youHello, you!"),
        (["a"], "a"),
    ],
)
def test_the_whole_text_at_the_end_settles_it(fragments, whole):
    assert whole.startswith(read_all(fragments, whole))


def test_flushing_twice_adds_nothing():
    detector = SnapshotDetector()
    detector.decode("a")
    detector.decode("and")
    assert (detector.flush(), detector.flush()) == ("and", "")


def grows(fragments):
    return any(b.startswith(a) and b != a for a, b in itertools.pairwise(fragments))


@given(st.lists(st.text("ab ", min_size=1, max_size=4), max_size=8))
def test_any_fragments_are_read_as_deltas_unless_all_of_them_grow(fragments):
    assume(not grows(fragments[:2]) or not grows(fragments[1:3]))
    assert read_all(fragments) == "".join(fragments)


@given(st.lists(st.text(min_size=1, max_size=9), min_size=1, max_size=9))
def test_any_snapshots_after_a_long_beginning_are_told(deltas):
    assert read_all(snapshots(LONG, *deltas)) == LONG + "".join(deltas)


@given(st.text("<>/a", max_size=12), st.lists(st.text("<>/a", min_size=1, max_size=5), max_size=3))
def test_no_more_is_held_than_begins_a_sequence(text, sequences):
    proper = [s[:n] for s in sequences for n in range(1, len(s))]
    assert length_to_hold(text, sequences) == max(
        (len(begun) for begun in proper if text.endswith(begun)), default=0
    )
