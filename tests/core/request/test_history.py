"""History repair: each refusal of the providers has a case, and nothing else changes."""

from __future__ import annotations

import copy
import warnings

import pytest

from mara_minimax.emulator.checks import minimax_history
from mara_minimax.encoded_request import HistoryWarning
from mara_minimax.errors import UnsupportedInputError
from mara_minimax.providers.endpoints import MARA, MINIMAX
from mara_minimax.providers.models import find_profile
from mara_minimax.request.history import (
    EMPTY_MESSAGE,
    INVISIBLE,
    fill_empty_content,
    repair_history,
)
from mara_minimax.request.pairing import EMPTY_RESULT, MISSING_RESULT

STRICT = find_profile("minimax", "MiniMax-M2")
LENIENT = find_profile("mara", "gpt-oss-120b")


def repair(*messages, profile=STRICT, provider=MINIMAX):
    repaired, changes = repair_history(messages, profile)
    return repaired, changes + fill_empty_content(repaired, provider)


def call(call_id="a", arguments="{}", name="f"):
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def assistant(*calls, **fields):
    return {"role": "assistant", "tool_calls": list(calls), **fields}


def result(call_id="a", content="done"):
    return {"role": "tool", "tool_call_id": call_id, "content": content}


USER = {"role": "user", "content": "hi"}


@pytest.mark.parametrize("profile", [STRICT, LENIENT])
def test_a_good_history_is_left_alone(profile):
    history = [
        {"role": "system", "content": "s"},
        USER,
        assistant(call("a"), call("b"), content="x"),
        result("b"),
        result("a"),
        {"role": "assistant", "content": "done"},
        {"role": "user", "content": [{"type": "text", "text": "more"}], "name": "Ann"},
    ]
    before = copy.deepcopy(history)
    repaired, changes = repair(*history, profile=profile)
    assert (repaired, changes) == (before, ())
    assert history == before


def test_several_system_messages_become_one_first():
    repaired, changes = repair(
        {"role": "system", "content": "a"}, USER, {"role": "system", "content": "b"}
    )
    assert repaired == [{"role": "system", "content": "a\n\nb"}, USER]
    assert changes == ("2 system messages became one, first",)


def test_a_single_late_system_message_moves_to_the_front():
    assert repair(USER, {"role": "system", "content": "s"})[0][0]["role"] == "system"


def test_system_messages_with_parts_merge_into_parts():
    parts = [{"type": "text", "text": "b"}]
    repaired, _ = repair({"role": "system", "content": "a"}, {"role": "system", "content": parts})
    assert repaired[0]["content"] == [{"type": "text", "text": "a"}, *parts]


def test_where_late_system_messages_are_accepted_they_stay():
    history = [USER, {"role": "system", "content": "s"}]
    assert repair(*history, profile=LENIENT, provider=MARA) == (history, ())


def test_the_developer_role_becomes_system_where_it_is_refused():
    assert repair({"role": "developer", "content": "d"}, USER)[0][0]["role"] == "system"
    repaired, _ = repair({"role": "developer", "content": "d"}, profile=LENIENT, provider=MARA)
    assert repaired[0]["role"] == "developer"


@pytest.mark.parametrize(
    ("foreign", "known"),
    [("human", "user"), ("ai", "assistant"), ("model", "assistant"), ("chatbot", "assistant")],
)
def test_foreign_roles_become_known_ones(foreign, known):
    repaired, changes = repair({"role": foreign, "content": "x"})
    assert repaired == [{"role": known, "content": "x"}]
    assert changes == (f"role {foreign!r} became {known!r}",)


def test_stray_keys_are_left_out_and_named():
    repaired, changes = repair({**USER, "session_id": "s1"})
    assert repaired == [USER]
    assert changes == ("key 'session_id' of a user message was left out",)


