"""Images and videos to wire content parts."""

from __future__ import annotations

import base64
from io import IOBase
from pathlib import Path

from llama_index.core.base.llms.types import ImageBlock, VideoBlock

from mara_minimax.errors import UnsupportedInputError
from mara_minimax.types import JSONObject


def to_image_part(block: ImageBlock) -> JSONObject:
    """Return an `image_url` part: the block's URL as it is, else its bytes as a data URL."""
    image: JSONObject = {
        "url": _to_url(block, block.image, block.path, block.url, block.image_mimetype)
    }
    if block.detail:
        image["detail"] = block.detail
    return {"type": "image_url", "image_url": image}


def to_video_part(block: VideoBlock) -> JSONObject:
    """Return a `video_url` part: the block's URL as it is, else its bytes as a data URL."""
    video: JSONObject = {
        "url": _to_url(block, block.video, block.path, block.url, block.video_mimetype)
    }
    if block.detail:
        video["detail"] = block.detail
    if block.fps:
        video["fps"] = block.fps
    return {"type": "video_url", "video_url": video}


def _to_url(
    block: ImageBlock | VideoBlock,
    data: bytes | IOBase | None,
    path: Path | None,
    url: object,
    mimetype: str | None,
) -> str:
    # Blocks hold bytes as base64; a stream and a file hold the bytes themselves.
    encoded: bytes = b""
    try:
        if isinstance(data, bytes):
            encoded = data
        elif data is not None:
            data.seek(0)
            encoded = base64.b64encode(data.read())
        elif url is not None:
            return str(url)
        elif path is not None:
            encoded = base64.b64encode(path.read_bytes())
    except (OSError, ValueError) as error:
        raise UnsupportedInputError(
            f"The data of {type(block).__name__} cannot be read: {error}."
        ) from error
    if not encoded:
        raise UnsupportedInputError(
            f"{type(block).__name__} is empty: give it data, a path or a URL."
        )
    mimetype = mimetype or ("image/jpeg" if isinstance(block, ImageBlock) else "video/mp4")
    return f"data:{mimetype};base64,{encoded.decode('ascii')}"
