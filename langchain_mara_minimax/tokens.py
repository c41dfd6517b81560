"""Estimate token counts from what would be sent: no tokenizer is downloaded.

The estimate is corrected by the counts that the provider gave for messages of the same
conversation, which stand in the messages themselves: nothing is remembered between calls.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.messages.utils import MessageLikeRepresentation, convert_to_messages

import mara_minimax
from langchain_mara_minimax.messages import to_wire_messages
from langchain_mara_minimax.tools import Tool, to_wire_tools
from mara_minimax.json_text import to_json_text
from mara_minimax.providers.endpoints import Provider
from mara_minimax.request.tool_results import text_in
from mara_minimax.types import JSONObject, Reasoning

_BYTES_PER_TOKEN: Final = 4
"""Four bytes of UTF-8: about one token of English, three quarters of a Chinese character's."""
_TOKENS_PER_MESSAGE: Final = 4
"""For the role and the marks around a message."""
_TOKENS_OF_MEDIA: Final = {"image_url": 85, "video_url": 850, "input_audio": 850}
"""langchain-core's figure for an image (1.7), and ten times as much for what lasts; no provider
publishes its own."""
_WEIGHT: Final = 100
"""Tokens that the estimate is trusted for, so that short answers correct it by little."""
_MOST: Final = 2.0
"""The estimate is multiplied by this at most, and divided by it at most."""

CountText = Callable[[str], int]


def token_ids(text: str) -> list[int]:
    """Return one number for each token that `text` is estimated to have: its bytes, by fours."""
    data = text.encode("utf-8", "replace")
    pieces = range(0, len(data), _BYTES_PER_TOKEN)
    return [int.from_bytes(data[at : at + _BYTES_PER_TOKEN], "big") for at in pieces]


def count_text_tokens(text: str) -> int:
    """Return about how many tokens `text` is."""
    return math.ceil(len(text.encode("utf-8", "replace")) / _BYTES_PER_TOKEN)


def count_message_tokens(
    messages: Iterable[MessageLikeRepresentation],
    tools: Sequence[Tool] | None,
    *,
    provider: Provider,
    with_reasoning: bool,
    count_text: CountText = count_text_tokens,
) -> int:
    """Return about how many tokens `messages` and `tools` are as they would be sent."""
    given = convert_to_messages(messages)
    wire = [part for message in given for part in _to_wire(message, provider)]
    texts = [text for message in wire for text in _texts_of(message, with_reasoning=with_reasoning)]
    if tools:
        texts.append(to_json_text(to_wire_tools(tools)))
    count = sum(map(count_text, texts)) * _correction(given, provider, count_text)
    media = sum(_TOKENS_OF_MEDIA.get(str(part.get("type")), 0) for part in _parts_of(wire))
    return math.ceil(count) + media + len(wire) * _TOKENS_PER_MESSAGE


def _to_wire(message: BaseMessage, provider: Provider) -> list[JSONObject]:
    """Return what would be sent for a message; of one that is refused, its text."""
    try:
        return to_wire_messages([message], provider)
    except mara_minimax.errors.UnsupportedInputError:
        return [{"role": message.type, "content": str(message.text)}]


def _parts_of(wire: Iterable[JSONObject]) -> Iterator[JSONObject]:
    for message in wire:
        content = message.get("content")
        yield from content if isinstance(content, list) else ()


def _texts_of(message: JSONObject, *, with_reasoning: bool) -> Iterator[str]:
    """Yield every text of a wire message that costs tokens."""
    content = message.get("content")
    if isinstance(content, str):
        yield content
    for part in _parts_of([message]):
        if part.get("type") not in _TOKENS_OF_MEDIA:
            yield from text_in(part)
    for call in message.get("tool_calls") or ():
        yield to_json_text(call)
    for name in ("name", "tool_call_id"):
        yield str(message.get(name) or "")
    reasoning = message.get("reasoning")
    if with_reasoning and isinstance(reasoning, Reasoning):
        yield reasoning.text


def _correction(
    messages: Sequence[BaseMessage], provider: Provider, count_text: CountText
) -> float:
    """Return by how much the provider's counts of answers differ from the estimate of them.

    Answers alone are compared: what was sent with them is not known any more, since histories
    are trimmed and summarised.
    """
    counted = estimated = _WEIGHT
    for message in messages:
        usage = message.usage_metadata if isinstance(message, AIMessage) else None
        if not usage or message.response_metadata.get("model_provider") != provider.name:
            continue
        (wire,) = _to_wire(message, provider)
        hidden = 0
        if not isinstance(wire.get("reasoning"), Reasoning):
            hidden = usage.get("output_token_details", {}).get("reasoning", 0)
        counted += max(usage["output_tokens"] - hidden, 0)
        estimated += sum(map(count_text, _texts_of(wire, with_reasoning=True)))
    return min(max(counted / estimated, 1 / _MOST), _MOST)
