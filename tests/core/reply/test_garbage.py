"""Whatever a server sends ends in a reply or in an `openai.OpenAIError`, and in nothing else."""

from __future__ import annotations

import asyncio
import json

import openai
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mara_minimax.http_library import http_library
from mara_minimax.providers.endpoints import MARA
from mara_minimax.settings import MiniMaxSettings
from mara_minimax.types import Reply
from tests.core.calls import FORMS, USER
from tests.core.wire import outcome, request_to, sse

LIBRARY = http_library()
KEY = "sk-canary-0123456789"

NUMBERS = st.sampled_from(
    [0, 1, -1, 1.5, True, 10**18, -(2**63), 10**400, 1e308, float("nan"), float("-inf"), "7", ""]
)
ODD = st.recursive(
    st.none()
    | NUMBERS
    | st.text(st.characters(exclude_categories=()), max_size=6)
    | st.sampled_from(["stop", "error", "text", "<think>", "</think>", "{", KEY, f"x {KEY} y"]),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(max_size=3), values),
    max_leaves=6,
)


def near(fields: dict[str, st.SearchStrategy]) -> st.SearchStrategy:
    """Objects with some of these fields, some of whose values are of any other type."""
    values = {name: value | ODD for name, value in fields.items()}
    return st.fixed_dictionaries({}, optional={**values, "odd": ODD})


FUNCTIONS = near(
    {"name": st.just("add"), "arguments": st.sampled_from(["{", "}", "{}", '{"a":1}'])}
)
CALLS = near({"index": NUMBERS, "id": st.sampled_from(["a", "b"]), "function": FUNCTIONS})
DETAILS = near({"index": NUMBERS, "id": ODD, "type": ODD, "text": st.text(max_size=6)})
PARTS = near({"type": st.just("text"), "text": st.text(max_size=6)})
MESSAGES = near(
    {
        "role": st.just("assistant"),
        "content": st.text(max_size=6) | st.lists(PARTS | ODD, max_size=3),
        "reasoning_content": st.text(max_size=6),
        "reasoning": st.text(max_size=6),
        "reasoning_details": st.lists(DETAILS | ODD, max_size=3),
        "tool_calls": st.lists(CALLS | ODD, max_size=3),
        "channel": ODD,
    }
)
CHOICES = near(
    {
        "index": NUMBERS,
        "delta": MESSAGES,
        "message": MESSAGES,
        "messages": st.lists(MESSAGES | ODD, max_size=2),
        "finish_reason": st.sampled_from(["stop", "length", "tool_calls", "tool_call"]),
        "logprobs": near({"content": st.lists(ODD, max_size=2)}),
    }
)
USAGES = near(dict.fromkeys(["prompt_tokens", "completion_tokens", "total_tokens"], NUMBERS))
FAILURES = near({"message": ODD, "code": NUMBERS, "type": ODD, "http_code": NUMBERS, "param": ODD})
EVENTS = near(
    {
        "id": ODD,
        "model": ODD,
        "choices": st.lists(CHOICES | ODD, max_size=2),
        "usage": USAGES,
        "base_resp": near({"status_code": NUMBERS, "status_msg": ODD}),
        "error": FAILURES,
        "type": st.just("error"),
        "request_id": ODD,
        "message": ODD,
    }
)


