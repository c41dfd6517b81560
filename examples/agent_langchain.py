"""An agent with two real tools in LangChain, its reasoning kept between the turns."""

from __future__ import annotations

from pathlib import Path

from langchain.agents import create_agent
from langchain_core.messages import AIMessageChunk, ToolMessage

from examples.arguments import AGENT_QUESTION, parse_arguments
from examples.connect import connect
from examples.display import AnswerView
from examples.rag_langchain import CHAT_MODELS
from examples.toolbox import calculate, make_search


def main(provider: str, question: str, docs: Path | None = None) -> AnswerView:
    with connect(provider) as connection:
        model = CHAT_MODELS[provider](**connection)
        agent = create_agent(model, tools=[make_search(docs), calculate])
        view = AnswerView(question)
        usage = None
        inputs = {"messages": [("human", question)]}
        for mode, update in agent.stream(inputs, stream_mode=["messages", "updates"]):
            if mode == "messages":
                message, _ = update
                if isinstance(message, AIMessageChunk):
                    view.show_reasoning(message.additional_kwargs.get("reasoning_content", ""))
                    view.show_answer(message.text)
                    usage = message.usage_metadata or usage
                continue
            for step in update.values():
                for message in step["messages"]:
                    if isinstance(message, ToolMessage):
                        view.show_tool_result(message.name or "tool", message.content)
                    for call in getattr(message, "tool_calls", []):
                        view.show_tool_call(call["name"], call["args"])
        view.finish(usage=usage)
    return view


if __name__ == "__main__":
    arguments = parse_arguments(__doc__, AGENT_QUESTION)
    main(arguments.provider, arguments.question, arguments.docs)
