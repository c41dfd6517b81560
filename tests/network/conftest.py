"""The eight forms of a call, what is expected of each, and parts that are never left out."""

from __future__ import annotations

import asyncio
import concurrent.futures
import time
import traceback
from collections.abc import Callable, Generator, Iterator
from typing import Any

import openai
import pytest

from mara_minimax.emulator import ChatRequest, Emulator, Reply
from mara_minimax.http_library import http_library, tls_context
from mara_minimax.transport import pools
from tests.faults.conftest import runner, waits
from tests.faults.forms import FORMS, KEY, LANGCHAIN, Call, ask_async, make_model, run, streams
from tests.network.gateways import Authority
from tests.network.programs import free_port

__all__ = ["runner", "waits"]

Ask = Callable[..., Call]
STREAMS = [form for form in FORMS if streams(form)]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail what is skipped: a part that is missing is no success."""
    report = yield
    if report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped, which no test is here: {report.longrepr}"
    return report


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> str:
    """One of the eight forms of a call."""
    name: str = request.param
    return name


@pytest.fixture
def ask(form: str, runner: asyncio.Runner) -> Ask:
    """Ask in each of the eight forms in turn: `ask(base_url, **settings)`."""

    def ask(base_url: str, **settings: object) -> Call:
        return run(make_model(form, "minimax", base_url, **settings), form, runner)

    return ask


@pytest.fixture
def direct(ask: Ask, server: Emulator) -> Call:
    """What the emulator answers with nothing in between; it has counted no request so far."""
    call = ask(server.base_url)
    server.clear()
    return call


@pytest.fixture(scope="session")
def upstream(_emulators: dict[str, Emulator]) -> str:
    """The emulator's base URL, for the configuration of what stands before it."""
    return _emulators["minimax"].base_url


@pytest.fixture
def late_answers(server: Emulator) -> Iterator[None]:
    """Let the emulator think for a second before it says anything."""
    answer = server.answer

    def answer_late(request: ChatRequest) -> Reply:
        time.sleep(1)
        return Reply("Late.")

    server.answer = answer_late
    yield
    server.answer = answer


@pytest.fixture
def fresh_pools() -> Iterator[None]:
    """Let the pools be made anew: they read variables of proxies and certificates only then."""
    for forget in (pools._forget_pools, tls_context.cache_clear):
        forget()
    yield
    for forget in (pools._forget_pools, tls_context.cache_clear):
        forget()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """A certificate authority of these tests."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch, fresh_pools: None) -> None:
    """Trust that authority by the environment, as users do."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))


@pytest.fixture
def own_clients(
    authority: Authority, runner: asyncio.Runner
) -> Iterator[Callable[..., dict[str, Any]]]:
    """Make a user's own HTTP clients, of both kinds, which trust the authority too."""
    library = http_library()
    made: list[dict[str, Any]] = []

    def make(**options: Any) -> dict[str, Any]:
        options = {"verify": authority.context(), **options}
        made.append(
            {
                "http_client": library.Client(**options),
                "http_async_client": library.AsyncClient(**options),
            }
        )
        return made[-1]

    yield make
    for clients in made:
        clients["http_client"].close()
        runner.run(clients["http_async_client"].aclose())


@pytest.fixture
def closed_port() -> int:
    """A port that nothing listens on."""
    return free_port()


def at_once(models: list[Any], form: str, runner: asyncio.Runner) -> list[Call]:
    """Ask models at the same time: by async forms in one loop, by others in threads."""
    if form.startswith("a"):
        calls = [Call(form) for _ in models]

        async def ask_all() -> None:
            asked = zip(models, calls, strict=True)
            await asyncio.gather(*(ask_async(model, call) for model, call in asked))

        runner.run(ask_all())
        return calls
    with concurrent.futures.ThreadPoolExecutor(len(models)) as threads:
        return list(threads.map(lambda model: run(model, form, runner), models))


def tokens_of(call: Call) -> int:
    """Return how many tokens a call took, by the usage that it ended with."""
    if call.form in LANGCHAIN:
        return call.merged().usage_metadata["total_tokens"]
    return call.last().raw["usage"]["total_tokens"]


def reasoning_of(call: Call) -> str:
    """Return the reasoning of a whole answer, where its framework has it."""
    if call.form in LANGCHAIN:
        return call.reasoning
    return "".join(getattr(block, "content", "") for block in call.last().message.blocks)


def assert_same(call: Call, direct: Call) -> None:
    """Fail unless a call had the answer of one with nothing in between, and all of it."""
    assert call.error is None, repr(call.error)
    assert "42" in direct.text
    assert reasoning_of(direct)
    assert direct.text not in reasoning_of(direct)
    assert (call.text, reasoning_of(call)) == (direct.text, reasoning_of(direct))
    assert tokens_of(call) == tokens_of(direct) > 0


def assert_failed(call: Call, kind: type[Exception], *words: str) -> None:
    """Fail unless a call ended in this error, which says why and holds no key."""
    error = call.error
    assert isinstance(error, kind), repr(error)
    assert isinstance(error, openai.OpenAIError)
    assert not isinstance(error, ValueError | TypeError | RuntimeError)
    for word in words:
        assert word in str(error)
    request = getattr(error, "request", None)
    shown = [*traceback.format_exception(error), repr(vars(error)), repr(request)]
    shown += [repr(request.headers.multi_items())] if request is not None else []
    for text in shown:
        assert KEY not in text
