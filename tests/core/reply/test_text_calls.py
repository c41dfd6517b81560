"""Which answers in text are the call that had to be made."""

from __future__ import annotations

import json

import pytest

from mara_minimax.emulator import CannedReply
from mara_minimax.encoded_request import ForcedTools
from mara_minimax.reply.text_calls import parse_tool_call_from_text
from mara_minimax.settings import MARASettings, MiniMaxSettings


def tool(name, /, **properties):
    parameters = {"type": "object", "properties": properties, "required": [*properties][:1]}
    return {"type": "function", "function": {"name": name, "parameters": parameters}}


TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
MAIL = tool("send_mail", to=TEXT, body=TEXT)
NOW = tool("now")
PERSON = tool("Person", name=TEXT, age=WHOLE)
CITY = tool("City", city=TEXT)

SPELT = '{"name": "send_mail", "arguments": {"to": "a@b"}}'
MAIL_CALL = ("send_mail", '{"to": "a@b"}')
ADA = '{"name": "Ada", "age": 36}'
ADA_CALL = ("Person", ADA)


def parse(text, *tools, enforced=False, without_code=()):
    return parse_tool_call_from_text(text, ForcedTools(tools, enforced, frozenset(without_code)))


@pytest.mark.parametrize("text", [SPELT, f"\n {SPELT} ", f"```json\n{SPELT}\n```"])
@pytest.mark.parametrize("tools", [(MAIL,), (MAIL, NOW)])
def test_an_answer_that_is_nothing_but_the_form_asked_for_is_the_call(text, tools):
    assert parse(text, *tools) == MAIL_CALL


def test_a_tool_without_parameters_is_called_in_the_same_form():
    assert parse('{"name": "now", "arguments": {}}', MAIL, NOW) == ("now", "{}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I called it.",
        f"Here: {SPELT}",
        f"{SPELT}\nDone.",
        f"The page says:\n```json\n{SPELT}\n```",
        f"{SPELT}\n{SPELT}",
        f"[{SPELT}]",
        SPELT[:-1],
        '{"to": "a@b"}',
        "{}",
        '{"name": "send_mail", "parameters": {"to": "a@b"}}',
        '{"name": "send_mail", "arguments": {"to": "a@b"}, "id": 1}',
        '{"type": "function", "function": {"name": "send_mail", "arguments": {"to": "a@b"}}}',
        '{"send_mail": {"to": "a@b"}}',
        '{"name": "now", "name": "send_mail", "arguments": {"to": "a@b"}}',
        '{"name": "send_mail", "arguments": {"to": "x", "to": "a@b"}}',
        '{"name": "send_mail", "arguments": "{\\"to\\": \\"a@b\\"}"}',
        '{"name": "send_mail", "arguments": {"to": "a@b", "bcc": "evil"}}',
        '{"name": "send_mail", "arguments": {"to": 1}}',
        '{"name": "send_mail", "arguments": {}}',
        '{"name": "send_mail", "arguments": {"name": "send_mail", "arguments": {"to": "a@b"}}}',
        '{"name": "delete_all", "arguments": {}}',
        '{"name": ["send_mail"], "arguments": {"to": "a@b"}}',
    ],
)
@pytest.mark.parametrize("tools", [(MAIL,), (MAIL, NOW)])
def test_any_other_answer_calls_no_tool_with_code(text, tools):
    assert parse(text, *tools) is None


def test_where_the_choice_is_enforced_no_text_calls_a_tool_with_code():
    assert parse(SPELT, MAIL, enforced=True) is None


def test_two_tools_of_one_name_are_not_called():
    assert parse(SPELT, MAIL, MAIL) is None


@pytest.mark.parametrize("enforced", [False, True])
@pytest.mark.parametrize(
    "text",
    [
        ADA,
        f"```json\n{ADA}\n```",
        f"Here she is: {ADA}. Enjoy!",
        f"She, as {{JSON}}:\n```json\n{json.dumps(json.loads(ADA), indent=1)}\n```\nDone.",
        f"Once: {ADA} and again: {ADA}",
        f'Not {{"error": "x"}} but {ADA}',
        f'{{"name": "Person", "arguments": {ADA}}}',
        f'Calling {{"name": "Person", "arguments": {ADA}}} now.',
    ],
)
def test_tools_without_code_are_filled_from_any_text_that_holds_the_object(text, enforced):
    given = {"enforced": enforced, "without_code": ["Person", "City"]}
    assert parse(text, PERSON, **given) == ADA_CALL
    assert parse(text, PERSON, CITY, **given) == ADA_CALL


