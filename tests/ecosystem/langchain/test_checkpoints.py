"""Checkpoints of LangGraph: strict, encrypted, and read again byte for byte."""

from __future__ import annotations

from typing import Any

import pytest
from langchain.agents import create_agent
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde.encrypted import EncryptedSerializer
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from tests.ecosystem.langchain.weather import ANSWER, CALL, QUESTION, THREAD, get_weather

SERIALIZERS = {
    "strict": JsonPlusSerializer(allowed_msgpack_modules=None),
    "encrypted": EncryptedSerializer.from_pycryptodome_aes(key=b"0123456789abcdef"),
}


@pytest.mark.parametrize("name", SERIALIZERS)
def test_a_thread_goes_on_with_its_reasoning(
    chat: Any, says: Any, is_answer: Any, thoughts: Any, trap: str, name: str
) -> None:
    says(CALL, ANSWER, "Nothing else.")
    memory = InMemorySaver(serde=SERIALIZERS[name])
    agent = create_agent(chat, [get_weather], checkpointer=memory)
    agent.invoke(QUESTION, THREAD)
    result = agent.invoke({"messages": [("user", "And what else?")]}, THREAD)
    is_answer(result["messages"][-1], "Nothing else.")
    assert thoughts() == [trap, trap]
    if name == "encrypted":
        assert ANSWER not in str(memory.blobs)


@pytest.mark.parametrize("name", SERIALIZERS)
def test_each_chunk_is_read_again_as_it_was(chat: Any, says: Any, name: str) -> None:
    says(ANSWER)
    serializer = SERIALIZERS[name]
    chunks = list(chat.stream("What is the weather in Oslo?"))
    assert chunks == [serializer.loads_typed(serializer.dumps_typed(each)) for each in chunks]
