"""The models inside chains: retrieval, retries, trimming, memory, tracing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from langchain_core import exceptions as langchain
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, trim_messages
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnablePassthrough
from langchain_core.tracers.base import BaseTracer
from langchain_core.tracers.schemas import Run

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from mara_minimax.emulator import CannedReply, Emulator

DOCUMENTS = [
    Document("The castle opens at nine.", metadata={"source": "guide.md"}),
    Document("The castle has 40 rooms.", metadata={"source": "rooms.md"}),
    Document("Apples are red.", metadata={"source": "fruit.md"}),
]
PROMPT = ChatPromptTemplate.from_messages(
    [("system", "Answer from these notes:\n{context}"), ("user", "{question}")]
)
GROUNDED = [
    {
        "role": "system",
        "content": "Answer from these notes:\n"
        "The castle opens at nine. [guide.md]\nThe castle has 40 rooms. [rooms.md]",
    },
    {"role": "user", "content": "When does the castle open?"},
]


class Words(BaseRetriever):
    """Finds documents that share a word of five letters or more with the question."""

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        words = {word for word in query.lower().split() if len(word) > 4}
        return [found for found in DOCUMENTS if words & set(found.page_content.lower().split())]


def rag(model: Runnable[Any, Any]) -> Runnable[str, str]:
    def notes(documents: list[Document]) -> str:
        return "\n".join(f"{d.page_content} [{d.metadata['source']}]" for d in documents)

    given: Any = {"context": Words() | notes, "question": RunnablePassthrough()}
    return given | PROMPT | model | StrOutputParser()


def test_a_retrieval_chain_answers_from_its_documents(
    model: ChatMiniMax, server: Emulator, thinking: Any
) -> None:
    server.enqueue(thinking.plain())
    assert rag(model).invoke("When does the castle open?") == "The answer is 42."
    assert server.last_body["messages"] == GROUNDED


def test_a_retrieval_chain_streams_and_works_async(
    mara: ChatMARA, mara_server: Emulator, thinking: Any
) -> None:
    mara_server.enqueue(thinking.stream())
    pieces = list(rag(mara).stream("When does the castle open?"))
    assert [piece for piece in pieces if piece] == ["The answer ", "is 42."]
    assert mara_server.last_body["messages"] == GROUNDED
    mara_server.enqueue(thinking.plain())
    assert asyncio.run(rag(mara).ainvoke("When does the castle open?")) == "The answer is 42."
    assert mara_server.last_body["messages"] == GROUNDED


def _error(status: int, message: str) -> CannedReply:
    return CannedReply.json({"type": "error", "error": {"message": message}}, status=status)


def test_with_retry_repeats_errors_of_the_kind_asked_for(
    model: ChatMiniMax, server: Emulator
) -> None:
    retrying = model.with_retry(
        retry_if_exception_type=(langchain.ModelRateLimitError,),
        stop_after_attempt=3,
        wait_exponential_jitter=False,
    )
    server.enqueue(_error(429, "rate limit (1002)"))
    assert retrying.invoke("Hello").text
    assert len(server.requests) == 2
    assert server.requests[0].body == server.requests[1].body
    server.clear()
    server.enqueue(_error(401, "login fail (1004)"))
    with pytest.raises(langchain.ModelAuthenticationError):
        retrying.invoke("Hello")
    assert len(server.requests) == 1


def test_fallbacks_also_take_over_a_stream(
    model: ChatMiniMax, server: Emulator, mara: ChatMARA, mara_server: Emulator
) -> None:
    server.enqueue(_error(500, "unknown error, 999 (1000)"))
    assert "".join(chunk.text for chunk in model.with_fallbacks([mara]).stream("Hello"))
    assert mara_server.last_body["messages"] == server.last_body["messages"]


def test_fallbacks_can_wait_for_one_kind_of_error(
    model: ChatMiniMax, server: Emulator, mara: ChatMARA, mara_server: Emulator
) -> None:
    careful = model.with_fallbacks([mara], exceptions_to_handle=(langchain.ContextOverflowError,))
    server.enqueue(_error(401, "login fail (1004)"))
    with pytest.raises(langchain.ModelAuthenticationError):
        careful.invoke("Hello")
    assert mara_server.requests == []
    server.enqueue(_error(400, "invalid params, context window exceeds limit (2013)"))
    assert careful.invoke("Hello").response_metadata["model_provider"] == "mara"


def test_a_trimmed_history_keeps_its_system_message_and_fits(
    model: ChatMiniMax, server: Emulator
) -> None:
    trim: Any = trim_messages(
        max_tokens=60, token_counter=model, include_system=True, start_on="human"
    )
    long = [HumanMessage("apples " * 80), AIMessage("pears " * 80)]
    (trim | model).invoke([SystemMessage("Be short."), *long, HumanMessage("And plums?")])
    assert server.last_body["messages"] == [
        {"role": "system", "content": "Be short."},
        {"role": "user", "content": "And plums?"},
    ]


class Runs(BaseTracer):
    """Keeps what LangSmith would be sent."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[Run] = []

    def _persist_run(self, run: Run) -> None:
        self.kept.append(run)


@pytest.mark.parametrize("streams", [False, True])
def test_a_trace_says_who_answered_and_what_it_cost_and_no_secret(
    make_model: Callable[..., ChatMiniMax], server: Emulator, thinking: Any, streams: bool
) -> None:
    runs = Runs()
    secret = {"api_key": "KEY-SECRET", "default_headers": {"x-key": "HEADER-SECRET"}}
    model = make_model(**secret)
    server.enqueue(thinking.stream() if streams else thinking.plain())
    if streams:
        list(model.stream("Hello", {"callbacks": [runs]}))
    else:
        model.invoke("Hello", {"callbacks": [runs]})
    (run,) = runs.kept
    assert run.run_type == "llm"
    assert run.extra["metadata"]["ls_provider"] == "minimax"
    assert run.extra["metadata"]["ls_model_name"] == "MiniMax-M2"
    assert run.outputs is not None
    message = run.outputs["generations"][0][0]["message"]["kwargs"]
    assert message["usage_metadata"]["total_tokens"] == 64
    assert message["response_metadata"]["model_provider"] == "minimax"
    assert "SECRET" not in run.model_dump_json()


def test_a_trace_of_an_error_holds_no_secret(
    make_model: Callable[..., ChatMiniMax], server: Emulator
) -> None:
    runs = Runs()
    server.enqueue(_error(401, "login fail (1004)"))
    with pytest.raises(langchain.ModelAuthenticationError):
        make_model(api_key="KEY-SECRET").invoke("Hello", {"callbacks": [runs]})
    (run,) = runs.kept
    assert "login fail" in (run.error or "")
    assert "SECRET" not in run.model_dump_json()


@pytest.mark.parametrize(
    ("disabled", "tools", "streams"),
    [
        (True, False, False),
        ("tool_calling", True, False),
        ("tool_calling", False, True),
        (False, True, True),
    ],
)
def test_streaming_can_be_disabled(
    make_model: Callable[..., ChatMiniMax],
    server: Emulator,
    disabled: Any,
    tools: bool,
    streams: bool,
) -> None:
    def add(a: int, b: int) -> int:
        """Add two numbers."""
        return a + b

    model: Any = make_model(disable_streaming=disabled)
    list((model.bind_tools([add]) if tools else model).stream("Hello"))
    assert server.last_body.get("stream", False) is streams
