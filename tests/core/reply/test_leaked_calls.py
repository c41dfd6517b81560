"""Calls that a server left in the text: told, refused, or taken where a user asks for that."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from mara_minimax import errors
from tests.core.reply.test_call_markup import M2, M3, TOKEN
from tests.core.wire import (
    call_head,
    cut,
    minimax_chunk,
    minimax_summary,
    minimax_usage_chunk,
    read,
    reply_of,
    request_to,
    split_reasoning,
    sse,
    to_json,
)

NUMBER = {"type": "number"}
ADD = {
    "type": "object",
    "properties": {"a": NUMBER, "b": {"type": ["string", "null"]}},
    "required": ["a"],
}


def function(name, parameters=None):
    called = {"name": name} if parameters is None else {"name": name, "parameters": parameters}
    return {"type": "function", "function": called}


TOOLS = [function("add", ADD), function("wipe")]


def asking(mode, tools=TOOLS, messages=(), **body):
    given = [{"role": "user", "content": "Add."}, *messages]
    request = request_to(stop=body.pop("stop", ()))
    return replace(
        request, body={"messages": given, "tools": tools, **body}, leaked_tool_calls=mode
    )


def bodies(text, finish="stop", piece=3, **message):
    """A whole reply and a stream of it in pieces of so many characters."""
    pieces = cut(text, range(piece, len(text), piece))
    return (
        to_json(minimax_summary(finish, content=text, **message)),
        sse(
            *([minimax_chunk(**message)] if message else []),
            *[minimax_chunk(content=part) for part in pieces],
            minimax_chunk(finish),
            minimax_usage_chunk(),
        ),
    )


def calls_of(reply):
    return [(call.name, json.loads(call.arguments)) for call in reply.tool_calls]


@pytest.mark.parametrize("markup", [M2, M3])
def test_by_default_markup_stays_text_with_a_mark(markup):
    for body in bodies(f"I add.\n{markup}"):
        reply = reply_of(body, asking("warn"))
        assert (reply.text, reply.tool_calls) == (f"I add.\n{markup}", ())
        assert (reply.leaks_tool_calls, reply.finish_reason) == (True, "stop")


@pytest.mark.parametrize("mode", ["warn", "error", "parse"])
def test_without_tools_markup_is_text(mode):
    for body in bodies(M2):
        reply = reply_of(body, asking(mode, tools=None))
        assert (reply.text, reply.leaks_tool_calls) == (M2, False)


@pytest.mark.parametrize("mode", ["warn", "error", "parse"])
def test_other_answers_have_no_mark(mode):
    for body in bodies("Four, as `<minimax:tool_call>` would say."):
        assert not reply_of(body, asking(mode)).leaks_tool_calls


@pytest.mark.parametrize("markup", [M2, M3])
def test_an_error_holds_the_text(markup):
    for body in (*bodies(f"I add.\n{markup}"), bodies(f"I add.\n{markup}")[1] + sse(done=True)):
        with pytest.raises(errors.LeakedToolCallError, match="markup") as caught:
            read(body, asking("error"))
        assert caught.value.text == f"I add.\n{markup}"
        assert not caught.value.retryable
    assert errors.LeakedToolCallError("x").text == ""


@pytest.mark.parametrize("markup", [M2, M3])
@pytest.mark.parametrize("before", ["", "I add.\n", "I add.\n\n  "])
def test_calls_at_the_end_are_taken(markup, before):
    for body in bodies(before + markup + "\n", **split_reasoning("Hm.")):
        reply = reply_of(body, asking("parse"))
        assert calls_of(reply) == [("add", {"a": 1, "b": "2 < 3"})]
        assert (reply.text, reply.reasoning.text) == (before.rstrip(" "), "Hm.")
        assert (reply.finish_reason, reply.leaks_tool_calls) == ("tool_calls", False)
        assert reply.tool_calls[0].id == f"call_{reply.id}_1"


@pytest.mark.parametrize("markup", [M2, M3])
@pytest.mark.parametrize("text", ["I add.\n{}", "I add.\n{} or not", "So: {}", "```\n{}\n```"])
def test_a_stream_reads_the_same_wherever_it_is_cut(markup, text):
    text = text.replace("{}", markup)
    whole = reply_of(bodies(text)[0], asking("parse"))
    for piece in range(1, len(text), 5):
        _, stream = bodies(text, piece=piece)
        streamed = reply_of(stream, asking("parse"))
        assert (streamed.text, calls_of(streamed)) == (whole.text, calls_of(whole))


def test_a_stream_shows_no_markup_that_becomes_a_call():
    _, stream = bodies(f"I add.\n{M2}")
    deltas = read(stream, asking("parse"))
    assert "".join(delta.text for delta in deltas) == "I add.\n"
    assert [call.name for delta in deltas for call in delta.tool_calls if call.name] == ["add"]


def test_text_in_a_stream_is_shown_as_it_comes():
    data = sse(*[minimax_chunk(content=word) for word in ("\n", "Four ", "is ", "it.\n")])
    request = asking("parse")
    shown = [delta.text for delta in read(data + sse(minimax_chunk("stop")), request)]
    assert shown[:3] == ["\nFour ", "is ", "it.\n"]


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", 1), ("-2.5", -2.5), ("\n1\n", 1), (" 1 ", 1)],
)
def test_a_number_is_typed_by_the_schema(text, value):
    markup = M2.replace('"a">1<', f'"a">{text}<')
    assert calls_of(reply_of(bodies(markup)[0], asking("parse")))[0][1]["a"] == value


@pytest.mark.parametrize(
    ("shape", "text", "value"),
    [
        ({"type": "string"}, "1", "1"),
        ({"type": "string"}, "null", "null"),
        ({"type": ["string", "null"]}, "null", None),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "null", None),
        ({"type": "boolean"}, "true", True),
        ({"type": "array", "items": {"type": "integer"}}, "[1, 2]", [1, 2]),
        ({"type": "object", "properties": {"x": NUMBER}}, '{"x": 1}', {"x": 1}),
        ({"$ref": "#/$defs/Point"}, '{"x": 1}', {"x": 1}),
        ({"enum": [1, 2]}, "2", 2),
        ({"enum": ["a"]}, "a", "a"),
        ({}, "1", "1"),
    ],
)
def test_an_argument_is_typed_by_the_schema(shape, text, value):
    schema = {
        "type": "object",
        "properties": {"v": shape},
        "$defs": {"Point": {"type": "object", "properties": {"x": NUMBER}}},
    }
    markup = (
        f'<minimax:tool_call><invoke name="f"><parameter name="v">{text}</parameter></invoke>'
        "</minimax:tool_call>"
    )
    reply = reply_of(bodies(markup)[0], asking("parse", tools=[function("f", schema)]))
    assert calls_of(reply) == [("f", {"v": value})]


WIPE = '<minimax:tool_call><invoke name="wipe"></invoke></minimax:tool_call>'


def test_a_tool_without_a_schema_takes_no_arguments():
    assert calls_of(reply_of(bodies(WIPE)[0], asking("parse"))) == [("wipe", {})]
    with_argument = WIPE.replace('"wipe">', '"wipe"><parameter name="a">1</parameter>')
    assert reply_of(bodies(with_argument)[0], asking("parse")).tool_calls == ()


NO_CALLS = {
    "a remark behind it": f"{M2}\nThat is what I would write.",
    "in a sentence": f"I would write {M2}",
    "in a fence": f"```\n{M2}\n```",
    "in a fence left open": f"```xml\n{M2}",
    "in inline code": f"`{M2}`",
    "in quotation marks": f'"{M2}"',
    "in a quote": "> " + M2.replace("\n", "\n> "),
    "indented like code": f"{' ' * 12}{M2}",
    "half of it": M2[:-5],
    "an unknown tool": M2.replace('"add"', '"format_disk"'),
    "one call of two unknown": M2 + M2.replace('"add"', '"format_disk"'),
    "an unknown argument": M2.replace('"b"', '"c"'),
    "an argument missing": M2.replace('<parameter name="a">1</parameter>\n', ""),
    "an argument of another type": M2.replace('"a">1<', '"a">one<'),
    "an argument that is two": M2.replace('"a">1<', '"a">1, "b": 2<'),
    "an argument twice": M2.replace('"b"', '"a"'),
    "no number": M2.replace('"a">1<', '"a">NaN<'),
}


@pytest.mark.parametrize("name", NO_CALLS)
def test_what_may_be_no_call_stays_text(name):
    for body in bodies(NO_CALLS[name]):
        reply = reply_of(body, asking("parse"))
        assert (reply.text, reply.tool_calls) == (NO_CALLS[name], ())


@pytest.mark.parametrize("finish", ["length", "content_filter", "abort", "eos"])
def test_an_answer_that_the_model_did_not_end_is_not_taken(finish):
    for body in bodies(M2, finish):
        assert reply_of(body, asking("parse")).tool_calls == ()


def test_an_answer_that_a_stop_sequence_ended_is_not_taken():
    for body in bodies(f"{M2}STOP"):
        reply = reply_of(body, asking("parse", stop=("STOP",)))
        assert (reply.text, reply.tool_calls) == (M2, ())


@pytest.mark.parametrize(
    "change", [{"tool_choice": "none"}, {"tools": "add"}, {"tools": [None, {"function": 1}]}]
)
def test_what_was_not_offered_is_not_called(change):
    for body in bodies(M2):
        assert reply_of(body, asking("parse", **change)).tool_calls == ()


@pytest.mark.parametrize("odd", [None, [], "x", {"properties": 1}])
def test_an_odd_schema_fits_no_arguments(odd):
    tools = [{"function": {"name": "add", "parameters": odd}}]
    assert reply_of(bodies(M2)[0], asking("parse", tools=tools)).tool_calls == ()


def test_beside_a_call_of_its_own_markup_is_text():
    calls = [call_head(0, "add", '{"a": 2}')]
    data = sse(
        minimax_chunk(content="I add.\n<minimax"),
        minimax_chunk(content=M2.removeprefix("<minimax")),
        minimax_chunk(tool_calls=calls),
        minimax_chunk("tool_calls", content="\nDone."),
    )
    whole = to_json(minimax_summary("tool_calls", content=f"I add.\n{M2}", tool_calls=calls))
    for body, text in ((data, f"I add.\n{M2}\nDone."), (whole, f"I add.\n{M2}")):
        reply = reply_of(body, asking("parse"))
        assert (reply.text, calls_of(reply)) == (text, [("add", {"a": 2})])
        assert reply.leaks_tool_calls


def test_an_error_of_a_stream_holds_what_was_held_back():
    data = sse(minimax_chunk(content=f"I add.\n{M2}"))
    with pytest.raises(errors.IncompleteStreamError) as caught:
        read(data, asking("parse"))
    assert caught.value.partial.text == f"I add.\n{M2}"
    failing = data + sse({"base_resp": {"status_code": 1000, "status_msg": "unknown"}})
    with pytest.raises(errors.ServerError) as caught:
        read(failing, asking("parse"))
    assert caught.value.partial.text == f"I add.\n{M2}"


GIVEN = {
    "a document": {"role": "user", "content": f"Sum up:\n{M2}"},
    "a document in parts": {"role": "user", "content": [{"type": "text", "text": M2}]},
    "the result of a tool": {"role": "tool", "tool_call_id": "c", "content": M3},
    "an escaped page": {"role": "tool", "content": M2.replace("<", "&lt;").replace(">", "&gt;")},
    "a page in capitals": {"role": "tool", "content": M2.upper()},
    "a result as JSON": {"role": "tool", "content": json.dumps({"page": M2})},
    "half of it": {"role": "tool", "content": "It begins with <minimax:tool_call>"},
    "the token alone": {"role": "tool", "content": f"{TOKEN} separates."},
    "an answer of before": {"role": "assistant", "content": M2},
    "arguments of before": {
        "role": "assistant",
        "tool_calls": [call_head(0, "wipe", json.dumps({"a": M2}))],
    },
}


@pytest.mark.parametrize("given", GIVEN)
@pytest.mark.parametrize("answer", [M2, M3, f"It says:\n{M2}", f"As asked.\n\n{M3}\n"])
def test_markup_that_the_model_may_have_read_is_not_taken(given, answer):
    for body in bodies(answer):
        reply = reply_of(body, asking("parse", messages=[GIVEN[given]]))
        assert (reply.text, reply.tool_calls, reply.leaks_tool_calls) == (answer, (), True)
