"""A key that a function gives: once for each request, to its host alone, and shown nowhere."""

from __future__ import annotations

import asyncio
import copy
import functools
import pickle

import pytest
from pydantic import SecretStr

from mara_minimax.errors import MissingAPIKeyError, ParameterError
from mara_minimax.http_library import http_library
from mara_minimax.providers.endpoints import MINIMAX
from mara_minimax.secrets.keys import bind_key, call_key, usable_key
from mara_minimax.settings import MiniMaxSettings
from tests.core.calls import FORMS, GOOD_REPLY, GOOD_STREAM, USER, call

KEY = "sk-of-a-function-0123"


def give_key():
    return KEY


async def agive_key():
    await asyncio.sleep(0)
    return KEY


class Host:
    """A provider that keeps the key of each request, and fails the first `failures`."""

    def __init__(self, failures=0):
        self.keys = []
        self.failures = failures

    def answer(self, request):
        self.keys.append(request.headers["authorization"])
        library = http_library()
        if len(self.keys) <= self.failures:
            return library.Response(500, content=b"{}")
        if request.url.path.endswith("/models"):
            return library.Response(200, json={"data": [{"id": "M"}]})
        streams = b'"stream":true' in request.content
        return library.Response(200, content=GOOD_STREAM if streams else GOOD_REPLY)

    def settings(self, key, **settings):
        library = http_library()
        transport = library.MockTransport(self.answer)
        return MiniMaxSettings(
            api_key=key,
            http_client=library.Client(transport=transport),
            http_async_client=library.AsyncClient(transport=transport),
            **settings,
        )


@FORMS
def test_each_request_has_the_key_of_one_call_of_the_function(form, sleeps):
    keys, host = iter(["sk-1", SecretStr("sk-2"), " sk-3\n"]), Host(failures=1)
    settings = host.settings(lambda: next(keys))
    call(settings, form)
    call(settings, form)
    assert host.keys == ["Bearer sk-1", "Bearer sk-2", "Bearer sk-3"]
    assert len(sleeps) == 1


@pytest.mark.parametrize("form", ["acomplete", "astream"])
def test_an_async_function_is_awaited_in_async_calls(form):
    host = Host()
    call(host.settings(agive_key), form)
    assert host.keys == [f"Bearer {KEY}"]


@pytest.mark.parametrize("form", ["complete", "stream"])
@pytest.mark.parametrize(
    "function", [agive_key, lambda: asyncio.Future(loop=asyncio.new_event_loop())]
)
def test_an_async_function_is_refused_in_sync_calls_before_the_request(form, function):
    host = Host()
    with pytest.raises(ParameterError, match="async function.*sync call"):
        call(host.settings(function), form)
    assert host.keys == []


def test_lists_of_models_have_its_key_too():
    host = Host()
    assert [model.id for model in host.settings(give_key).list_models()] == ["M"]
    assert [model.id for model in asyncio.run(host.settings(agive_key).alist_models())] == ["M"]
    assert host.keys == [f"Bearer {KEY}"] * 2


@pytest.mark.parametrize("way", ["list_models", "alist_models"])
def test_each_request_for_a_list_of_models_has_the_key_of_one_call(way, sleeps):
    keys, host = iter(["sk-1", "sk-2", "sk-3"]), Host(failures=1)
    settings = host.settings(lambda: next(keys))
    listed = getattr(settings, way)
    models = listed() if way == "list_models" else asyncio.run(listed())
    assert [model.id for model in models] == ["M"]
    assert host.keys == ["Bearer sk-1", "Bearer sk-2"]
    assert len(sleeps) == 1


@pytest.mark.parametrize(
    ("given", "kind", "problem"),
    [
        ("", MissingAPIKeyError, "returned an empty key"),
        (None, MissingAPIKeyError, "returned NoneType"),
        (5, MissingAPIKeyError, "returned int"),
        ("sk-ü", ParameterError, "position 4"),
        ("Bearer sk-1", ParameterError, "begins with 'Bearer'"),
    ],
)
@pytest.mark.parametrize("form", ["complete", "acomplete"])
def test_what_is_no_key_is_refused_before_the_request(given, kind, problem, form):
    host = Host()
    with pytest.raises(kind, match=problem):
        call(host.settings(lambda: given), form)
    assert host.keys == []


def fail():
    raise ValueError("The vault is closed.")


async def afail():
    fail()


@pytest.mark.parametrize(
    ("function", "form"), [(fail, "complete"), (fail, "astream"), (afail, "acomplete")]
)
def test_an_error_of_the_function_is_the_cause_of_a_missing_key(function, form):
    host = Host()
    with pytest.raises(MissingAPIKeyError, match="raised ValueError") as caught:
        call(host.settings(function), form)
    assert str(caught.value.__cause__) == "The vault is closed."
    assert host.keys == []


def test_the_function_is_not_called_before_a_request():
    settings = Host().settings(fail)
    assert settings.encode(USER, stream=False).body["messages"] == USER


def test_its_keys_go_to_no_other_host():
    settings = Host().settings(give_key)
    moved = settings.model_copy(update={"endpoint": "china", "base_url": None})
    with pytest.raises(MissingAPIKeyError, match="api.minimax.io.*api.minimaxi.com"):
        call(moved, "complete")


def test_a_copy_can_have_a_function_of_its_own():
    host = Host()
    call(host.settings("sk-1").model_copy(update={"api_key": give_key}), "complete")
    assert host.keys == [f"Bearer {KEY}"]


def test_it_is_kept_in_copies_and_pickles_and_shows_nothing():
    settings = MiniMaxSettings(api_key=functools.partial(str, KEY))
    assert copy.deepcopy(settings) == settings
    for kept in (copy.deepcopy(settings), pickle.loads(pickle.dumps(settings))):
        assert call_key(kept.api_key).get_secret_value() == KEY
        assert KEY not in f"{kept!r} {kept.api_key!r} {kept.model_dump()}"
    assert MiniMaxSettings(api_key=give_key) == MiniMaxSettings(api_key=give_key)
    assert len({bind_key(give_key, "a"), bind_key(give_key, "a")}) == 1


def test_the_placeholder_of_an_example_is_no_key(monkeypatch):
    monkeypatch.setenv("MINIMAX_API_KEY", "…")
    with pytest.raises(ParameterError, match="ends in '…', as in an example"):
        MiniMaxSettings()
    with pytest.raises(ParameterError, match="ends in '…', as in an example") as caught:
        MiniMaxSettings(api_key="sk-or-…")
    assert "sk-or" not in str(caught.value)


@pytest.mark.parametrize(
    ("pasted", "problem"),
    [
        ("Bearer sk-1", "begins with 'Bearer'"),
        (SecretStr("bearer  sk-1 "), "begins with 'Bearer'"),
        ('"sk-1"', "quotation marks"),
        (" 'sk-1'\n", "quotation marks"),
    ],
)
def test_a_key_that_was_pasted_with_more_is_refused_with_the_reason(pasted, problem, monkeypatch):
    with pytest.raises(ParameterError, match=f"{problem}.*pass the key alone") as caught:
        MiniMaxSettings(api_key=pasted)
    assert "sk-1" not in str(caught.value)
    monkeypatch.setenv("MINIMAX_API_KEY", str(getattr(pasted, "_secret_value", pasted)))
    with pytest.raises(ParameterError, match=problem):
        usable_key(None, MINIMAX, MINIMAX.base_url, "X")
