"""Whether the words of typical questions lead to the page that answers them.

`python -m docs.search_check` searches the index of a built site as its search box does: the same
engine, fields and weights. It fails where the right page is not among the first three.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from lunr import lunr
from lunr.index import Index

INDEX = Path(__file__).resolve().parents[1] / "site" / "search" / "search_index.json"
SHOWN = 3
QUESTIONS = {
    "price": "choosing",
    "which model": "choosing",
    "openrouter": "faq",
    "azure": "faq",
    "token plan": "faq",
    "vllm": "self-hosted",
    "embeddings": "embeddings",
    "think tag in answer": "troubleshooting",
    "rate limit 429": "troubleshooting",
    "switch from ChatOpenAI": "migration",
    "test without a key": "faq",
    "pytest fixture": "testing",
    "reasoning_content": "reasoning",
    "structured output": "structured-output",
    "supported python versions": "versions",
}


def found(engine: Index, question: str) -> list[str]:
    """Return the pages for a question, best first."""
    pages: dict[str, None] = {}
    for match in engine.search(question):
        pages.setdefault(match["ref"].partition("#")[0].removesuffix(".html").strip("/"))
    return list(pages)


def main() -> int:
    """Search for each question; 1 where a page is missing."""
    fields = [{"field_name": "title", "boost": 1000}, "text"]
    documents = json.loads(INDEX.read_text("utf-8"))["docs"]
    engine = lunr(ref="location", fields=fields, documents=documents)
    wrong = 0
    for question, page in QUESTIONS.items():
        pages = found(engine, question)[:SHOWN]
        wrong += page not in pages
        verdict = "ok" if page in pages else "WRONG"
        print(f"{verdict:6}{question:28}{', '.join(pages)}")  # noqa: T201 - a command's output
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
