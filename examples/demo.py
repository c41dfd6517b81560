"""Show what this package does: one screen for each framework, no key needed."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import openai
from rich.markup import escape

from examples import (
    agent_langchain,
    agent_llama_index,
    question_langchain,
    question_llama_index,
    rag_langchain,
    rag_llama_index,
)
from examples.arguments import AGENT_QUESTION, RAG_QUESTION
from examples.display import AnswerView, console
from examples.documents import load_index
from examples.recorded import show_side_by_side


@dataclass(frozen=True)
class Screen:
    """What is shown of one framework."""

    framework: str
    generic: str
    ask: Callable[[str], AnswerView]
    run_agent: Callable[[str, str, Path | None], AnswerView]
    answer_from_documents: Callable[[str, str, Path | None], AnswerView]


SCREENS = (
    Screen(
        "LangChain", "ChatOpenAI", question_langchain.main, agent_langchain.main, rag_langchain.main
    ),
    Screen(
        "LlamaIndex",
        "OpenAILike",
        question_llama_index.main,
        agent_llama_index.main,
        rag_llama_index.main,
    ),
)
OPENING = """\
[bold]mara-minimax[/]: MARA Cloud and MiniMax chat models in LangChain and LlamaIndex.
This takes some seconds, with a real model up to a minute. For each framework:
  1. a question with a tool: the reasoning apart from the answer, then the call
  2. what the generic class makes of the same bytes
  3. an agent that runs two tools
  4. an answer from documents, with its sources
"""
CLOSING = """\
[bold]What to try next[/]
  make demo ARGS='--docs DIR --question "…"'  the same over documents of yours
  export MINIMAX_API_KEY=… (or MARA_API_KEY)  the same with a real model
  .venv/bin/mara-minimax doctor               is the key right, and the host?
  examples/README.md                          more examples, in both frameworks
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--docs", type=Path, help="folder of documents; default: our own docs")
    parser.add_argument("--question", help="asked over the documents; default: one that fits them")
    arguments = parser.parse_args()
    try:
        show(arguments.docs, arguments.question)
    except OSError as error:
        raise SystemExit(f"{error.filename}: {error.strerror}") from None
    except Exception as error:
        # Agents wrap what a model raises.
        reason = provider_error(error)
        if reason is None:
            raise
        sentence = textwrap.fill(str(reason), console.width, break_on_hyphens=False)
        raise SystemExit(f"\n{sentence}") from None


def show(docs: Path | None, question: str | None) -> None:
    """Print both screens."""
    console.print(OPENING)
    topic = load_index(docs).topic if docs else ""
    asked = question or (f"What do the documents say about {topic}?" if docs else RAG_QUESTION)
    task = AGENT_QUESTION
    if question or docs:
        subject = (question or topic).rstrip("?.! ")
        task = f'Search the documents for "{subject}", and calculate 12.5 * 8.'
    for screen in SCREENS:
        console.rule(f"[bold]{screen.framework}")
        console.print("[bold cyan]1. A question with a tool, at MiniMax[/]")
        screen.ask("minimax")
        console.print("[bold cyan]2. The generic class[/]")
        show_side_by_side(screen.generic, f"ours, {screen.framework}")
        console.print("\n[bold cyan]3. An agent with two tools, at MiniMax[/]")
        screen.run_agent("minimax", task, docs)
        console.print(f"[bold cyan]4. {escape('An answer from documents, at MARA Cloud')}[/]")
        screen.answer_from_documents("mara", asked, docs)
    console.rule()
    console.print(CLOSING)


def provider_error(error: BaseException | None) -> openai.OpenAIError | None:
    """Return the provider's error that an error is, or was raised from."""
    while error is not None and not isinstance(error, openai.OpenAIError):
        error = error.__cause__ or error.__context__
    return error


if __name__ == "__main__":
    main()
