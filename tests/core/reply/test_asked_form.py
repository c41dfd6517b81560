"""The form that a request asked for: JSON without a code fence, tools under their given names."""

from __future__ import annotations

import json

import pytest

from mara_minimax.encoded_request import EncodedRequest
from mara_minimax.providers.endpoints import MARA, MINIMAX
from mara_minimax.reply.reader import ReplyReader
from mara_minimax.request.encode import encode_request
from tests.core.calls import chunk, sse

USER = [{"role": "user", "content": "Paris?"}]
JSON = '{"city": "Paris"}'
SCHEMA = {"type": "json_schema", "json_schema": {"name": "City", "schema": {"type": "object"}}}
TOOL = {"type": "function", "function": {"name": "Wrap[City]", "parameters": {}}}


def request(response_format=SCHEMA, *, stream=False, provider=MARA, **parameters) -> EncodedRequest:
    asked = {"model": "MiniMax-M2.5", "response_format": response_format, **parameters}
    return encode_request(USER, asked, provider=provider, stream=stream)


def read_whole(text, asked):
    message = {"choices": [{"message": {"content": text}, "finish_reason": "stop"}]}
    reader = ReplyReader(asked)
    reader.decode(json.dumps(message).encode())
    return reader.flush()


def read_pieces(pieces, asked):
    reader = ReplyReader(asked)
    chunks = [chunk(content=piece) for piece in pieces]
    return [*reader.decode(sse(*chunks, chunk("stop"), done=True)), *reader.flush()]


def check(text, expected, asked=None):
    """Read `text` whole and cut at every place and into characters; all give `expected`."""
    asked = asked or request()
    cuts = [(text[:at], text[at:]) for at in range(len(text))]
    for deltas in [
        read_whole(text, asked),
        read_pieces(text, asked),
        *(read_pieces(cut, asked) for cut in cuts),
    ]:
        assert "".join(delta.text for delta in deltas) == expected
        assert all(delta.text for delta in deltas[:-1])
        assert deltas[-1].reply.text == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"```json\n{JSON}\n```", f"{JSON}\n"),
        (f"```\n{JSON}```", JSON),
        (f"\n ```JSON \r\n\n{JSON}\n```\n", f"{JSON}\n"),
        ("```json\n[1]\n```", "[1]\n"),
    ],
)
@pytest.mark.parametrize("response_format", [SCHEMA, {"type": "json_object"}])
def test_a_fence_around_json_is_not_part_of_the_text(text, expected, response_format):
    check(text, expected, request(response_format))


@pytest.mark.parametrize(
    "text",
    [
        JSON,
        " ",
        "``",
        "```json",
        "```json\n",
        "```python\nprint()\n```",
        "```json\nno JSON\n```",
        f"Here:\n```json\n{JSON}\n```",
        f"{JSON}\n```",
        '{"code": "```"}',
    ],
)
def test_any_other_text_stays_as_it_is(text):
    check(text, text)


def test_a_fence_within_the_json_stays():
    check('```json\n{"code": "```"}\n```', '{"code": "```"}\n')


def test_what_follows_the_fence_is_kept():
    check(f"```json\n{JSON}\n```\nDone.", f"{JSON}\n```\nDone.")


def test_a_text_that_was_cut_within_the_closing_fence_keeps_it():
    check(f"```json\n{JSON}\n``", f"{JSON}\n``")


def test_a_beginning_without_end_is_text():
    text = "```json\n" + "\n" * 2000
    assert read_pieces(text, request())[-1].reply.text == text


def test_without_a_request_for_json_the_fence_is_text():
    for response_format in ({"type": "text"}, None):
        text = f"```json\n{JSON}\n```"
        assert read_whole(text, request(response_format))[-1].reply.text == text


@pytest.mark.parametrize("provider", [MARA, MINIMAX])
def test_a_generic_class_is_called_under_its_name(provider):
    asked = request(None, provider=provider, stream=True, tools=[TOOL], tool_choice="Wrap[City]")
    (sent,) = asked.body["tools"]
    assert sent["function"]["name"] == "Wrap_City_"
    assert "Wrap[City]" not in json.dumps(asked.body)
    function = {"name": "Wrap_City_", "arguments": "{}"}
    call = {"index": 0, "id": "a", "type": "function", "function": function}
    reader = ReplyReader(asked)
    deltas = reader.decode(sse(chunk(tool_calls=[call]), chunk("tool_calls"), done=True))
    assert [call.name for delta in deltas for call in delta.tool_calls if call.name] == [
        "Wrap[City]"
    ]
    assert [call.name for call in deltas[-1].reply.tool_calls] == ["Wrap[City]"]


def test_a_generic_class_without_code_is_read_from_text():
    asked = request(None, tools=[TOOL], tool_choice="required", tools_without_code=["Wrap[City]"])
    (call,) = read_whole("{}", asked)[-1].reply.tool_calls
    assert call.name == "Wrap[City]"


def test_an_earlier_call_of_a_generic_class_has_the_name_that_is_sent():
    function = {"name": "Wrap[City]", "arguments": "{}"}
    history = [*USER, {"role": "assistant", "tool_calls": [{"id": "a", "function": function}]}]
    body = encode_request(history, {"model": "MiniMax-M2.5"}, provider=MARA).body
    assert body["messages"][1]["tool_calls"][0]["function"]["name"] == "Wrap_City_"
