"""Nothing that hangs on an error, shows it or logs it has a secret in it."""

from __future__ import annotations

import json
import pickle
import traceback
from functools import cache
from pathlib import Path
from typing import Any

import openai
import pytest
from pydantic import SecretStr
from rich.traceback import Traceback

from mara_minimax.errors import (
    ContextOverflowError,
    MaraMiniMaxError,
    ParameterError,
    UnknownArgumentError,
)
from mara_minimax.secrets.redaction import Redactor
from tests.secrets.callers import call_once
from tests.secrets.canary import (
    CALL_HEADER,
    DEFAULT_HEADERS,
    EXTRA_HEADERS,
    KEY,
    SENT_HEADERS,
    displays,
    leaks,
    reachable,
)
from tests.secrets.failing import FAILURES
from tests.secrets.host import Answer

HERE = str(Path(__file__).parent)
FAILING = pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)


@cache
def fail_as(cls: Any, call: Any, failure: Any) -> MaraMiniMaxError:
    with failure() as settings:
        model = cls(api_key=KEY, default_headers=DEFAULT_HEADERS, max_retries=0, **settings)
        with pytest.raises(MaraMiniMaxError) as caught:
            call(model, extra_headers=EXTRA_HEADERS)
    return caught.value


def fail(class_and_form: Any, failure: Any) -> MaraMiniMaxError:
    """The error of a failing call; each is made once."""
    return fail_as(*class_and_form, failure)


def chain(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def frames_with_leaks(error: BaseException) -> dict[str, set[str]]:
    """Frames outside of these tests whose locals show a canary, as Python and as rich do it."""
    found: dict[str, set[str]] = {}
    for link in chain(error):
        shown = traceback.TracebackException.from_exception(link, capture_locals=True)
        for frame in shown.stack:
            if not frame.filename.startswith(HERE) and leaks(str(frame.locals)):
                found[f"{frame.filename}:{frame.name}"] = leaks(str(frame.locals))
    rich = Traceback.extract(type(error), error, error.__traceback__, show_locals=True)
    for stack in rich.stacks:
        for part in stack.frames:
            nodes = "\n".join(str(node) for node in (part.locals or {}).values())
            if not part.filename.startswith(HERE) and leaks(nodes):
                found[f"rich {part.filename}:{part.name}"] = leaks(nodes)
    return found


@FAILING
def test_nothing_that_hangs_on_an_error_is_secret(class_and_form: Any, failure: Any) -> None:
    error = fail(class_and_form, failure)
    for link in chain(error):
        assert leaks(displays(link), str(link.args), *reachable(link)) == set()


@FAILING
def test_headers_of_a_call_that_are_plain_text_hang_on_no_error_either(
    cls: Any, failure: Any
) -> None:
    error = fail_as(cls, call_with_plain_headers, failure)
    for link in chain(error):
        assert leaks(displays(link), str(link.args), *reachable(link)) == set()


def call_with_plain_headers(model: Any, **_: Any) -> object:
    return call_once(model, extra_headers=SENT_HEADERS)


@FAILING
def test_no_frame_shows_a_secret_in_its_locals(class_and_form: Any, failure: Any) -> None:
    assert frames_with_leaks(fail(class_and_form, failure)) == {}


@FAILING
def test_a_printed_error_shows_no_secret(class_and_form: Any, failure: Any) -> None:
    error = fail(class_and_form, failure)
    assert leaks("".join(traceback.format_exception(error))) == set()


@FAILING
def test_a_pickled_error_holds_no_secret(cls: Any, failure: Any) -> None:
    error = fail((cls, call_once), failure)
    assert leaks(pickle.dumps(error)) == set()
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_an_error_keeps_the_response_without_the_sent_headers(cls: Any) -> None:
    error: Any = fail((cls, call_once), FAILURES["status 401 that repeats the key"])
    assert isinstance(error, openai.AuthenticationError)
    assert error.response.status_code == 401
    assert error.response.headers["content-type"] == "application/json"
    assert error.response.json()["error"]["message"].startswith("no: [redacted]")
    assert error.request.headers["authorization"] == "[redacted]"
    assert error.request.url.path == "/v1/chat/completions"


def test_the_reason_of_a_broken_connection_stays_known(cls: Any) -> None:
    error = fail((cls, call_once), FAILURES["connection refused"])
    assert any(isinstance(link, ConnectionRefusedError) for link in chain(error)) or any(
        "refused" in str(link) or "attempts failed" in str(link) for link in chain(error)
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f"{KEY}\u2026", "ends in '\u2026'"),
        (f"{KEY}\nX-Evil: 1", "has a character at position"),
        (f"\u00e9{KEY}", "has a character at position"),
        (f"Bearer {KEY}", "begins with 'Bearer'"),
        (f"'{KEY}'", "stands in quotation marks"),
    ],
)
def test_a_key_that_is_more_or_less_than_a_key_is_refused_without_being_quoted(
    cls: Any, text: str, problem: str
) -> None:
    with pytest.raises(ParameterError, match=f"API key {problem}") as caught:
        cls(api_key=text)
    assert leaks(displays(caught.value), *reachable(caught.value)) == set()
    assert frames_with_leaks(caught.value) == {}


