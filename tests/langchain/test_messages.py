"""LangChain messages become the wire messages that the providers take."""

from __future__ import annotations

import pytest
from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    RemoveMessage,
    SystemMessage,
    ToolMessage,
)
from langchain_core.messages.utils import convert_to_messages

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from langchain_mara_minimax.messages import to_wire_messages
from mara_minimax.emulator import Emulator
from mara_minimax.encoded_request import ParameterWarning
from mara_minimax.errors import UnsupportedInputError
from mara_minimax.providers.endpoints import MARA, MINIMAX, Provider
from mara_minimax.types import JSONObject, Reasoning


def wire(*messages: BaseMessage, provider: Provider = MINIMAX) -> list[JSONObject]:
    return to_wire_messages(messages, provider)


@pytest.mark.parametrize(
    ("message", "role"),
    [
        (SystemMessage("x"), "system"),
        (HumanMessage("x"), "user"),
        (AIMessage("x"), "assistant"),
        (ChatMessage("x", role="human"), "user"),
        (ChatMessage("x", role="ai"), "assistant"),
        (ChatMessage("x", role="developer"), "developer"),
    ],
)
def test_each_kind_of_message_has_its_role(message: BaseMessage, role: str) -> None:
    assert wire(message) == [{"role": role, "content": "x"}]


def test_names_are_kept() -> None:
    assert wire(HumanMessage("x", name="Ada"))[0]["name"] == "Ada"


def test_text_blocks_become_one_string() -> None:
    message = HumanMessage(["one", {"type": "text", "text": "two", "index": 0}])
    assert wire(message)[0]["content"] == "one\ntwo"


MARK = {"type": "ephemeral"}


@pytest.mark.parametrize("kind", [SystemMessage, HumanMessage, AIMessage])
@pytest.mark.parametrize("place", [{"cache_control": MARK}, {"extras": {"cache_control": MARK}}])
def test_a_mark_for_caching_stays_on_its_part(kind: type[BaseMessage], place: JSONObject) -> None:
    message = kind([{"type": "text", "text": "a", **place}, {"type": "text", "text": "b"}])
    assert wire(message)[0]["content"] == [
        {"type": "text", "text": "a", "cache_control": MARK},
        {"type": "text", "text": "b"},
    ]


def test_a_mark_on_an_image_and_on_a_tool_result_is_kept() -> None:
    image = {"type": "image", "url": "https://example.com/a.png", "cache_control": MARK}
    assert wire(HumanMessage([image]))[0]["content"][0]["cache_control"] == MARK
    result = ToolMessage([{"type": "text", "text": "a", "cache_control": MARK}], tool_call_id="1")
    assert wire(result)[0]["content"][0]["cache_control"] == MARK


def test_marks_reach_minimax_and_the_usage_tells_of_the_cache(
    model: ChatMiniMax, server: Emulator
) -> None:
    part = {"type": "text", "text": "word " * 600, "cache_control": MARK}
    reply = model.invoke([HumanMessage([part])])
    assert server.last_body["messages"][0]["content"] == [part]
    details = reply.usage_metadata["input_token_details"]
    assert details["cache_read"] + details["cache_creation"] > 0


def test_marks_are_left_out_at_mara_with_one_warning(mara: ChatMARA, mara_server: Emulator) -> None:
    message = HumanMessage([{"type": "text", "text": "a", "cache_control": MARK}])
    with pytest.warns(ParameterWarning, match="cache_control") as caught:
        mara.invoke([message, message])
    assert len(caught) == 1
    assert "cache_control" not in str(mara_server.last_body)


def test_text_blocks_of_an_answer_are_joined_without_a_gap() -> None:
    message = AIMessage([{"type": "text", "text": "on"}, {"type": "text", "text": "e"}])
    assert wire(message)[0]["content"] == "one"


@pytest.mark.parametrize(
    ("block", "url"),
    [
        ({"type": "image_url", "image_url": {"url": "https://x/a.png"}}, "https://x/a.png"),
        ({"type": "image_url", "image_url": "https://x/a.png"}, "https://x/a.png"),
        ({"type": "image", "url": "https://x/a.png"}, "https://x/a.png"),
        (
            {"type": "image", "base64": "QUI=", "mime_type": "image/png"},
            "data:image/png;base64,QUI=",
        ),
        (
            {
                "type": "image",
                "source_type": "base64",
                "data": "QUI=",
                "mime_type": "image/webp",
            },
            "data:image/webp;base64,QUI=",
        ),
        (
            {
                "type": "image",
                "source": {"type": "base64", "media_type": "image/gif", "data": "QUI="},
            },
            "data:image/gif;base64,QUI=",
        ),
        ({"type": "image", "file_id": "f1"}, "mm_file://f1"),
        (
            {"type": "non_standard", "value": {"type": "image", "url": "https://x/a.png"}},
            "https://x/a.png",
        ),
    ],
)
def test_every_form_of_image_becomes_an_image_part(block: JSONObject, url: str) -> None:
    content = wire(HumanMessage([{"type": "text", "text": "What is it?"}, block]))[0]["content"]
    assert content == [
        {"type": "text", "text": "What is it?"},
        {"type": "image_url", "image_url": {"url": url}},
    ]


