"""What no document settles, asked of the providers: each test writes down what it saw.

They fail only where a provider cannot be asked at all. An answer that contradicts the library's
tables is for a person to read, in the file that `LIVE_ANSWERS` names.
"""

from __future__ import annotations

import itertools

import pytest

from mara_minimax.doctor.tools import WEATHER_TOOL
from tests.live.asking import Answer, Host

pytestmark = pytest.mark.live

NO_ARGUMENTS = {
    "type": "function",
    "function": {"name": "now", "parameters": {"type": "object", "properties": {}}},
}
SCHEMA = {
    "type": "json_schema",
    "json_schema": {
        "name": "city",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {"name": {"type": "string"}},
            "required": ["name"],
            "additionalProperties": False,
        },
    },
}
REASONING_FIELDS = ("reasoning_details", "reasoning_content", "reasoning", "channel")


def answered(answer: Answer) -> Answer:
    """Return an answer of a provider that could be asked: no wrong key, no wrong address."""
    assert answer.status not in (401, 403, 404), answer.text[:400]
    return answer


def message_of(answer: Answer) -> dict:
    body = answer.body if isinstance(answer.body, dict) else {}
    return ((body.get("choices") or [{}])[0].get("message")) or {}


@pytest.fixture(params=["minimax", "mara"])
def host(request: pytest.FixtureRequest) -> Host:
    found: Host = request.getfixturevalue(request.param)
    return found


def test_which_models_there_are(host, saw):
    answer = answered(host.get("/models"))
    saw(base_url=host.base_url, status=answer.status, body=answer.body)


def test_where_the_reasoning_of_a_plain_reply_stands(host, saw):
    message = message_of(answered(host.ask()))
    fields = [name for name in REASONING_FIELDS if message.get(name)]
    saw(fields=fields, content_begins=str(message.get("content"))[:40])


def test_where_the_reasoning_of_a_stream_stands(host, saw):
    deltas = answered(host.stream()).deltas()
    fields = sorted({name for d in deltas for name in REASONING_FIELDS if d.get(name)})
    content = "".join(d.get("content") or "" for d in deltas)
    saw(fields=fields, content_begins=content[:40])


def test_whether_fragments_add_or_repeat(host, saw):
    deltas = answered(host.stream("Count from 1 to 30 in words.")).deltas()
    pieces = [d["content"] for d in deltas if d.get("content")]
    pairs = itertools.pairwise(pieces)
    growing = sum(after.startswith(before) and after != before for before, after in pairs)
    saw(pieces=len(pieces), that_repeat_the_one_before=growing)


def test_how_a_call_is_streamed(host, saw):
    answer = answered(host.stream("What is the weather in Paris?", tools=[WEATHER_TOOL]))
    saw(calls=[d["tool_calls"] for d in answer.deltas() if d.get("tool_calls")])


def test_the_arguments_of_a_tool_without_any(host, saw):
    answer = answered(host.ask("What time is it? Use the tool.", tools=[NO_ARGUMENTS]))
    saw(calls=message_of(answer).get("tool_calls"), refusal=answer.refusal())


@pytest.mark.parametrize("choice", ["required", {"type": "function", "function": {"name": "now"}}])
def test_whether_a_call_can_be_forced(host, saw, choice):
    answer = answered(host.ask("Hi", tools=[NO_ARGUMENTS], tool_choice=choice))
    saw(choice=choice, calls=message_of(answer).get("tool_calls"), refusal=answer.refusal())


def test_whether_a_schema_is_enforced(host, saw):
    answer = answered(host.ask("Name a city.", response_format=SCHEMA))
    saw(content=message_of(answer).get("content"), refusal=answer.refusal())


@pytest.mark.parametrize("temperature", [0, 1.5])
def test_which_temperatures_are_taken(host, saw, temperature):
    answer = answered(host.ask(temperature=temperature))
    saw(temperature=temperature, status=answer.status, refusal=answer.refusal())


def test_the_default_of_max_tokens(host, saw):
    answer = answered(host.ask("Write the numbers from 1 to 3000 in words."))
    choice = (answer.body.get("choices") or [{}])[0] if isinstance(answer.body, dict) else {}
    saw(finish_reason=choice.get("finish_reason"), usage=answer.body.get("usage"))


@pytest.mark.parametrize("options", [None, {"include_usage": True}], ids=["unasked", "asked"])
def test_usage_on_streams(host, saw, options):
    extra = {"stream_options": options} if options else {}
    answer = answered(host.stream(**extra))
    usages = [event["usage"] for event in answer.events if event.get("usage")]
    saw(asked=bool(options), usages=usages[-1:], done="[DONE]" in answer.text)


@pytest.mark.parametrize("content", ["", None], ids=["empty", "null"])
def test_content_beside_calls(host, saw, content):
    call = {"id": "call_1", "type": "function", "function": {"name": "now", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": "What time is it?"},
        {"role": "assistant", "content": content, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "noon"},
    ]
    answer = answered(host.ask(messages=messages, tools=[NO_ARGUMENTS]))
    saw(content=content, status=answer.status, refusal=answer.refusal())


def test_the_headers_of_limits(host, saw):
    headers = answered(host.ask()).headers
    limits = {k: v for k, v in headers.items() if "limit" in k or "retry" in k}
    saw(headers=limits, connection=headers.get("connection"))


def test_whether_embeddings_exist(host, saw):
    answer = host.post("/embeddings", {"model": "E5-Mistral-7B-Instruct", "input": "a"})
    assert answer.status not in (401, 403)
    saw(status=answer.status, text=answer.text[:200])
