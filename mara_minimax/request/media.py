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


def is_wire_part(part: object) -> bool:
    """Whether a part has a type of the wire and the key of that name."""
    kind = part.get("type") if isinstance(part, Mapping) else None
    return kind == "text" or kind in _FIELD_OF_LINK


def check_part(part: object) -> None:
    """Raise `UnsupportedInputError` for a part without the field that its type promises."""
    if (fault := fault_in(part)) is not None:
        raise mara_minimax.errors.UnsupportedInputError(f"{fault}.")


def fault_in(part: object) -> str | None:
    """Return what makes a part of content no part, `None` for one with all that it needs."""
    kind = part.get("type") if isinstance(part, Mapping) else None
    if not isinstance(part, Mapping) or not isinstance(kind, str):
        return f"A part of content has to be a dict with a type, not {type(part).__name__}"
    if kind == "text":
        whole = isinstance(part.get("text"), str)
    elif (field := _FIELD_OF_LINK.get(kind)) is not None:
        link = part.get(kind)
        value = link.get(field) if isinstance(link, Mapping) else link
        whole = isinstance(value, str) and bool(value)
    else:
        whole = True
    if whole:
        return None
    return f"Invalid content part of type {kind!r}: {kind!r} is missing, or it is not a string"


def check_media(
    messages: Sequence[Mapping[str, Any]], provider: Provider, profile: ModelProfile, model: str
) -> None:
    """Raise `UnsupportedInputError` for parts that a document says the model does not take.

    `messages` are those whose content is a list of parts.

    What no source tells of, for a known model or an unknown one, is sent: the provider judges.
    """
    for message in messages:
        for part in message["content"]:
            if (refusal := refusal_of(part, provider, profile, model)) is not None:
                reason, advice = refusal
                raise mara_minimax.errors.UnsupportedInputError(f"{reason}{advice}")


def refusal_of(
    part: object, provider: Provider, profile: ModelProfile, model: str
) -> tuple[str, str] | None:
    """Return why the model does not take a part, and advice; `None` if it does or nobody knows."""
    kind = part.get("type") if isinstance(part, Mapping) else None
    needed = _INPUT_OF_PART.get(str(kind), str(kind))
    if needed in profile.refused_inputs:
        advice = "Choose a model that does, or set parameter_policy='pass' if it has learned to."
        return (
            f"{provider.title}'s model {model!r} does not take {needed}",
            f" (content part {kind!r}; source: {profile.source}). {advice}",
        )
    if needed == "image" and not profile.image_urls and _is_link(part):
        return (
            f"{provider.title} takes images as base64 data only, not by URL",
            ": pass a `data:image/…;base64,…` URL.",
        )
    return None


def _is_link(part: Any) -> bool:
    image = part.get("image_url")
    url = image.get("url") if isinstance(image, Mapping) else image
    return isinstance(url, str) and not url.startswith("data:")
