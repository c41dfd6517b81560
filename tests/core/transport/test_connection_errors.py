"""What an HTTP client raises becomes the error of its meaning, whatever its class is called."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, requires

import openai
import pytest

import mara_minimax
from mara_minimax import errors, http_library
from mara_minimax.emulator import CannedReply
from mara_minimax.providers.endpoints import MARA, MINIMAX
from mara_minimax.settings import MiniMaxSettings
from mara_minimax.transport.connection_errors import to_provider_error
from mara_minimax.transport.passage import Passage
from tests.core.calls import FORMS, GOOD_REPLY, USER, call

LIBRARY = http_library.http_library()


def provider_error(error, provider=MINIMAX):
    request = LIBRARY.Request("POST", "http://127.0.0.1:9/v1/chat/completions")
    return to_provider_error(error, provider, request, Passage())


def own_client(hook, event="request"):
    return openai.DefaultHttpxClient(event_hooks={event: [hook]})


@pytest.mark.parametrize("name", ["ConnectTimeout", "ReadTimeout", "WriteTimeout", "PoolTimeout"])
def test_a_timeout_of_the_http_library_is_a_timeout(name):
    failure = provider_error(getattr(LIBRARY, name)("late"))
    assert type(failure) is errors.APITimeoutError
    assert failure.retryable


class MyTimeoutBudgetExceeded(Exception):
    """A user's own error."""


class DecodingError(Exception):
    """Another, with the name of a library's class."""


@pytest.mark.parametrize("kind", [MyTimeoutBudgetExceeded, DecodingError, LookupError])
@pytest.mark.parametrize("event", ["request", "response"])
def test_an_error_of_a_hook_is_named_as_such_and_not_retried(kind, event, emulator):
    def hook(message):
        raise kind("the hook's own")

    with own_client(hook, event) as own:
        settings = MiniMaxSettings(api_key="key", base_url=emulator.base_url, http_client=own)
        with pytest.raises(errors.APIConnectionError, match="own hook") as caught:
            call(settings, "complete")
    assert type(caught.value) is errors.APIConnectionError
    assert kind.__name__ in str(caught.value)
    assert type(caught.value.__cause__) is kind
    assert len(emulator.requests) == (event == "response")


def test_an_error_of_an_async_hook_is_named_as_such(emulator):
    async def hook(message):
        raise MyTimeoutBudgetExceeded

    own = openai.DefaultAsyncHttpxClient(event_hooks={"request": [hook]})
    settings = MiniMaxSettings(api_key="key", base_url=emulator.base_url, http_async_client=own)
    with pytest.raises(errors.APIConnectionError, match="own hook.*MyTimeoutBudgetExceeded"):
        call(settings, "acomplete")
    assert emulator.requests == []
    asyncio.run(own.aclose())


@pytest.mark.parametrize("status", [200, 401])
def test_a_hook_that_refuses_a_status_hides_it_only_where_it_is_no_failure(status, emulator):
    def refuse(response):
        raise LIBRARY.HTTPStatusError("refused", request=response.request, response=response)

    emulator.enqueue(CannedReply(status=status, chunks=[GOOD_REPLY]))
    with own_client(refuse, "response") as own:
        settings = MiniMaxSettings(
            api_key="key", base_url=emulator.base_url, http_client=own, max_retries=0
        )
        with pytest.raises(errors.ProviderError) as caught:
            call(settings, "complete")
    expected = errors.APIConnectionError if status == 200 else errors.AuthenticationError
    assert type(caught.value) is expected


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE])
def test_a_lack_of_file_descriptors_is_said_in_words(number):
    reason = OSError(number, "Too many open files")
    attempts = OSError("All connection attempts failed")
    attempts.__cause__ = ExceptionGroup("attempts", [OSError("another"), reason])
    error = LIBRARY.ConnectError("failed")
    error.__cause__ = attempts
    for raised in (error, reason):
        failure = provider_error(raised)
        assert type(failure) is errors.APIConnectionError
        assert "too many open files" in str(failure)
        assert failure.retryable


def test_causes_that_lead_back_to_each_other_end():
    error = LIBRARY.ConnectError("failed")
    error.__context__ = OSError("other")
    error.__context__.__context__ = error
    assert "failed: ConnectError at 127.0.0.1:9." in str(provider_error(error))


