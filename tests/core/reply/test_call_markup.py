"""Calls in the markup of the models: which text is one, and what it says."""

from __future__ import annotations

import pytest

from mara_minimax.reply.call_markup import ProseLines, holds_markup, read_calls

TOKEN = "]<]minimax[>["
M2 = (
    '<minimax:tool_call>\n<invoke name="add">\n<parameter name="a">1</parameter>\n'
    '<parameter name="b">2 < 3</parameter>\n</invoke>\n</minimax:tool_call>'
)
M3 = (
    f'{TOKEN}<tool_call>\n{TOKEN}<invoke name="add">{TOKEN}<a>1{TOKEN}</a>{TOKEN}<b>2 < 3'
    f"{TOKEN}</b>{TOKEN}</invoke>\n{TOKEN}</tool_call>"
)
ADD = ("add", {"a": "1", "b": "2 < 3"})


@pytest.mark.parametrize("markup", [M2, M3])
@pytest.mark.parametrize("around", ["{}", "\n{}\n\n", " {} "])
def test_a_block_is_read(markup, around):
    assert read_calls(around.format(markup)) == [ADD]


@pytest.mark.parametrize("markup", [M2, M3])
def test_blocks_and_calls_in_them_are_read_in_order(markup):
    twice = markup.replace("</invoke>", '</invoke><invoke name="wipe"></invoke>')
    if TOKEN in markup:
        twice = markup.replace(
            f"{TOKEN}</invoke>", f'{TOKEN}</invoke>{TOKEN}<invoke name="wipe">{TOKEN}</invoke>'
        )
    assert read_calls(f"{twice}\n{markup}") == [ADD, ("wipe", {}), ADD]


def test_the_text_of_an_argument_is_kept_as_it_is():
    text = '\n  <b>"ä" & </invoke>\n</minimax:tool_call>\n'
    markup = (
        f'<minimax:tool_call><invoke name="f"><parameter name="a">{text}</parameter></invoke>'
        "</minimax:tool_call>"
    )
    assert read_calls(markup) == [("f", {"a": text})]


@pytest.mark.parametrize(
    "markup",
    [
        "",
        " ",
        "four",
        f"{M2} and so on",
        f"So: {M2}",
        M2[:-1],
        M2.removesuffix("</minimax:tool_call>"),
        M2.replace("</invoke>", ""),
        M2.replace("</parameter>", "", 2),
        M2.replace('name="b"', 'name="a"'),
        M2.replace("<invoke", "<function"),
        M2.replace('<parameter name="a">', "then "),
        "<minimax:tool_call></minimax:tool_call>",
        M3[:-1],
        M3.replace(f"{TOKEN}</a>", "</a>"),
        M3.replace("2 < 3", f"{TOKEN}<item>2{TOKEN}</item>"),
        M3.replace(TOKEN, ""),
    ],
)
def test_other_text_is_no_call(markup):
    assert read_calls(markup) is None


@pytest.mark.parametrize(
    "text",
    [
        M2,
        M3,
        f"I add.\n{M2}",
        f"I add.{M3}",
        M2[:30],
        "\n</minimax:tool_call>",
        f"a {TOKEN} b",
        f"```\ncode\n```\n{M2}",
        f"`code` {M2}",
    ],
)
def test_markup_in_prose_is_seen(text):
    assert holds_markup(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "MiniMax is a company.",
        "minimax:tool_call is the name of a tag.",
        "`<minimax:tool_call>` opens a call.",
        f"```xml\n{M2}\n```\nIs how it looks.",
        f"~~~\n{M2}\n~~~",
        f"```\n{M2}",
        "> " + M2.replace("\n", "\n> "),
    ],
)
def test_markup_in_code_and_quotes_is_not(text):
    assert not holds_markup(text)


def test_lines_between_fences_are_code():
    prose = ProseLines()
    lines = ["a", "  ```py", "b", "~~~", "```", "c", "~~~", "```", "~~~", "d"]
    shown = [prose.take(line) for line in lines]
    assert [line for line, is_prose in zip(lines, shown, strict=True) if is_prose] == [
        "a", "c", "d",
    ]  # fmt: skip
