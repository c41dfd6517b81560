"""Tool results that hold more than text: they never end an agent."""

from __future__ import annotations

import pytest

from mara_minimax.encoded_request import HistoryWarning
from mara_minimax.errors import UnsupportedInputError
from mara_minimax.providers.endpoints import MARA, MINIMAX
from mara_minimax.request.encode import encode_request

DATA = "data:image/png;base64,AAAA"
IMAGE = {"type": "image_url", "image_url": {"url": DATA}}
LINK = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
VIDEO = {"type": "video_url", "video_url": {"url": "https://example.com/a.mp4"}}
TEXT = {"type": "text", "text": "Two rows."}
USER = {"role": "user", "content": "Look."}
CALL = {"id": "a", "type": "function", "function": {"name": "look", "arguments": "{}"}}
ASSISTANT = {"role": "assistant", "tool_calls": [CALL]}
M2_REFUSES = "MiniMax's model 'MiniMax-M2' does not take"


def encode(*parts, provider=MINIMAX, model="MiniMax-M2", role="tool", **options):
    result = {"role": role, "tool_call_id": "a", "content": list(parts)}
    messages = [USER, ASSISTANT, result]
    return encode_request(messages, {"model": model}, provider=provider, **options)


def sent(*parts, **options):
    return encode(*parts, **options).body["messages"][-1]["content"]


@pytest.mark.parametrize("role", ["tool", "function"])
def test_an_image_for_a_text_model_becomes_a_line_that_says_so(role):
    request = encode(TEXT, IMAGE, role=role)
    expected = f"Two rows.\n[image not sent: {M2_REFUSES} image]"
    assert request.body["messages"][-1]["content"] == expected
    (warning,) = request.warnings
    assert warning.category is HistoryWarning
    assert f"image not sent: {M2_REFUSES} image" in warning.text


def test_a_link_is_kept_as_text():
    assert sent(LINK) == f"[image not sent: {M2_REFUSES} image]\nhttps://example.com/a.png"
    assert sent(VIDEO) == f"[video not sent: {M2_REFUSES} video]\nhttps://example.com/a.mp4"


def test_a_model_that_takes_images_gets_them_in_results_too():
    request = encode(TEXT, IMAGE, model="MiniMax-M3")
    assert request.body["messages"][-1]["content"] == [TEXT, IMAGE]
    assert request.warnings == ()


def test_a_host_whose_tool_messages_hold_text_alone_gets_no_image_for_any_model():
    line = "[image not sent: MARA Cloud takes text alone in a tool result]"
    assert sent(IMAGE, provider=MARA, model="brand-new-vision") == line


def test_the_policy_pass_sends_what_is_a_part_of_the_wire():
    assert sent(IMAGE, policy="pass", provider=MARA) == [IMAGE]
    assert "foreign not sent" in sent({"type": "foreign"}, policy="pass")


NOT_A_PART = "it is no content of the chat API"


@pytest.mark.parametrize(
    ("block", "text"),
    [
        ({"type": "file", "base64": "AAAA", "mime_type": "application/pdf"}, ""),
        (
            {"type": "file", "url": "https://example.com/a.pdf", "extras": {"name": "x"}},
            "\nhttps://example.com/a.pdf",
        ),
        (
            {"type": "file", "file": {"filename": "a.pdf", "file_data": DATA}},
            "\na.pdf",
        ),
        (
            {
                "type": "search_result",
                "source": "https://example.com",
                "title": "Rain",
                "content": [
                    {"type": "text", "text": "It rains."},
                    {"type": "text", "text": "A lot."},
                ],
                "citations": {"enabled": True},
            },
            "\nRain\nIt rains.\nA lot.\nhttps://example.com",
        ),
        ({"type": "custom_tool_call_output", "output": "42"}, "\n42"),
        (
            {"type": "document", "source": {"type": "text", "data": "Plain.", "media_type": "x"}},
            "\nPlain.",
        ),
        (
            {"type": "document", "source": {"type": "base64", "data": "AAAA", "media_type": "x"}},
            "",
        ),
        (
            {"type": "resource", "resource": {"uri": "file:///a.txt", "text": "Lines."}},
            "\nfile:///a.txt\nLines.",
        ),
        ({"type": "audio", "base64": "AAAA", "transcript": "Hello."}, "\nHello."),
    ],
)
def test_a_foreign_block_becomes_its_text(block, text):
    assert sent(block) == f"[{block['type']} not sent: {NOT_A_PART}]{text}"


def test_a_block_that_holds_itself_ends():
    block = {"type": "odd"}
    block["content"] = [block]
    assert sent(block) == f"[odd not sent: {NOT_A_PART}]"


@pytest.mark.parametrize("block", [5, {}, {"type": 5}, {"type": None}])
def test_a_block_without_a_type_is_called_a_block(block):
    assert sent(block) == f"[block not sent: {NOT_A_PART}]"


def test_a_part_without_what_its_type_promises_is_named():
    line = "[image not sent: Invalid content part of type 'image_url': 'image_url' is missing, or"
    assert sent({"type": "image_url", "image_url": {}}).startswith(line)
    assert "'text' is missing" in sent({"type": "text", "text": None})


def test_strings_among_the_parts_are_text():
    assert sent("One", TEXT) == "One\nTwo rows."


def test_a_part_that_says_more_than_its_text_stays_a_part():
    marked = {**TEXT, "cache_control": {"type": "ephemeral"}}
    line = {"type": "text", "text": f"[image not sent: {M2_REFUSES} image]"}
    assert sent(marked, IMAGE) == [marked, line]


def test_each_kind_is_warned_of_once_in_a_request():
    kinds = [warning.cause[-1] for warning in encode(IMAGE, LINK, VIDEO, IMAGE).warnings]
    assert kinds == ["image", "video"]


def test_the_image_of_an_orphaned_result_is_not_sent_as_text_either():
    result = {"role": "tool", "tool_call_id": "x", "content": [IMAGE]}
    body = encode_request([USER, result], {"model": "MiniMax-M2"}, provider=MINIMAX).body
    assert "AAAA" not in str(body)
    assert f"[image not sent: {M2_REFUSES} image]" in body["messages"][-1]["content"]


def test_what_a_user_writes_is_refused():
    message = {"role": "user", "content": [TEXT, IMAGE]}
    with pytest.raises(UnsupportedInputError, match=M2_REFUSES):
        encode_request([message], {"model": "MiniMax-M2"}, provider=MINIMAX)


def test_the_given_messages_are_not_changed():
    result = {"role": "tool", "tool_call_id": "a", "content": [IMAGE]}
    encode_request([USER, ASSISTANT, result], {"model": "MiniMax-M2"}, provider=MINIMAX)
    assert result["content"] == [IMAGE]
