"""A key goes to its provider's host or the user's URL, encrypted, and nowhere else."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any

import openai
import pytest

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from llama_index_mara_minimax import MARA, MiniMax
from mara_minimax.errors import (
    MaraMiniMaxError,
    MissingAPIKeyError,
    ParameterError,
    ProviderError,
)
from mara_minimax.providers.endpoints import PROVIDERS
from tests.secrets.callers import call_once, fresh_pools
from tests.secrets.canary import EXTRA_HEADERS, KEY, leaks
from tests.secrets.host import Answer, Host, Received

VARIABLES = sorted({provider.key_variable for provider in PROVIDERS})
ENDPOINTS: list[tuple[Any, dict[str, Any], str]] = [
    (cls, settings, variable)
    for minimax, mara in ((ChatMiniMax, ChatMARA), (MiniMax, MARA))
    for cls, settings, variable in (
        (minimax, {}, "MINIMAX_API_KEY"),
        (minimax, {"endpoint": "china"}, "MINIMAX_API_KEY"),
        (minimax, {"endpoint": "llmprovider"}, "LLMPROVIDER_API_KEY"),
        (mara, {}, "MARA_API_KEY"),
    )
]
REDIRECTS = pytest.mark.parametrize("status", [301, 302, 303, 307, 308])


@pytest.fixture
def other() -> Iterator[Host]:
    """A second host, to which the first one points."""
    with Host() as other:
        yield other


def key_of(model: Any) -> str:
    return str(model.client._connection.api_key.get_secret_value())


@pytest.mark.parametrize(("cls", "settings", "variable"), ENDPOINTS)
@pytest.mark.parametrize("present", VARIABLES)
def test_each_endpoint_takes_the_key_of_its_own_variable_only(
    cls: Any, settings: Any, variable: str, present: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(present, KEY)
    if present == variable:
        assert key_of(cls(**settings)) == KEY
    else:
        with pytest.raises(MissingAPIKeyError, match=variable):
            cls(**settings)


@pytest.mark.parametrize(("cls", "settings", "variable"), ENDPOINTS)
@pytest.mark.parametrize("foreign", PROVIDERS, ids=lambda provider: provider.title)
def test_a_key_of_the_environment_never_goes_to_another_providers_host(
    cls: Any, settings: Any, variable: str, foreign: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, KEY)
    if foreign.key_variable == variable:
        assert key_of(cls(**settings, base_url=foreign.base_url)) == KEY
        return
    with pytest.raises(ParameterError, match=f"host of {re.escape(foreign.title)}.*{variable}"):
        cls(**settings, base_url=foreign.base_url)
    spelt = foreign.base_url.replace(".ai/", "\uff61ai./").replace("api.", "api\u3002")
    with pytest.raises(ParameterError, match=f"host of {re.escape(foreign.title)}.*{variable}"):
        cls(**settings, base_url=spelt)
    monkeypatch.setenv(cls(**settings).provider.url_variable, foreign.base_url)
    with pytest.raises(ParameterError, match=f"host of {re.escape(foreign.title)}"):
        cls(**settings)


def _redirected(host: Host, other: Host, status: int) -> str:
    target = f"{other.base_url}/chat/completions"
    host.answer = lambda _: Answer(status, {"location": f"{target}?key={KEY}"})
    return target


def test_a_redirect_to_another_host_is_an_error_that_names_it(
    class_and_form: Any, make: Any, host: Host, other: Host
) -> None:
    cls, call = class_and_form
    target = _redirected(host, other, 307)
    with pytest.raises(ProviderError, match=f"redirect.*{target}") as caught:
        call(make(cls, max_retries=2), extra_headers=EXTRA_HEADERS)
    assert caught.value.status_code == 307
    assert not caught.value.retryable
    assert len(host.received) == 1
    assert other.received == []
    assert leaks(str(caught.value)) == set()


@REDIRECTS
def test_no_status_of_a_redirect_is_followed(
    cls: Any, make: Any, host: Host, other: Host, status: int
) -> None:
    target = _redirected(host, other, status)
    with pytest.raises(ProviderError, match=f"redirect.*{target}"):
        call_once(make(cls))
    assert len(host.received) == 1
    assert other.received == []


@REDIRECTS
def test_a_redirect_on_the_same_host_is_not_followed_either(
    cls: Any, make: Any, host: Host, status: int
) -> None:
    host.answer = lambda r: None if "moved" in r.line else Answer(status, {"location": "/moved"})
    with pytest.raises(ProviderError, match=r"redirect.*/moved"):
        call_once(make(cls))
    assert len(host.received) == 1


@REDIRECTS
def test_an_http_client_of_the_user_follows_no_redirect_with_the_key(
    cls: Any, make: Any, host: Host, other: Host, status: int
) -> None:
    host.answer = lambda _: Answer(status, {"location": f"{other.base_url}/chat/completions"})
    with (
        openai.DefaultHttpxClient(follow_redirects=True) as own,
        pytest.raises(ProviderError, match="redirect"),
    ):
        call_once(make(cls, http_client=own))
    assert other.received == []


def test_cookies_are_neither_kept_nor_sent(class_and_form: Any, make: Any, host: Host) -> None:
    cls, call = class_and_form

    def answer(received: Received) -> Answer | None:
        return Answer(500, {"set-cookie": "session=of-the-first-key; Path=/"})

    host.answer = answer
    with pytest.raises(ProviderError):
        call(make(cls))
    host.answer = lambda _: None
    call(make(cls))
    assert [request.header("cookie") for request in host.received] == [None, None]


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/v1",
        "HTTP://EXAMPLE.COM/v1",
        "http://10.0.0.5:8080/v1",
        "http://vllm:8000/v1",
        "http://0.0.0.0/v1",
        "http://127.0.0.1.example.com/v1",
        "http://localhost.example.com/v1",
        "http://[2001:db8::1]/v1",
        "http://example.com\\@127.0.0.1/v1",
        "http://127.1/v1",
    ],
)
def test_plain_http_beyond_loopback_needs_the_opt_in(cls: Any, url: str) -> None:
    with pytest.raises(ParameterError):
        cls(api_key=KEY, base_url=url)


def test_the_opt_in_allows_plain_http(cls: Any) -> None:
    model = cls(api_key=KEY, base_url="http://vllm:8000/v1", allow_http=True)
    assert model.client._connection.base_url == "http://vllm:8000/v1"


def test_the_refusal_of_plain_http_says_what_to_do(cls: Any) -> None:
    with pytest.raises(ParameterError, match=r"to vllm over http://.*https://.*allow_http=True"):
        cls(api_key=KEY, base_url="http://vllm:8000/v1")


def test_plain_http_from_a_variable_or_a_copy_is_refused_as_well(
    cls: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = cls(api_key=KEY).model_copy(update={"base_url": "http://vllm:8000/v1"})
    with pytest.raises(MaraMiniMaxError, match="allow_http"):
        call_once(model)
    monkeypatch.setenv(model.provider.url_variable, "http://vllm:8000/v1")
    with pytest.raises(ParameterError, match="allow_http"):
        cls(api_key=KEY)


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:1/v1",
        "http://LOCALHOST./v1",
        "http://127.0.0.1/v1",
        "http://127.8.9.10/v1",
        "http://[::1]:8000/v1",
        "http://[::ffff:127.0.0.1]/v1",
        "https://example.com/v1",
    ],
)
def test_loopback_and_https_need_none(cls: Any, url: str) -> None:
    assert cls(api_key=KEY, base_url=url).client._connection.base_url == url


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "ALL_PROXY"])
def test_loopback_calls_go_to_no_proxy(
    cls: Any, host: Host, other: Host, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, f"http://127.0.0.1:{other.port}")
    with fresh_pools():
        call_once(cls(api_key=KEY, base_url=host.base_url))
    assert len(host.received) == 1
    assert other.received == []


@pytest.mark.skipif(sys.platform == "win32", reason="reads proxies from the registry")
def test_other_plain_http_goes_to_the_proxy_of_the_environment(
    cls: Any, other: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{other.port}")
    with fresh_pools():
        call_once(cls(api_key=KEY, base_url="http://vllm.invalid/v1", allow_http=True))
    assert other.received[-1].line.startswith("POST http://vllm.invalid/v1/chat/completions")
