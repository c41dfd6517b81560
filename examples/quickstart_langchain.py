"""First steps in LangChain: one question to each provider, with reasoning and token usage."""

from __future__ import annotations

from examples.connect import connect
from langchain_mara_minimax import ChatMARA, ChatMiniMax


def main() -> None:
    for provider, chat_model in (("minimax", ChatMiniMax), ("mara", ChatMARA)):
        with connect(provider) as connection:
            model = chat_model(**connection)
            message = model.invoke("What is 17 * 24?")
            print(f"{model.model} at {provider}")
            print("  reasoning:", message.additional_kwargs.get("reasoning_content"))
            print("  answer:   ", message.text)
            print("  tokens:   ", message.usage_metadata["total_tokens"])


if __name__ == "__main__":
    main()
