"""One text of several sources: each part once."""

from __future__ import annotations

import pytest

from mara_minimax.reply.repeats import SharedText


def told(*parts):
    """Return what (source, fragment) pairs add, each a message of its own."""
    shared = SharedText()
    added = []
    for source, fragment in parts:
        shared.begin_part()
        added.append(shared.read(source, fragment))
    return added


@pytest.mark.parametrize(
    ("parts", "added"),
    [
        ([("a", "The "), ("a", "user"), ("b", "The user asks")], ["The ", "user", " asks"]),
        ([("a", "The user"), ("b", "The"), ("b", " user"), ("a", " asks"), ("b", " asks")],
         ["The user", "", "", " asks", ""]),
        ([("a", "The "), ("b", "user "), ("a", "asks "), ("b", "this")],
         ["The ", "user ", "asks ", "this"]),
        # One letter that is equal by chance comes again once that is seen.
        ([("a", "t"), ("b", "t"), ("a", "o"), ("b", "x")], ["t", "", "o", "tx"]),
        ([("a", "The user asks"), ("b", "The user "), ("b", "thinks")],
         ["The user asks", "", "thinks"]),
        ([("a", "\n\nThe user"), ("b", "The user asks")], ["\n\nThe user", " asks"]),
        ([("a", "The user"), ("b", "Hm. "), ("b", "The userHm. And")],
         ["The user", "Hm. ", "And"]),
        ([("a", "a refrain"), ("a", "a refrain")], ["a refrain", "a refrain"]),
    ],
)  # fmt: skip
def test_each_part_is_told_once(parts, added):
    assert told(*parts) == added


def test_what_a_message_tells_in_two_fields_is_told_once_wherever_they_stand():
    shared = SharedText()
    shared.read("a", "The ")
    shared.begin_part()
    assert (shared.read("b", "user"), shared.read("a", "user")) == ("user", "")
    shared.begin_part()
    assert (shared.read("a", " asks"), shared.read("b", " asks")) == (" asks", "")


@pytest.mark.parametrize(
    ("whole", "missing"), [("The user asks", " asks"), ("The", ""), ("Hm. The user", "")]
)
def test_what_the_whole_text_has_more(whole, missing):
    shared = SharedText()
    shared.read("a", "The user")
    assert shared.missing(whole) == missing


def test_a_source_that_joins_late_is_compared_with_what_its_message_added():
    shared = SharedText()
    shared.read("a", "The ")
    shared.begin_part()
    assert (shared.read("a", "user"), shared.read("b", "user asks")) == ("user", " asks")


@pytest.mark.parametrize("pieces", [["weather report, and more"], list("weather report, and more")])
def test_a_shared_beginning_is_a_repeat_however_it_is_cut(pieces):
    shared = SharedText()
    shared.read("reasoning", "weather report: sunny")
    added = "".join(shared.read("inline", piece, apart=True) for piece in pieces)
    assert added == ", and more"


@pytest.mark.parametrize("pieces", [["<<"], ["<", "<"]])
def test_what_content_shares_with_a_field_by_chance_is_kept(pieces):
    shared = SharedText()
    shared.begin_part()
    shared.read("reasoning", "<think>")
    assert "".join(shared.read("inline", piece, apart=True) for piece in pieces) == "<<"
