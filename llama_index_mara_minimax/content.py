"""Convert LlamaIndex's content blocks into the content of wire messages."""

from __future__ import annotations

import base64
import mimetypes
from collections.abc import Callable, Sequence
from io import IOBase
from pathlib import Path

from llama_index.core.base.llms.types import (
    CacheControl,
    CachePoint,
    CitableBlock,
    CitationBlock,
    ContentBlock,
    DocumentBlock,
    ImageBlock,
    TextBlock,
    ThinkingBlock,
    ToolCallBlock,
    VideoBlock,
)

import mara_minimax
from mara_minimax.request.cache_marks import CACHE_CONTROL
from mara_minimax.request.media import check_part
from mara_minimax.request.warnings import warn_left_out
from mara_minimax.types import JSONObject

_SENT_ELSEWHERE = (ThinkingBlock, ToolCallBlock)
"""Blocks that are no content, but fields of their own."""

_TELLING = ("title", "url")
"""Fields of blocks that say what a block is that cannot be sent."""

_ToParts = Callable[[ContentBlock], list[JSONObject]]

_TEXT_TYPES = ("application/json", "application/xml", "application/yaml")


def to_wire_content(blocks: Sequence[ContentBlock]) -> str | list[JSONObject] | None:
    """Return one text where all becomes text, a list of parts otherwise."""
    return _join_texts(_to_marked_parts(blocks, _to_parts))


def to_assistant_content(blocks: Sequence[ContentBlock]) -> str | list[JSONObject] | None:
    """Return the text of a model's message, in parts only where one is marked for caching.

    Its blocks of text are pieces of one text. What is neither text, call nor reasoning is left
    out with a warning.
    """
    parts: list[JSONObject] = []
    for block in blocks:
        if isinstance(block, CachePoint):
            _mark_last(parts, block)
        elif isinstance(block, TextBlock):
            parts += _to_parts(block)
        elif not isinstance(block, _SENT_ELSEWHERE):
            found = [part["text"] for part in _to_parts_or_block(block) if part["type"] == "text"]
            if not found:
                warn_left_out(f"block of type {block.block_type}")
            # Cited text and documents stand on lines of their own.
            parts += [_text_part(f"\n{text}" if parts else text) for text in found]
    if any(CACHE_CONTROL in part for part in parts):
        return parts
    return "".join(part["text"] for part in parts) if parts else None


def to_tool_content(blocks: Sequence[ContentBlock]) -> str | list[JSONObject] | None:
    """Return the content of a tool result; a block that is no wire part keeps what it tells.

    The core replaces such blocks by their text: an error would end the agent.
    """
    return _join_texts(_to_marked_parts(blocks, _to_parts_or_block))


def plain_texts(blocks: Sequence[ContentBlock]) -> list[str] | None:
    """Return the texts of blocks that are nothing but text, or no content; `None` for others."""
    texts: list[str] = []
    for block in blocks:
        if isinstance(block, TextBlock) and isinstance(block.text, str):
            texts.append(block.text)
        elif not isinstance(block, _SENT_ELSEWHERE):
            return None
    return texts


def _to_parts_or_block(block: ContentBlock) -> list[JSONObject]:
    try:
        return _to_parts(block)
    except mara_minimax.errors.UnsupportedInputError:
        told = {name: str(value) for name in _TELLING if (value := getattr(block, name, None))}
        return [{"type": block.block_type, **told}]


def _to_marked_parts(blocks: Sequence[ContentBlock], to_parts: _ToParts) -> list[JSONObject]:
    """Return the parts of `blocks`; a point for caching is a mark on the part before it."""
    parts: list[JSONObject] = []
    for block in blocks:
        if isinstance(block, CachePoint):
            _mark_last(parts, block)
        else:
            parts += to_parts(block)
    return parts


def _mark_last(parts: list[JSONObject], point: CachePoint) -> None:
    if parts:
        parts[-1][CACHE_CONTROL] = _to_mark(point.cache_control)


