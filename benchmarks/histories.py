"""Long conversations with tool calls and results, as wire messages and in each framework's form."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage
    from llama_index.core.llms import ChatMessage

WireMessage = dict[str, Any]
TURN = 6
"""Messages of one turn: question, call, result, answer, question, answer."""


def wire_history(count: int) -> list[WireMessage]:
    """Return `count` messages that end with a question; a third belongs to tool calls."""
    messages: list[WireMessage] = [{"role": "system", "content": "You are a helpful assistant."}]
    turn = 0
    while len(messages) < count - 1:
        messages += _turn(turn)
        turn += 1
    del messages[count - 1 :]
    while messages[-1]["role"] != "assistant" or messages[-1].get("tool_calls"):
        messages[-1] = {"role": "assistant", "content": "I have read all of it."}
        if messages[-2].get("tool_calls"):
            # The cut stands between a call and its result.
            messages[-2] = {"role": "user", "content": "Please go on with the next one."}
    return [*messages, {"role": "user", "content": "What have we found out so far?"}]


def _turn(turn: int) -> list[WireMessage]:
    city = f"city number {turn}"
    call_id = f"call_{turn}"
    function = {"name": "get_weather", "arguments": json.dumps({"city": city, "days": 3})}
    return [
        {
            "role": "user",
            "content": f"What is the weather in {city}, and what should I take along?",
        },
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [{"id": call_id, "type": "function", "function": function}],
        },
        {
            "role": "tool",
            "tool_call_id": call_id,
            "content": json.dumps({"city": city, "sky": "sunny", "degrees": [20, 22, 19]}),
        },
        {"role": "assistant", "content": f"It is sunny in {city}: 20, 22 and 19 degrees. " * 3},
        {"role": "user", "content": "And which of the days is best for a walk along the river?"},
        {"role": "assistant", "content": "The second day, with 22 degrees and little wind. " * 3},
    ]


def to_langchain(messages: list[WireMessage]) -> list[BaseMessage]:
    """Return the messages as LangChain's."""
    from langchain_core.messages import convert_to_messages

    return convert_to_messages(messages)


def to_llama_index(messages: list[WireMessage]) -> list[ChatMessage]:
    """Return the messages as LlamaIndex's, calls as its blocks, as its own agents keep them."""
    from llama_index.core.base.llms.types import ChatMessage, TextBlock, ToolCallBlock

    converted = []
    for message in messages:
        blocks: list[Any] = [TextBlock(text=message["content"])] if message["content"] else []
        for call in message.get("tool_calls", ()):
            function = call["function"]
            blocks.append(
                ToolCallBlock(
                    tool_call_id=call["id"],
                    tool_name=function["name"],
                    tool_kwargs=json.loads(function["arguments"]),
                )
            )
        kwargs = {"tool_call_id": message["tool_call_id"]} if "tool_call_id" in message else {}
        converted.append(ChatMessage(role=message["role"], blocks=blocks, additional_kwargs=kwargs))
    return converted