@pytest.mark.parametrize("value", [f"{CALL_HEADER}\u2026", f"{CALL_HEADER}\r\nX-Evil: 1"])
def test_a_header_that_http_cannot_carry_is_refused_without_being_quoted(
    class_and_form: Any, host: Any, value: str
) -> None:
    cls, call = class_and_form
    model = cls(api_key=KEY, base_url=host.base_url)
    with pytest.raises(ParameterError, match="header 'X-Call' has a character") as caught:
        call(model, extra_headers={"X-Call": SecretStr(value)})
    assert host.received == []
    for link in chain(caught.value):
        assert leaks(displays(link), *reachable(link)) == set()
    assert frames_with_leaks(caught.value) == {}


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ({"api_key": KEY, "temprature": 1}, UnknownArgumentError),
        ({"apikey": KEY}, UnknownArgumentError),
        ({"api_kye": KEY, "defualt_headers": {"X": KEY}}, UnknownArgumentError),
        ({"api_key": KEY, "default_headers": f"X: {KEY}"}, ParameterError),
        ({"api_key": KEY, "default_headers": {"X": f"{KEY}\n"}}, ParameterError),
        ({"api_key": KEY, "base_url": "http://example.com/v1"}, ParameterError),
        ({"api_key": KEY, "default_headers": {"X": KEY}, "temperature": "hot"}, ValueError),
    ],
    ids=range(7),
)
def test_a_refused_constructor_shows_no_secret(cls: Any, arguments: Any, kind: Any) -> None:
    with pytest.raises(kind) as caught:
        cls(**arguments)
    assert leaks(displays(caught.value), str(caught.value.args)) == set()
    assert frames_with_leaks(caught.value) == {}


@pytest.mark.parametrize(
    "arguments",
    [
        {"api_key": KEY.encode()},
        {"api_key": [KEY]},
        {"api_key": KEY, "default_headers": {"X": KEY.encode()}},
        {"api_key": KEY, "base_url": f"https://user:{KEY}@example.com/v1"},
        {"api_key": KEY, "base_url": f"user:{KEY}@example.com/v1"},
    ],
    ids=range(5),
)
def test_a_refused_constructor_quotes_no_value_of_another_type_and_no_password(
    cls: Any, arguments: Any
) -> None:
    with pytest.raises(ParameterError) as caught:
        cls(**arguments)
    assert leaks(displays(caught.value), str(caught.value.args)) == set()


def test_an_http_client_of_the_wrong_kind_leaves_the_key_out_of_the_frames(cls: Any) -> None:
    model = cls(api_key=KEY, default_headers=DEFAULT_HEADERS)
    with pytest.raises(ParameterError, match="http_client has to be") as caught:
        cls(api_key=KEY, default_headers=DEFAULT_HEADERS, http_client="none")
    assert frames_with_leaks(caught.value) == {}
    with pytest.raises(ParameterError, match="http_client has to be") as caught:
        call_once(model.model_copy(update={"http_client": "none"}))
    assert frames_with_leaks(caught.value) == {}


def test_a_request_that_cannot_be_built_leaves_key_and_headers_out_of_the_frames(
    class_and_form: Any,
) -> None:
    cls, call = class_and_form
    model = cls(api_key=KEY, default_headers=DEFAULT_HEADERS, base_url="https://999.999.999.999/v1")
    with pytest.raises(ParameterError, match="No request can be built") as caught:
        # Without another `Authorization`, so that the key is sent.
        call(model, extra_headers={"X-Call": SecretStr(CALL_HEADER)})
    assert frames_with_leaks(caught.value) == {}


HEADERS = {"Cookie": "session=aX7kQ2mZ9w; csrf=Lp4Rt8Vb1n", "X-Flag": "max"}


def test_parts_of_a_header_are_secret_and_short_values_are_words(
    class_and_form: Any, make: Any, host: Any
) -> None:
    cls, call = class_and_form
    message = "maximum context length; csrf Lp4Rt8Vb1n of aX7kQ2mZ9w"
    body = {"error": {"message": message, "code": "max", "param": "max_tokens"}}
    host.answer = lambda _: Answer(400, {"x-flag": "max"}, json.dumps(body).encode())
    with pytest.raises(ContextOverflowError) as caught:
        call(make(cls, api_key="e", default_headers=HEADERS))
    error = caught.value
    cleaned = "maximum context length; csrf [redacted] of [redacted]"
    assert str(error).endswith(f": {cleaned} [code [redacted], HTTP 400]")
    expected = {"error": {"message": cleaned, "code": "[redacted]", "param": "max_tokens"}}
    assert error.body == error.response.json() == expected
    assert error.response.headers["x-flag"] == "[redacted]"


def test_nothing_hangs_on_an_error_where_cleaning_it_fails(
    class_and_form: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> Any:
        raise LookupError("the redaction's own")

    monkeypatch.setattr(Redactor, "text", fail)
    cls, call = class_and_form
    for name in ("status 401 that repeats the key", "code inside HTTP 200", "connection refused"):
        with FAILURES[name]() as settings:
            model = cls(api_key=KEY, default_headers=DEFAULT_HEADERS, max_retries=0, **settings)
            with pytest.raises((LookupError, MaraMiniMaxError)) as caught:
                call(model, extra_headers=EXTRA_HEADERS)
        for link in chain(caught.value):
            assert leaks(displays(link), str(link.args)) == set()
        assert leaks("".join(traceback.format_exception(caught.value))) == set()


def test_what_a_server_says_cannot_write_to_a_terminal(class_and_form: Any, host: Any) -> None:
    cls, call = class_and_form
    hostile = "\x1b[2J\x07red\r\nlog: forged\x9b31m\u202eabc\u2066"
    body = {"error": {"message": hostile, "code": hostile}, "request_id": hostile}
    host.answer = lambda _: Answer(400, {"location": "/"}, json.dumps(body).encode())
    with pytest.raises(MaraMiniMaxError) as caught:
        call(cls(api_key=KEY, base_url=host.base_url))
    error: Any = caught.value
    for text in (str(error), error.message, error.code, error.request_id):
        assert text.isprintable()
        assert "[2J red log: forged 31m abc" in text
