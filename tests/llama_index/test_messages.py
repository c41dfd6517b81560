"""What LlamaIndex messages become on the wire."""

from __future__ import annotations

import base64
import json
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from llama_index.core.base.llms.types import (
    AudioBlock,
    CacheControl,
    CachePoint,
    ChatMessage,
    CitableBlock,
    CitationBlock,
    DocumentBlock,
    ImageBlock,
    MessageRole,
    TextBlock,
    ThinkingBlock,
    ToolCallBlock,
    VideoBlock,
)

from llama_index_mara_minimax import MARA, MiniMax
from llama_index_mara_minimax.messages import to_wire_messages
from mara_minimax.emulator import Emulator
from mara_minimax.encoded_request import ParameterWarning
from mara_minimax.errors import UnsupportedInputError
from mara_minimax.types import Reasoning

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def wire(message: ChatMessage) -> dict[str, Any]:
    return to_wire_messages([message])[0]


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("system", "system"),
        ("developer", "developer"),
        ("user", "user"),
        ("assistant", "assistant"),
        ("chatbot", "assistant"),
        ("model", "assistant"),
        ("tool", "tool"),
        ("function", "tool"),
    ],
)
def test_each_role_has_one_on_the_wire(role: str, expected: str) -> None:
    assert wire(ChatMessage(role=role, content="x"))["role"] == expected


def test_text_blocks_are_joined_as_the_framework_joins_them() -> None:
    message = ChatMessage(role="user", blocks=[TextBlock(text="a"), TextBlock(text="b")])
    assert wire(message)["content"] == message.content == "a\nb"


def test_a_message_without_text_has_no_content() -> None:
    assert wire(ChatMessage(role="assistant", blocks=[]))["content"] is None


def test_foreign_keys_of_additional_kwargs_are_never_sent() -> None:
    message = ChatMessage(
        role="user", content="x", additional_kwargs={"session_id": "s", "api_key": "secret"}
    )
    assert wire(message) == {"role": "user", "content": "x"}


def test_a_tool_result_carries_the_id_of_its_call() -> None:
    message = ChatMessage(role="tool", content="42", additional_kwargs={"tool_call_id": "c1"})
    assert wire(message) == {"role": "tool", "content": "42", "tool_call_id": "c1"}


def test_a_tool_call_id_on_an_assistant_message_is_dropped() -> None:
    message = ChatMessage(role="assistant", content="x", additional_kwargs={"tool_call_id": "c1"})
    assert wire(message) == {"role": "assistant", "content": "x"}


