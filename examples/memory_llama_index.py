"""A conversation that remembers, in LlamaIndex: a chat engine over a `Memory`.

The reasoning of each answer is kept with it and sent back on the next turn, by itself.
"""

from __future__ import annotations

from llama_index.core.base.llms.types import ThinkingBlock
from llama_index.core.chat_engine import SimpleChatEngine
from llama_index.core.memory import Memory

from examples.connect import connect
from llama_index_mara_minimax import MiniMax

TURNS = (
    "My name is Ada. My telescope is a 150 mm Newtonian.",
    "What is my name?",
    "What is my telescope?",
)


def main() -> None:
    with connect("minimax") as connection:
        llm = MiniMax(**connection)
        memory = Memory.from_defaults(session_id="ada")
        engine = SimpleChatEngine.from_defaults(llm=llm, memory=memory)
        for turn in TURNS:
            print("Ada:  ", turn)
            print("Model:", engine.chat(turn))
        answers = [message for message in memory.get_all() if message.role == "assistant"]
        kept = sum(any(isinstance(b, ThinkingBlock) for b in answer.blocks) for answer in answers)
        print(f"{len(answers)} answers in memory, {kept} with their reasoning")

        stranger = SimpleChatEngine.from_defaults(llm=llm)
        print("In another conversation:", stranger.chat("What is my telescope?"))


if __name__ == "__main__":
    main()
