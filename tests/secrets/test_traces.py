"""What frameworks copy of a call into callbacks, runs, events, spans and caches has no secret."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from langchain_core.caches import BaseCache, InMemoryCache
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.load import dumps, loads
from langchain_core.tracers import BaseTracer
from llama_index.core.callbacks import CallbackManager
from llama_index.core.callbacks.base_handler import BaseCallbackHandler as IndexHandler
from llama_index.core.instrumentation import get_dispatcher
from llama_index.core.instrumentation.event_handlers import BaseEventHandler
from llama_index.core.instrumentation.events import BaseEvent
from llama_index.core.instrumentation.span import BaseSpan
from llama_index.core.instrumentation.span_handlers import BaseSpanHandler
from llama_index.core.prompts import PromptTemplate
from pydantic import BaseModel, Field, SecretStr

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from llama_index_mara_minimax import MARA, MiniMax
from tests.secrets.callers import KEY_VARIABLES, LANGCHAIN, LLAMA_INDEX
from tests.secrets.canary import EXTRA_HEADERS, KEY, SENT_HEADERS, displays, leaks, reachable
from tests.secrets.failing import FAILURES
from tests.secrets.host import Answer, Host

pytestmark = [
    pytest.mark.filterwarnings("ignore::langchain_core._api.LangChainBetaWarning"),
    pytest.mark.filterwarnings("ignore::langchain_core._api.LangChainDeprecationWarning"),
]


class Recorder(BaseCallbackHandler):
    """Keeps the arguments of every callback."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("on_"):
            return lambda *args, **kwargs: self.seen.append((name, args, kwargs))
        return super().__getattribute__(name)


class Runs(BaseTracer):
    """Keeps every run as it would be sent to a tracing service."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Any] = []

    def _persist_run(self, run: Any) -> None:
        self.seen.append(run)


class DiskCache(BaseCache):
    """Keeps answers in SQLite, in the columns of LangChain's own SQLite cache."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._run("create table cache (prompt text, llm text, response text)")

    def _run(self, statement: str, *values: str) -> list[Any]:
        with closing(sqlite3.connect(self.path)) as database, database:
            return database.execute(statement, values).fetchall()

    def lookup(self, prompt: str, llm_string: str) -> Any:
        rows = self._run("select response from cache where prompt=? and llm=?", prompt, llm_string)
        return [loads(row, allowed_objects="core") for (row,) in rows] or None

    def update(self, prompt: str, llm_string: str, return_val: Any) -> None:
        for generation in return_val:
            self._run("insert into cache values (?, ?, ?)", prompt, llm_string, dumps(generation))

    def clear(self, **kwargs: Any) -> None:
        self._run("delete from cache")


class Events(BaseEventHandler):
    seen: list[Any] = Field(default_factory=list)

    def handle(self, event: BaseEvent, **kwargs: Any) -> None:
        self.seen.append(event)


class Spans(BaseSpanHandler[BaseSpan]):
    seen: list[Any] = Field(default_factory=list)

    def new_span(self, id_: str, bound_args: Any, **kwargs: Any) -> None:
        self.seen.append((id_, bound_args.arguments, kwargs))

    def prepare_to_exit_span(self, id_: str, bound_args: Any, **kwargs: Any) -> None:
        self.seen.append((id_, bound_args.arguments, kwargs))

    def prepare_to_drop_span(self, id_: str, bound_args: Any, **kwargs: Any) -> None:
        self.seen.append((id_, bound_args.arguments, kwargs))


class Callbacks(IndexHandler):
    def __init__(self) -> None:
        super().__init__([], [])
        self.seen: list[Any] = []

    def on_event_start(self, *args: Any, **kwargs: Any) -> str:
        self.seen.append((args, kwargs))
        return str(kwargs.get("event_id", ""))

    def on_event_end(self, *args: Any, **kwargs: Any) -> None:
        self.seen.append((args, kwargs))

    def start_trace(self, *args: Any, **kwargs: Any) -> None:
        self.seen.append((args, kwargs))

    def end_trace(self, *args: Any, **kwargs: Any) -> None:
        self.seen.append((args, kwargs))


