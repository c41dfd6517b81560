"""The markup in which MiniMax's models write calls, and in which a server may leave them.

Models of the M2 family write

    <minimax:tool_call>
    <invoke name="add">
    <parameter name="a">1</parameter>
    </invoke>
    </minimax:tool_call>

(https://github.com/MiniMax-AI/MiniMax-M2, docs/tool_calling_guide.md, 2026). MiniMax-M3 puts the
token `]<]minimax[>[` before each tag, and names a parameter by its tag: `<a>1</a>`
(https://github.com/vllm-project/vllm-gaudi/pull/1639, 2026-07).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_SPECIAL: Final = "]<]minimax[>["
_BLANK: Final = re.compile(r"\s*")
_INVOKE: Final = r'<invoke name="([^"<>]+)">'

MARKS: Final = ("minimax:tool_call", "]minimax[")
"""What every call in markup contains, in small letters."""

_MARK: Final = re.compile(rf"</?minimax:tool_call>|{re.escape(_SPECIAL)}")
_INLINE_CODE: Final = re.compile(r"`[^`]*`")
_FENCES: Final = ("```", "~~~")


@dataclass(frozen=True, slots=True)
class _Dialect:
    opener: str
    closer: str
    call: re.Pattern[str]
    call_closer: str
    parameter: re.Pattern[str]
    parameter_closer: str


_DIALECTS: Final = (
    _Dialect(
        "<minimax:tool_call>",
        "</minimax:tool_call>",
        re.compile(_INVOKE),
        "</invoke>",
        re.compile(r'<parameter name="([^"<>]+)">'),
        "</parameter>",
    ),
    _Dialect(
        f"{_SPECIAL}<tool_call>",
        f"{_SPECIAL}</tool_call>",
        re.compile(re.escape(_SPECIAL) + _INVOKE),
        f"{_SPECIAL}</invoke>",
        re.compile(re.escape(_SPECIAL) + r"<([\w.-]+)>"),
        f"{_SPECIAL}</{{name}}>",
    ),
)

OPENERS: Final = tuple(dialect.opener for dialect in _DIALECTS)

MarkedCall = tuple[str, dict[str, str]]
"""Name and arguments of a call, the arguments as the text that stands between their tags."""


def holds_markup(text: str) -> bool:
    """Whether markup of a call stands in `text`, other than in code or behind a `>`."""
    if not any(mark in text for mark in MARKS):
        return False
    prose = ProseLines()
    return any(
        _MARK.search(_INLINE_CODE.sub("", line))
        for line in text.split("\n")
        if prose.take(line) and not line.lstrip().startswith(">")
    )


def read_calls(markup: str) -> list[MarkedCall] | None:
    """Return the calls that `markup` consists of, `None` where anything else stands in it."""
    calls: list[MarkedCall] = []
    position = _after_blank(markup, 0)
    while position < len(markup):
        block = next((_read_block(markup, position, d) for d in _DIALECTS
                      if markup.startswith(d.opener, position)), None)  # fmt: skip
        if block is None:
            return None
        calls += block[0]
        position = _after_blank(markup, block[1])
    return calls or None


def _read_block(
    markup: str, position: int, dialect: _Dialect
) -> tuple[list[MarkedCall], int] | None:
    """Return the calls of one block and where it ends."""
    calls: list[MarkedCall] = []
    position = _after_blank(markup, position + len(dialect.opener))
    while match := dialect.call.match(markup, position):
        arguments: dict[str, str] = {}
        position = _after_blank(markup, match.end())
        while not markup.startswith(dialect.call_closer, position):
            parameter = dialect.parameter.match(markup, position)
            if parameter is None or parameter[1] in arguments:
                return None
            closer = dialect.parameter_closer.format(name=parameter[1])
            end = markup.find(closer, parameter.end())
            value = markup[parameter.end() : end]
            if end < 0 or _SPECIAL in value:
                # Never closed, or an object in tags of its own.
                return None
            arguments[parameter[1]] = value
            position = _after_blank(markup, end + len(closer))
        calls.append((match[1], arguments))
        position = _after_blank(markup, position + len(dialect.call_closer))
    if not markup.startswith(dialect.closer, position):
        return None
    return calls, position + len(dialect.closer)


def _after_blank(text: str, position: int) -> int:
    match = _BLANK.match(text, position)
    return match.end() if match else position


class ProseLines:
    """Tell lines of prose from lines of code, which stand between fences."""

    __slots__ = ("_fence",)

    def __init__(self) -> None:
        """Start before the first line."""
        self._fence = ""

    @property
    def in_code(self) -> bool:
        """Whether the line that follows is code."""
        return bool(self._fence)

    def take(self, line: str) -> bool:
        """Take the next line, or as much of it as shows a fence; return whether it is prose."""
        body = line.lstrip()
        if self._fence:
            if body.startswith(self._fence):
                self._fence = ""
            return False
        if body.startswith(_FENCES):
            self._fence = body[: len(_FENCES[0])]
            return False
        return True


LINE_BEGINNINGS: Final = (*OPENERS, *_FENCES)
"""What decides at the beginning of a line what the line is."""