def test_a_missing_tool_result_is_filled_in():
    repaired, changes = repair(USER, assistant(call("a"), call("b")), result("b"), USER)
    assert repaired[2:4] == [result("b"), result("a", MISSING_RESULT)]
    assert changes == ("call 'a' without a result got one that says so",)


def test_a_late_tool_result_moves_to_its_call():
    repaired, changes = repair(USER, assistant(call("a")), USER, result("a"))
    assert [message["role"] for message in repaired] == ["user", "assistant", "tool", "user"]
    assert changes == ("the result of call 'a' was moved to its call",)


def test_an_orphaned_tool_result_becomes_a_user_message():
    repaired, _ = repair(USER, result("zzz", "42"))
    assert repaired[1] == {"role": "user", "content": "Result of an earlier tool call: 42"}


def test_an_orphan_with_parts_keeps_them_as_text():
    repaired, _ = repair(USER, result("z", [{"type": "text", "text": "42"}]))
    assert '"text": "42"' in repaired[1]["content"]


def test_a_second_result_of_one_call_is_kept_as_a_user_message():
    repaired, _ = repair(USER, assistant(call("a")), result("a", "1"), result("a", "2"))
    assert repaired[2] == result("a", "1")
    assert repaired[3] == {"role": "user", "content": "Result of an earlier tool call: 2"}


def test_a_result_without_id_answers_the_first_open_call():
    repaired, _ = repair(USER, assistant(call("a"), call("b")), result("a"), result(None, "two"))
    assert repaired[3] == result("b", "two")


def test_ids_that_return_in_a_later_turn_pair_with_their_own_turn():
    history = [
        USER,
        assistant(call("1")),
        result("1", "first"),
        assistant(call("1")),
        result("1", "second"),
    ]
    assert repair(*history) == (history, ())


def test_a_dangling_call_does_not_steal_the_result_of_a_later_turn():
    repaired, _ = repair(USER, assistant(call("1")), assistant(call("1")), result("1", "second"))
    assert repaired[2] == result("1", MISSING_RESULT)
    assert repaired[4] == result("1", "second")


@pytest.mark.parametrize("broken", ['{"city": "Os', "[1]", "not json", None, ""])
def test_arguments_that_are_no_json_object_become_an_empty_one(broken):
    repaired, _ = repair(USER, assistant(call("a", broken)), result("a"))
    assert repaired[1]["tool_calls"][0]["function"]["arguments"] == "{}"


def test_arguments_given_as_an_object_become_text():
    repaired, _ = repair(USER, assistant(call("a", {"x": "é"})), result("a"))
    assert repaired[1]["tool_calls"][0]["function"]["arguments"] == '{"x": "é"}'


def test_valid_arguments_are_not_rewritten():
    text = '{ "a" :1}'
    repaired, _ = repair(USER, assistant(call("a", text)), result("a"))
    assert repaired[1]["tool_calls"][0]["function"]["arguments"] == text


def test_empty_content_beside_tool_calls_is_left_out_at_minimax():
    for empty in ("", None, []):
        repaired, _ = repair(USER, assistant(call("a"), content=empty), result("a"))
        assert "content" not in repaired[1]


def test_empty_content_beside_tool_calls_is_null_where_the_key_is_required():
    repaired, _ = repair(
        USER, assistant(call("a"), content=""), result("a"), profile=LENIENT, provider=MARA
    )
    assert repaired[1]["content"] is None


def test_white_space_content_beside_tool_calls_is_kept():
    repaired, _ = repair(USER, assistant(call("a"), content="\n"), result("a"))
    assert repaired[1]["content"] == "\n"


@pytest.mark.parametrize(
    ("role", "filler"), [("user", EMPTY_MESSAGE), ("assistant", EMPTY_MESSAGE)]
)
def test_an_empty_message_says_so(role, filler):
    repaired, changes = repair({"role": role, "content": ""})
    assert repaired[0]["content"] == filler
    assert "empty" in changes[0]


def test_an_empty_tool_result_says_so():
    repaired, _ = repair(USER, assistant(call("a")), result("a", ""))
    assert repaired[2]["content"] == EMPTY_RESULT


