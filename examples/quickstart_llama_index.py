"""First steps in LlamaIndex: one question to each provider, with reasoning and token usage."""

from __future__ import annotations

from llama_index.core.base.llms.types import ThinkingBlock
from llama_index.core.llms import ChatMessage

from examples.connect import connect
from llama_index_mara_minimax import MARA, MiniMax


def main() -> None:
    for provider, chat_model in (("minimax", MiniMax), ("mara", MARA)):
        with connect(provider) as connection:
            llm = chat_model(**connection)
            response = llm.chat([ChatMessage("What is 17 * 24?")])
            thoughts = [b.content for b in response.message.blocks if isinstance(b, ThinkingBlock)]
            print(f"{llm.model} at {provider}")
            print("  reasoning:", *thoughts)
            print("  answer:   ", response.message.content)
            print("  tokens:   ", response.raw["usage"]["total_tokens"])


if __name__ == "__main__":
    main()
