"""Show a streamed answer: reasoning dimmed, answer as it arrives, then the figures."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape

console = Console(highlight=False, soft_wrap=True)


class AnswerView:
    """Print the pieces of one answer in the order in which they come."""

    def __init__(self, question: str) -> None:
        """Print the question and start the clock."""
        console.print(f"[bold]Question:[/] {escape(question)}")
        self._start = time.perf_counter()
        self._first: float | None = None
        self._part = ""
        self.reasoning = ""
        self.answer = ""
        self.usage: dict[str, Any] = {}

    def show_reasoning(self, text: str) -> None:
        """Print a piece of reasoning, dimmed."""
        if text:
            self._open("Reasoning")
            self.reasoning += text
            console.print(f"[dim italic]{escape(text)}[/]", end="")

    def show_answer(self, text: str) -> None:
        """Print a piece of the answer."""
        if self._part != "Answer":
            # White space before a tool call is no answer.
            text = text.lstrip()
        if text:
            self._open("Answer")
            self.answer += text
            console.print(escape(text), end="")

    def show_tool_call(self, name: str, arguments: object) -> None:
        """Print a tool call."""
        self._open("")
        self._open("Tool call")
        console.print(f"[cyan]{escape(f'{name}({arguments})')}[/]", end="")

    def show_tool_result(self, name: str, result: object) -> None:
        """Print what a tool returned."""
        self._open("")
        self._open(f"Result of {name}")
        text = str(result)
        console.print(f"[green]{escape(text[:200])}{'…' if len(text) > 200 else ''}[/]", end="")

    def finish(self, *, usage: Mapping[str, Any] | None, sources: list[str] | None = None) -> None:
        """Print sources, token usage and the time to the first token."""
        self.usage = {
            name: value for name, value in (usage or {}).items() if name.endswith("_tokens")
        }
        self._open("")
        if sources is not None:
            console.print(f"[bold]Sources:[/] {escape(', '.join(dict.fromkeys(sources)))}")
        first = (self._first or time.perf_counter()) - self._start
        console.print(f"[bold]Usage:[/] {escape(str(self.usage))}")
        console.print(f"[bold]Time to first token:[/] {first * 1000:.0f} ms\n")

    def _open(self, part: str) -> None:
        if self._first is None and part:
            self._first = time.perf_counter()
        if part == self._part:
            return
        if self._part:
            console.print()
        if part:
            console.print(f"[bold]{part}:[/] ", end="")
        self._part = part
