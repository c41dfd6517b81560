"""Send reasoning back: byte for byte in the form it came in, or not at all.

MiniMax asks for the whole assistant message, its `reasoning_details` or `<think>` text
included (https://platform.minimax.io/docs/api-reference/text-openai-api, 2026-11).
"""

from __future__ import annotations

from mara_minimax.models import ModelProfile
from mara_minimax.providers import Provider
from mara_minimax.types import JSONObject, Reasoning


def place_reasoning(message: JSONObject, provider: Provider, profile: ModelProfile) -> None:
    """Put the `Reasoning` under the message's key `reasoning` on the wire, in place.

    From another provider it is converted when both models are of one family and left out
    otherwise. Plain wire values (strings, lists) are left as they are.
    """
    reasoning = message.get("reasoning")
    if not isinstance(reasoning, Reasoning):
        return
    del message["reasoning"]
    if not reasoning.wire_text and not reasoning.details:
        return
    same_provider = reasoning.provider in ("", provider.name)
    if not same_provider and reasoning.family != profile.family:
        return
    form = reasoning.form if same_provider else provider.reasoning_form
    if form == "reasoning_details":
        message["reasoning_details"] = _details_of(reasoning)
    elif form == "inline":
        _prepend(message, _inline_text(reasoning))
    else:
        message[form] = reasoning.wire_text if reasoning.form != "inline" else reasoning.text
        if form == "reasoning" and reasoning.channel:
            message["channel"] = reasoning.channel


def _details_of(reasoning: Reasoning) -> list[JSONObject]:
    """Return the details as received, or one entry of the form MiniMax sends."""
    if reasoning.details:
        return reasoning.details
    return [
        {
            "type": "reasoning.text",
            "id": "reasoning-text-1",
            "format": "MiniMax-response-v1",
            "index": 0,
            "text": reasoning.text,
        }
    ]


def _inline_text(reasoning: Reasoning) -> str:
    if reasoning.form == "inline":
        return reasoning.wire_text
    return f"<think>\n{reasoning.text}\n</think>\n\n"


def _prepend(message: JSONObject, text: str) -> None:
    content = message.get("content")
    if isinstance(content, list):
        message["content"] = [{"type": "text", "text": text}, *content]
    else:
        message["content"] = text + (content or "")
