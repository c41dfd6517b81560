"""From `ChatOpenAI(base_url=…)` to `ChatMiniMax`: two lines change, and the reasoning is kept."""

from __future__ import annotations

import importlib.util
import inspect

from langchain_core.messages import BaseMessage

from mara_minimax.emulator import Emulator


def before(question: str, base_url: str, api_key: str) -> BaseMessage:
    from langchain_openai import ChatOpenAI

    model = ChatOpenAI(model="MiniMax-M2", base_url=base_url, api_key=api_key)
    return model.invoke(question)


def after(question: str, base_url: str, api_key: str) -> BaseMessage:
    from langchain_mara_minimax import ChatMiniMax

    model = ChatMiniMax(model="MiniMax-M2", base_url=base_url, api_key=api_key)
    return model.invoke(question)


def main() -> None:
    with Emulator("minimax") as emulator:
        for version in (before, after):
            print(inspect.getsource(version))
            if version is before and importlib.util.find_spec("langchain_openai") is None:
                print("not run: langchain-openai is not installed\n")
                continue
            message = version("What is 17 * 24?", emulator.base_url, emulator.api_key)
            print(f"content:   {message.content!r}")
            print(f"reasoning: {message.additional_kwargs.get('reasoning_content')!r}\n")


if __name__ == "__main__":
    main()