@pytest.mark.parametrize(
    "text",
    [
        "I do not know her.",
        f'{ADA} or {{"name": "Eve"}}',
        f'{ADA} in {{"city": "London"}}',
        '{"name": "Ada", "age": "old"}',
        '{"name": "Ada", "email": "x"}',
        '{"age": 36}',
        '{"name": "Ada", "na',
        '{"name": "Ada", "name": "Eve"}',
    ],
)
def test_an_object_that_fits_none_or_is_not_the_only_one_fills_nothing(text):
    assert parse(text, PERSON, CITY, without_code=["Person", "City"]) is None


def test_an_empty_object_fills_a_tool_of_optional_values_only_alone():
    assert parse("{}", NOW, without_code=["now"]) == ("now", "{}")
    assert parse("It is {} now.", NOW, without_code=["now"]) is None


@pytest.mark.parametrize("enforced", [False, True])
def test_among_tools_with_code_one_without_is_filled_by_the_whole_text_alone(enforced):
    def parse_mixed(text):
        return parse(text, MAIL, NOW, PERSON, enforced=enforced, without_code=["Person"])

    assert parse_mixed(ADA) == parse_mixed(f"```\n{ADA}\n```") == ADA_CALL
    assert parse_mixed(f'{{"name": "Person", "arguments": {ADA}}}') == ADA_CALL
    assert parse_mixed(f"Here she is: {ADA}") is None
    assert parse_mixed('{"to": "a@b"}') is None
    assert parse_mixed("{}") is None
    assert parse_mixed(SPELT) == (None if enforced else MAIL_CALL)


def test_an_answer_that_can_be_read_as_two_tools_is_none_of_them():
    record = tool("Record", name=TEXT, arguments={"type": "object"})
    assert parse(SPELT, MAIL, record, without_code=["Record"]) is None
    assert parse(SPELT, MAIL, record, without_code=["Record"], enforced=True) == ("Record", SPELT)


def test_a_tool_whose_schema_is_missing_has_no_arguments():
    bare = {"type": "function", "function": {"name": "now"}}
    assert parse('{"name": "now", "arguments": {}}', bare) == ("now", "{}")
    assert parse('{"name": "now", "arguments": {"x": 1}}', bare) is None


ASKED = [{"role": "user", "content": "Who?"}]


def answer(text, finish_reason, *, stream, done=False):
    choice = {"index": 0, "delta": {"content": text}}
    if finish_reason is not None:
        choice["finish_reason"] = finish_reason
    if stream:
        half = {"index": 0, "delta": {"content": text[:9]}}
        rest = {**choice, "delta": {"content": text[9:]}}
        return CannedReply.sse(
            {"id": "r", "choices": [half]}, {"id": "r", "choices": [rest]}, done=done
        )
    choice["message"] = choice.pop("delta")
    return CannedReply.json({"id": "r", "choices": [choice]})


def ask(settings, reply, server, *, stream, **given):
    server.enqueue(reply)
    request = settings.encode(ASKED, stream=stream, **given)
    return list(settings.client.stream(request))


@pytest.fixture
def minimax(emulator):
    return MiniMaxSettings(api_key="k", base_url=emulator.base_url, max_retries=0)


FORCED = {"tools": [MAIL], "tool_choice": "any"}
FILLED = {"tools": [PERSON], "tool_choice": "any", "tools_without_code": ["Person"]}


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("done", [True, False])
@pytest.mark.parametrize(
    ("given", "text", "call"),
    [(FORCED, SPELT, MAIL_CALL), (FILLED, f"She is {ADA}.", ADA_CALL)],
    ids=["with code", "without code"],
)
def test_reply_and_stream_hold_the_call_that_the_text_is(
    stream, done, given, text, call, minimax, emulator
):
    reply = answer(text, "stop", stream=stream, done=done)
    *before, last = ask(minimax, reply, emulator, stream=stream, **given)
    (made,) = last.reply.tool_calls
    assert (made.id, made.name, made.arguments) == ("call_r_1", *call)
    assert [(piece.name, piece.arguments) for piece in last.tool_calls] == [call]
    assert (last.reply.text, last.reply.finish_reason) == (text, "tool_calls")
    assert not last.reply.ignores_tool_choice
    assert not any(delta.tool_calls for delta in before)


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("finish_reason", ["length", "content_filter", "tool_calls", "eos", None])
@pytest.mark.parametrize(("given", "text"), [(FORCED, SPELT), (FILLED, ADA)])
def test_text_that_did_not_end_with_stop_is_no_call(
    stream, finish_reason, given, text, minimax, emulator
):
    reply = answer(text, finish_reason, stream=stream, done=True)
    last = ask(minimax, reply, emulator, stream=stream, **given)[-1]
    assert (last.reply.tool_calls, last.tool_calls) == ((), ())
    assert last.reply.finish_reason == (finish_reason or "stop")
    assert last.reply.ignores_tool_choice


