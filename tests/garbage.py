"""What a client may write into the fields of a stored message: any JSON at all."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import strategies as st

WORDS = st.sampled_from(
    [
        "role", "content", "name", "tool_calls", "tool_call_id", "system", "user", "inline",
        "reasoning", "reasoning_content", "reasoning_details", "minimax", "mara",
        "<think>", "</think>", "\n", "", "12", "\ud800", "x" * 5000,
    ]
)  # fmt: skip
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=5)
GARBAGE = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)
"""JSON values, odd numbers and lone surrogates among them."""

_FORMS = ["reasoning_details", "reasoning_content", "reasoning", "inline"]
RECORDS = GARBAGE | st.fixed_dictionaries(
    {},
    optional={
        "form": st.sampled_from(_FORMS) | GARBAGE,
        "provider": st.sampled_from(["minimax", "mara"]) | GARBAGE,
        "family": st.sampled_from(["minimax", "gpt-oss"]) | GARBAGE,
        "prefix": st.sampled_from(["<think>", "<mm:think>\n"]) | GARBAGE,
        "suffix": st.sampled_from(["</think>", "\n</mm:think>\n\n"]) | GARBAGE,
        "channel": GARBAGE,
    },
)
"""Records of reasoning: any, and some that are nearly right."""


def without_reasoning(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return wire messages as they are without reasoning in fields or, between tags, in front."""
    plain = []
    for message in messages:
        kept = {name: value for name, value in message.items() if name not in _FIELDS}
        if message["role"] == "assistant" and isinstance(message.get("content"), str):
            kept["content"] = _TAGGED.sub("", message["content"])
        plain.append(kept)
    return plain


_FIELDS = {"reasoning", "reasoning_content", "reasoning_details", "channel"}
_TAGGED = re.compile(r"\A\s*(<(mm:)?think>)?((?!</?(mm:)?think>).)*</(mm:)?think>\s*", re.DOTALL)
