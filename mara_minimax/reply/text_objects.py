"""Find JSON objects in what a model wrote: alone, in code fences, among other words. Pure.

What an object means is for the caller to decide; most text that holds one is about it.
"""

from __future__ import annotations

import re
from typing import Final

from mara_minimax.json_text import parse_object, parse_object_at, parse_partial_object
from mara_minimax.types import JSONObject

_SOLE_FENCE: Final = re.compile(r"```(?:json)?[ \t]*\r?\n(.*)```", re.DOTALL | re.IGNORECASE)
_OPEN_FENCE: Final = re.compile(r"```\w*[ \t]*\r?\n(.*?)(?:```|\Z)", re.DOTALL)
_START: Final = re.compile(r"\{\s*\"")
_MAX_STARTS: Final = 1000
"""Places in one text where an object is looked for, so that no text takes long to read."""


def sole_object(text: str) -> JSONObject | None:
    """Return the object that all of `text` is, plain or in one fence with nothing around it."""
    text = text.strip()
    fence = _SOLE_FENCE.fullmatch(text)
    return parse_object(fence.group(1) if fence else text)


def objects_in(text: str) -> list[JSONObject]:
    """Return the objects in `text`, those in code fences first; not those inside others.

    If all of `text` is an object, it is that one.
    """
    sole = sole_object(text)
    if sole is not None:
        return [sole]
    fenced: list[JSONObject] = []
    others: list[JSONObject] = []
    in_fence, counted, at = False, 0, 0
    for _ in range(_MAX_STARTS):
        match = _START.search(text, at)
        if match is None:
            break
        start = match.start()
        in_fence ^= text.count("```", counted, start) % 2 == 1
        found, at = parse_object_at(text, start)
        # Fences inside an object are part of its strings.
        counted = start if found is None else at
        if found is not None:
            (fenced if in_fence else others).append(found)
    return fenced + others


def partial_object_in(text: str) -> JSONObject | None:
    """Return what there is so far of the object that `text` is, plain or in its first fence."""
    text = text.strip()
    if not text.startswith("{"):
        # Found before it is matched, because this is asked again for every piece of a stream.
        fence = _OPEN_FENCE.match(text, text.find("```")) if "```" in text else None
        text = fence.group(1).strip() if fence else ""
    return parse_partial_object(text) if text.startswith("{") else None
