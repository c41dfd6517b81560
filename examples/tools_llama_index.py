"""Tool calls by hand in LlamaIndex: the model asks for two, we run them, it answers."""

from __future__ import annotations

from llama_index.core.llms import ChatMessage
from llama_index.core.tools import FunctionTool
from llama_index.core.tools.calling import call_tool

from examples.connect import connect
from llama_index_mara_minimax import MiniMax

WEATHER = {"Oslo": "snow, -3 degrees", "Lima": "fog, 19 degrees"}
CLOCKS = {"Oslo": "10:15", "Tokyo": "18:15"}


def get_weather(city: str) -> str:
    """Return the weather of a city."""
    return f"In {city}: {WEATHER[city]}"


def get_time(city: str) -> str:
    """Return the local time of a city."""
    return f"It is {CLOCKS[city]} in {city}"


def main() -> None:
    tools = {"get_weather": get_weather, "get_time": get_time}
    tools = {name: FunctionTool.from_defaults(function) for name, function in tools.items()}
    with connect("minimax") as connection:
        llm = MiniMax(**connection)
        messages = [ChatMessage("What is the weather in Oslo and the time in Tokyo?")]
        response = llm.chat_with_tools(
            list(tools.values()), chat_history=messages, allow_parallel_tool_calls=True
        )
        messages.append(response.message)
        for call in llm.get_tool_calls_from_response(response):
            result = call_tool(tools[call.tool_name], call.tool_kwargs)
            print(f"{call.tool_name}({call.tool_kwargs['city']!r}) -> {result.content}")
            origin = {"tool_call_id": call.tool_id, "name": call.tool_name}
            messages.append(ChatMessage(result.content, role="tool", additional_kwargs=origin))
        answer = llm.chat_with_tools(list(tools.values()), chat_history=messages)
        print(answer.message.content)


if __name__ == "__main__":
    main()
