"""JSON from outside and to outside: read by one set of rules, and written by one.

What is read is never nested deeper than `MAX_DEPTH`, so that no walk over it can exhaust the
stack. Bodies are read leniently, because a reply that was paid for must not be lost to an odd
number in its `usage`. Arguments of tool calls are read strictly, because code runs with them.
"""

from __future__ import annotations

import json
import math
from typing import Any, Final, NoReturn

import jiter
from pydantic_core import to_json, to_jsonable_python

import mara_minimax
from mara_minimax import limits

MAX_DEPTH: Final = 200
"""Objects and arrays inside each other; jiter's own limit."""


def parse_json(data: bytes | str) -> Any:
    """Return the JSON value in a body or an event.

    `NaN`, infinities, repeated keys (the last one counts) and lone surrogates are read. Raises
    `ValueError`, and nothing else, for what is not JSON or is nested deeper than `MAX_DEPTH`.
    """
    try:
        return jiter.from_json(data.encode() if isinstance(data, str) else data)
    except ValueError:
        # jiter refuses lone surrogates, which models do produce and the json module reads.
        return _decode(_LENIENT, data)


def is_dense(data: bytes) -> bool:
    """Whether JSON has more brackets than `MAX_CONTAINERS`: its objects could fill the memory."""
    limit = limits.MAX_CONTAINERS
    return len(data) > limit and data.count(b"{") + data.count(b"[") > limit


def parse_object(text: Any) -> dict[str, Any] | None:
    """Return the one complete JSON object that `text` is, such as the arguments of a tool call.

    `None` for anything else. `NaN`, infinities, numbers that no float can hold, repeated keys
    and deep nesting are refused: readers disagree on what they mean, or break.
    """
    if not isinstance(text, str):
        return None
    try:
        value = _decode(_STRICT, text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def parse_object_at(text: str, start: int) -> tuple[dict[str, Any] | None, int]:
    """Return the JSON object that begins with the `{` at `start`, and where to read on.

    The rules are those of `parse_object`, but strings may hold raw line breaks, which models
    write. What breaks off or breaks a rule gives `None`, and nothing within it is an object:
    to read on begins behind it.
    """
    try:
        _, end = _LOOSE.raw_decode(text, start)
    except RecursionError:
        return None, len(text)
    except ValueError as error:
        return None, max(getattr(error, "pos", 0), start + 1)
    try:
        return _decode(_STRICT_BUT_BREAKS, text[start:end]), end
    except ValueError:
        return None, end


def parse_partial_object(text: str) -> dict[str, Any] | None:
    """Return the JSON object that `text` is the beginning of; `None` for any other text.

    `NaN` and infinities are not JSON here either.
    """
    try:
        value = jiter.from_json(text.encode(), partial_mode="trailing-strings", allow_inf_nan=False)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def is_plain(value: object) -> bool:
    """Whether `value` consists of JSON's own types, no deeper than `MAX_DEPTH`.

    A list or dict that occurs twice, or inside itself, does not count as plain.
    """
    level, seen = [value], set[int]()
    for _ in range(MAX_DEPTH + 1):
        containers = [item for item in level if type(item) not in _SCALARS]
        if not containers:
            return True
        level = []
        for item in containers:
            if isinstance(item, float) and math.isfinite(item):
                continue
            if not isinstance(item, list | dict) or id(item) in seen:
                return False
            seen.add(id(item))
            if isinstance(item, list):
                level += item
            elif all(isinstance(key, str) for key in item):
                level += item.values()
            else:
                return False
    return False


_SCALARS: Final = frozenset({str, int, bool, type(None)})


def to_json_text(value: Any) -> str:
    """Return `value` as JSON text: dates as text, sets as lists, models as objects.

    Raises `ParameterError` for `NaN`, infinities and what pydantic cannot write either.
    """
    try:
        return _write(value)
    except (TypeError, ValueError, RecursionError) as error:
        problem = str(error)
    raise mara_minimax.errors.ParameterError(f"A value cannot be written as JSON: {problem}.")


def to_json_bytes(value: Any) -> bytes:
    """Return `value` as the bytes of a request, under the rules of `to_json_text`."""
    try:
        written = to_json(value)
    except (TypeError, ValueError, RecursionError):
        # Lone surrogates have no UTF-8 form, but JSON can escape them.
        return _write_escaped(value)
    if b"NaN" in written or b"Infinity" in written:
        # Perhaps only as words of a text.
        return _write_escaped(value)
    return written


def _write_escaped(value: Any) -> bytes:
    try:
        return _write_ascii(value).encode()
    except (TypeError, ValueError, RecursionError) as error:
        problem = str(error)
    raise mara_minimax.errors.ParameterError(
        f"{_unwritable_part(value)} cannot be written as JSON: {problem}."
    )


def _unwritable_part(value: Any) -> str:
    """Return the field of a body that cannot be written, for a message."""
    for name, field in value.items() if isinstance(value, dict) else ():
        try:
            _write_ascii({name: field})
        except (TypeError, ValueError, RecursionError):
            return f"The request's {name!r}"
    return "The request"


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in an object")
    return found


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is out of range")
    return number


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


# Made once: the functions of the json module make one for every call that has options.
_LENIENT: Final = json.JSONDecoder()
_LOOSE: Final = json.JSONDecoder(strict=False)
_STRICT: Final = json.JSONDecoder(
    object_pairs_hook=_unique, parse_float=_finite, parse_constant=_refuse_constant
)
_STRICT_BUT_BREAKS: Final = json.JSONDecoder(
    object_pairs_hook=_unique,
    parse_float=_finite,
    parse_constant=_refuse_constant,
    strict=False,
)
_write: Final = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, default=to_jsonable_python
).encode
_write_ascii: Final = json.JSONEncoder(
    allow_nan=False, default=to_jsonable_python, separators=(",", ":")
).encode


def _decode(decoder: json.JSONDecoder, data: bytes | str) -> Any:
    """Return the value in `data`; every failure is a `ValueError` that does not quote it."""
    problem = "it is not JSON"
    try:
        text = (
            data
            if isinstance(data, str)
            else data.decode(json.detect_encoding(data), "surrogatepass")
        )
        value = decoder.decode(text.removeprefix("\ufeff"))
        if _is_shallow(text) or not _is_deep(value):
            return value
        problem = f"it is nested deeper than {MAX_DEPTH}"
    except RecursionError:
        problem = f"it is nested deeper than {MAX_DEPTH}"
    except ValueError:
        pass
    # Not from the parser's error, which holds the data.
    raise ValueError(problem)


def _is_shallow(text: str) -> bool:
    """Whether `text` has too few brackets to be deep, which is true of most and quick to see."""
    return text.count("[") + text.count("{") <= MAX_DEPTH


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            item
            for container in level
            if isinstance(container, dict | list)
            for item in (container.values() if isinstance(container, dict) else container)
        ]
        if not level:
            return False
    return any(isinstance(item, dict | list) for item in level)
