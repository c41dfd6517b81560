"""Reasoning between tags, wherever a stream cuts them."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mara_minimax.reply.closers import StrayCloserDecoder, split_at_lone_closer
from mara_minimax.reply.tags import TagDecoder
from tests.core.wire import cut

CONTENTS = {
    "think": "<think>\na < b\n</think>\n\nYes",
    "mm:think": "<mm:think>a\n\nb</mm:think>Yes <b>",
    "white space before the tag": "\n\n<think>a</think> Yes",
    "unclosed": "<think>\nso </thin",
    "opening tag alone": "<think>\n",
    "nothing thought": "<think>\n\n</think>\n\nYes",
    "stray closer first": "</think>\n\nYes",
    "quoted in the middle": "Say <think>a</think> aloud",
    "no text after it": "<thinking>a</thinking>\n",
    "text after it": "\n<thinking>\na\n</thinking>\n\nb",
    "never closed": "<thinking>a <think>b</think>",
    "unsure tag in the middle": "Say <thinking>a</thinking> aloud",
    "doubled": "<think><think>\na\n</think>\n\nYes",
    "doubled with line breaks": "<think>\n<think>\na</think>Yes",
    "line breaks of the thought": "<think>\n\n a</think>Yes",
    "the other closer": "<think>a</mm:think>b</think>c",
    "second block": "<think>a</think>b<think>c</think>",
    "no tag": "1 < 2 and\n2 > 1",
    "empty": "",
    "much white space": "      <think>a</think>",
}
TAGS_AND_TEXT = st.lists(
    st.sampled_from(
        ["<think>", "</think>", "<mm:think>", "</mm:think>", "<", "/", "th", "\n", " ", "a", ">"]
    ),
    max_size=8,
).map("".join)


def split(fragments, **options):
    """Return reasoning, text and the wire bytes around the reasoning."""
    decoder = TagDecoder(**options)
    pairs = [*map(decoder.decode, fragments), decoder.flush()]
    reasoning, text = ("".join(parts) for parts in zip(*pairs, strict=True))
    return reasoning, text, decoder.prefix, decoder.suffix


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("think", ("a < b", "Yes", "<think>\n", "\n</think>\n\n")),
        ("mm:think", ("a\n\nb", "Yes <b>", "<mm:think>", "</mm:think>")),
        ("white space before the tag", ("a", "Yes", "\n\n<think>", "</think> ")),
        ("unclosed", ("so </thin", "", "<think>\n", "")),
        ("opening tag alone", ("", "", "<think>\n", "")),
        ("nothing thought", ("", "Yes", "<think>\n", "\n</think>\n\n")),
        ("stray closer first", ("", "Yes", "", "</think>\n\n")),
        ("quoted in the middle", ("", "Say <think>a</think> aloud", "", "")),
        ("no text after it", ("", "<thinking>a</thinking>\n", "", "")),
        ("text after it", ("a", "b", "\n<thinking>\n", "\n</thinking>\n\n")),
        ("never closed", ("", "<thinking>a <think>b</think>", "", "")),
        ("unsure tag in the middle", ("", "Say <thinking>a</thinking> aloud", "", "")),
        ("doubled", ("a", "Yes", "<think><think>\n", "\n</think>\n\n")),
        ("doubled with line breaks", ("a", "Yes", "<think>\n<think>\n", "</think>")),
        ("line breaks of the thought", ("\n a", "Yes", "<think>\n", "</think>")),
        ("the other closer", ("a</mm:think>b", "c", "<think>", "</think>")),
        ("second block", ("a", "b<think>c</think>", "<think>", "</think>")),
        ("no tag", ("", "1 < 2 and\n2 > 1", "", "")),
        ("empty", ("", "", "", "")),
        ("much white space", ("", "      <think>a</think>", "", "")),
    ],
)
def test_whole_contents(name, expected):
    assert split([CONTENTS[name]]) == expected


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
@pytest.mark.parametrize("starts_inside", [False, True])
def test_two_and_three_pieces_cut_at_every_position(content, starts_inside):
    whole = split([content], starts_inside=starts_inside)
    positions = range(len(content) + 1)
    for cuts in itertools.combinations_with_replacement(positions, 2):
        assert split(cut(content, cuts), starts_inside=starts_inside) == whole, cuts


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_one_character_at_a_time(content):
    assert split(content) == split([content])


@given(TAGS_AND_TEXT, st.booleans(), st.data())
def test_any_cut_of_any_content_gives_the_same_parts(content, starts_inside, data):
    cuts = data.draw(st.lists(st.integers(0, len(content)), max_size=4))
    whole = split([content], starts_inside=starts_inside)
    assert split(cut(content, cuts), starts_inside=starts_inside) == whole


@given(TAGS_AND_TEXT, st.booleans())
def test_the_parts_are_the_content_byte_for_byte(content, starts_inside):
    reasoning, text, prefix, suffix = split([content], starts_inside=starts_inside)
    assert prefix + reasoning + suffix + text == content


@given(TAGS_AND_TEXT, st.booleans())
def test_at_most_a_tag_and_its_white_space_are_held_back(content, starts_inside):
    decoder = TagDecoder(starts_inside=starts_inside)
    given_out = 0
    for position, character in enumerate(content, start=1):
        given_out += sum(map(len, decoder.decode(character)))
        seen = given_out + len(decoder.prefix + decoder.suffix)
        assert position - seen <= 4 + len("<mm:think>")


def test_reasoning_is_given_out_before_its_end():
    decoder = TagDecoder()
    assert decoder.decode("<think>The") == ("The", "")
    assert decoder.decode(" user") == (" user", "")


def test_text_that_begins_no_tag_is_given_out_at_once():
    assert TagDecoder().decode("1 <") == ("", "1 <")


def test_a_tag_within_running_text_is_not_waited_for():
    decoder = TagDecoder()
    decoder.decode("Hello")
    assert decoder.decode(" <thi") == ("", " <thi")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("Let me see.</think>\n\nYes", ("Let me see.", "Yes", "", "</think>\n\n")),
        ("Hm</mm:think>Yes", ("Hm", "Yes", "", "</mm:think>")),
        ("Let me see", ("Let me see", "", "", "")),
        ("<think>a</think>b", ("a", "b", "<think>", "</think>")),
        ("<thi", ("<thi", "", "", "")),
        ("  ", ("  ", "", "", "")),
        ("</think>Yes", ("", "Yes", "", "</think>")),
    ],
)
def test_content_that_starts_inside_reasoning(content, expected):
    assert split([content], starts_inside=True) == expected


def read_field(fragments):
    decoder = StrayCloserDecoder()
    text = "".join(map(decoder.decode, fragments))
    return text + decoder.flush(), decoder.suffix


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("So be it.", ("So be it.", "")),
        ("So be it.</think>", ("So be it.", "</think>")),
        ("So be it.\n</think>\n\n", ("So be it.", "\n</think>\n\n")),
        ("So be it.</mm:think>\n", ("So be it.", "</mm:think>\n")),
        ("It says </think> here", ("It says </think> here", "")),
        ("So be it.\n", ("So be it.\n", "")),
        ("So be it.</thi", ("So be it.</thi", "")),
        ("</think>", ("", "</think>")),
    ],
)
def test_a_stray_closer_at_the_end_of_the_reasoning_field(text, expected):
    assert read_field([text]) == expected
    assert read_field(text) == expected


@given(TAGS_AND_TEXT, st.data())
def test_any_cut_of_a_reasoning_field_gives_the_same_text(text, data):
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=4))
    assert read_field(cut(text, cuts)) == read_field([text])
    assert "".join(read_field([text])) == text


@given(TAGS_AND_TEXT)
def test_at_most_a_closing_tag_and_its_white_space_are_held_back_of_a_field(text):
    decoder = StrayCloserDecoder()
    for character in text:
        decoder.decode(character)
        assert len(decoder.held) <= len("\n</mm:think>") + 4


def test_what_is_held_is_released_where_the_answer_begins():
    decoder = StrayCloserDecoder()
    assert decoder.decode("So be it.\n") == "So be it."
    assert decoder.release() == "\n"
    assert decoder.flush() == ""


def test_a_whole_closer_is_not_released():
    decoder = StrayCloserDecoder()
    decoder.decode("So be it.</think>")
    assert decoder.release() == ""
    assert (decoder.flush(), decoder.suffix) == ("", "</think>")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I add.\n</think>\n\n4", ("I add.", "\n</think>\n\n", "4")),
        ("I add.</think>\n4", ("I add.", "</think>\n", "4")),
        ("I add.\n</mm:think>", ("I add.", "\n</mm:think>", "")),
        ("The tag </think> ends it.", None),
        ("It is `</think>`.", None),
        ("a\n</think>\nb\n</think>\nc", None),
        ("say <think>\na\n</think>\nb", None),
        ("4", None),
    ],
)
def test_a_closing_tag_alone_is_told_from_one_that_is_quoted(text, expected):
    assert split_at_lone_closer(text) == expected


def split_around(before, after, **options):
    """Return the parts of content with tool calls in its middle, whole and by character."""
    outcomes = []
    for cut_up in (lambda text: [text] if text else [], list):
        decoder = TagDecoder(**options)
        pairs = [*map(decoder.decode, cut_up(before)), ("", decoder.release())]
        decoder.restart()
        pairs += [*map(decoder.decode, cut_up(after)), decoder.flush()]
        reasoning, text = ("".join(parts) for parts in zip(*pairs, strict=True))
        outcomes.append((reasoning, text, decoder.prefix, decoder.suffix))
    assert outcomes[0] == outcomes[1]
    return outcomes[0]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("<think>\na", "\n<think>\n", ("a", "", "<think>\n", "")),
        ("<think>\na", "\n</think>\n\n", ("a", "", "<think>\n", "\n</think>\n\n")),
        ("<think>\na", "\n<think>\nb</think>c", ("ab", "c", "<think>\n", "")),
        ("<think>\na", " b</think>c", ("a b", "c", "<think>\n", "</think>")),
        ("<think>a</think>", "\n<think>\n", ("a", "", "<think>", "</think>")),
        ("<think>a</think>b", "\n<think>\n", ("a", "b", "<think>", "</think>")),
        ("<think>a</think>b", "<think>c</think>\nd", ("ac", "bd", "<think>", "</think>")),
        ("<think>a</think>", "\nb", ("a", "b", "<think>", "</think>")),
        ("a", "\n<think>\n", ("", "a", "\n<think>\n", "")),
        ("a", "\nb", ("", "a\nb", "", "")),
        ("a", "<thinking>b</thinking>c", ("", "a<thinking>b</thinking>c", "", "")),
        ("<thinking>a</thinking>", "b", ("", "<thinking>a</thinking>b", "", "")),
        ("<thi", "nk>a</think>b", ("a", "b", "<think>", "</think>")),
    ],
)
def test_tags_around_tool_calls(before, after, expected):
    assert split_around(before, after) == expected


def test_content_that_starts_inside_goes_on_inside_after_tool_calls():
    parts = split_around("a", "\nb</think>c", starts_inside=True)
    assert parts == ("a\nb", "c", "", "</think>")


@pytest.mark.parametrize("line_breaks", ["", "\n", "\n\n", "\r\n\r\n", "\n" * 9])
@pytest.mark.parametrize(
    ("content", "expected"),
    [("Yes\n", ("", "Yes\n")), (" Yes", ("", " Yes")), ("", ("", "")),
     ("<thinking>a", ("", "<thinking>a"))],
)  # fmt: skip
def test_line_breaks_before_an_answer_whose_reasoning_has_a_field(line_breaks, content, expected):
    for fragments in ([line_breaks + content], [*line_breaks, *content]):
        decoder = TagDecoder(starts_inside=True)
        decoder.expect_text(without_breaks=True)
        pairs = [*map(decoder.decode, fragments), decoder.flush()]
        assert tuple("".join(parts) for parts in zip(*pairs, strict=True)) == expected


def test_line_breaks_are_text_where_they_do_not_only_separate():
    decoder = TagDecoder()
    decoder.expect_text(without_breaks=False)
    assert decoder.decode("\n\nYes") == ("", "\n\nYes")


@pytest.mark.parametrize(
    ("content", "expected"),
    [("Let me see.", ("Let me see.", "")), ("a</thi", ("a", "</thi")), (" ", ("", " ")),
     ("a</think>b", ("ab", ""))],
)  # fmt: skip
def test_a_guess_is_withdrawn_unless_a_tag_came(content, expected):
    decoder = TagDecoder(starts_inside=True)
    given_out = "".join(decoder.decode(content))
    assert (given_out, decoder.withdraw()) == expected
    assert decoder.decode("x") == ("", "x")