def _join_texts(parts: list[JSONObject]) -> str | list[JSONObject]:
    if all(part.keys() == {"type", "text"} for part in parts):
        return "\n".join(part["text"] for part in parts)
    return parts


def _to_parts(block: ContentBlock) -> list[JSONObject]:
    match block:
        case TextBlock():
            return [_text_part(block.text)]
        case ImageBlock():
            url = _to_url(block, block.image, block.image_mimetype or "image/jpeg")
            return [_media_part("image_url", url, detail=block.detail)]
        case VideoBlock():
            url = _to_url(block, block.video, block.video_mimetype or "video/mp4")
            return [_media_part("video_url", url, detail=block.detail, fps=block.fps)]
        case DocumentBlock():
            return [_text_part(_document_text(block))]
        case CitableBlock():
            header = f"{block.title} ({block.source})"
            return [_text_part(header), *(part for b in block.content for part in _to_parts(b))]
        case CitationBlock():
            return _to_parts(block.cited_content)
    if isinstance(block, _SENT_ELSEWHERE):
        return []
    raise mara_minimax.errors.UnsupportedInputError(
        f"A {type(block).__name__} cannot be sent: the chat API takes text, images and video. "
        "Extract its text first."
    )


def _to_mark(control: CacheControl) -> JSONObject:
    mark = {"type": control.type}
    return {**mark, "ttl": control.ttl} if "ttl" in control.model_fields_set else mark


def _text_part(text: str) -> JSONObject:
    part = {"type": "text", "text": text}
    check_part(part)
    return part


def _media_part(kind: str, url: str, **quality: object) -> JSONObject:
    """Return an `image_url` or `video_url` part, with what the block says of its quality."""
    media = {"url": url, **{name: value for name, value in quality.items() if value}}
    return {"type": kind, kind: media}


def _document_text(block: DocumentBlock) -> str:
    """Return the text of a document that is text, under its title.

    Anything else needs a parser, and a URL a download; neither is this package's to choose.
    """
    # The framework guesses types of binary files only.
    mimetype = block.document_mimetype or mimetypes.guess_type(str(block.path))[0] or ""
    if not mimetype.startswith("text/") and mimetype not in _TEXT_TYPES:
        raise mara_minimax.errors.UnsupportedInputError(
            f"A DocumentBlock of type {mimetype or 'unknown'} cannot be sent: the chat API takes "
            "text, images and video. Extract its text first, or say that it is text with "
            "`document_mimetype`."
        )
    try:
        if isinstance(block.data, bytes):
            data = base64.b64decode(block.data)
        elif block.data is not None:
            block.data.seek(0)
            data = block.data.read()
        elif block.path is not None:
            data = Path(block.path).read_bytes()
        else:
            raise mara_minimax.errors.UnsupportedInputError(
                "A DocumentBlock needs data or a path: load its URL first."
            )
        text = data.decode()
    except (OSError, ValueError) as error:
        raise mara_minimax.errors.UnsupportedInputError(
            f"A DocumentBlock cannot be read: {error}."
        ) from error
    return f"{block.title}\n{text}"


def _to_url(block: ImageBlock | VideoBlock, data: bytes | IOBase | None, mimetype: str) -> str:
    """Return the block's URL as it is, else its bytes as a data URL."""
    # Blocks hold bytes as base64; a stream and a file hold the bytes themselves.
    encoded: bytes = b""
    try:
        if isinstance(data, bytes):
            encoded = data
        elif data is not None:
            data.seek(0)
            encoded = base64.b64encode(data.read())
        elif block.url is not None:
            return str(block.url)
        elif block.path is not None:
            encoded = base64.b64encode(block.path.read_bytes())
    except (OSError, ValueError) as error:
        raise mara_minimax.errors.UnsupportedInputError(
            f"The data of {type(block).__name__} cannot be read: {error}."
        ) from error
    if not encoded:
        raise mara_minimax.errors.UnsupportedInputError(
            f"{type(block).__name__} is empty: give it data, a path or a URL."
        )
    return f"data:{mimetype};base64,{encoded.decode('ascii')}"