def test_where_a_provider_has_two_urls_the_error_names_both():
    failure = str(provider_error(LIBRARY.ConnectError("failed"), MARA))
    assert MARA.base_url in failure
    assert "https://api.cloud.mara.com/v1" in failure
    assert "MARA_BASE_URL" in failure
    assert "base URL" not in str(provider_error(LIBRARY.ConnectError("failed")))


_WITHOUT_DESCRIPTORS = """
import asyncio, os, resource, sys
import mara_minimax
from mara_minimax.settings import MiniMaxSettings
resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128))
settings = MiniMaxSettings(api_key="key", base_url=sys.argv[1], max_retries=0)
request = settings.encode([{"role": "user", "content": "Hi"}], stream=False)

def use_up():
    while True:
        try:
            os.open(os.devnull, os.O_RDONLY)
        except OSError:
            return

async def main():
    assert (await settings.client.acomplete(request)).text
    use_up()
    await settings.client.acomplete(request)

def plain():
    assert settings.client.complete(request).text
    use_up()
    settings.client.complete(request)

try:
    plain() if sys.argv[2] == "sync" else asyncio.run(main())
except Exception as caught:
    assert "openai" in sys.modules
    from mara_minimax import errors
    assert type(caught) is errors.APIConnectionError, repr(caught)
    assert "too many open files" in str(caught), caught
    print("typed")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are of POSIX")
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_process_without_file_descriptors_can_still_load_its_errors(kind, emulator):
    closing = {"connection": "close", "content-type": "application/json"}
    emulator.enqueue(CannedReply(headers=closing, chunks=[GOOD_REPLY]))
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT_DESCRIPTORS, emulator.base_url, kind],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == "typed\n", done.stderr


def test_a_spare_descriptor_is_given_up_where_the_errors_are_loaded(monkeypatch):
    monkeypatch.delattr(mara_minimax, "errors")
    mara_minimax.keep_spare_descriptor()
    (spare,) = mara_minimax._spare_descriptors
    os.fstat(spare)
    assert mara_minimax.errors is errors
    assert mara_minimax._spare_descriptors == []
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(spare)


@pytest.mark.parametrize(
    ("openai_version", "installed", "chosen"),
    [
        ("2.54.0", {"httpx", "httpx2"}, "httpx"),
        ("3.0.0", {"httpx", "httpx2"}, "httpx2"),
        (None, {"httpx", "httpx2"}, "httpx2"),
        (None, {"httpx"}, "httpx"),
    ],
)
def test_the_http_library_is_found_also_without_metadata(
    openai_version, installed, chosen, monkeypatch
):
    def version(name):
        if openai_version is None:
            raise PackageNotFoundError(name)
        return openai_version

    monkeypatch.setattr(http_library, "version", version)
    monkeypatch.setattr(http_library, "find_spec", lambda name: name in installed or None)
    monkeypatch.setattr(http_library, "import_module", lambda name: name)
    assert http_library.http_library.__wrapped__() == chosen


def test_the_http_library_is_one_that_openai_requires():
    required = [re.match(r"[\w.-]+", requirement)[0] for requirement in requires("openai")]
    assert LIBRARY.__name__ in required
    assert issubclass(openai.DefaultHttpxClient, LIBRARY.Client)


@FORMS
@pytest.mark.parametrize("name", ["Content-Length", "transfer-encoding", "Content-Encoding"])
def test_headers_that_follow_from_the_body_are_refused(form, name, emulator, settings):
    with pytest.raises(errors.ParameterError, match=f"header '{name}' cannot be set"):
        call(settings, form, extra_headers={name: "0"})
    with pytest.raises(errors.ParameterError, match=f"header '{name}' cannot be set"):
        call(settings.model_copy(update={"default_headers": {name: "0"}}), form)
    assert emulator.requests == []


def test_requests_ask_for_the_compression_that_is_read(emulator, settings):
    call(settings, "complete")
    call(settings, "complete", extra_headers={"Accept-Encoding": "identity"})
    asked = [request.headers["accept-encoding"] for request in emulator.requests]
    assert asked == ["gzip", "identity"]


def test_an_error_that_is_thrown_in_by_the_reader_of_a_stream_is_no_failure_of_a_hook(emulator):
    settings = MiniMaxSettings(api_key="key", base_url=emulator.base_url)
    stream = settings.client.stream(settings.encode(USER, stream=True))
    next(stream)
    with pytest.raises(MyTimeoutBudgetExceeded):
        stream.throw(MyTimeoutBudgetExceeded())
