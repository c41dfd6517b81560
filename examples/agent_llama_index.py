"""An agent with two real tools in LlamaIndex, its reasoning kept between the turns."""

from __future__ import annotations

import asyncio
from pathlib import Path

from llama_index.core.agent.workflow import AgentStream, FunctionAgent, ToolCallResult

from examples.arguments import AGENT_QUESTION, parse_arguments
from examples.connect import connect
from examples.display import AnswerView
from examples.rag_llama_index import LLMS
from examples.toolbox import calculate, make_search


async def run(provider: str, question: str, docs: Path | None) -> AnswerView:
    with connect(provider) as connection:
        llm = LLMS[provider](**connection)
        agent = FunctionAgent(tools=[make_search(docs), calculate], llm=llm)
        view = AnswerView(question)
        usage = None
        handler = agent.run(question)
        async for event in handler.stream_events():
            if isinstance(event, AgentStream):
                view.show_reasoning(event.thinking_delta or "")
                view.show_answer(event.delta)
                usage = (event.raw or {}).get("usage") or usage
            elif isinstance(event, ToolCallResult):
                view.show_tool_call(event.tool_name, event.tool_kwargs)
                view.show_tool_result(event.tool_name, event.tool_output.content)
        await handler
        view.finish(usage=usage)
    return view


def main(provider: str, question: str, docs: Path | None = None) -> AnswerView:
    return asyncio.run(run(provider, question, docs))


if __name__ == "__main__":
    arguments = parse_arguments(__doc__, AGENT_QUESTION)
    main(arguments.provider, arguments.question, arguments.docs)
