"""Good values made bad: JSON changed piece by piece, bytes damaged, secrets echoed.

A mutation is a plain value that hypothesis draws and shrinks; applying it is deterministic.
What Python's JSON writer cannot write stands in a value as a mark, which `to_wire` replaces:
deep nesting, a key that stands twice, a secret in the escapes of JSON.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st

from tests.core.wire import to_json

_NAMES = (
    "id", "choices", "delta", "message", "messages", "content", "reasoning", "reasoning_content",
    "reasoning_details", "channel", "tool_calls", "function", "name", "arguments", "index",
    "finish_reason", "usage", "total_tokens", "prompt_tokens", "completion_tokens_details",
    "base_resp", "status_code", "status_msg", "error", "type", "code", "http_code", "model",
    "logprobs", "text", "request_id", "role", "tool_call_id", "param", "form", "provider",
    "family", "prefix", "suffix", "details", "block_order", "additional_information",
)  # fmt: skip
"""Keys of requests and answers, of stored reasoning, and of what a message is made of."""

_ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 10**20, 10**400, -1e308, float("inf"), float("-inf"),
    float("nan"), "", "x", "0", "1", "\ud800", "\x00", "\x1b]0;x\x07", "a\r\nb", "\u202e", "é",
    "٣", [], [None], {}, [[]], [{}], {"x": None}, [[[[["x"]]]]], "<think>", "</think>",
    [{"type": "text"}], [{"type": "text", "text": "part"}, {"type": "image", "text": "no"}, None],
    "system", "user", "tool", "inline", "stop", "length", "content_filter", "tool_calls",
    '{"name": "f", "arguments": {}}', "x" * 700,
)  # fmt: skip
"""Values of every JSON type, and some that look right."""

FRAGMENTS = (
    b"data: ", b"data:", b"{", b"}", b"[", b"]", b"\n", b"\r\n", b"\n\n", b":", b",", b'"',
    b"event: error\n", b"[DONE]", b'"choices"', b'"delta"', b'"content"', b'"error"', b"null",
    b'{"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}', b"\xff", b"\xef\xbb\xbf",
    b"0", b'{"choices":[{"message":', b'"base_resp"', b'"\\ud800"', b"1e999", b"NaN", b'"id"',
    b'"tool_calls"', b'"function"', b'"arguments"', b'"name"', b'"index"', b'"reasoning"',
    b'"reasoning_content"', b'"reasoning_details"', b'"text"', b'"usage"', b'"total_tokens"',
    b'"finish_reason"', b'"message"', b'"messages"', b'"type"', b'"code"', b'"status_code"',
    b'"http_code"', b"<think>", b"</think>", b"<mm:think>", b"</mm:think>", b"\\n", b"true",
    b"", b"\x00", b"\x1b", b"\\", b": ping\n\n",
)  # fmt: skip
"""What bodies are made of, and what breaks them."""

SECRETS = {
    "key": "sk-Zq7X/k2Vb4Rm8+Tn6WpL3Dc9Hs5Gf1==",
    "header": "Ue5Jw8/Ao3Ni7+Bx2Qm6Ct9Kv4Pr1Lz",
}
"""The API key and the value of a default header, with letters that encodings change."""
ECHOES = {
    "plain": str,
    "escaped": lambda text: "".join(f"\\u{ord(letter):04x}" for letter in text),
    "slashed": lambda text: text.replace("/", "\\/").replace("+", "\\u002B"),
    "quoted": partial(quote, safe=""),
    "upper": str.upper,
}
"""Ways in which a server can repeat a secret."""
ECHOED = [f"@{name}:{echo}@" for name in SECRETS for echo in ECHOES]
"""Marks, behind each of which stands a repeated secret."""
_TWICE = "@twice:"
_MARK = re.compile(
    rb'"@twice:|@(?P<secret>key|header):(?P<echo>\w+)@|"@nest:(?P<kind>[\[{])(?P<depth>\d+)"'
)

CUTS = st.lists(st.integers(0, 9_999), max_size=4)
"""Where something is cut, wherever its end is; see `positions`."""
DAMAGES = st.lists(
    st.tuples(st.integers(0, 9_999), st.sampled_from((0, 0, 1, 5, 30)), st.sampled_from(FRAGMENTS)),
    max_size=3,
)
"""Places in bytes, how many go there, and what comes in."""
_VALUES = (
    st.sampled_from(_ODD)
    | st.sampled_from([f"bad key {mark}" for mark in ECHOED])
    | st.builds("@nest:{}{}".format, st.sampled_from("[{"), st.integers(1, 3_000))
    | st.floats()
    | st.text(st.characters(exclude_categories=()), max_size=6)
)


@dataclass(frozen=True)
class Mutation:
    """One change of a JSON value; which place it means depends on how many there are."""

    place: int
    change: str
    name: str
    value: Any


MUTATIONS = st.lists(
    st.builds(
        Mutation,
        st.integers(0, 9_999),
        st.sampled_from(
            ("replace", "replace", "delete", "add", "rename", "twice", "repeat", "swap")
        ),
        st.sampled_from(_NAMES),
        _VALUES,
    ),
    max_size=4,
)


def mutate(value: Any, mutations: Sequence[Mutation]) -> Any:
    """Return a copy of `value`, a list or dict, with all the mutations."""
    value = copy.deepcopy(value)
    for mutation in mutations:
        found = list(places(value))
        if found:
            _change(*found[mutation.place % len(found)], mutation)
        elif isinstance(value, dict):
            value[mutation.name] = copy.deepcopy(mutation.value)
    return value


def _change(holder: Any, key: Any, mutation: Mutation) -> None:
    name, new = mutation.name, copy.deepcopy(mutation.value)
    match mutation.change:
        case "replace":
            holder[key] = new
        case "delete":
            del holder[key]
        case _ if isinstance(holder, list):
            _change_list(holder, key, mutation.change, new)
        case "rename":
            holder[name] = holder.pop(key)
        case "twice":
            holder[f"{_TWICE}{key}"] = new
        case "swap":
            holder[key], holder[name] = holder.get(name), holder[key]
        case _:
            holder[name] = {key: new} if mutation.change == "repeat" else new


def _change_list(holder: list[Any], key: int, change: str, new: Any) -> None:
    if change == "swap":
        holder[key], holder[0] = holder[0], holder[key]
    else:
        holder.insert(key, holder[key] if change == "repeat" else new)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each place in a JSON value, as what holds it and its key or index there."""
    keys = value if isinstance(value, dict) else range(len(value))
    for key in list(keys):
        yield value, key
        if isinstance(value[key], dict | list):
            yield from places(value[key])