def test_an_empty_list_of_calls_is_left_out():
    repaired, _ = repair({"role": "assistant", "content": "x", "tool_calls": []})
    assert repaired == [{"role": "assistant", "content": "x"}]


def test_invisible_characters_are_left_out_and_scripts_are_kept():
    visible = "می\u200cخواهم 👩\u200d🚀\n\t"
    repaired, changes = repair({"role": "user", "content": f"a\x00b\u200b c\ufeff {visible}"})
    assert repaired[0]["content"] == f"ab c {visible}"
    assert changes == ("invisible characters of a user message were left out",)


@pytest.mark.parametrize(
    "text",
    [
        "\u2067שלום, \u2066Python 3.12\u2069!\u2069",
        "\u202bمرحبا \u202aHTTP 200\u202c\u202c",
        "\u200fتاريخ: 2026/11/29\u200f \u061cنعم\u200e",
        "می\u200cخواهم",
    ],
)
def test_text_that_needs_direction_characters_goes_out_as_it_is(text):
    message = {"role": "user", "content": text}
    repaired, changes = repair(message, {"role": "assistant", "content": text}, message)
    assert [turn["content"] for turn in repaired] == [text] * 3
    assert changes == ()


def test_library_and_emulator_hold_the_same_characters_for_invisible():
    every = "".join(map(chr, range(0x110000)))
    assert INVISIBLE.findall(every) == minimax_history.INVISIBLE.findall(every)


def test_a_result_of_another_call_between_the_results_is_passed_over():
    history = [USER, assistant(call("a"), call("b")), result("zzz"), result("a"), result("b")]
    repaired, changes = repair(*history)
    assert repaired[2:4] == [result("a"), result("b")]
    assert repaired[4]["role"] == "user"
    assert "a tool result without its call became a user message" in changes


def test_two_calls_of_one_id_share_no_late_result():
    repaired, _ = repair(USER, assistant(call("a"), call("a")), USER, result("a"))
    assert repaired[2:4] == [result("a"), result("a_1", MISSING_RESULT)]


def test_a_call_without_an_id_gets_one_and_its_result_follows():
    repaired, changes = repair(USER, assistant(call(None)), result(None, "42"))
    call_id = repaired[1]["tool_calls"][0]["id"]
    assert call_id
    assert repaired[2] == result(call_id, "42")
    assert changes == (f"a call without an id of its own got the id {call_id!r}",)


def test_invisible_characters_are_left_out_of_text_parts_too():
    image = {"type": "image_url", "image_url": {"url": "data:,"}}
    parts = [{"type": "text", "text": "a\x00b"}, image, "plain"]
    repaired, changes = repair({"role": "user", "content": parts})
    assert repaired[0]["content"] == [{"type": "text", "text": "ab"}, image, "plain"]
    assert len(changes) == 1
    assert parts[0]["text"] == "a\x00b"


def test_calls_of_one_message_with_the_same_id_are_told_apart_and_so_are_their_results():
    history, changes = repair(
        USER,
        assistant(call("a"), call("a"), call("a")),
        result("a", "first"),
        result("a", "second"),
        result("a", "third"),
    )
    ids = [call["id"] for call in history[1]["tool_calls"]]
    assert ids[0] == "a"
    assert len(set(ids)) == 3
    assert [(part["tool_call_id"], part["content"]) for part in history[2:]] == [
        (ids[0], "first"),
        (ids[1], "second"),
        (ids[2], "third"),
    ]
    assert len(changes) == 2


def test_the_same_id_in_two_messages_is_left_alone():
    history = [USER, assistant(call("a")), result("a"), assistant(call("a")), result("a")]
    assert repair(*history) == (history, ())


def test_a_made_up_id_is_no_other_calls_id():
    history, _ = repair(USER, assistant(call("call_unnamed_1"), call(None)))
    assert [call["id"] for call in history[1]["tool_calls"]] == ["call_unnamed_1", "call_unnamed_2"]