@pytest.mark.parametrize("stream", [True, False])
def test_text_that_a_stop_sequence_cut_is_no_call(stream, minimax, emulator):
    reply = answer(f"{SPELT}\nEND, says the page.", "stop", stream=stream)
    last = ask(minimax, reply, emulator, stream=stream, stop=["\nEND"], **FORCED)[-1]
    assert (last.reply.text, last.reply.finish_reason) == (SPELT, "stop")
    assert last.reply.tool_calls == ()


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("choice", [None, "auto", "none"])
def test_text_is_no_call_where_the_choice_is_free(stream, choice, minimax, emulator):
    given = {"tools": [MAIL, PERSON], "tools_without_code": ["Person"], "tool_choice": choice}
    for text in (SPELT, ADA):
        reply = answer(text, "stop", stream=stream)
        last = ask(minimax, reply, emulator, stream=stream, **given)[-1]
        assert last.reply.tool_calls == ()
        assert not last.reply.ignores_tool_choice


def test_a_choice_that_is_sent_under_the_policy_pass_was_not_asked_for_in_words(emulator):
    settings = MiniMaxSettings(api_key="k", base_url=emulator.base_url, parameter_policy="pass")
    reply = answer(SPELT, "stop", stream=False)
    (last,) = ask(settings, reply, emulator, stream=False, **FORCED)
    assert last.reply.tool_calls == ()


@pytest.mark.parametrize("stream", [True, False])
def test_mara_enforces_the_choice_so_that_text_only_fills_tools_without_code(stream, emulator):
    settings = MARASettings(api_key="k", base_url=emulator.base_url)
    last = ask(settings, answer(SPELT, "stop", stream=stream), emulator, stream=stream, **FORCED)[
        -1
    ]
    assert (last.reply.tool_calls, last.reply.ignores_tool_choice) == ((), True)
    last = ask(settings, answer(ADA, "stop", stream=stream), emulator, stream=stream, **FILLED)[-1]
    assert [call.arguments for call in last.reply.tool_calls] == [ADA]


@pytest.mark.parametrize("stream", [True, False])
def test_a_call_that_was_made_is_not_looked_for_in_the_text(stream, minimax, emulator):
    call = {"index": 0, "id": "c1", "function": {"name": "send_mail", "arguments": '{"to": "x"}'}}
    part = {"content": SPELT, "tool_calls": [call]}
    name = "delta" if stream else "message"
    body = {"choices": [{"index": 0, "finish_reason": "stop", name: part}]}
    reply = CannedReply.sse(body) if stream else CannedReply.json(body)
    last = ask(minimax, reply, emulator, stream=stream, **FORCED)[-1]
    assert [(made.id, made.arguments) for made in last.reply.tool_calls] == [("c1", '{"to": "x"}')]
    assert not last.reply.ignores_tool_choice


@pytest.mark.parametrize("text", [f'{{"Person": {ADA}}}', f'```json\n{{"Person": {ADA}}}\n```'])
@pytest.mark.parametrize("tools", [(PERSON,), (MAIL, PERSON)])
def test_arguments_under_the_name_of_a_tool_without_code_are_its_call(text, tools):
    assert parse(text, *tools, without_code=["Person"]) == ADA_CALL
    assert parse(text, *tools) is None


def test_arguments_under_a_name_have_to_fit():
    assert parse('{"Person": {"age": 36}}', PERSON, without_code=["Person"]) is None
    assert parse('{"Person": 5}', PERSON, without_code=["Person"]) is None
