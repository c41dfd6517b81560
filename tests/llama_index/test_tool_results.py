"""Tool results that are more than text, in agents: the run and its memory go on."""

from __future__ import annotations

from typing import Any

import pytest
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.base.llms.types import (
    AudioBlock,
    ChatMessage,
    ContentBlock,
    DocumentBlock,
    ImageBlock,
    TextBlock,
    ThinkingBlock,
)
from llama_index.core.memory import Memory
from llama_index.core.tools import FunctionTool

from llama_index_mara_minimax import MARA, MiniMax
from mara_minimax.emulator import Emulator
from mara_minimax.errors import UnsupportedInputError
from tests.llama_index.turns import run_agent

PNG = b"iVBORw0KGgo="
LINK = "https://example.com/report.pdf"
NO_CONTENT = "it is no content of the chat API"
M2 = "MiniMax's model 'MiniMax-M2' does not take"
MARA_TEXT = "MARA Cloud takes text alone in a tool result"
IMAGE = ImageBlock(image=PNG, image_mimetype="image/png")
BLOCKS: dict[str, tuple[ContentBlock, str, str]] = {
    "an image": (IMAGE, f"[image not sent: {M2} image]", f"[image not sent: {MARA_TEXT}]"),
    "a linked document": (
        DocumentBlock(url=LINK, title="Report"),
        f"[document not sent: {NO_CONTENT}]\nReport\n{LINK}",
        f"[document not sent: {NO_CONTENT}]\nReport\n{LINK}",
    ),
    "audio": (
        AudioBlock(audio=PNG, format="wav"),
        f"[audio not sent: {NO_CONTENT}]",
        f"[audio not sent: {NO_CONTENT}]",
    ),
    "an empty image": (
        ImageBlock(),
        f"[image not sent: {NO_CONTENT}]",
        f"[image not sent: {NO_CONTENT}]",
    ),
}


@pytest.mark.parametrize("name", list(BLOCKS))
@pytest.mark.parametrize("host", ["minimax", "mara"])
@pytest.mark.filterwarnings("ignore::mara_minimax.encoded_request.HistoryWarning")
def test_an_agent_goes_on_and_its_memory_stays_usable(
    host: str,
    name: str,
    llm: MiniMax,
    server: Emulator,
    mara: MARA,
    mara_server: Emulator,
    wire: Any,
) -> None:
    chosen, emulator = {"minimax": (llm, server), "mara": (mara, mara_server)}[host]
    block, *sent = BLOCKS[name]
    output = [TextBlock(text="Here it is."), block]
    look = FunctionTool.from_defaults(lambda: output, name="look", description="Look.")
    called = wire.message("", tool_calls=[wire.call("look", "{}", "call_1")])
    for message in (called, wire.message("I see."), wire.message("Hi!")):
        emulator.enqueue(wire.reply(message))
    agent = FunctionAgent(llm=chosen, tools=[look], streaming=False)
    memory = Memory.from_defaults(session_id="1", token_limit=40_000)
    for answer in ("I see.", "Hi!"):
        result, _ = run_agent(agent, "Look.", memory=memory)
        assert str(result) == answer
    assert len(emulator.requests) == 3
    for request in emulator.requests[1:]:
        results = [m["content"] for m in request.body["messages"] if m["role"] == "tool"]
        assert results == [f"Here it is.\n{sent[host == 'mara']}"]


@pytest.mark.parametrize("name", list(BLOCKS))
def test_what_the_user_shows_is_refused(name: str, llm: MiniMax, server: Emulator) -> None:
    with pytest.raises(UnsupportedInputError):
        llm.chat([ChatMessage(role="user", blocks=[BLOCKS[name][0]])])
    assert server.requests == []


def test_a_model_that_takes_images_gets_those_of_tools(
    make_llm: Any, server: Emulator, wire: Any
) -> None:
    blocks = [TextBlock(text="Here it is."), IMAGE, ThinkingBlock(content="Hm.")]
    call = wire.call("look", "{}", "call_1")
    history = [
        ChatMessage(role="user", content="Look."),
        ChatMessage(role="assistant", content="", additional_kwargs={"tool_calls": [call]}),
        ChatMessage(role="tool", blocks=blocks, additional_kwargs={"tool_call_id": "call_1"}),
    ]
    make_llm(model="MiniMax-M3").chat(history)
    url = f"data:image/png;base64,{PNG.decode()}"
    image = {"type": "image_url", "image_url": {"url": url}}
    sent = [{"type": "text", "text": "Here it is."}, image]
    assert server.last_body["messages"][-1]["content"] == sent