def test_a_call_beside_a_cache_point_is_no_content() -> None:
    point = CachePoint(cache_control=CacheControl(type="ephemeral"))
    call = ToolCallBlock(tool_call_id="c1", tool_name="look", tool_kwargs="{}")
    sent = wire(ChatMessage(role="assistant", blocks=[TextBlock(text="a"), point, call]))
    assert sent["content"] == [
        {"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}}
    ]
    assert [each["function"]["name"] for each in sent["tool_calls"]] == ["look"]


@pytest.mark.parametrize("role", ["system", "user", "assistant", "tool"])
def test_a_cache_point_marks_the_part_before_it(role: str) -> None:
    point = CachePoint(cache_control=CacheControl(type="ephemeral"))
    blocks = [point, TextBlock(text="a"), TextBlock(text="b"), point, TextBlock(text="c")]
    assert wire(ChatMessage(role=role, blocks=blocks))["content"] == [
        {"type": "text", "text": "a"},
        {"type": "text", "text": "b", "cache_control": {"type": "ephemeral"}},
        {"type": "text", "text": "c"},
    ]


def test_a_cache_point_names_its_time_if_it_was_given_one() -> None:
    point = CachePoint(cache_control=CacheControl(type="ephemeral", ttl="1h"))
    (part,) = wire(ChatMessage(role="system", blocks=[TextBlock(text="a"), point]))["content"]
    assert part["cache_control"] == {"type": "ephemeral", "ttl": "1h"}


def test_a_cache_point_alone_marks_nothing() -> None:
    point = CachePoint(cache_control=CacheControl(type="ephemeral"))
    assert wire(ChatMessage(role="user", blocks=[point]))["content"] == ""


def test_marks_reach_minimax_and_the_usage_tells_of_the_cache(
    llm: MiniMax, server: Emulator
) -> None:
    point = CachePoint(cache_control=CacheControl(type="ephemeral"))
    response = llm.chat([ChatMessage(role="user", blocks=[TextBlock(text="word " * 600), point])])
    (part,) = server.last_body["messages"][0]["content"]
    assert part["cache_control"] == {"type": "ephemeral"}
    counts = response.additional_kwargs
    assert counts["cache_read_input_tokens"] + counts["cache_creation_input_tokens"] > 0


def test_marks_are_left_out_at_mara_with_one_warning(mara: MARA, mara_server: Emulator) -> None:
    point = CachePoint(cache_control=CacheControl(type="ephemeral"))
    message = ChatMessage(role="user", blocks=[TextBlock(text="a"), point])
    with pytest.warns(ParameterWarning, match="cache_control"):
        mara.chat([message, message])
    assert "cache_control" not in str(mara_server.last_body)


@pytest.mark.parametrize("role", ["user", "tool"])
def test_reasoning_in_a_message_of_no_model_is_not_sent(role: str) -> None:
    blocks = [ThinkingBlock(content="Hm."), TextBlock(text="a")]
    assert wire(ChatMessage(role=role, blocks=blocks))["content"] == "a"


def test_citable_blocks_become_text_with_their_title_and_source() -> None:
    block = CitableBlock(title="Paris", source="atlas", content="Paris is a city.")
    message = ChatMessage(role="user", blocks=[block])
    assert wire(message)["content"] == "Paris (atlas)\nParis is a city."


def test_citation_blocks_become_the_text_they_cite() -> None:
    block = CitationBlock(
        cited_content="a city", source="atlas", title="Paris", additional_location_info={}
    )
    message = ChatMessage(role="assistant", blocks=[TextBlock(text="Paris is"), block])
    assert wire(message)["content"] == "Paris is\na city"


def test_an_image_url_is_sent_as_it_is() -> None:
    blocks = [TextBlock(text="What?"), ImageBlock(url="https://example.com/a.png", detail="low")]
    assert wire(ChatMessage(role="user", blocks=blocks))["content"] == [
        {"type": "text", "text": "What?"},
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png", "detail": "low"}},
    ]


def test_image_bytes_become_a_data_url() -> None:
    part = wire(ChatMessage(role="user", blocks=[ImageBlock(image=PNG)]))["content"][0]
    expected = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    assert part["image_url"]["url"] == expected


def test_an_image_file_becomes_a_data_url(tmp_path: Path) -> None:
    path = tmp_path / "dot.png"
    path.write_bytes(PNG)
    part = wire(ChatMessage(role="user", blocks=[ImageBlock(path=path)]))["content"][0]
    expected = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    assert part["image_url"]["url"] == expected


def test_a_video_keeps_its_frame_rate() -> None:
    block = VideoBlock(url="https://example.com/a.mp4", fps=2, detail="low")
    video = {"url": "https://example.com/a.mp4", "fps": 2, "detail": "low"}
    assert wire(ChatMessage(role="user", blocks=[block]))["content"] == [
        {"type": "video_url", "video_url": video}
    ]


def test_bytes_may_come_as_a_stream_that_was_read():
    data = BytesIO(PNG)
    data.read()
    block = ImageBlock(image=data, image_mimetype="image/png")
    (part,) = wire(ChatMessage(role="user", blocks=[block]))["content"]
    assert part["image_url"]["url"] == "data:image/png;base64," + base64.b64encode(PNG).decode()


@pytest.mark.parametrize(
    "block",
    [DocumentBlock(data=b"%PDF-1.4"), AudioBlock(audio=b"RIFF", format="wav"), ImageBlock()],
    ids=["document", "audio", "empty image"],
)
def test_content_that_cannot_be_sent_is_no_value_error(block: Any) -> None:
    with pytest.raises(UnsupportedInputError, match=type(block).__name__) as caught:
        wire(ChatMessage(role="user", blocks=[block]))
    assert not isinstance(caught.value, ValueError | TypeError | RuntimeError)


def test_a_document_of_text_is_sent_as_text_under_its_title(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Paris – capital")
    for block in (
        DocumentBlock(path=path, title="notes"),
        DocumentBlock(
            data="Paris – capital".encode(), title="notes", document_mimetype="text/markdown"
        ),
        DocumentBlock(
            data=BytesIO("Paris – capital".encode()),
            title="notes",
            document_mimetype="application/json",
        ),
    ):
        message = ChatMessage(role="user", blocks=[TextBlock(text="Read:"), block])
        assert wire(message)["content"] == "Read:\nnotes\nParis – capital"


@pytest.mark.parametrize(
    "block",
    [
        DocumentBlock(data=b"\xff\xfe", document_mimetype="text/plain"),
        DocumentBlock(url="https://example.com/a.txt", document_mimetype="text/plain"),
        DocumentBlock(path="no-such-file.txt"),
    ],
    ids=["not UTF-8", "url", "missing file"],
)
def test_a_document_that_cannot_be_read_is_no_value_error(block: Any) -> None:
    with pytest.raises(UnsupportedInputError, match="DocumentBlock"):
        wire(ChatMessage(role="user", blocks=[block]))


def test_a_missing_image_file_is_no_value_error(tmp_path: Path) -> None:
    path = tmp_path / "dot.png"
    path.write_bytes(PNG)
    block = ImageBlock(path=path)
    path.unlink()
    with pytest.raises(UnsupportedInputError, match="cannot be read"):
        wire(ChatMessage(role="user", blocks=[block]))


def test_reasoning_of_our_own_goes_back_as_the_core_type() -> None:
    record = {"form": "inline", "provider": "minimax", "family": "minimax", "prefix": "<think>\n"}
    block = ThinkingBlock(content="hm", additional_information=record)
    message = ChatMessage(role="assistant", blocks=[block, TextBlock(text="Yes.")])
    assert wire(message)["reasoning"] == Reasoning(
        text="hm", form="inline", provider="minimax", family="minimax", prefix="<think>\n"
    )


def test_reasoning_details_go_back_verbatim() -> None:
    details = [{"type": "reasoning.text", "text": "hm", "unknown": [1]}]
    block = ThinkingBlock(content="hm", additional_information={"reasoning_details": details})
    reasoning = wire(ChatMessage(role="assistant", blocks=[block]))["reasoning"]
    assert reasoning.details == details
    assert reasoning.form == "reasoning_details"


@pytest.mark.parametrize("information", [{}, {"signature": "abc"}])
def test_thoughts_of_other_providers_are_left_out(information: dict[str, Any]) -> None:
    block = ThinkingBlock(content="foreign", additional_information=information)
    message = ChatMessage(role="assistant", blocks=[block, TextBlock(text="Yes.")])
    assert wire(message) == {"role": "assistant", "content": "Yes."}


CALL = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}


def test_a_tool_call_block_with_text_arguments_keeps_them() -> None:
    block = ToolCallBlock(tool_call_id="c1", tool_name="add", tool_kwargs='{"a": 1}')
    assert wire(ChatMessage(role="assistant", blocks=[block]))["tool_calls"] == [CALL]


def test_a_tool_call_block_with_parsed_arguments_is_written_as_json() -> None:
    block = ToolCallBlock(tool_call_id="c1", tool_name="add", tool_kwargs={"ä": 1})
    (call,) = wire(ChatMessage(role="assistant", blocks=[block]))["tool_calls"]
    assert call["function"]["arguments"] == '{"ä": 1}'


def test_arguments_go_back_byte_for_byte_when_the_mirror_has_them() -> None:
    block = ToolCallBlock(tool_call_id="c1", tool_name="add", tool_kwargs={"a": 1})
    sent = {**CALL, "function": {"name": "add", "arguments": '{ "a":1 }'}}
    message = ChatMessage(
        role="assistant", blocks=[block], additional_kwargs={"tool_calls": [sent]}
    )
    assert wire(message)["tool_calls"] == [sent]


def test_blocks_win_over_a_mirror_that_says_something_else() -> None:
    block = ToolCallBlock(tool_call_id="c1", tool_name="add", tool_kwargs={"a": 2})
    message = ChatMessage(
        role="assistant", blocks=[block], additional_kwargs={"tool_calls": [CALL]}
    )
    (call,) = wire(message)["tool_calls"]
    assert json.loads(call["function"]["arguments"]) == {"a": 2}


@pytest.mark.parametrize(
    "call",
    [
        CALL,
        SimpleNamespace(id="c1", function=SimpleNamespace(name="add", arguments='{"a": 1}')),
    ],
    ids=["dict", "SDK object"],
)
def test_calls_that_stand_in_additional_kwargs_alone_are_sent(call: Any) -> None:
    message = ChatMessage(role="assistant", additional_kwargs={"tool_calls": [call]})
    assert wire(message)["tool_calls"] == [CALL]


def test_calls_without_ids_get_different_ones() -> None:
    blocks = [ToolCallBlock(tool_name="add"), ToolCallBlock(tool_name="add")]
    messages = to_wire_messages([ChatMessage(role="assistant", blocks=blocks)])
    calls = MiniMax(api_key="k").encode(messages, stream=False).body["messages"][0]["tool_calls"]
    assert [call["id"] for call in calls] == ["call_unnamed_1", "call_unnamed_2"]


def test_messages_are_not_changed() -> None:
    message = ChatMessage(
        role=MessageRole.ASSISTANT,
        blocks=[
            ThinkingBlock(content="hm", additional_information={"form": "inline"}),
            ToolCallBlock(tool_call_id="c1", tool_name="add", tool_kwargs={"a": 1}),
        ],
    )
    before = message.model_dump()
    to_wire_messages([message])
    assert message.model_dump() == before