@pytest.mark.parametrize("call_id", [None, "", {}, []])
def test_an_id_that_is_none_is_replaced(call_id):
    history, _ = repair(USER, assistant(call(call_id)))
    assert history[1]["tool_calls"][0]["id"] == history[2]["tool_call_id"] == "call_unnamed_1"


@pytest.mark.parametrize("text", ["", "\u200b"])
def test_parts_without_any_text_are_empty_content(text):
    parts = [{"type": "text", "text": text}, {"type": "text", "text": ""}]
    history, changes = repair({"role": "user", "content": parts})
    assert history == [{"role": "user", "content": EMPTY_MESSAGE}]
    assert changes


def test_parts_that_are_no_text_are_content():
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
    parts = [{"type": "text", "text": ""}, image]
    history, _ = repair({"role": "user", "content": parts})
    assert history == [{"role": "user", "content": parts}]


def test_a_strange_result_between_two_others_parts_them_not():
    history, _ = repair(
        USER, assistant(call("a"), call("b")), result("a"), result("z", "who?"), result("b")
    )
    assert history[2:4] == [result("a"), result("b")]
    assert history[4]["role"] == "user"
    assert "who?" in history[4]["content"]


@pytest.mark.parametrize("message", [None, 5, "hi", ["user", "hi"], {}, {"content": "hi"}])
def test_what_is_no_message_is_refused(message):
    with pytest.raises(UnsupportedInputError, match="dict with a role"):
        repair(USER, message)


@pytest.mark.parametrize("role", [None, 5, ["user"], {"a": 1}, True])
def test_a_role_that_is_no_text_is_refused(role):
    with pytest.raises(UnsupportedInputError, match=f"role of type {type(role).__name__}"):
        repair({"role": role, "content": "hi"})


@pytest.mark.parametrize("content", [5, {"type": "text", "text": "hi"}, ("hi",), b"hi"])
def test_content_that_is_neither_text_nor_parts_is_refused(content):
    with pytest.raises(UnsupportedInputError, match="content of a user message"):
        repair({"role": "user", "content": content})


@pytest.mark.parametrize(
    ("part", "named"),
    [
        ({"type": "text"}, "'text'"),
        ({"type": "text", "text": None}, "'text'"),
        ({"type": "text", "text": 5}, "'text'"),
        ({"type": "image_url"}, "'image_url'"),
        ({"type": "image_url", "image_url": None}, "'image_url'"),
        ({"type": "image_url", "image_url": {}}, "'image_url'"),
        ({"type": "image_url", "image_url": {"url": 5}}, "'image_url'"),
        ({"type": "image_url", "image_url": ""}, "'image_url'"),
        ({"type": "video_url", "video_url": ["x"]}, "'video_url'"),
        ({"type": "input_audio"}, "'input_audio'"),
        (None, "NoneType"),
        (["x"], "list"),
        ({"text": "hi"}, "with a type"),
        ({"type": ["text"]}, "with a type"),
    ],
)
@pytest.mark.parametrize("role", ["system", "user", "assistant", "tool"])
def test_a_part_without_its_field_is_refused_by_its_type(part, named, role):
    with pytest.raises(UnsupportedInputError, match=named):
        repair({"role": role, "content": [{"type": "text", "text": "hi"}, part]})


def test_parts_of_types_that_are_not_known_are_the_providers_to_judge():
    parts = [{"type": "text", "text": "hi"}, {"type": "new"}]
    assert repair({"role": "user", "content": parts}) == ([{"role": "user", "content": parts}], ())


@pytest.mark.parametrize("name", [None, 5, ["Ada"], {"a": 1}])
def test_a_name_that_is_no_text_is_left_out(name):
    repaired, changes = repair({**USER, "name": name})
    assert repaired == [USER]
    assert changes == ("key 'name' of a user message was left out",)