def test_image_detail_is_kept() -> None:
    block = {"type": "image", "url": "https://x/a.png", "extras": {"detail": "high"}}
    part = wire(HumanMessage([block]))[0]["content"][0]
    assert part["image_url"] == {"url": "https://x/a.png", "detail": "high"}


def test_a_video_becomes_a_video_part() -> None:
    part = wire(HumanMessage([{"type": "video", "base64": "QUI="}]))[0]["content"][0]
    assert part == {"type": "video_url", "video_url": {"url": "data:video/mp4;base64,QUI="}}


def test_a_block_that_cannot_be_sent_is_refused() -> None:
    block = {"type": "file", "base64": "QUI=", "mime_type": "application/pdf"}
    with pytest.raises(UnsupportedInputError, match="'file'"):
        wire(HumanMessage([block]))


def test_a_message_that_is_no_message_of_a_conversation_is_refused() -> None:
    with pytest.raises(UnsupportedInputError, match="RemoveMessage"):
        wire(RemoveMessage(id="1"))


def test_tool_calls_are_sent_with_json_arguments() -> None:
    call = {"name": "get_weather", "args": {"city": "Zürich"}, "id": "c1"}
    (sent,) = wire(AIMessage("", tool_calls=[call]))
    assert sent["tool_calls"] == [
        {
            "id": "c1",
            "type": "function",
            "function": {"name": "get_weather", "arguments": '{"city": "Zürich"}'},
        }
    ]


def test_invalid_tool_calls_are_sent_back_too() -> None:
    call = {"name": "get_weather", "args": '{"city": "Par', "id": "c1", "error": "cut"}
    (sent,) = wire(AIMessage("", invalid_tool_calls=[call]))
    assert sent["tool_calls"][0]["id"] == "c1"
    assert sent["tool_calls"][0]["function"]["arguments"] == '{"city": "Par'


@pytest.mark.parametrize(
    "block",
    [
        {"type": "tool_use", "id": "c1", "name": "add", "input": {"a": 1}},
        {"type": "tool_call", "id": "c1", "name": "add", "args": {"a": 1}},
    ],
)
@pytest.mark.parametrize("repeated", [True, False])
def test_a_call_in_content_is_sent_once(block: JSONObject, repeated: bool) -> None:
    calls = [{"name": "add", "args": {"a": 1}, "id": "c1"}] if repeated else []
    (sent,) = wire(AIMessage([block], tool_calls=calls))
    assert sent["content"] == ""
    assert [call["function"]["arguments"] for call in sent["tool_calls"]] == ['{"a": 1}']


def test_a_tool_result_in_blocks_becomes_text() -> None:
    message = ToolMessage([{"type": "text", "text": "a"}, "b"], tool_call_id="c1")
    assert wire(message) == [{"role": "tool", "tool_call_id": "c1", "content": "a\nb"}]


def test_tool_results_inside_a_user_message_become_tool_messages() -> None:
    message = HumanMessage(
        [
            {"type": "tool_result", "tool_use_id": "c1", "content": "5"},
            {"type": "text", "text": "?"},
        ]
    )
    assert wire(message) == [
        {"role": "tool", "tool_call_id": "c1", "content": "5"},
        {"role": "user", "content": "?"},
    ]


def test_a_legacy_function_call_and_its_result_are_paired() -> None:
    call = AIMessage("", additional_kwargs={"function_call": {"name": "f", "arguments": "{}"}})
    sent_call, sent_result = wire(call, FunctionMessage("5", name="f"))
    assert sent_call["tool_calls"][0]["id"] == sent_result["tool_call_id"]
    assert sent_result["role"] == "tool"


def test_reasoning_is_restored_from_its_record() -> None:
    reasoning = Reasoning(
        text="Let me think.",
        form="inline",
        provider="minimax",
        family="minimax",
        prefix="<think>\n",
        suffix="\n</think>\n\n",
    )
    message = AIMessage(
        "42",
        additional_kwargs={
            "reasoning_content": reasoning.text,
            "reasoning_record": reasoning.to_record(),
        },
        response_metadata={"model_provider": "minimax"},
    )
    assert wire(message)[0]["reasoning"] == reasoning