def to_bytes(value: object) -> bytes:
    """Return JSON as a careless server writes it, lone surrogates and `NaN` included."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


LINES = st.one_of(
    EVENTS.map(lambda event: b"data: " + to_bytes(event) + b"\n\n"),
    EVENTS.map(lambda event: b"event: error\ndata: " + to_bytes(event) + b"\n\n"),
    ODD.map(lambda value: b"data: " + to_bytes(value) + b"\n\n"),
    st.binary(max_size=20),
    st.sampled_from([b": x\n", b"\n", b"event: error\n", b"data: [DONE]\n\n", b"\xff\xfe\n"]),
)
BODIES = st.one_of(
    st.lists(LINES, max_size=5).map(b"".join),
    EVENTS.map(to_bytes),
    EVENTS.map(lambda event: json.dumps(event).encode("utf-16")),
    st.integers(100, 1000).map(lambda depth: b'{"x":' * depth + b"1" + b"}" * depth),
    st.binary(max_size=60),
)


@given(BODIES, st.integers(1, 40))
@settings(max_examples=200)
@example(sse({"choices": [{"delta": {"tool_calls": [{"index": 10**400}]}}]}), 40)
def test_any_body_is_a_reply_or_an_error(body, size):
    pieces = [body[place : place + size] for place in range(0, len(body), size)]
    for request in (request_to(stop=["x"]), request_to(MARA)):
        deltas, _, message, _ = outcome(pieces, request)
        assert message.isprintable()
        assert message or isinstance(deltas[-1].reply, Reply)


HEADERS = st.lists(
    st.tuples(
        st.sampled_from(
            [b"retry-after", b"retry-after-ms", b"location", b"trace-id", b"x-request-id",
             b"content-type", b"content-encoding", b"connection", b"\xff"]
        ),
        st.sampled_from(
            [b"1", b"-1", b"nan", b"1e999", b"Wed, 99 Oct 99999 07:28:00 GMT",
             b"1 Jan 0 0:0:0 +9999", b"\x9b31m", b"http://[x", b"//" + KEY.encode(), b"gzip",
             b"gzip, gzip", b"br", b"close", b"text/plain; charset=undefined", KEY.encode(),
             b"\xe9\xff"]
        )
        | st.text(max_size=9).map(lambda text: text.encode("utf-8", "replace")),
    ),
    max_size=4,
)  # fmt: skip
STATUSES = st.sampled_from([200, 200, 201, 204, 302, 304, 400, 401, 404, 418, 429, 500, 599, 999])


def answering(status, headers, body):
    """Return clients of the HTTP library that give this answer, unread."""

    async def later():
        yield body

    def answer(request):
        return LIBRARY.Response(status, headers=headers, content=iter([body]))

    async def answer_later(request):
        return LIBRARY.Response(status, headers=headers, content=later())

    return {
        "http_client": LIBRARY.Client(transport=LIBRARY.MockTransport(answer)),
        "http_async_client": LIBRARY.AsyncClient(transport=LIBRARY.MockTransport(answer_later)),
    }


@FORMS
@given(status=STATUSES, headers=HEADERS, body=BODIES)
@settings(max_examples=60)
def test_any_answer_is_a_reply_or_an_error_without_the_key(form, status, headers, body):
    clients = answering(status, headers, body)
    model = MiniMaxSettings(api_key=KEY, max_retries=0, **clients)
    request = model.encode(USER, stream="stream" in form)
    error = None
    try:
        asyncio.run(_read(model.client, request, form))
    except openai.OpenAIError as caught:
        error = caught
    if error is not None:
        assert str(error).isprintable()
        assert KEY not in shown_by(error)


def shown_by(error):
    parts = [error, error.body, error.code, error.request_id, error.param, error.type]
    parts += [error.__cause__, error.__context__]
    if error.response is not None:
        parts += [error.response.content, error.response.headers.raw]
    return "".join(map(repr, parts))


async def _read(client, request, form):
    if form == "complete":
        client.complete(request)
    elif form == "acomplete":
        await client.acomplete(request)
    elif form == "stream":
        list(client.stream(request))
    else:
        assert [delta async for delta in client.astream(request)]


def test_a_body_that_arrives_whole_is_read_as_well():
    reply = {"choices": [{"message": {"content": "2"}, "finish_reason": "stop"}]}
    transport = LIBRARY.MockTransport(lambda request: LIBRARY.Response(200, json=reply))
    with LIBRARY.Client(transport=transport) as own:
        model = MiniMaxSettings(api_key=KEY, http_client=own)
        assert model.client.complete(model.encode(USER, stream=False)).text == "2"


@pytest.mark.parametrize("status", [200, 401])
def test_a_failure_that_arrives_whole_keeps_its_words(status):
    failure = {"base_resp": {"status_code": 1004, "status_msg": f"bad {KEY}"}}
    transport = LIBRARY.MockTransport(lambda request: LIBRARY.Response(status, json=failure))
    with LIBRARY.Client(transport=transport) as own:
        model = MiniMaxSettings(api_key=KEY, http_client=own)
        with pytest.raises(openai.AuthenticationError, match=r"bad \[redacted\]") as caught:
            model.client.complete(model.encode(USER, stream=False))
    failure["base_resp"]["status_msg"] = "bad [redacted]"
    assert caught.value.response.json() == caught.value.body == failure
