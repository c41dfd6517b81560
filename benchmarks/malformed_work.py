"""Arguments of a call that are no JSON, through both adapters, in any length.

A model that forgets a quote or is cut off sends them. Only what the adapters do counts: adding
up LangChain's chunks, which parses all of them again, is left to the caller.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from benchmarks.long_streams import sse
from benchmarks.long_work import LANGCHAIN, LLAMA_INDEX, LongWork, Work

ARGUMENTS: dict[str, Callable[[int], str]] = {
    "no JSON": lambda n: '{"a": ' + "x" * n,
    "a text without end": lambda n: '{"a": "' + "x" * n,
    "a key without end": lambda n: '{"a": 1, "' + "x" * n,
    "quotes that are not escaped": lambda n: '{"a": "' + 'say "hi" ' * (n // 9),
    "objects without end": lambda n: '{"a": 1, "b": ' * (n // 14),
}
"""By what is wrong with them."""

PIECE = 16
"""Characters in one event, about what providers send."""


def _call(arguments: str, **fields: Any) -> list[dict[str, Any]]:
    return [{"index": 0, "function": {"arguments": arguments, **fields}}]


def _events(pieces: list[str], *, ended: bool = True) -> bytes:
    deltas: list[dict[str, Any]] = [{"tool_calls": _call("", name="save")}]
    deltas += [{"tool_calls": _call(piece)} for piece in pieces]
    choices = [{"index": 0, "delta": delta} for delta in deltas]
    if ended:
        choices.append({"index": 0, "delta": {}, "finish_reason": "tool_calls"})
    return sse({"id": "r", "choices": [choice]} for choice in choices)


def _in_pieces(arguments: str) -> bytes:
    return _events([arguments[at : at + PIECE] for at in range(0, len(arguments), PIECE)])


def _broken_off(arguments: str) -> bytes:
    return _events([arguments], ended=False)


def _plain(arguments: str) -> bytes:
    message = {"content": "", "tool_calls": _call(arguments, name="save")}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
    return json.dumps({"id": "r", "choices": [choice]}).encode()


FORMS: dict[str, Callable[[str], bytes]] = {
    "plain": _plain,
    "stream in pieces": _in_pieces,
    "stream in one piece": lambda arguments: _events([arguments]),
    "stream that breaks": _broken_off,
}


def _reading(
    arguments: Callable[[int], str], form: Callable[[str], bytes], package: str
) -> Callable[[int], Work]:
    def prepare(count: int) -> Work:
        from mara_minimax.encoded_request import EncodedRequest
        from mara_minimax.errors import IncompleteStreamError
        from mara_minimax.providers.endpoints import MINIMAX
        from mara_minimax.providers.models import find_profile
        from mara_minimax.reply.reader import ReplyReader

        data = form(arguments(count))
        pieces = [data[at : at + 4096] for at in range(0, len(data), 4096)]
        request = EncodedRequest({}, MINIMAX, find_profile("minimax", "MiniMax-M2"), stream=True)
        convert = _CONVERTERS[package](plain=form is _plain)

        def work() -> None:
            reader = ReplyReader(request)
            deltas = [delta for piece in pieces for delta in reader.decode(piece)]
            try:
                deltas += reader.flush()
            except IncompleteStreamError:
                if form is not _broken_off:
                    raise
            convert(deltas)

        return work

    return prepare


def _to_langchain(*, plain: bool) -> Callable[[list[Any]], None]:
    from langchain_mara_minimax.chunks import ChunkBuilder
    from langchain_mara_minimax.replies import from_reply

    def convert(deltas: list[Any]) -> None:
        if plain:
            from_reply(deltas[-1].reply, provider="minimax", model="m")
            return
        builder = ChunkBuilder(provider="minimax", model="m")
        for delta in deltas:
            builder.from_delta(delta)
        if deltas[-1].reply is None:
            builder.abort()

    return convert


def _to_llama_index(*, plain: bool) -> Callable[[list[Any]], None]:
    from llama_index_mara_minimax.chunks import ChunkBuilder
    from llama_index_mara_minimax.replies import from_reply

    def convert(deltas: list[Any]) -> None:
        if plain:
            from_reply(deltas[-1].reply)
            return
        builder = ChunkBuilder()
        for delta in deltas:
            builder.from_delta(delta)

    return convert


_CONVERTERS = {LANGCHAIN: _to_langchain, LLAMA_INDEX: _to_llama_index}

MALFORMED_WORK = tuple(
    LongWork(package, f"{what}, {name}", _reading(arguments, form, package))
    for what, arguments in ARGUMENTS.items()
    for name, form in FORMS.items()
    for package in _CONVERTERS
)