@pytest.mark.parametrize("calls", [5, "f", {"id": "a"}, {"f"}])
def test_calls_that_are_no_list_are_refused(calls):
    with pytest.raises(UnsupportedInputError, match="has to be a list"):
        repair({"role": "assistant", "content": "hi", "tool_calls": calls})


@pytest.mark.parametrize(
    "odd",
    [
        None, 5, "f", {}, {"id": "a"}, {"function": 5}, {"function": {}},
        {"function": {"name": None}}, {"function": {"name": 5}}, {"function": {"name": ["f"]}},
    ],
)  # fmt: skip
def test_a_call_without_a_name_in_its_place_is_refused(odd):
    with pytest.raises(UnsupportedInputError, match=r"function"):
        repair(USER, assistant(odd))


@pytest.mark.parametrize("arguments", [5, ["x"], True, '{"a": NaN}', '{"a": 1, "a": 2}'])
def test_arguments_that_are_no_object_become_an_empty_one(arguments):
    repaired, changes = repair(USER, assistant(call("a", arguments)), result("a"))
    assert repaired[1]["tool_calls"] == [call("a", "{}")]
    assert changes == ("invalid arguments of a tool call became {}",)


def test_an_id_that_is_a_number_becomes_text_on_both_sides():
    repaired, _ = repair(USER, assistant(call(7)), result(7))
    assert repaired[1:] == [assistant(call("7")), result("7")]


@pytest.mark.parametrize("odd", [True, 1.5, ["a"], {"a": 1}])
def test_an_id_that_is_no_text_is_given_anew_on_both_sides(odd):
    repaired, _ = repair(USER, assistant(call(odd)), result(odd, "42"))
    assert repaired[1:] == [
        assistant(call("call_unnamed_1")),
        result("call_unnamed_1", "42"),
    ]


def test_a_call_without_a_name_is_left_out_with_a_warning():
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        repaired, changes = repair(
            USER, assistant(call("a", name=""), call("b")), result("a", "1"), result("b", "2")
        )
    assert repaired == [
        USER,
        assistant(call("b")),
        result("b", "2"),
        {"role": "user", "content": "Result of an earlier tool call: 1"},
    ]
    assert "a tool call without a name was left out" in changes
    assert [each.category for each in found] == [HistoryWarning]


def test_a_message_of_nothing_but_nameless_calls_has_no_calls():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        repaired, _ = repair(USER, assistant(call("a", name="")), profile=LENIENT, provider=MARA)
    assert repaired == [USER, {"role": "assistant", "content": "(empty message)"}]


@pytest.mark.parametrize("profile", [STRICT, LENIENT])
@pytest.mark.parametrize("given", [None, "", "f", "lost"])
def test_a_result_that_names_no_call_answers_the_call_without_id(given, profile):
    repaired, _ = repair(USER, assistant(call(None)), result(given, "1"), profile=profile)
    assert repaired[1]["tool_calls"][0]["id"] == "call_unnamed_1"
    assert repaired[2] == result("call_unnamed_1", "1")


def test_results_that_name_functions_answer_the_calls_of_these():
    calls = assistant(call(None, name="f"), call(None, name="g"), call(None, name="f"))
    repaired, _ = repair(USER, calls, result("g", "1"), result("f", "2"), result("f", "3"))
    names = {each["id"]: each["function"]["name"] for each in repaired[1]["tool_calls"]}
    found = [(names[each["tool_call_id"]], each["content"]) for each in repaired[2:]]
    assert found == [("g", "1"), ("f", "2"), ("f", "3")]
    assert len({each["tool_call_id"] for each in repaired[2:]}) == 3


def test_a_result_of_another_call_is_not_taken_by_one_without_id():
    calls = assistant(call(None), call("b"))
    repaired, _ = repair(USER, calls, result("b", "2"))
    assert repaired[2] == result("b", "2")
    assert repaired[3] == result("call_unnamed_1", MISSING_RESULT)
