"""What has to hold of every error, and the search for secrets in all that it shows."""

from __future__ import annotations

import math
import pickle
import re
import traceback
from collections import deque
from collections.abc import Iterator
from urllib.parse import unquote

import openai
from langchain_core.messages import BaseMessage
from langchain_core.outputs import Generation
from llama_index.core.base.llms.types import ChatMessage, ChatResponse, ToolCallBlock

from mara_minimax.errors import ProviderError
from mara_minimax.types import Delta, Reply
from tests.fuzz.mutations import SECRETS
from tests.secrets.canary import reachable

_RECEIVED = (Reply, Delta, BaseMessage, Generation, ChatMessage, ChatResponse, ToolCallBlock)
"""What may hold what a model said."""
_MOST_BYTES = 1_000_000
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|/)")


def faults_of(error: openai.OpenAIError) -> Iterator[str]:
    """Yield what is wrong with an error beside secrets in it."""
    text = str(error)
    if isinstance(error, ValueError | TypeError | RuntimeError):
        yield "frameworks swallow it"
    if not 0 < len(text) < 2_000:
        yield f"a text of {len(text):,} characters"
    if _CONTROL.search(text):
        yield "control characters in its text"
    if isinstance(error, ProviderError):
        yield from _provider_faults(error)
    try:
        restored = pickle.loads(pickle.dumps(error))
    except Exception as failure:  # noqa: BLE001 - whatever keeps it from another process
        yield f"pickling raises {type(failure).__name__}"
    else:
        if (type(restored), str(restored)) != (type(error), text):
            yield "pickling changes it"


def _provider_faults(error: ProviderError) -> Iterator[str]:
    for name in ("code", "request_id", "param", "type"):
        if not isinstance(getattr(error, name), str | None):
            yield f"{name} is not text"
    wait = error.retry_after
    if wait is not None and not (math.isfinite(wait) and wait >= 0):
        yield "retry_after is no time to wait"
    if error.partial and error.partial.tool_calls:
        yield "it gives out tool calls"
    if error.response is not None and len(error.response.content) > _MOST_BYTES:
        yield "its response has no bound"


def leaks_of(error: BaseException) -> Iterator[str]:
    """Yield where a secret stands, in whatever spelling."""
    for place, text in _shown(error):
        decoded = ""
        for name, secret in SECRETS.items():
            if secret in text:
                yield f"{name} in {place}"
            elif secret.lower() in (decoded := decoded or _decoded(text)):
                yield f"encoded {name} in {place}"


def _decoded(text: str) -> str:
    text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else "/", text)
    return f"{text}\n{unquote(text)}".lower()


def _shown(error: BaseException) -> Iterator[tuple[str, str]]:
    """Yield all that an error shows, and what its causes and our frames do.

    What was received of a reply is left out: a model may say what it likes.
    """
    yield "traceback", "".join(traceback.format_exception(error))
    for link in _chain(error):
        yield "text", f"{link!r} {link} {link.args!r}"
        for name, value in vars(link).items():
            if name != "partial":
                texts = reachable(value)
                joined = (t.decode("latin-1") if isinstance(t, bytes) else t for t in texts)
                yield name, "\n".join(joined)
        for frame, _ in traceback.walk_tb(link.__traceback__):
            if "mara_minimax" in frame.f_globals.get("__name__", ""):
                shown = " ".join(map(_repr, frame.f_locals.values()))
                yield f"locals of {frame.f_code.co_qualname}", shown


def _repr(value: object) -> str:
    held = value[0] if isinstance(value, list | deque) and value else value
    return "" if isinstance(held, _RECEIVED) else repr(value)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        link = waiting.pop()
        if link is not None and id(link) not in seen:
            seen.add(id(link))
            yield link
            waiting += [link.__cause__, link.__context__]
