"""LangChain's own parts around a model: prompts, parsers, retrievers, events, counts of tokens."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.callbacks import get_usage_metadata_callback
from langchain_core.documents import Document
from langchain_core.embeddings import DeterministicFakeEmbedding
from langchain_core.messages import messages_from_dict, messages_to_dict
from langchain_core.output_parsers import (
    CommaSeparatedListOutputParser,
    JsonOutputParser,
    NumberedListOutputParser,
    PydanticOutputParser,
    StrOutputParser,
    XMLOutputParser,
)
from langchain_core.output_parsers.openai_tools import JsonOutputToolsParser
from langchain_core.prompts import ChatPromptTemplate, FewShotChatMessagePromptTemplate
from langchain_core.runnables import ConfigurableField, RunnablePassthrough
from langchain_core.vectorstores import InMemoryVectorStore
from pydantic import BaseModel

from tests.ecosystem.langchain.weather import ANSWER, CALL, QUESTION, get_weather


class Weather(BaseModel):
    """The weather in a city."""

    city: str


PARSERS: dict[str, tuple[Any, str, Any]] = {
    "text": (StrOutputParser(), ANSWER, ANSWER),
    "json": (JsonOutputParser(), '{"city": "Oslo"}', {"city": "Oslo"}),
    "pydantic": (
        PydanticOutputParser(pydantic_object=Weather), '{"city": "Oslo"}', Weather(city="Oslo")
    ),
    "list": (CommaSeparatedListOutputParser(), "rain, snow", ["rain", "snow"]),
    "numbers": (NumberedListOutputParser(), "1. rain\n2. snow", ["rain", "snow"]),
    "xml": (XMLOutputParser(parser="xml"), "<a><b>rain</b></a>", {"a": [{"b": "rain"}]}),
}  # fmt: skip


@pytest.mark.parametrize("name", PARSERS)
def test_a_parser_reads_the_answer_and_no_thought(chat: Any, says: Any, name: str) -> None:
    parser, text, expected = PARSERS[name]
    says(text, text)
    chain = chat | parser
    assert chain.invoke("Tell me.") == expected
    pieces = list(chain.stream("Tell me."))
    assert pieces
    assert "trap" not in str(pieces)


def test_a_parser_of_calls_reads_the_call(chat: Any, says: Any) -> None:
    says(CALL)
    chain = chat.bind_tools([get_weather]) | JsonOutputToolsParser()
    assert chain.invoke("Tell me.") == [{"type": "get_weather", "args": {"city": "Oslo"}}]


def test_examples_stand_before_the_question(chat: Any, says: Any, emulator: Any) -> None:
    says(ANSWER)
    example = ChatPromptTemplate.from_messages([("user", "{asked}"), ("assistant", "{said}")])
    examples = [{"asked": "Bergen?", "said": "Rain."}]
    few = FewShotChatMessagePromptTemplate(examples=examples, example_prompt=example)
    prompt = ChatPromptTemplate.from_messages([few, ("user", "{question}")])
    assert (prompt | chat).invoke({"question": "Oslo?"}).text == ANSWER
    sent = [(each["role"], each["content"]) for each in emulator.last_body["messages"]]
    assert sent == [("user", "Bergen?"), ("assistant", "Rain."), ("user", "Oslo?")]


def test_a_vector_store_finds_what_the_answer_needs(chat: Any, says: Any, emulator: Any) -> None:
    says(ANSWER)
    store = InMemoryVectorStore(DeterministicFakeEmbedding(size=8))
    store.add_documents([Document("Rain in Oslo.")])
    prompt = ChatPromptTemplate.from_template("{context}\n{question}")
    chain = (
        {"context": store.as_retriever(), "question": RunnablePassthrough()}
        | prompt
        | chat
        | StrOutputParser()
    )
    assert chain.invoke("Oslo?") == ANSWER
    assert "Rain in Oslo." in emulator.last_body["messages"][0]["content"]


def test_the_other_provider_is_chosen_by_configuration(
    chat: Any, other_chat: Any, other_emulator: Any, says: Any
) -> None:
    says(ANSWER)
    either = chat.configurable_alternatives(ConfigurableField(id="host"), spare=other_chat)
    assert either.invoke("Oslo?").text == ANSWER
    either.with_config(configurable={"host": "spare"}).invoke("Oslo?")
    assert len(other_emulator.requests) == 1


def test_tokens_of_all_calls_are_added_up(chat: Any, says: Any) -> None:
    says(CALL, ANSWER)
    with get_usage_metadata_callback() as counted:
        create_agent(chat, [get_weather]).invoke(QUESTION)
    (usage,) = counted.usage_metadata.values()
    assert (usage["input_tokens"], usage["output_tokens"], usage["total_tokens"]) == (200, 40, 240)


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.filterwarnings("ignore::langchain_core._api.LangChainDeprecationWarning")
def test_events_of_an_agent_tell_the_answer_once(chat: Any, says: Any, version: Any) -> None:
    says(CALL, ANSWER)

    async def collect() -> list[Any]:
        stream = create_agent(chat, [get_weather]).astream_events(QUESTION, version=version)
        return [event async for event in stream]

    events = asyncio.run(collect())
    chunks = [each["data"]["chunk"] for each in events if each["event"] == "on_chat_model_stream"]
    assert "".join(chunk.text for chunk in chunks).strip() == ANSWER


def test_events_of_v3_assemble_the_message(chat: Any, says: Any, trap: str) -> None:
    says(ANSWER)
    stream = chat.stream_events("Oslo?", version="v3")
    assert str(stream.text) == ANSWER
    assert str(stream.reasoning) == trap
    message = stream.output
    assert message.text == ANSWER
    assert message.usage_metadata["total_tokens"] == 120
    assert message.response_metadata["finish_reason"] == "stop"


def test_a_history_in_json_goes_on(chat: Any, says: Any, thoughts: Any, trap: str) -> None:
    says(ANSWER, "Yes.")
    history = [("user", "Oslo?"), chat.invoke("Oslo?")]
    stored = messages_from_dict(messages_to_dict([history[1]]))
    assert chat.invoke([history[0], *stored, ("user", "Sure?")]).text == "Yes."
    assert thoughts() == [trap]
