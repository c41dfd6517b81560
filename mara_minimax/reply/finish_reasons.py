"""Why an answer ended: the words of the wire, and what they mean."""

from __future__ import annotations

from typing import Final

from mara_minimax.types import Reply

_OTHER_WORDS: Final = {"tool_call": "tool_calls", "function_call": "tool_calls"}
"""Other spellings (`tool_call`: public report on MiniMax, 2026)."""

WHOLE: Final = frozenset({"stop", "tool_calls"})
"""Of output that nothing cut off."""

CUT: Final = frozenset({"length", "abort"})
"""Of output that was cut; `abort` is vLLM's and SGLang's (tried, 2026-11)."""


def decode_finish_reason(word: str, *, ended: bool, has_calls: bool) -> str:
    """Return the reason that `word` of the wire stands for, `""` for none.

    Some hosts say `stop`, or nothing where the answer `ended`, although they call tools
    (https://github.com/MiniMax-AI/MiniMax-M2/issues/108, 2025).
    """
    reason = _OTHER_WORDS.get(word, word)
    if reason == "stop" or (ended and not reason):
        return "tool_calls" if has_calls else "stop"
    return reason


def is_nothing(word: str, reply: Reply) -> bool:
    """Whether no model wrote a reply without content, which ended with `word`.

    LiteLLM (1.106, tried in 2026-11) ends a stream like that in which the provider reported an
    error: `choices: []`, then `stop`, and no token in its usage.
    """
    if word != "stop" or reply.tool_calls or reply.reasoning or reply.refusal:
        return False
    return reply.usage is not None and not reply.usage.output_tokens