def to_wire(value: Any) -> bytes:
    """Return JSON, with what stands behind the marks."""
    try:
        return filled(to_json(value))
    except UnicodeEncodeError:
        # Lone surrogates, which JSON can only hold escaped.
        return filled(json.dumps(value).encode())


def filled(data: bytes) -> bytes:
    """Return bytes with what stands behind the marks."""
    return _MARK.sub(_unmarked, data)


def _unmarked(mark: re.Match[bytes]) -> bytes:
    found = mark.groupdict()
    if secret := found["secret"]:
        return ECHOES[found["echo"].decode()](SECRETS[secret.decode()]).encode()
    if found["depth"] is None:
        return b'"'
    depth = int(found["depth"])
    if found["kind"] == b"[":
        return b"[" * depth + b"]" * depth
    return b'{"a":' * depth + b"1" + b"}" * depth


def to_value(value: Any, deepest: int) -> Any:
    """Return a value of Python, with what stands behind the marks but never deeper than that."""
    if isinstance(value, str):
        if nest := re.fullmatch(r"@nest:([\[{])(\d+)", value):
            deep: Any = 1
            for _ in range(min(int(nest[2]), deepest)):
                deep = [deep] if nest[1] == "[" else {"a": deep}
            return deep
        return value.removeprefix(_TWICE)
    if isinstance(value, list):
        return [to_value(item, deepest) for item in value]
    if isinstance(value, Mapping):
        return {to_value(key, deepest): to_value(item, deepest) for key, item in value.items()}
    return value


def damaged(data: bytes, damages: Sequence[tuple[int, int, bytes]]) -> bytes:
    """Return bytes of which some are lost and some replaced."""
    for place, length, fragment in damages:
        start = place % (len(data) + 1)
        data = data[:start] + fragment + data[start + length :]
    return data


def positions(cuts: Sequence[int], size: int) -> list[int]:
    """Return where to cut something of `size`."""
    return sorted(cut % (size + 1) for cut in cuts)
