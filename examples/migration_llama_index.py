"""From `OpenAILike(api_base=…)` to `MiniMax`: two lines change, and no flags are needed."""

from __future__ import annotations

import importlib.util
import inspect

from llama_index.core.base.llms.types import ThinkingBlock
from llama_index.core.llms import ChatMessage, ChatResponse

from mara_minimax.emulator import Emulator


def before(question: str, base_url: str, api_key: str) -> ChatResponse:
    from llama_index.llms.openai_like import OpenAILike

    llm = OpenAILike(
        model="MiniMax-M2",
        api_base=base_url,
        api_key=api_key,
        is_chat_model=True,
        is_function_calling_model=True,
        context_window=204_800,
    )
    return llm.chat([ChatMessage(question)])


def after(question: str, base_url: str, api_key: str) -> ChatResponse:
    from llama_index_mara_minimax import MiniMax

    llm = MiniMax(model="MiniMax-M2", api_base=base_url, api_key=api_key)
    return llm.chat([ChatMessage(question)])


def is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def main() -> None:
    with Emulator("minimax") as emulator:
        for version in (before, after):
            print(inspect.getsource(version))
            if version is before and not is_installed("llama_index.llms.openai_like"):
                print("not run: llama-index-llms-openai-like is not installed\n")
                continue
            message = version("What is 17 * 24?", emulator.base_url, emulator.api_key).message
            thoughts = [b.content for b in message.blocks if isinstance(b, ThinkingBlock)]
            print(f"content:   {message.content!r}")
            print(f"reasoning: {thoughts!r}\n")


if __name__ == "__main__":
    main()
