"""`GET /models` as a call: typed failures, the retries of a call, no secret shown."""

from __future__ import annotations

import asyncio
import traceback

import pytest

from mara_minimax import errors, limits
from mara_minimax.settings import MARASettings
from tests.scripted_host import LIBRARY, MODELS, ScriptedHost

KEY = "sk-secret-0123456789"
WAYS = pytest.mark.parametrize("way", ["list_models", "alist_models"])


def build(host, **given):
    return MARASettings(
        **{"api_key": KEY, "base_url": "https://host.test/v1", **host.clients}, **given
    )


def ask(host, way, **given):
    settings = build(host, **given)
    return settings.list_models() if way == "list_models" else asyncio.run(settings.alist_models())


def failing(status, **given):
    body = {"json": {"error": {"message": "no", "code": None}}}
    return lambda: LIBRARY.Response(status, **{**body, **given})


@WAYS
def test_the_key_and_the_headers_are_sent(way):
    host = ScriptedHost()
    ask(host, way, default_headers={"X-Org": "mine"})
    (request,) = host.requests
    assert (request.method, str(request.url)) == ("GET", "https://host.test/v1/models")
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["x-org"] == "mine"


@WAYS
def test_headers_that_replies_show_change_nothing(way):
    host = ScriptedHost()
    assert len(ask(host, way, include_response_headers=True)) == len(MODELS["data"])
    assert len(host.requests) == 1


@WAYS
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, errors.AuthenticationError),
        (404, errors.NotFoundError),
        (302, errors.ProviderError),
    ],
)
def test_a_refusal_is_a_typed_error_after_one_request(way, status, kind, sleeps):
    host = ScriptedHost(failing(status, headers={"location": "https://elsewhere.test/"}))
    with pytest.raises(kind):
        ask(host, way)
    assert (len(host.requests), sleeps) == (1, [])


@WAYS
@pytest.mark.parametrize(
    "first", [failing(503), failing(429), LIBRARY.ConnectError("no"), LIBRARY.ReadTimeout("no")]
)
def test_what_may_pass_is_asked_again(way, first, sleeps):
    host = ScriptedHost(first)
    host.listings.append(MODELS)
    assert [model.id for model in ask(host, way)] == ["m2", "lora"]
    assert (len(host.requests), len(sleeps)) == (2, 1)


@WAYS
def test_max_retries_counts_the_requests_after_the_first(way, sleeps):
    host = ScriptedHost(LIBRARY.ConnectError("no"))
    with pytest.raises(errors.APIConnectionError) as caught:
        ask(host, way, max_retries=2)
    assert (len(host.requests), len(sleeps)) == (3, 2)
    assert caught.value.provider == "mara"


@WAYS
def test_a_bug_of_a_users_client_is_raised_as_it_is(way):
    host = ScriptedHost(lambda: LIBRARY.Response(200, stream=Broken(ZeroDivisionError())))
    with pytest.raises(ZeroDivisionError):
        ask(host, way)


class Broken(LIBRARY.SyncByteStream, LIBRARY.AsyncByteStream):
    """A body that raises what no HTTP library does."""

    def __init__(self, error):
        self.error = error

    def __iter__(self):
        raise self.error
        yield

    async def __aiter__(self):
        raise self.error
        yield


@WAYS
def test_an_error_whose_body_breaks_off_keeps_its_status(way):
    host = ScriptedHost(lambda: LIBRARY.Response(403, stream=Broken(LIBRARY.ReadError("gone"))))
    with pytest.raises(errors.PermissionDeniedError):
        ask(host, way)


@WAYS
def test_of_an_error_that_never_ends_a_part_is_read(way, monkeypatch):
    monkeypatch.setattr(limits, "MAX_ERROR_BYTES", 10)
    host = ScriptedHost(failing(403, json=None, content=b"x" * 1000))
    with pytest.raises(errors.PermissionDeniedError):
        ask(host, way)


@WAYS
def test_a_list_that_never_ends_is_an_error(way, monkeypatch):
    monkeypatch.setattr(limits, "MAX_EVENT_BYTES", 10)
    with pytest.raises(errors.InvalidReplyError, match="more than 10 bytes"):
        ask(ScriptedHost(), way)


@WAYS
def test_no_error_shows_the_key(way):
    host = ScriptedHost(failing(401, json={"error": {"message": f"wrong key {KEY}"}}))
    with pytest.raises(errors.AuthenticationError) as caught:
        ask(host, way)
    shown = "".join(traceback.format_exception(caught.value))
    assert KEY not in shown + repr(caught.value.__dict__) + str(caught.value.body)