def texts_in(seen: list[Any]) -> list[str | bytes]:
    """All that a handler could write down: what is reachable, and each dump of an object."""
    found = [*reachable(seen), *(displays(item) for item in seen)]
    found += [item.model_dump_json() for item in seen if isinstance(item, BaseModel)]
    return found


@pytest.fixture
def instruments() -> Iterator[list[list[Any]]]:
    """What event and span handlers of LlamaIndex saw from here on."""
    root, events, spans = get_dispatcher(), Events(), Spans()
    root.add_event_handler(events)
    root.add_span_handler(spans)
    yield [events.seen, spans.seen]
    root.event_handlers.remove(events)
    root.span_handlers.remove(spans)


LC = pytest.mark.parametrize("cls", [ChatMiniMax, ChatMARA])
LI = pytest.mark.parametrize("cls", [MiniMax, MARA])
FAILS = pytest.mark.parametrize("fails", [False, True], ids=["answered", "failed"])


def _call(call: Any, model: Any, fails: bool, **parameters: Any) -> None:
    if fails:
        with pytest.raises(Exception, match=r"\[redacted\]"):
            call(model, **parameters)
    else:
        call(model, **parameters)


@pytest.fixture
def address(fails: bool) -> Iterator[dict[str, Any]]:
    """Settings for a host that refuses with every secret in its words, or none."""
    if not fails:
        yield {}
        return
    with FAILURES["status 401 that repeats the key"]() as settings:
        yield settings


@LC
@FAILS
@pytest.mark.parametrize("form", LANGCHAIN)
@pytest.mark.parametrize("bound", [False, True], ids=["given", "bound"])
def test_callbacks_and_runs_hold_no_secret(
    cls: Any, form: str, build: Any, fails: bool, address: Any, bound: bool
) -> None:
    recorder, runs = Recorder(), Runs()
    model = build(cls, callbacks=[recorder, runs], **address)
    if bound:
        _call(LANGCHAIN[form], model.bind(extra_headers=EXTRA_HEADERS), fails)
    else:
        _call(LANGCHAIN[form], model, fails, extra_headers=EXTRA_HEADERS)
    assert recorder.seen[0][0] == "on_chat_model_start"
    (run,) = runs.seen
    assert "extra_headers" in run.extra["invocation_params"]
    assert leaks(*texts_in(recorder.seen), *texts_in(runs.seen)) == set()


@LC
@pytest.mark.parametrize("version", ["v1", "v2"])
def test_streamed_events_hold_no_secret(cls: Any, build: Any, version: Any) -> None:
    async def collect() -> list[Any]:
        model = build(cls)
        stream = model.astream_events("Hi", version=version, extra_headers=EXTRA_HEADERS)
        return [event async for event in stream]

    seen = asyncio.run(collect())
    assert seen
    assert leaks(*texts_in(seen)) == set()


@LC
@pytest.mark.parametrize("form", ["invoke", "ainvoke"])
def test_keys_of_a_cache_hold_no_secret_and_tell_headers_apart(
    cls: Any, form: str, build: Any, host: Any
) -> None:
    cache = InMemoryCache()
    model = build(cls, cache=cache)
    for _ in range(2):
        LANGCHAIN[form](model, extra_headers=EXTRA_HEADERS)
    assert len(host.received) == 1
    LANGCHAIN[form](model, extra_headers={**EXTRA_HEADERS, "X-Call": SecretStr("another")})
    assert len(host.received) == 2
    assert leaks(*reachable(cache)) == set()


@LC
def test_a_cache_on_disk_holds_no_secret(cls: Any, build: Any, tmp_path: Path) -> None:
    model = build(cls, cache=DiskCache(tmp_path / "cache.db"))
    first = model.invoke("Hi", extra_headers=EXTRA_HEADERS)
    assert model.invoke("Hi", extra_headers=EXTRA_HEADERS).content == first.content
    assert leaks((tmp_path / "cache.db").read_bytes()) == set()


