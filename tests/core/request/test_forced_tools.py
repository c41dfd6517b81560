"""A call that has to be made: which tools, in which words, and how often it is asked for."""

from __future__ import annotations

import pickle

import pytest

from mara_minimax.encoded_request import ForcedTools
from mara_minimax.errors import IgnoredToolChoiceError
from mara_minimax.providers.endpoints import MARA
from mara_minimax.request.forced_tools import ask_in_words, force_tools
from mara_minimax.request.tools import encode_tools
from mara_minimax.settings import MARASettings, MiniMaxSettings


def tool(name, **parameters):
    return {"type": "function", "function": {"name": name, "parameters": parameters}}


F, G = TOOLS = encode_tools([tool("f"), tool("g")], MARA)
NAMED = {"type": "function", "function": {"name": "g"}}
USER = {"role": "user", "content": "hi"}


def forced(*tools, without_code=()):
    return ForcedTools(tools, enforced=False, without_code=frozenset(without_code))


@pytest.mark.parametrize(
    ("choice", "names"), [("required", ["f", "g"]), (NAMED, ["g"]), ("auto", None), (None, None)]
)
def test_a_forced_choice_forces_its_tools(choice, names):
    found = force_tools(choice, TOOLS, enforced=True, without_code=["g", "h"])
    assert (found and found.names) == names
    if found:
        assert (found.enforced, found.without_code) == (True, {"g"})
        assert found.all_without_code == (names == ["g"])


def test_a_name_of_two_tools_counts_as_code():
    found = force_tools("required", [F, G, G], enforced=False, without_code=["f", "g"])
    assert found.without_code == {"f"}


def test_the_words_join_the_system_message():
    history = [{"role": "system", "content": "Be brief."}, USER]
    messages = ask_in_words(history, forced(F, G))
    assert messages[0]["content"] == (
        "Be brief.\n\nAnswer by calling the function `f` or `g`, and write no other text. If you "
        "cannot call one, answer with nothing but a JSON object of the form "
        '{"name": "the function", "arguments": {}}.'
    )
    assert messages[1:] == history[1:]
    assert history[0]["content"] == "Be brief."


def test_the_words_make_a_system_message_where_there_is_none():
    messages = ask_in_words([USER], forced(F, G))
    assert [message["role"] for message in messages] == ["system", "user"]
    assert ask_in_words([], forced(F, G))[0]["role"] == "system"


def test_the_words_join_a_system_message_of_parts_as_a_part():
    part = {"type": "text", "text": "Be brief."}
    messages = ask_in_words([{"role": "system", "content": [part]}], forced(F, G))
    assert messages[0]["content"][0] == part
    assert "`f` or `g`" in messages[0]["content"][1]["text"]


def test_a_tool_with_code_is_never_asked_for_by_its_arguments_alone():
    (message,) = ask_in_words([], forced(F))
    assert message["content"] == (
        "Answer by calling the function `f`, and write no other text. If you cannot call it, "
        'answer with nothing but a JSON object of the form {"name": "f", "arguments": {}}, '
        'whose arguments have this JSON schema:\n{"type": "object", "properties": {}}'
    )


def test_a_tool_without_code_is_asked_for_by_its_arguments():
    (message,) = ask_in_words([], forced(F, without_code=["f"]))
    assert message["content"].endswith(
        "answer with nothing but the JSON object of its arguments, which has this JSON schema:\n"
        '{"type": "object", "properties": {}}'
    )


IGNORED = {"role": "assistant", "content": "No.", "ignored_tool_choice": True}
OTHER = {"role": "assistant", "content": "Hello."}
FORCED = {"tools": [F, G], "tool_choice": "any"}
SETTINGS = pytest.mark.parametrize("settings", [MiniMaxSettings, MARASettings])


def encode(settings, *messages, **given):
    return settings(api_key="k").encode(messages, stream=False, **given)


@SETTINGS
def test_a_choice_that_three_replies_ignored_is_not_sent_again(settings):
    last = {**IGNORED, "content": "I will not."}
    with pytest.raises(IgnoredToolChoiceError, match="'f' or 'g'") as caught:
        encode(settings, USER, IGNORED, IGNORED, last, **FORCED)
    error = caught.value
    assert (error.tools, error.text) == (("f", "g"), "I will not.")
    assert error.provider == settings(api_key="k").provider.name
    assert not error.retryable
    restored = pickle.loads(pickle.dumps(error))
    assert (restored.tools, restored.text, str(restored)) == (error.tools, error.text, str(error))


def test_an_ignored_choice_of_parts_holds_no_text():
    parts = {**IGNORED, "content": [{"type": "text", "text": "No."}]}
    with pytest.raises(IgnoredToolChoiceError) as caught:
        encode(MiniMaxSettings, USER, IGNORED, IGNORED, parts, **FORCED)
    assert caught.value.text == ""


@SETTINGS
@pytest.mark.parametrize(
    "history",
    [
        (USER, IGNORED, IGNORED),
        (USER, IGNORED, IGNORED, IGNORED, USER),
        (USER, IGNORED, IGNORED, USER, IGNORED),
        (USER, OTHER, IGNORED, IGNORED),
        (USER, IGNORED, IGNORED, IGNORED, OTHER),
        (USER, OTHER, OTHER, OTHER),
        (USER, *[{**IGNORED, "ignored_tool_choice": "yes"}] * 3),
    ],
)
def test_only_the_last_replies_count_and_only_marked_ones(settings, history):
    body = encode(settings, *history, **FORCED).body
    assert body["messages"][-1]["content"] == history[-1]["content"]
    assert "ignored_tool_choice" not in str(body)


@SETTINGS
def test_a_free_choice_is_sent_however_often_a_forced_one_was_ignored(settings):
    assert encode(settings, USER, IGNORED, IGNORED, IGNORED, tools=[F]).body["tools"] == [F]


@SETTINGS
def test_the_mark_is_not_sent(settings):
    request = encode(settings, USER, IGNORED, **FORCED)
    assert request.body["messages"][-1] == {"role": "assistant", "content": "No."}
    assert request.changes == ()


@SETTINGS
def test_the_names_of_tools_without_code_are_not_sent(settings):
    request = encode(settings, USER, **FORCED, tools_without_code=["f"])
    assert "tools_without_code" not in request.body
    assert request.forced.without_code == {"f"}
