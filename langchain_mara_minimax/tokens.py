"""Estimate token counts from the messages alone: no tokenizer is downloaded."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.messages.utils import count_tokens_approximately

from langchain_mara_minimax.messages import REASONING_TEXT
from langchain_mara_minimax.tools import Tool, to_wire_tools

_BYTES_PER_TOKEN = 4
"""Four bytes of UTF-8: about one token of English, three quarters of a Chinese character's."""


def count_text_tokens(text: str) -> int:
    """Return about how many tokens `text` is."""
    return math.ceil(len(text.encode("utf-8", "replace")) / _BYTES_PER_TOKEN)


def count_message_tokens(
    messages: Iterable[BaseMessage], tools: Sequence[Tool] | None, *, with_reasoning: bool
) -> int:
    """Return about how many tokens `messages` and `tools` are.

    LangChain's own estimate counts characters; what other scripts than Latin, and reasoning
    that is sent back, need beyond that is added.
    """
    messages = list(messages)
    wire_tools: list[Any] = to_wire_tools(tools or [])
    count = count_tokens_approximately(messages, tools=wire_tools)
    for message in messages:
        text = str(message.text)
        count += (len(text.encode("utf-8", "replace")) - len(text)) // _BYTES_PER_TOKEN
        if with_reasoning and isinstance(message, AIMessage):
            reasoning = message.additional_kwargs.get(REASONING_TEXT)
            count += count_text_tokens(reasoning) if isinstance(reasoning, str) else 0
    return count
