"""Show a streamed answer: reasoning dimmed, answer as it arrives, then the figures."""

from __future__ import annotations

import re
import textwrap
import time
from collections.abc import Mapping
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape

console = Console(highlight=False, soft_wrap=True)

LONGEST_RESULT = 130
# White space ends a word; between Chinese characters a line may break as well.
_WORD_ENDS = re.compile(r"(?<=\s)(?=\S)|(?<=[\u3000-\u9fff\uff00-\uffef])")


class Flow:
    """Text that arrives in pieces, broken between words where the console ends."""

    def __init__(self) -> None:
        """Begin at the left."""
        self._held = ""
        self._column = 0
        self._gap = ""

    def write(self, text: str, style: str = "") -> None:
        """Print the words that are whole; a line never breaks inside a word that is not."""
        *words, self._held = _WORD_ENDS.split(self._held + text)
        for word in words:
            self._print(word, style)

    def end(self, style: str = "") -> None:
        """Print the last word, which nothing follows."""
        self._print(self._held, style)
        self._held = ""

    def line(self, label: str, text: str) -> None:
        """Print a line of its own."""
        self.write(f"{label}: ", "bold")
        self.end("bold")
        self.write(text)
        self.end()
        self.new_line()

    def new_line(self) -> None:
        """End a line."""
        console.print()
        self._column, self._gap = 0, ""

    def _print(self, word: str, style: str) -> None:
        shown = word.rstrip()
        if self._column and self._column + len(self._gap) + cell_len(shown) > console.width:
            self.new_line()
        console.print(escape(self._gap + shown), style=style, end="")
        self._column += len(self._gap) + cell_len(shown)
        # A space at the end of a line is not shown, as it would take a line of its own.
        white = word[len(shown) :]
        for _ in range(white.count("\n")):
            self.new_line()
        self._gap = white.rpartition("\n")[2] if self._column else ""


class AnswerView:
    """Print the pieces of one answer in the order in which they come."""

    def __init__(self, question: str) -> None:
        """Print the question and start the clock."""
        self._flow = Flow()
        self._flow.line("Question", question)
        self._start = time.perf_counter()
        self._first: float | None = None
        self._part = ""
        self._style = ""
        self.reasoning = ""
        self.answer = ""
        self.usage: dict[str, Any] = {}

    def show_reasoning(self, text: str) -> None:
        """Print a piece of reasoning, dimmed."""
        if text:
            self._open("Reasoning", "dim italic")
            self.reasoning += text
            self._flow.write(text, self._style)

    def show_answer(self, text: str) -> None:
        """Print a piece of the answer."""
        if self._part != "Answer":
            # White space before a tool call is no answer.
            text = text.lstrip()
        if text:
            self._open("Answer")
            self.answer += text
            self._flow.write(text)

    def show_tool_call(self, name: str, arguments: object) -> None:
        """Print a tool call."""
        self._open("")
        self._open("Tool call", "cyan")
        self._flow.write(f"{name}({arguments})", self._style)

    def show_tool_result(self, name: str, result: object) -> None:
        """Print what a tool returned, on few lines."""
        self._open("")
        self._open(f"Result of {name}", "green")
        text = textwrap.shorten(str(result), LONGEST_RESULT, placeholder="…")
        self._flow.write(text, self._style)

    def finish(self, *, usage: Mapping[str, Any] | None, sources: list[str] | None = None) -> None:
        """Print sources, token usage and the time to the first token."""
        self.usage = {
            name: value for name, value in (usage or {}).items() if name.endswith("_tokens")
        }
        self._open("")
        if sources is not None:
            self._flow.line("Sources", ", ".join(dict.fromkeys(sources)) or "none")
        first = (self._first or time.perf_counter()) - self._start
        counts = ", ".join(f"{n.removesuffix('_tokens')} {v}" for n, v in self.usage.items())
        self._flow.line("Usage", f"{counts} tokens. Time to first token: {first * 1000:.0f} ms")
        self._flow.new_line()

    def _open(self, part: str, style: str = "") -> None:
        if self._first is None and part:
            self._first = time.perf_counter()
        if part == self._part:
            return
        if self._part:
            self._flow.end(self._style)
            self._flow.new_line()
        self._part, self._style = part, style
        if part:
            self._flow.write(f"{part}: ", "bold")
            self._flow.end("bold")