@pytest.mark.parametrize(
    ("message", "provider", "form"),
    [
        (
            AIMessage("42", additional_kwargs={"reasoning_content": "R"}),
            MINIMAX,
            "reasoning_details",
        ),
        (AIMessage("42", additional_kwargs={"reasoning_content": "R"}), MARA, "reasoning"),
        (
            AIMessage([{"type": "reasoning", "reasoning": "R"}, {"type": "text", "text": "42"}]),
            MARA,
            "reasoning",
        ),
        (
            AIMessage([{"type": "thinking", "thinking": "R"}, {"type": "text", "text": "42"}]),
            MINIMAX,
            "reasoning_details",
        ),
    ],
)
def test_reasoning_that_a_user_wrote_takes_the_providers_form(
    message: AIMessage, provider: Provider, form: str
) -> None:
    (sent,) = wire(message, provider=provider)
    assert sent["content"] == "42"
    assert sent["reasoning"].text == "R"
    assert sent["reasoning"].form == form


def test_reasoning_of_another_vendor_stays_out() -> None:
    message = AIMessage(
        "42",
        additional_kwargs={"reasoning_content": "secret sauce"},
        response_metadata={"model_provider": "deepseek"},
    )
    assert "reasoning" not in wire(message)[0]


def test_messages_given_are_left_as_they_are() -> None:
    message = HumanMessage([{"type": "text", "text": "x"}, {"type": "image", "url": "https://x"}])
    before = message.model_dump()
    wire(message)
    assert message.model_dump() == before


@pytest.mark.parametrize(
    ("block", "text"),
    [
        ({"type": "text-plain", "text": "a file"}, "a file"),
        ({"type": "json", "json": {"a": 1}}, '{"a": 1}'),
        ({"text": "no type"}, "no type"),
    ],
)
def test_blocks_that_are_text_at_heart_become_text(block: JSONObject, text: str) -> None:
    assert wire(ToolMessage([block], tool_call_id="c1"))[0]["content"] == text


def test_audio_becomes_an_audio_part() -> None:
    block = {"type": "audio", "base64": "QUI=", "mime_type": "audio/mp3"}
    part = wire(HumanMessage([block]))[0]["content"][0]
    assert part == {"type": "input_audio", "input_audio": {"data": "QUI=", "format": "mp3"}}


def test_an_image_from_nowhere_is_refused() -> None:
    with pytest.raises(UnsupportedInputError, match="'url', 'base64' or 'file_id'"):
        wire(HumanMessage([{"type": "image"}]))


def test_tool_results_alone_leave_no_user_message() -> None:
    message = HumanMessage([{"type": "tool_result", "tool_use_id": "c1", "content": "5"}])
    assert [sent["role"] for sent in wire(message)] == ["tool"]


def test_a_developer_message_stays_one() -> None:
    (message,) = convert_to_messages([{"role": "developer", "content": "Be short."}])
    assert wire(message) == [{"role": "developer", "content": "Be short."}]


@pytest.mark.parametrize(
    ("block", "text"),
    [
        (
            {"type": "document", "title": "A", "source": {"type": "text", "data": "Paris."}},
            "A\nParis.",
        ),
        (
            {
                "type": "document",
                "source": {"type": "content", "content": [{"type": "text", "text": "Paris."}]},
            },
            "Paris.",
        ),
        (
            {
                "type": "search_result",
                "title": "Rain",
                "source": "https://example.com",
                "content": [{"type": "text", "text": "It rains."}],
            },
            "Rain\nIt rains.\nhttps://example.com",
        ),
    ],
)
def test_documents_that_a_user_shows_as_text_are_sent_as_text(block: JSONObject, text: str) -> None:
    assert wire(HumanMessage([block]))[0]["content"] == text


@pytest.mark.parametrize(
    "source",
    [
        {"type": "base64", "data": "AAAA", "media_type": "application/pdf"},
        {"type": "url", "url": "https://example.com/a.pdf"},
        {"type": "file", "file_id": "f"},
        {"type": "content", "content": [{"type": "image", "source": {}}]},
        "https://example.com/a.pdf",
        None,
    ],
)
def test_documents_that_are_files_are_refused_and_not_replaced_by_their_title(
    source: object,
) -> None:
    block = {"type": "document", "title": "a.pdf", "source": source}
    with pytest.raises(UnsupportedInputError, match="'document'"):
        wire(HumanMessage([block]))


def test_an_image_in_the_form_of_the_responses_api_is_sent() -> None:
    block = {"type": "input_image", "image_url": "https://example.com/a.png"}
    image = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    assert wire(HumanMessage([block]))[0]["content"] == [image]


def test_what_a_model_said_aloud_is_its_text() -> None:
    block = {"type": "audio", "base64": "AAAA", "transcript": "It rains."}
    assert wire(AIMessage([block]))[0]["content"] == "It rains."
