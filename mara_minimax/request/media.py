"""Content parts other than text: which models take them, and in which form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import mara_minimax
from mara_minimax.providers.endpoints import Provider
from mara_minimax.providers.models import ModelProfile

_INPUT_OF_PART = {
    "text": "text",
    "image_url": "image",
    "video_url": "video",
    "input_audio": "audio",
    "audio": "audio",
    "video": "video",
    "file": "file",
}
"""Part types of the wire and the input that each one needs."""


_FIELD_OF_LINK = {
    "image_url": "url",
    "video_url": "url",
    "input_audio": "data",
}
"""Part types that refer to media, and the field that holds the reference or the data."""


def check_content(content: object, role: str) -> None:
    """Raise `UnsupportedInputError` unless `content` is text, parts, or nothing."""
    if content is None or isinstance(content, str):
        return
    if not isinstance(content, list):
        raise mara_minimax.errors.UnsupportedInputError(
            f"The content of a {role} message has to be text or a list of parts, not "
            f"{type(content).__name__}."
        )
    for part in content:
        if not isinstance(part, str):
            check_part(part)


def check_part(part: object) -> None:
    """Raise `UnsupportedInputError` for a part without the field that its type promises."""
    kind = part.get("type") if isinstance(part, Mapping) else None
    if not isinstance(part, Mapping) or not isinstance(kind, str):
        raise mara_minimax.errors.UnsupportedInputError(
            f"A part of content has to be a dict with a type, not {type(part).__name__}."
        )
    if kind == "text":
        whole = isinstance(part.get("text"), str)
    elif (field := _FIELD_OF_LINK.get(kind)) is not None:
        link = part.get(kind)
        value = link.get(field) if isinstance(link, Mapping) else link
        whole = isinstance(value, str) and bool(value)
    else:
        whole = True
    if not whole:
        raise mara_minimax.errors.UnsupportedInputError(
            f"Invalid content part of type {kind!r}: {kind!r} is missing, or it is not a string."
        )


def check_media(
    messages: Sequence[Mapping[str, Any]], provider: Provider, profile: ModelProfile, model: str
) -> None:
    """Raise `UnsupportedInputError` for parts that a document says the model does not take.

    What no source tells of, for a known model or an unknown one, is sent: the provider judges.
    """
    for message in messages:
        content = message.get("content")
        if not isinstance(content, list):
            continue
        for part in content:
            kind = part.get("type") if isinstance(part, Mapping) else None
            needed = _INPUT_OF_PART.get(str(kind), str(kind))
            if needed in profile.refused_inputs:
                raise mara_minimax.errors.UnsupportedInputError(
                    f"{provider.title}'s model {model!r} does not take {needed} (content part "
                    f"{kind!r}; source: {profile.source}). Choose a model that does, or set "
                    "parameter_policy='pass' if it has learned to."
                )
            if needed == "image" and not profile.image_urls:
                _check_image_data(part, provider)


def _check_image_data(part: Mapping[str, Any], provider: Provider) -> None:
    image = part.get("image_url")
    url = image.get("url") if isinstance(image, Mapping) else image
    if isinstance(url, str) and not url.startswith("data:"):
        raise mara_minimax.errors.UnsupportedInputError(
            f"{provider.title} takes images as base64 data only, not by URL: "
            "pass a `data:image/…;base64,…` URL."
        )
