"""Arguments that readers of JSON disagree on run no tool, and go back as `{}`."""

from __future__ import annotations

from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage, ToolCallBlock
from llama_index.core.tools import FunctionTool

from llama_index_mara_minimax import MiniMax
from mara_minimax.emulator import Emulator
from mara_minimax.errors import InvalidReplyError
from tests.langchain.test_odd_arguments import ODD_ARGUMENTS

USER = ChatMessage(role="user", content="Hi")


@pytest.mark.parametrize("arguments", ODD_ARGUMENTS.values(), ids=ODD_ARGUMENTS)
def test_they_are_kept_as_text_in_every_form_and_go_back_as_an_empty_object(
    llm: MiniMax, server: Emulator, wire: Any, arguments: str, stream: bool
) -> None:
    ran: list[Any] = []
    tool = FunctionTool.from_defaults(fn=lambda a: ran.append(a), name="add", description="Add.")
    half = len(arguments) // 2
    if stream:
        head = wire.call("add", arguments[:half])
        tail = {"index": 0, "function": {"arguments": arguments[half:]}}
        deltas = ({"tool_calls": [head]}, {"tool_calls": [tail]})
        server.enqueue(wire.stream(*deltas, finish_reason="tool_calls"))
        response = [*llm.stream_chat_with_tools([tool], chat_history=[USER])][-1]
    else:
        message = wire.message(tool_calls=[wire.call("add", arguments)])
        server.enqueue(wire.reply(message))
        response = llm.chat_with_tools([tool], chat_history=[USER])
    (block,) = [b for b in response.message.blocks if isinstance(b, ToolCallBlock)]
    assert block.tool_kwargs == arguments
    (selection,) = llm.get_tool_calls_from_response(response, error_on_no_tool_call=False)
    assert selection.tool_name.startswith("add (")
    assert selection.tool_kwargs == {}
    with pytest.raises(InvalidReplyError, match="'add'"):
        llm.get_tool_calls_from_response(response)
    assert ran == []
    result = ChatMessage(
        role="tool", content="?", additional_kwargs={"tool_call_id": "call_function_ab_1"}
    )
    llm.chat([USER, response.message, result])
    (sent,) = server.last_body["messages"][1]["tool_calls"]
    assert sent["function"] == {"name": "add", "arguments": "{}"}
