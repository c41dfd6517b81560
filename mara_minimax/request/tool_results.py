"""Tool results that hold more than text: what cannot be sent is replaced by words that say so.

The user did not write them, and they stay in the history: an error would end the agent that
called the tool, and every later turn of its thread. What a user writes is refused instead
(`check_media`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from mara_minimax.encoded_request import HistoryWarning, RequestWarning
from mara_minimax.providers.endpoints import Provider
from mara_minimax.providers.models import ModelProfile
from mara_minimax.request.history import MAPPINGS
from mara_minimax.request.media import fault_in, is_wire_part, refusal_of
from mara_minimax.types import JSONObject

_NOT_A_PART: Final = "it is no content of the chat API"
_TEXT_ONLY: Final = "takes text alone in a tool result"

_KINDS: Final = {"image_url": "image", "video_url": "video", "input_audio": "audio"}
"""What parts of the wire are called in words; other blocks are called by their type."""

_TELLING: Final = (
    "title", "name", "filename", "url", "uri", "file_id", "description", "transcript",
    "refusal", "text", "content", "output", "source", "image_url", "video_url", "file",
    "resource", "guard_content",
)  # fmt: skip
"""Keys under which blocks of Anthropic, OpenAI, LangChain, LlamaIndex and MCP keep text and links,
in the order in which they are told."""
_MAX_DEPTH: Final = 8
_TOOL_ROLES: Final = ("tool", "function")


def replace_unsendable(
    messages: Sequence[Mapping[str, Any]],
    provider: Provider,
    profile: ModelProfile,
    model: str,
    *,
    judge: bool = True,
) -> tuple[list[Mapping[str, Any]], tuple[RequestWarning, ...]]:
    """Return `messages` whose tool results can be sent, and a warning for each kind replaced.

    A part that is no part of the wire, or that host or model do not take, becomes a line in
    brackets with the reason, and the text and links that it holds. Without `judge`, host and
    model are not asked.
    """
    warnings: dict[str, RequestWarning] = {}

    def to_part(part: Any) -> Any:
        reason = _reason_against(part, provider, profile, model, judge=judge)
        if reason is None:
            return part
        kind = _kind_of(part)
        told = f"{kind} not sent: {reason}"
        warnings[kind] = RequestWarning(
            f"Tool result with {told}. Its text, if it has any, is sent instead.",
            ("tool result", provider.title, model, kind),
            HistoryWarning,
        )
        return {"type": "text", "text": "\n".join([f"[{told}]", *text_in(part)])}

    replaced = [
        {**message, "content": _joined([to_part(part) for part in message["content"]])}
        if isinstance(message, MAPPINGS)
        and message.get("role") in _TOOL_ROLES
        and isinstance(message.get("content"), list)
        else message
        for message in messages
    ]
    return replaced, tuple(warnings.values())


def text_in(block: object, depth: int = 0) -> Iterator[str]:
    """Yield the texts and links that a block of any origin holds; base64 data is none of them."""
    if isinstance(block, str):
        if block and not block.startswith("data:"):
            yield block
    elif depth > _MAX_DEPTH:
        return
    elif isinstance(block, Mapping):
        # Anthropic's documents keep plain text under `data`.
        keys = (*_TELLING, "data") if block.get("type") == "text" else _TELLING
        for key in keys:
            yield from text_in(block.get(key), depth + 1)
    elif isinstance(block, list | tuple):
        for item in block:
            yield from text_in(item, depth + 1)


def _reason_against(
    part: Any, provider: Provider, profile: ModelProfile, model: str, *, judge: bool
) -> str | None:
    """Return why a part of a tool result cannot be sent, `None` if it can."""
    if isinstance(part, str):
        return None
    if not is_wire_part(part):
        return _NOT_A_PART
    if fault := fault_in(part):
        return fault
    if not judge or part["type"] == "text":
        return None
    if provider.text_only_tool_results:
        return f"{provider.title} {_TEXT_ONLY}"
    refusal = refusal_of(part, provider, profile, model)
    return refusal[0] if refusal else None


def _kind_of(part: object) -> str:
    kind = part.get("type") if isinstance(part, Mapping) else None
    return _KINDS.get(kind, kind) if isinstance(kind, str) else "block"


def _joined(parts: list[Any]) -> str | list[JSONObject]:
    """Return parts as one text where they are text and nothing else, which every host takes."""
    texts = [
        part if isinstance(part, str) else part["text"]
        for part in parts
        if isinstance(part, str) or part.keys() == {"type", "text"}
    ]
    return "\n".join(texts) if len(texts) == len(parts) else parts