@LI
@FAILS
@pytest.mark.parametrize("form", LLAMA_INDEX)
def test_events_spans_and_callbacks_hold_no_secret(
    cls: Any, form: str, build: Any, fails: bool, address: Any, instruments: Any
) -> None:
    callbacks = Callbacks()
    given = {"additional_kwargs": {"extra_headers": SENT_HEADERS}}
    model = build(cls, callback_manager=CallbackManager([callbacks]), **given, **address)
    _call(LLAMA_INDEX[form], model, fails, extra_headers=EXTRA_HEADERS)
    for seen in (callbacks.seen, *instruments):
        assert seen
        assert leaks(*map(displays, _without_models(seen))) == set()
    assert leaks(*(event.model_dump_json(fallback=displays) for event in instruments[0])) == set()


def _without_models(seen: list[Any]) -> list[Any]:
    # A span's arguments hold the model itself, whose displays are another test.
    return [item for item in seen if not isinstance(item, (MiniMax, MARA))]


@LI
@pytest.mark.parametrize(
    "form",
    [
        "structured_predict",
        "structured_predict by position",
        "stream_structured_predict",
        "predict",
        "stream",
        "chat_with_tools",
    ],
)
def test_other_public_calls_show_no_header_either(
    cls: Any, form: str, build: Any, instruments: Any, host: Any
) -> None:
    class Album(BaseModel):
        name: str

    model, headers = build(cls), {"extra_headers": EXTRA_HEADERS}
    # All that these take fills the prompt: headers come with the model.
    with_headers = build(cls, additional_kwargs={"extra_headers": SENT_HEADERS})
    prompt = PromptTemplate("x")
    calls: dict[str, Any] = {
        "structured_predict": lambda: model.structured_predict(Album, prompt, llm_kwargs=headers),
        "structured_predict by position": lambda: model.structured_predict(Album, prompt, headers),
        "stream_structured_predict": lambda: list(
            model.stream_structured_predict(Album, prompt, headers)
        ),
        "predict": lambda: with_headers.predict(prompt),
        "stream": lambda: list(with_headers.stream(prompt)),
        "chat_with_tools": lambda: model.chat_with_tools([], user_msg="x", **headers),
    }
    try:
        calls[form]()
    except ValueError:
        assert "structured_predict" in form  # the host answers in words
    (received,) = host.received
    assert SENT_HEADERS.items() <= dict(received.headers).items()
    for seen in instruments:
        assert leaks(*map(displays, seen)) == set()


_TRACED = """
import sys
from langchain_core.tracers.langchain import wait_for_all_tracers
from langchain_mara_minimax import ChatMARA, ChatMiniMax
from tests.secrets.callers import LANGCHAIN
from tests.secrets.canary import DEFAULT_HEADERS, EXTRA_HEADERS
for cls in (ChatMiniMax, ChatMARA):
    model = cls(base_url=sys.argv[1], default_headers=DEFAULT_HEADERS)
    for call in LANGCHAIN.values():
        call(model, extra_headers=EXTRA_HEADERS)
        call(model.bind(extra_headers=EXTRA_HEADERS))
wait_for_all_tracers()
"""


def test_nothing_that_langsmith_is_sent_is_secret(host: Host) -> None:
    with Host(lambda _: Answer(200, {}, b"{}")) as service:
        variables = {
            **os.environ,
            **dict.fromkeys(KEY_VARIABLES.values(), KEY),
            "LANGSMITH_TRACING": "true",
            "LANGSMITH_ENDPOINT": f"http://127.0.0.1:{service.port}",
            "LANGSMITH_API_KEY": "of-the-service",
            "LANGSMITH_DISABLE_RUN_COMPRESSION": "true",
        }
        subprocess.run(
            [sys.executable, "-c", _TRACED, host.base_url],
            env=variables,
            cwd=Path(__file__).parents[2],
            timeout=100,
            check=True,
        )
        sent = b"".join(received.body for received in service.received)
    assert len(host.received) == 16
    assert b"extra_headers" in sent
    assert leaks(sent) == set()
