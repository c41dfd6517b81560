"""The snippets of the providers' documents, written with this package's classes.

Each test says which document it covers and runs against the emulator of that provider.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from llama_index.core.llms import ChatMessage

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from llama_index_mara_minimax import MARA, MiniMax
from mara_minimax.emulator import Emulator, Reply

HAPPY_STORY = [
    ("system", "Answer the question in a couple sentences."),
    ("human", "Share a happy story with me"),
]
API_QUESTION = [
    ("system", "You are a helpful writing assistant."),
    ("human", "Explain what an API is in one paragraph."),
]
HELLO = [("system", "You are a helpful assistant."), ("human", "Hi, how are you?")]
JOKE = [("system", "You are a helpful assistant."), ("human", "Tell me a joke.")]


def to_chat_messages(messages: list[tuple[str, str]]) -> list[ChatMessage]:
    roles = {"human": "user", "ai": "assistant"}
    return [ChatMessage(role=roles.get(role, role), content=text) for role, text in messages]


def to_wire(messages: list[tuple[str, str]]) -> list[dict[str, str]]:
    roles = {"human": "user", "ai": "assistant"}
    return [{"role": roles.get(role, role), "content": text} for role, text in messages]


@pytest.fixture
def mara(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    with Emulator("mara") as emulator:
        monkeypatch.setenv("MARA_API_KEY", emulator.api_key)
        monkeypatch.setenv("MARA_BASE_URL", emulator.base_url)
        yield emulator


@pytest.fixture
def minimax(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    with Emulator("minimax") as emulator:
        monkeypatch.setenv("MINIMAX_API_KEY", emulator.api_key)
        monkeypatch.setenv("MINIMAX_BASE_URL", emulator.base_url)
        yield emulator


@pytest.fixture
def llmprovider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    with Emulator("llmprovider") as emulator:
        monkeypatch.setenv("LLMPROVIDER_API_KEY", emulator.api_key)
        monkeypatch.setenv("LLMPROVIDER_BASE_URL", emulator.base_url)
        yield emulator


class TestMARAOpenAICompatibility:
    """MARA Cloud, "OpenAI Compatibility"."""

    def test_non_streaming_completion_in_langchain(self, mara):
        message = ChatMARA(model="MiniMax-M2.5").invoke(HAPPY_STORY)
        assert message.text
        assert mara.last_body == {"model": "MiniMax-M2.5", "messages": to_wire(HAPPY_STORY)}

    def test_non_streaming_completion_in_llama_index(self, mara):
        response = MARA(model="MiniMax-M2.5").chat(to_chat_messages(HAPPY_STORY))
        assert response.message.content
        assert mara.last_body == {"model": "MiniMax-M2.5", "messages": to_wire(HAPPY_STORY)}

    def test_streaming_completion_in_langchain(self, mara):
        text = "".join(chunk.text for chunk in ChatMARA().stream(HAPPY_STORY))
        assert text == ChatMARA().invoke(HAPPY_STORY).text

    def test_streaming_completion_in_llama_index(self, mara):
        stream = MARA().stream_chat(to_chat_messages(HAPPY_STORY))
        text = "".join(chunk.delta or "" for chunk in stream)
        assert text == MARA().chat(to_chat_messages(HAPPY_STORY)).message.content

    def test_tokens_are_taken_from_usage_because_chunks_hold_several(self, mara):
        chunks = list(ChatMARA().stream(HAPPY_STORY))
        usages = [chunk.usage_metadata for chunk in chunks if chunk.usage_metadata]
        assert len(usages) == 1
        assert usages[0]["output_tokens"] > len(chunks)

    @pytest.mark.parametrize(
        "ignored",
        [
            {"logprobs": True},
            {"top_logprobs": 3},
            {"n": 2},
            {"presence_penalty": 0.5},
            {"frequency_penalty": 0.5},
            {"logit_bias": {"50256": -100}},
            {"seed": 7},
        ],
    )
    def test_an_unsupported_parameter_is_left_out_with_a_warning(self, mara, ignored):
        with pytest.warns(UserWarning, match=next(iter(ignored))):
            ChatMARA().invoke(HAPPY_STORY, **ignored)
        with pytest.warns(UserWarning, match=next(iter(ignored))):
            MARA().chat(to_chat_messages(HAPPY_STORY), **ignored)
        for request in mara.requests:
            assert request.body.keys() == {"model", "messages"}

    def test_temperature_ends_at_one_and_top_k_is_sent(self, mara):
        with pytest.warns(UserWarning, match=r"temperature=1\.5"):
            ChatMARA(temperature=1.5, top_k=40).invoke(HAPPY_STORY)
        assert (mara.last_body["temperature"], mara.last_body["top_k"]) == (1.0, 40)
        MARA(temperature=0, top_k=40).chat(to_chat_messages(HAPPY_STORY))
        assert (mara.last_body["temperature"], mara.last_body["top_k"]) == (0, 40)


class TestMARATextGeneration:
    """MARA Cloud, "Text Generation"."""

    def test_standard(self, mara):
        assert "API" in ChatMARA().invoke(API_QUESTION).text
        assert "API" in (MARA().chat(to_chat_messages(API_QUESTION)).message.content or "")

    def test_streaming(self, mara):
        assert "API" in "".join(chunk.text for chunk in ChatMARA().stream(API_QUESTION))
        stream = MARA().stream_chat(to_chat_messages(API_QUESTION))
        assert "API" in "".join(chunk.delta or "" for chunk in stream)

    def test_asynchronous_in_langchain(self, mara):
        async def main() -> str:
            message = await ChatMARA().ainvoke(API_QUESTION)
            return message.text

        assert "API" in asyncio.run(main())

    def test_asynchronous_in_llama_index(self, mara):
        async def main() -> str:
            response = await MARA().achat(to_chat_messages(API_QUESTION))
            return response.message.content or ""

        assert "API" in asyncio.run(main())

    MULTI_TURN = (
        ("human", "Hi! My name is Peter and I'm 31. What is 1+1?"),
        ("ai", "Nice to meet you, Peter. 1 + 1 equals 2."),
        ("human", "What is my age?"),
    )

    def test_multi_turn_conversation_in_langchain(self, mara):
        mara.answer = lambda _: Reply("You are 31, Peter.")
        messages = [
            HumanMessage(self.MULTI_TURN[0][1]),
            AIMessage(self.MULTI_TURN[1][1]),
            HumanMessage(self.MULTI_TURN[2][1]),
        ]
        assert "31" in ChatMARA().invoke(messages).text
        assert mara.last_body["messages"] == to_wire(list(self.MULTI_TURN))

    def test_multi_turn_conversation_in_llama_index(self, mara):
        mara.answer = lambda _: Reply("You are 31, Peter.")
        response = MARA().chat(to_chat_messages(list(self.MULTI_TURN)))
        assert "31" in (response.message.content or "")
        assert mara.last_body["messages"] == to_wire(list(self.MULTI_TURN))


class TestMiniMaxCompatibleOpenAIAPI:
    """MiniMax, "Compatible OpenAI API", international and China."""

    def test_call_with_reasoning_printed_in_langchain(self, minimax, capsys):
        message = ChatMiniMax(model="MiniMax-M2").invoke(HELLO)
        print(f"Thinking:\n{message.additional_kwargs['reasoning_details'][0]['text']}\n")
        print(f"Text:\n{message.text}\n")
        thinking, text = capsys.readouterr().out.split("Text:\n")
        assert thinking.removeprefix("Thinking:\n").strip()
        assert text.strip() == message.text
        assert minimax.last_body == {
            "model": "MiniMax-M2",
            "messages": to_wire(HELLO),
            "reasoning_split": True,
        }

    def test_call_with_reasoning_printed_in_llama_index(self, minimax):
        response = MiniMax(model="MiniMax-M2").chat(to_chat_messages(HELLO))
        thinking = response.message.blocks[0]
        details = thinking.additional_information["reasoning_details"]
        assert details[0]["text"] == thinking.content
        assert "think" not in (response.message.content or "")
        assert minimax.last_body["reasoning_split"] is True

    def test_streaming_reasoning_and_text_in_langchain(self, minimax):
        reasoning, text = "", ""
        for chunk in ChatMiniMax().stream(HELLO):
            reasoning += chunk.additional_kwargs.get("reasoning_content", "")
            text += chunk.text
        whole = ChatMiniMax().invoke(HELLO)
        assert text == whole.text
        assert reasoning == whole.additional_kwargs["reasoning_content"]

    def test_streaming_reasoning_and_text_in_llama_index(self, minimax):
        reasoning, text = "", ""
        for chunk in MiniMax().stream_chat(to_chat_messages(HELLO)):
            reasoning += chunk.additional_kwargs.get("thinking_delta") or ""
            text += chunk.delta or ""
        whole = MiniMax().chat(to_chat_messages(HELLO)).message
        assert text == whole.content
        assert reasoning == whole.blocks[0].content

    def test_the_native_format_keeps_think_text_for_the_next_turn(self, minimax):
        model = ChatMiniMax(reasoning_split=False)
        first = model.invoke(HELLO)
        assert "<think>" not in first.text
        model.invoke([SystemMessage("s"), HumanMessage("Hi"), first, HumanMessage("And you?")])
        sent = minimax.last_body["messages"][2]
        assert sent["content"].startswith("<think>\n")
        assert sent["content"].endswith(f"\n</think>\n\n{first.text}")

    @pytest.mark.parametrize("model", ["MiniMax-M2", "MiniMax-M2-Stable"])
    def test_each_documented_model_works(self, minimax, model):
        assert ChatMiniMax(model=model).invoke(HELLO).text
        assert MiniMax(model=model).chat(to_chat_messages(HELLO)).message.content
        assert minimax.last_body["model"] == model

    def test_china_has_its_own_host(self, minimax, monkeypatch):
        monkeypatch.delenv("MINIMAX_BASE_URL")
        assert ChatMiniMax(endpoint="china").endpoint_url == "https://api.minimaxi.com/v1"
        assert MiniMax(endpoint="china").api_base == "https://api.minimaxi.com/v1"
        monkeypatch.setenv("MINIMAX_BASE_URL", minimax.base_url)
        assert ChatMiniMax(endpoint="china").invoke(HELLO).text
        assert MiniMax(endpoint="china").chat(to_chat_messages(HELLO)).message.content

    @pytest.mark.parametrize("temperature", [0, 1.5, -0.1])
    def test_temperatures_outside_the_range_work_out_of_the_box(self, minimax, temperature):
        with pytest.warns(UserWarning, match="temperature"):
            assert ChatMiniMax(temperature=temperature).invoke(HELLO).text
        assert 0 < minimax.last_body["temperature"] <= 1

    def test_parameters_that_are_ignored_are_left_out(self, minimax):
        with pytest.warns(UserWarning, match="presence_penalty"):
            ChatMiniMax().invoke(HELLO, presence_penalty=1, n=1)
        assert minimax.last_body.keys() == {"model", "messages", "reasoning_split"}


class TestLLMProviderChatCompletion:
    """llmprovider.ai, "MiniMax Chat Completion API"."""

    def test_the_example_request_in_langchain(self, llmprovider):
        model = ChatMiniMax(
            endpoint="llmprovider", model="abab5.5-chat", max_tokens=50, temperature=0.7
        )
        assert model.invoke(JOKE).text
        assert llmprovider.last_body == {
            "model": "abab5.5-chat",
            "messages": to_wire(JOKE),
            "max_tokens": 50,
            "temperature": 0.7,
        }

    def test_the_example_request_in_llama_index(self, llmprovider):
        llm = MiniMax(endpoint="llmprovider", model="abab5.5-chat", max_tokens=50, temperature=0.7)
        assert llm.chat(to_chat_messages(JOKE)).message.content
        assert llmprovider.last_body == {
            "model": "abab5.5-chat",
            "messages": to_wire(JOKE),
            "max_tokens": 50,
            "temperature": 0.7,
        }

    def test_the_short_example_and_its_stream(self, llmprovider):
        assert ChatMiniMax(endpoint="llmprovider").invoke("Hello!").text
        assert "".join(c.text for c in ChatMiniMax(endpoint="llmprovider").stream("Hello!"))
        assert MiniMax(endpoint="llmprovider").complete("Hello!").text
        assert llmprovider.last_body == {
            "model": "abab5.5-chat",
            "messages": [{"role": "user", "content": "Hello!"}],
        }

    def test_the_documented_parameters_are_sent(self, llmprovider):
        given = {"top_p": 0.9, "stop": ["END"]}
        penalties = {"presence_penalty": 0.1, "frequency_penalty": 0.2}
        ChatMiniMax(endpoint="llmprovider", **given).invoke("Hello!", **penalties)
        for name, value in {**given, **penalties}.items():
            assert llmprovider.last_body[name] == value
