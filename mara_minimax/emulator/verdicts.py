"""Prompts of evaluators: YES or NO, or a score; judged by the words two texts share.

The wordings are those of llama-index-core 0.14 (2026-11).
"""

from __future__ import annotations

import re

from mara_minimax.emulator.prompt import Prompt
from mara_minimax.emulator.words import stems

_YES_OR_NO = re.compile(r"\bYES ?(?:or|/) ?NO\b")
_EXISTING = re.compile(r"existing YES/NO answer:\s*(YES|NO)\b", re.IGNORECASE)
_CLAIMS = (
    re.compile(r"Query and Response:\s*(.*?)\s*(?=\n *Context:|\Z)", re.DOTALL),
    re.compile(r"Information: (.*?)\n"),
    re.compile(r"context information:\s*(.*?)\s*(?=\nWe have)", re.DOTALL),
)
_REFERENCE = re.compile(r"## Reference Answer\s*(.*?)\s*## Generated Answer\s*(.*)", re.DOTALL)
_ENOUGH_HELD = 0.5


def verdict(prompt: Prompt) -> str | None:
    """YES when the context holds most of what is claimed."""
    if not _YES_OR_NO.search(prompt.text):
        return None
    existing = _EXISTING.search(prompt.text)
    if existing and existing[1].upper() == "YES":
        return "YES"
    # Templates show examples first; the real claim and context come last.
    claims = next((found for pattern in _CLAIMS if (found := pattern.findall(prompt.text))), [])
    context = prompt.text.rpartition("Context:")[2] if "Context:" in prompt.text else prompt.context
    claimed = stems(claims[-1]) if claims else stems(prompt.question)
    held = claimed & stems(context)
    return "YES" if claimed and len(held) >= _ENOUGH_HELD * len(claimed) else "NO"


def score(prompt: Prompt) -> str | None:
    """1 to 5 by how much of the reference the generated answer says, with a reason."""
    if "a single score that represents a holistic evaluation" not in prompt.system:
        return None
    match = _REFERENCE.search(prompt.text)
    if not match:
        return None
    wanted, given = stems(match[1]), stems(match[2])
    shared = len(wanted & given) / len(wanted) if wanted else float(bool(given))
    return f"{1 + 4 * shared:.1f}\nIt says {shared:.0%} of the words of the reference answer."
