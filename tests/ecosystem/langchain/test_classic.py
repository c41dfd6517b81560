"""langchain-classic: retrievers, chains, agents and evaluators of the years before."""

from __future__ import annotations

import json
from typing import Any

import pytest
from langchain_classic.agents import (
    AgentExecutor,
    create_react_agent,
    create_tool_calling_agent,
)
from langchain_classic.chains import (
    RetrievalQA,
    create_history_aware_retriever,
    create_retrieval_chain,
)
from langchain_classic.chains.combine_documents import create_stuff_documents_chain
from langchain_classic.chains.query_constructor.base import load_query_constructor_runnable
from langchain_classic.chains.query_constructor.schema import AttributeInfo
from langchain_classic.evaluation import QAEvalChain
from langchain_classic.evaluation.comparison import PairwiseStringEvalChain
from langchain_classic.evaluation.criteria import CriteriaEvalChain
from langchain_classic.evaluation.scoring import ScoreStringEvalChain
from langchain_classic.retrievers.document_compressors import (
    LLMChainExtractor,
    LLMChainFilter,
    LLMListwiseRerank,
)
from langchain_classic.retrievers.multi_query import MultiQueryRetriever
from langchain_core.documents import Document
from langchain_core.embeddings import DeterministicFakeEmbedding
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder, PromptTemplate
from langchain_core.vectorstores import InMemoryVectorStore

from mara_minimax.emulator import ToolCall
from tests.ecosystem.langchain.weather import ANSWER, CALL, get_weather

RAIN = Document("Rain in Oslo.")
SUN = Document("Sun in Bergen.")
pytestmark = [
    pytest.mark.filterwarnings("ignore::langchain_core._api.LangChainDeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The apply_and_parse method is deprecated"),
]
REACT = PromptTemplate.from_template(
    "Tools: {tools}\nNames: {tool_names}\nQuestion: {input}\n{agent_scratchpad}"
)


@pytest.fixture
def retriever() -> Any:
    """A retriever of one document."""
    store = InMemoryVectorStore(DeterministicFakeEmbedding(size=8))
    store.add_documents([RAIN])
    return store.as_retriever()


def test_a_question_is_asked_in_several_ways(chat: Any, says: Any, retriever: Any) -> None:
    says("Rain in Oslo?\nWeather in Oslo?")
    queries = MultiQueryRetriever.from_llm(retriever, chat)
    assert [each.page_content for each in queries.invoke("Oslo?")] == [RAIN.page_content]


def test_documents_are_shortened_filtered_and_ordered(chat: Any, says: Any) -> None:
    # One by one, because each is asked about in a thread of its own.
    extract = LLMChainExtractor.from_llm(chat)
    says("Sun.", "NO_OUTPUT")
    (extracted,) = extract.compress_documents([SUN], "Bergen?")
    assert extracted.page_content == "Sun."
    assert extract.compress_documents([RAIN], "Bergen?") == []
    decide = LLMChainFilter.from_llm(chat)
    says("NO", "YES")
    assert decide.compress_documents([SUN], "Oslo?") == []
    assert decide.compress_documents([RAIN], "Oslo?") == [RAIN]
    says(ToolCall("RankDocuments", {"ranked_document_ids": [1, 0]}))
    ranked = LLMListwiseRerank.from_llm(chat, top_n=1).compress_documents([SUN, RAIN], "Oslo?")
    assert ranked == [RAIN]


def test_a_question_becomes_a_query_with_a_filter(chat: Any, says: Any) -> None:
    query = {"query": "rain", "filter": 'eq("city", "Oslo")'}
    says(f"```json\n{json.dumps(query)}\n```")
    about = [AttributeInfo(name="city", description="The city", type="string")]
    found = load_query_constructor_runnable(chat, "Weather", about).invoke({"query": "Oslo?"})
    assert (found.query, found.filter.attribute, found.filter.value) == ("rain", "city", "Oslo")


def test_a_question_is_read_with_its_history(
    chat: Any, says: Any, retriever: Any, emulator: Any
) -> None:
    says("What is the weather in Oslo?", ANSWER)
    history = MessagesPlaceholder("chat_history")
    asked = ChatPromptTemplate.from_messages([history, ("user", "{input}")])
    told = ChatPromptTemplate.from_messages([("system", "{context}"), history, ("user", "{input}")])
    chain = create_retrieval_chain(
        create_history_aware_retriever(chat, retriever, asked),
        create_stuff_documents_chain(chat, told),
    )
    result = chain.invoke({"input": "And there?", "chat_history": [("user", "Oslo is nice.")]})
    assert result["answer"] == ANSWER
    assert emulator.last_body["messages"][0]["content"] == RAIN.page_content


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("stuff", [ANSWER]),
        ("map_reduce", ["Rain.", ANSWER]),
        ("refine", [ANSWER]),
        ("map_rerank", [f"{ANSWER}\nScore: 100"]),
    ],
)
def test_documents_are_asked_in_every_way(
    chat: Any, says: Any, retriever: Any, kind: str, said: list[str]
) -> None:
    says(*said)
    chain = RetrievalQA.from_chain_type(chat, chain_type=kind, retriever=retriever)
    assert chain.invoke("Oslo?")["result"].strip() == ANSWER


def test_an_agent_that_writes_its_actions_acts_on_none_of_its_thoughts(
    chat: Any, says: Any, emulator: Any
) -> None:
    says("Thought: look\nAction: get_weather\nAction Input: Oslo", f"Final Answer: {ANSWER}")
    agent = create_react_agent(chat, [get_weather], REACT)
    result = AgentExecutor(agent=agent, tools=[get_weather]).invoke({"input": "Oslo?"})
    assert result["output"] == ANSWER
    assert "Observation: Rain in Oslo." in emulator.last_body["messages"][0]["content"]


def test_an_executor_calls_a_tool(chat: Any, says: Any, emulator: Any) -> None:
    says(CALL, ANSWER)
    prompt = ChatPromptTemplate.from_messages(
        [("user", "{input}"), MessagesPlaceholder("agent_scratchpad")]
    )
    agent = create_tool_calling_agent(chat, [get_weather], prompt)
    result = AgentExecutor(agent=agent, tools=[get_weather]).invoke({"input": "Oslo?"})
    assert result["output"] == ANSWER
    assert emulator.last_body["messages"][-1]["content"] == "Rain in Oslo."


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (QAEvalChain, "GRADE: CORRECT", {"value": "CORRECT", "score": 1}),
        (CriteriaEvalChain, "It is short.\n\nY", {"value": "Y", "score": 1}),
        (ScoreStringEvalChain, "Good. Rating: [[9]]", {"score": 9}),
    ],
)
def test_an_evaluator_reads_the_verdict(
    chat: Any, says: Any, kind: Any, text: str, expected: dict[str, Any]
) -> None:
    says(text)
    reference = {"reference": "Rain."} if kind is QAEvalChain else {}
    evaluator = kind.from_llm(llm=chat)
    result = evaluator.evaluate_strings(prediction="Rain.", input="Oslo?", **reference)
    assert {name: result[name] for name in expected} == expected
    assert "trap" not in str(result)


def test_an_evaluator_prefers_one_of_two(chat: Any, says: Any) -> None:
    says("Both are short. [[A]]")
    evaluator = PairwiseStringEvalChain.from_llm(llm=chat)
    result = evaluator.evaluate_string_pairs(prediction="Rain.", prediction_b="Sun.", input="Oslo?")
    assert (result["value"], result["score"]) == ("A", 1)
    assert "trap" not in str(result)
