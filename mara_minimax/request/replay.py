"""Send reasoning back: byte for byte in the form it came in, or not at all.

MiniMax asks for the whole assistant message, its `reasoning_details` or `<think>` text
included (https://platform.minimax.io/docs/api-reference/text-openai-api, 2026-11).
"""

from __future__ import annotations

import re
from typing import Final

from mara_minimax.providers.endpoints import Provider
from mara_minimax.providers.models import ModelProfile
from mara_minimax.reply.tags import TAGS
from mara_minimax.request.history import has_content
from mara_minimax.types import REASONING_TEXT_FIELDS, JSONObject, Reasoning

_CLOSERS: Final = re.compile("|".join(TAGS.values()))


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
    if form == "reasoning_details" and not provider.replays_details:
        form = provider.reasoning_form
    if reasoning.text and not (provider.requires_content_key or has_content(message)):
        # Cut within its reasoning: MiniMax refuses empty content ("chat content is empty",
        # https://github.com/openclaw/openclaw/issues/64644, 2026), and takes tags in it.
        form = "inline"
    # Only known forms, so that no other keys than these can be written.
    match form:
        case "reasoning_details":
            message["reasoning_details"] = _details_of(reasoning)
        case "inline":
            _prepend(message, reasoning)
        case _ if form in REASONING_TEXT_FIELDS:
            message[form] = _field_text(reasoning)
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


def _field_text(reasoning: Reasoning) -> str:
    return reasoning.text if reasoning.form == "inline" else reasoning.wire_text


def _prepend(message: JSONObject, reasoning: Reasoning) -> None:
    content = message.get("content")
    if reasoning.form == "inline" and (reasoning.suffix or not content):
        text = reasoning.wire_text
    else:
        # In tags of its own, without closing tags in the text, which would end them early.
        text = f"<think>\n{_CLOSERS.sub(' ', reasoning.text)}\n</think>\n\n"
    if isinstance(content, list):
        message["content"] = [{"type": "text", "text": text}, *content]
    else:
        message["content"] = text + (content or "")
