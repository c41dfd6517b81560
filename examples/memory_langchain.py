"""A conversation that remembers, in LangChain: a checkpointer keeps the messages of a thread.

The reasoning of each answer is kept with it and sent back on the next turn, by itself.
"""

from __future__ import annotations

from langchain.agents import create_agent
from langgraph.checkpoint.memory import InMemorySaver

from examples.connect import connect
from langchain_mara_minimax import ChatMiniMax

TURNS = (
    "My name is Ada. My telescope is a 150 mm Newtonian.",
    "What is my name?",
    "What is my telescope?",
)


def main() -> None:
    with connect("minimax") as connection:
        agent = create_agent(ChatMiniMax(**connection), checkpointer=InMemorySaver())
        thread = {"configurable": {"thread_id": "ada"}}
        for turn in TURNS:
            state = agent.invoke({"messages": [("human", turn)]}, thread)
            print("Ada:  ", turn)
            print("Model:", state["messages"][-1].text)
        answers = [message for message in state["messages"] if message.type == "ai"]
        kept = sum("reasoning_content" in answer.additional_kwargs for answer in answers)
        print(f"{len(answers)} answers in memory, {kept} with their reasoning")

        stranger = {"configurable": {"thread_id": "someone else"}}
        state = agent.invoke({"messages": [("human", "What is my telescope?")]}, stranger)
        print("In another thread:", state["messages"][-1].text)


if __name__ == "__main__":
    main()
