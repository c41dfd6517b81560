"""Tool calls by hand in LangChain: the model asks for two, we run them, it answers."""

from __future__ import annotations

from langchain_core.messages import HumanMessage
from langchain_core.tools import tool

from examples.connect import connect
from langchain_mara_minimax import ChatMiniMax

WEATHER = {"Oslo": "snow, -3 degrees", "Lima": "fog, 19 degrees"}
CLOCKS = {"Oslo": "10:15", "Tokyo": "18:15"}


@tool
def get_weather(city: str) -> str:
    """Return the weather of a city."""
    return f"In {city}: {WEATHER[city]}"


@tool
def get_time(city: str) -> str:
    """Return the local time of a city."""
    return f"It is {CLOCKS[city]} in {city}"


def main() -> None:
    tools = {"get_weather": get_weather, "get_time": get_time}
    with connect("minimax") as connection:
        model = ChatMiniMax(**connection).bind_tools(list(tools.values()))
        messages = [HumanMessage("What is the weather in Oslo and the time in Tokyo?")]
        message = model.invoke(messages)
        messages.append(message)
        for call in message.tool_calls:
            result = tools[call["name"]].invoke(call)
            print(f"{call['name']}({call['args']['city']!r}) -> {result.text}")
            messages.append(result)
        print(model.invoke(messages).text)


if __name__ == "__main__":
    main()
