"""Convert LangChain message content into the content of wire messages.

Owns which block becomes which wire part: the standard blocks of LangChain (v1 and v0), the
parts of OpenAI's format and the blocks of Anthropic's. Whether a model takes an image or a
video is the core's to judge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import mara_minimax
from mara_minimax.json_text import to_json_text
from mara_minimax.request.cache_marks import CACHE_CONTROL
from mara_minimax.request.media import check_part
from mara_minimax.request.tool_results import text_in
from mara_minimax.request.warnings import warn_left_out
from mara_minimax.types import JSONObject

Content = str | Sequence[str | Mapping[str, Any]]

CALL_TYPES = frozenset(
    {"tool_call", "tool_call_chunk", "invalid_tool_call", "tool_use", "function_call"}
)
"""Blocks that repeat what `tool_calls` and `invalid_tool_calls` of the message hold."""

REASONING_TYPES = frozenset({"reasoning", "thinking", "redacted_thinking", "reasoning_content"})

_TEXTS = {
    "text": "text",
    "text-plain": "text",
    "input_text": "text",
    "output_text": "text",
    "refusal": "refusal",
    "reference": "text",
}
"""Blocks that are text, and the field that holds it; those of OpenAI's Responses API and Mistral's
cited spans included."""

_TEXT_AT_HEART = frozenset({"document", "search_result", "guard_content"})
"""Blocks of Anthropic and Bedrock that are sent as the text that they hold, if they hold any."""

_MARKS = frozenset({"cachePoint", "cache_point"})
"""Blocks that mark a place for the cache of Bedrock; marks stand on the parts themselves here."""

_MEDIA_TYPES = {"image": "image/jpeg", "video": "video/mp4"}
_OPENAI_PARTS = frozenset({"image_url", "video_url", "input_audio"})


def content_blocks(content: Content) -> list[Mapping[str, Any]]:
    """Return `content` as a list of blocks, plain strings as text blocks.

    Raises:
        UnsupportedInputError: It is no content, or has a block that cannot be told.
    """
    parts = [content] if isinstance(content, str) else content
    if not isinstance(parts, Sequence):
        raise mara_minimax.errors.UnsupportedInputError(
            f"Content has to be text or a list of blocks, not {type(content).__name__}."
        )
    blocks: list[Mapping[str, Any]] = []
    for part in parts:
        block: Any = {"type": "text", "text": part} if isinstance(part, str) else part
        if isinstance(block, Mapping) and block.get("type") == "non_standard":
            block = block.get("value")
        if not isinstance(block, Mapping) or not isinstance(block.get("type"), str | None):
            raise mara_minimax.errors.UnsupportedInputError(
                "A block of content has to be text or a dict with a type, not "
                f"{type(block).__name__}."
            )
        blocks.append(block)
    return blocks


def to_wire_content(content: Content) -> str | list[JSONObject]:
    """Return `content` as a string when it is text alone, else as a list of wire parts."""
    if isinstance(content, str):
        return content
    return _join_texts([_marked(_to_part(block), block) for block in _shown_blocks(content)])


def _shown_blocks(content: Content) -> list[Mapping[str, Any]]:
    """Return the blocks of content that are content, and not calls, results or reasoning."""
    elsewhere = CALL_TYPES | REASONING_TYPES | {"tool_result"}
    blocks = [block for block in content_blocks(content) if block.get("type") not in elsewhere]
    shown = [block for block in blocks if _MARKS.isdisjoint((block.get("type"), *block))]
    if len(shown) < len(blocks):
        warn_left_out("mark for a cache")
    return shown


def _join_texts(parts: list[JSONObject]) -> str | list[JSONObject]:
    """Return parts as a string when they are text and nothing else."""
    texts = [part["text"] for part in parts if part.keys() == {"type", "text"}]
    whole = [text for text in texts if isinstance(text, str)]
    return "\n".join(whole) if len(whole) == len(parts) else parts


def to_tool_content(content: Content) -> str | list[JSONObject]:
    """Return the content of a tool result; a block that is no wire part stays as it is.

    The core replaces such blocks by their text: an error would end the agent.
    """
    if isinstance(content, str):
        return content
    blocks = _shown_blocks(content)
    return _join_texts([_marked(_to_part_or_block(block), block) for block in blocks])


def _to_part_or_block(block: Mapping[str, Any]) -> JSONObject:
    if block.get("type") in _TEXT_AT_HEART:
        return dict(block)
    try:
        return _to_part(block)
    except mara_minimax.errors.UnsupportedInputError:
        return dict(block)


def to_assistant_content(content: Content) -> str | list[JSONObject]:
    """Return the text of a model's message, in parts only where one is marked for caching.

    Its blocks are pieces of one text.
    """
    if isinstance(content, str):
        return content
    parts = [
        _marked(_part("text", text), block)
        for block in content_blocks(content)
        if (text := _assistant_text(block))
    ]
    if any(CACHE_CONTROL in part for part in parts):
        return parts
    return "".join(part["text"] for part in parts)


def _assistant_text(block: Mapping[str, Any]) -> str:
    """Return the text of one block; what is neither text, call nor reasoning is left out."""
    kind = block.get("type", "text" if "text" in block else None)
    if kind in CALL_TYPES | REASONING_TYPES | {"refusal"}:
        return ""
    if kind in _TEXTS:
        text: str = _part("text", block.get(_TEXTS[kind]) or "")["text"]
        return text
    if kind == "audio" and isinstance(spoken := block.get("transcript"), str):
        return spoken
    warn_left_out(f"block of type {kind}")
    return ""


def refusal_in(content: Content) -> str:
    """Return the refusal that stands in `content` as blocks."""
    if isinstance(content, str):
        return ""
    texts = (block.get("refusal") for block in content_blocks(content))
    return "".join(text for text in texts if isinstance(text, str))


def reasoning_in(content: Content) -> str:
    """Return the reasoning that stands in `content` as blocks."""
    if isinstance(content, str):
        return ""
    thoughts = (
        block.get("reasoning") or block.get("thinking") or block.get("reasoning_content")
        for block in content_blocks(content)
        if block.get("type") in REASONING_TYPES
    )
    # Mistral and Bedrock put blocks where others have text.
    return "".join(text for thought in thoughts for text in text_in(thought))


def _to_part(block: Mapping[str, Any]) -> JSONObject:
    kind = block.get("type", "text" if "text" in block else None)
    if kind in _TEXTS:
        return _part("text", block.get(_TEXTS[kind]))
    if kind in _OPENAI_PARTS:
        value = block.get(kind)
        return _part(kind, {"url": value} if isinstance(value, str) else value)
    if kind in ("image", "video"):
        return _media_part(kind, block)
    if kind == "audio":
        return _part("input_audio", _audio(block))
    if kind == "input_image":
        return _part("image_url", {"url": block.get("image_url")})
    if kind in _TEXT_AT_HEART and (text := _text_at_heart(block)):
        return _part("text", text)
    if kind == "json":
        return _part("text", to_json_text(block.get("json")))
    msg = (
        f"Content of type {kind!r} cannot be sent to this API; "
        "it takes text, and for some models images and video."
    )
    raise mara_minimax.errors.UnsupportedInputError(msg)


def _marked(part: JSONObject, block: Mapping[str, Any]) -> JSONObject:
    """Return `part` with the mark for caching of its block, in either place that LangChain has."""
    extras = block.get("extras")
    mark = block.get(CACHE_CONTROL, extras.get(CACHE_CONTROL) if isinstance(extras, dict) else None)
    return {**part, CACHE_CONTROL: dict(mark)} if mark and isinstance(mark, Mapping) else part


def _text_at_heart(block: Mapping[str, Any]) -> str:
    """Return the text of a block that is text and nothing else, `""` for a file or a link."""
    holder = block.get("source") if block["type"] == "document" else block
    kind = holder.get("type") if isinstance(holder, Mapping) else None
    if kind not in ("text", "content", "search_result", "guard_content"):
        return ""
    inner = holder.get("content") if isinstance(holder, Mapping) else None
    parts = inner if isinstance(inner, list) else []
    if any(not isinstance(part, Mapping) or part.get("type") != "text" for part in parts):
        return ""
    return "\n".join(text_in(block))


def _part(kind: str, value: Any) -> JSONObject:
    """Return a wire part; raises `UnsupportedInputError` if `value` is not what it needs."""
    part = {"type": kind, kind: value}
    check_part(part)
    return part


def _media_part(kind: str, block: Mapping[str, Any]) -> JSONObject:
    """Return an `image_url` or `video_url` part from any way to name the media."""
    source = block.get("source")
    fields = source if isinstance(source, Mapping) else block
    mime = fields.get("mime_type") or fields.get("media_type") or _MEDIA_TYPES[kind]
    data = fields.get("base64") or fields.get("data")
    file_id = fields.get("file_id") or fields.get("id")
    if url := fields.get("url"):
        value: JSONObject = {"url": url}
    elif isinstance(data, str) and data:
        value = {"url": f"data:{mime};base64,{data}"}
    elif isinstance(file_id, str) and file_id:
        # MiniMax's own scheme for files uploaded to it; see `video_url` in
        # https://platform.minimax.io/docs/api-reference/text-openai-api (2026-11).
        value = {"url": file_id if "://" in file_id else f"mm_file://{file_id}"}
    else:
        msg = f"A block of type {kind!r} needs one of 'url', 'base64' or 'file_id'."
        raise mara_minimax.errors.UnsupportedInputError(msg)
    extras = block.get("extras")
    for name in ("detail", "fps", "max_long_side_pixel"):
        found = block.get(name, extras.get(name) if isinstance(extras, Mapping) else None)
        if found is not None:
            value[name] = found
    return _part(f"{kind}_url", value)


def _audio(block: Mapping[str, Any]) -> JSONObject:
    mime = str(block.get("mime_type") or "audio/wav")
    return {"data": block.get("base64") or block.get("data"), "format": mime.rpartition("/")[2]}
