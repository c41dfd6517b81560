"""Messages that other LlamaIndex LLMs write, and the older forms that they still read.

Forms in the sources of llama-index-llms-openai 0.8.3, -anthropic 0.12.3, -bedrock-converse 0.15.5,
-google-genai 0.11.3, -mistralai 0.11.0 and -ollama 0.11.0 (read in 2026-11), written down by hand.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Final

from llama_index.core.base.llms.types import (
    AudioBlock,
    ChatMessage,
    ContentBlock,
    TextBlock,
    ThinkingBlock,
    ToolCallBlock,
)
from llama_index.core.llms.llm import ToolSelection

from tests.foreign_form import QUESTION, USER, ForeignForm, called, result

ASKED: Final = ChatMessage(role="user", content=QUESTION)
PARIS: Final = '{"city": "Paris"}'
ARGUMENTS: Final = {"city": "Paris"}
ANSWERED: Final = [USER, called(("call_1", "get_weather", PARIS)), result("call_1", "22")]
UNNAMED: Final = [
    USER,
    called(("call_unnamed_1", "get_weather", PARIS)),
    result("call_unnamed_1", "22"),
]


def with_calls(
    *calls: Any,
    result_id: str | None = "call_1",
    result_notes: dict[str, Any] | None = None,
    **kwargs: Any,
) -> list[ChatMessage]:
    """A question, calls in `additional_kwargs`, and one result."""
    notes = {} if result_id is None else {"tool_call_id": result_id}
    notes = notes if result_notes is None else result_notes
    return [
        ASKED,
        ChatMessage(
            role="assistant", content="", additional_kwargs={"tool_calls": list(calls), **kwargs}
        ),
        ChatMessage(role="tool", content="22", additional_kwargs=notes),
    ]


def answered(*blocks: ContentBlock, **kwargs: Any) -> list[ChatMessage]:
    """A question and its answer."""
    return [ASKED, ChatMessage(role="assistant", blocks=list(blocks), additional_kwargs=kwargs)]


def said(text: str) -> list[dict[str, Any]]:
    """What is sent where the answer is nothing but text."""
    return [USER, {"role": "assistant", "content": text}]


OPENAI: Final = [
    ForeignForm(
        "OpenAI",
        "`ToolCallBlock` with arguments as text",
        [
            *answered(
                ToolCallBlock(tool_call_id="call_1", tool_name="get_weather", tool_kwargs=PARIS)
            ),
            ChatMessage(role="tool", content="22", additional_kwargs={"tool_call_id": "call_1"}),
        ],
        ANSWERED,
    ),
    ForeignForm(
        "OpenAI",
        "objects of the SDK in `additional_kwargs.tool_calls`",
        with_calls(
            SimpleNamespace(
                id="call_1",
                type="function",
                function=SimpleNamespace(name="get_weather", arguments=PARIS),
            )
        ),
        ANSWERED,
    ),
    ForeignForm(
        "OpenAI",
        "`additional_kwargs.function_call`, answered in the role `function`",
        [
            *answered(function_call={"name": "get_weather", "arguments": PARIS}),
            ChatMessage(role="function", content="22", additional_kwargs={"name": "get_weather"}),
        ],
        UNNAMED,
    ),
    ForeignForm(
        "OpenAI",
        "`additional_kwargs.refusal`",
        answered(refusal="I cannot say."),
        said("I cannot say."),
    ),
    ForeignForm(
        "OpenAI",
        "an answer in several `TextBlock`s",
        answered(TextBlock(text="The sky is "), TextBlock(text="blue.")),
        said("The sky is blue."),
    ),
    ForeignForm(
        "OpenAI",
        "an `AudioBlock` as the answer",
        answered(AudioBlock(audio=b"AAAA", format="wav"), TextBlock(text="It rains.")),
        said("It rains."),
        left_out="audio",
    ),
    ForeignForm(
        "OpenAIResponses",
        "`function_call` items, whose results name their `call_id`",
        with_calls(
            {
                "type": "function_call",
                "id": "fc_1",
                "call_id": "call_1",
                "name": "get_weather",
                "arguments": PARIS,
            },
            result_notes={"call_id": "call_1"},
        ),
        ANSWERED,
    ),
]

OTHERS: Final = [
    ForeignForm(
        "Anthropic",
        "`tool_use` dicts at the top level of `additional_kwargs.tool_calls`",
        with_calls({"id": "call_1", "type": "tool_use", "name": "get_weather", "input": ARGUMENTS}),
        ANSWERED,
    ),
    ForeignForm(
        "Anthropic",
        "`ThinkingBlock` with a signature",
        answered(
            ThinkingBlock(content="Hm.", additional_information={"signature": "AAAA"}),
            TextBlock(text="It rains."),
        ),
        said("It rains."),
    ),
    ForeignForm(
        "BedrockConverse",
        "`toolUseId`, `name`, `input`",
        with_calls({"toolUseId": "call_1", "name": "get_weather", "input": ARGUMENTS}),
        ANSWERED,
    ),
    ForeignForm(
        "BedrockConverse",
        "the same inside `toolUse`",
        with_calls({"toolUse": {"toolUseId": "call_1", "name": "get_weather", "input": ARGUMENTS}}),
        ANSWERED,
    ),
    ForeignForm(
        "GoogleGenAI",
        "`name` and `args`, no ids",
        with_calls({"name": "get_weather", "args": ARGUMENTS}, result_id=None),
        UNNAMED,
    ),
    ForeignForm(
        "GoogleGenAI",
        "`name` and `args` inside `functionCall`; the result names the function",
        with_calls(
            {"functionCall": {"name": "get_weather", "args": ARGUMENTS}}, result_id="get_weather"
        ),
        UNNAMED,
    ),
    ForeignForm(
        "MistralAI",
        "`function.arguments` as a dict",
        with_calls({"id": "call_1", "function": {"name": "get_weather", "arguments": ARGUMENTS}}),
        ANSWERED,
    ),
    ForeignForm(
        "Ollama",
        "`function.arguments` as a dict, no id; the result names the function",
        with_calls(
            {"function": {"name": "get_weather", "arguments": ARGUMENTS}}, result_id="get_weather"
        ),
        UNNAMED,
    ),
    ForeignForm(
        "Ollama",
        "a `ToolCallBlock` without id; the result names the function",
        [
            *answered(ToolCallBlock(tool_name="get_weather", tool_kwargs=ARGUMENTS)),
            ChatMessage(
                role="tool", content="22", additional_kwargs={"tool_call_id": "get_weather"}
            ),
        ],
        UNNAMED,
    ),
    ForeignForm(
        "GoogleGenAI",
        "`ToolCallBlock`s with the function's name as id, two of one function",
        [
            *answered(
                ToolCallBlock(
                    tool_call_id="get_weather", tool_name="get_weather", tool_kwargs=ARGUMENTS
                ),
                ToolCallBlock(
                    tool_call_id="get_weather", tool_name="get_weather", tool_kwargs=ARGUMENTS
                ),
            ),
            *(
                ChatMessage(
                    role="tool", content=text, additional_kwargs={"tool_call_id": "get_weather"}
                )
                for text in ("22", "23")
            ),
        ],
        [
            USER,
            called(("get_weather", "get_weather", PARIS), ("get_weather_1", "get_weather", PARIS)),
            result("get_weather", "22"),
            result("get_weather_1", "23"),
        ],
    ),
    ForeignForm(
        "an agent",
        "a dumped `ToolSelection`",
        with_calls(
            ToolSelection(
                tool_id="call_1", tool_name="get_weather", tool_kwargs=ARGUMENTS
            ).model_dump()
        ),
        ANSWERED,
    ),
    ForeignForm(
        "any",
        "a call without a name",
        [
            ASKED,
            ChatMessage(
                role="assistant",
                content="Let me see.",
                additional_kwargs={"tool_calls": [{"id": "call_1", "arguments": PARIS}]},
            ),
        ],
        said("Let me see."),
        left_out="tool_calls",
    ),
]

LLAMA_INDEX_FORMS: Final = [*OPENAI, *OTHERS]
