"""Restore the reasoning of stored messages: what this package can have written, and no more.

Histories come back from stores and from clients, so that anybody may have written them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast, get_args

from mara_minimax.json_text import is_plain
from mara_minimax.reply.closers import split_at_lone_closer
from mara_minimax.reply.tags import TagDecoder
from mara_minimax.request.warnings import warn_left_out
from mara_minimax.types import JSONObject, Reasoning, ReasoningForm

_FORMS: Final = get_args(ReasoningForm)
_TEXTS: Final = ("provider", "family", "prefix", "suffix", "channel")


def restore_reasoning(text: object, details: object, record: Any) -> Reasoning | None:
    """Return the `Reasoning` that `to_record` described, in a message from an untrusted source.

    Missing parts get defaults, and unknown keys are ignored. With a part that `to_record` never
    writes, such as an unknown form, the result is `None`, with a `HistoryWarning`.
    """
    record = record or {}
    if (fault := _fault_in(text, details, record)) is not None:
        warn_left_out(f"reasoning ({fault})")
        return None
    default: ReasoningForm = "reasoning_details" if details else "reasoning_content"
    return Reasoning(
        text=cast("str", text or ""),
        form=record.get("form") or default,
        provider=record.get("provider") or "",
        family=record.get("family") or "",
        details=cast("list[JSONObject] | None", details or None),
        prefix=record.get("prefix") or "",
        suffix=record.get("suffix") or "",
        channel=record.get("channel"),
    )


def _fault_in(text: object, details: object, record: object) -> str | None:
    """Return the name of a part that `Reasoning.to_record` never writes, or `None`."""
    if not isinstance(record, Mapping):
        return "record"
    form = record.get("form")
    if form is not None and not (isinstance(form, str) and form in _FORMS):
        return "form"
    for name in _TEXTS:
        value = record.get(name)
        if value is not None and not isinstance(value, str):
            return name
    if text is not None and not isinstance(text, str):
        return "text"
    if details is not None and not _are_details(details):
        return "details"
    if form == "inline" and not _reads_back(text or "", record):
        return "text between tags"
    return None


def _are_details(details: object) -> bool:
    return (
        isinstance(details, list)
        and all(isinstance(entry, dict) for entry in details)
        and is_plain(details)
    )


def _reads_back(text: str, record: Mapping[str, Any]) -> bool:
    """Whether `text` with its tags is decoded as reasoning again, all of it.

    It is sent in front of the answer, and a misplaced tag would make it part of the answer.
    """
    wanted = (record.get("prefix") or "", text, record.get("suffix") or "")
    # Some tags count only where an answer follows.
    return any(
        _read("".join(wanted) + answer, inside) == (*wanted, answer)
        for inside in (False, True)
        for answer in ("", ".")
    )


def _read(content: str, starts_inside: bool) -> tuple[str, str, str, str]:
    """Return opening tag, reasoning, closing tag and answer, as the decoder of replies does."""
    decoder = TagDecoder(starts_inside=starts_inside)
    pieces = [decoder.decode(content), decoder.flush()]
    thought, answer = ("".join(kind) for kind in zip(*pieces, strict=True))
    if not (thought or decoder.prefix or decoder.suffix):
        thought, suffix, answer = split_at_lone_closer(answer) or ("", "", answer)
        return "", thought, suffix, answer
    return decoder.prefix, thought, decoder.suffix, answer
