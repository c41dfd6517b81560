"""Run the examples: questions over documents and an agent, both frameworks, both providers."""

from __future__ import annotations

import argparse
from pathlib import Path

from examples import agent_langchain, agent_llama_index, rag_langchain, rag_llama_index
from examples.arguments import AGENT_QUESTION, RAG_QUESTION
from examples.connect import KEY_VARIABLES
from examples.display import console

EXAMPLES = {
    "LangChain, question over documents": (rag_langchain.main, False),
    "LlamaIndex, question over documents": (rag_llama_index.main, False),
    "LangChain, agent with tools": (agent_langchain.main, True),
    "LlamaIndex, agent with tools": (agent_llama_index.main, True),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--docs", type=Path, help="folder of text files; default: our own docs")
    parser.add_argument("--question", help="asked over the documents; default: one about ours")
    arguments = parser.parse_args()
    if arguments.docs is not None and not arguments.docs.is_dir():
        parser.error(f"--docs: {arguments.docs} is no folder")
    for provider in sorted(KEY_VARIABLES, reverse=True):
        for title, (example, is_agent) in EXAMPLES.items():
            console.rule(f"{title} · {provider}")
            question = arguments.question or RAG_QUESTION
            if is_agent:
                question = AGENT_QUESTION
                if arguments.question:
                    subject = arguments.question.rstrip("?.! ")
                    question = f'Search the documents for "{subject}", and calculate 12.5 * 8.'
            example(provider, question, arguments.docs)


if __name__ == "__main__":
    main()
