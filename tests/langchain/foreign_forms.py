"""Messages that other LangChain chat models write.

Forms in the sources of langchain-openai 1.7.4, -anthropic 1.7.10, -google-genai 4.4.3, -mistralai
1.1.6, -aws 1.9.1 and -ollama 1.1.0 (read in 2026-11), written down by hand.
"""

from __future__ import annotations

from typing import Any, Final

from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    FunctionMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)

from tests.foreign_form import QUESTION, USER, ForeignForm, called, result

ASKED: Final = HumanMessage(QUESTION)
PARIS: Final = '{"city": "Paris"}'
CALL: Final = {"name": "get_weather", "args": {"city": "Paris"}, "id": "call_1"}
CALLED: Final = called(("call_1", "get_weather", PARIS))
ANSWERED: Final = [USER, CALLED, result("call_1", "22")]


def said(text: str) -> list[dict[str, Any]]:
    """What is sent where the answer is nothing but text."""
    return [USER, {"role": "assistant", "content": text}]


def answered(content: Any, provider: str, **fields: Any) -> list[BaseMessage]:
    """A question and its answer by a model of `provider`."""
    return [ASKED, AIMessage(content, response_metadata={"model_provider": provider}, **fields)]


def with_result(content: Any, provider: str, **fields: Any) -> list[BaseMessage]:
    """A question, a call by a model of `provider`, and its result."""
    return [*answered(content, provider, **fields), ToolMessage("22", tool_call_id="call_1")]


OPENAI: Final = [
    ForeignForm(
        "ChatOpenAI",
        "`tool_calls`",
        with_result("", "openai", tool_calls=[CALL]),
        ANSWERED,
    ),
    ForeignForm(
        "ChatOpenAI",
        "raw `additional_kwargs.tool_calls`",
        with_result("", "openai", additional_kwargs={"tool_calls": [CALLED["tool_calls"][0]]}),
        ANSWERED,
    ),
    ForeignForm(
        "ChatOpenAI",
        "`additional_kwargs.function_call`, answered by a `FunctionMessage`",
        [
            ASKED,
            AIMessage(
                "", additional_kwargs={"function_call": {"name": "get_weather", "arguments": PARIS}}
            ),
            FunctionMessage("22", name="get_weather"),
        ],
        [
            USER,
            called(("function_get_weather", "get_weather", PARIS)),
            result("function_get_weather", "22"),
        ],
    ),
    ForeignForm(
        "ChatOpenAI",
        "`additional_kwargs.refusal`",
        answered("", "openai", additional_kwargs={"refusal": "I cannot say."}),
        said("I cannot say."),
    ),
    ForeignForm(
        "ChatOpenAI",
        "`additional_kwargs.audio` with a transcript",
        answered("", "openai", additional_kwargs={"audio": {"id": "a", "transcript": "It rains."}}),
        said("It rains."),
    ),
    ForeignForm(
        "ChatOpenAI, Responses API",
        "blocks `reasoning`, `text` with annotations",
        answered(
            [
                {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "AAAA"},
                {"type": "text", "text": "It rains.", "id": "msg_1", "annotations": []},
            ],
            "openai",
        ),
        said("It rains."),
    ),
    ForeignForm(
        "ChatOpenAI, Responses API",
        "blocks `output_text`",
        answered(
            [
                {"type": "output_text", "text": "It rains "},
                {"type": "output_text", "text": "a lot."},
            ],
            "openai",
        ),
        said("It rains a lot."),
    ),
    ForeignForm(
        "ChatOpenAI, Responses API",
        "a block `refusal`, instead of an answer",
        answered([{"type": "refusal", "refusal": "I cannot say."}], "openai"),
        said("I cannot say."),
    ),
    ForeignForm(
        "ChatOpenAI, Responses API",
        "a block `function_call`, whose result names its `call_id`",
        with_result(
            [
                {
                    "type": "function_call",
                    "id": "fc_1",
                    "call_id": "call_1",
                    "name": "get_weather",
                    "arguments": PARIS,
                }
            ],
            "openai",
        ),
        ANSWERED,
    ),
    ForeignForm(
        "ChatOpenAI, Responses API",
        "a block `web_search_call`",
        answered(
            [
                {"type": "web_search_call", "id": "ws_1", "status": "completed"},
                {"type": "text", "text": "It rains."},
            ],
            "openai",
        ),
        said("It rains."),
        left_out="web_search_call",
    ),
    ForeignForm(
        "ChatOpenAI, Responses API",
        "a question in `input_text`",
        [HumanMessage([{"type": "input_text", "text": QUESTION}])],
        [USER],
    ),
]

ANTHROPIC: Final = [
    ForeignForm(
        "ChatAnthropic",
        "blocks `thinking` with a signature, `text`, `tool_use`",
        with_result(
            [
                {"type": "thinking", "thinking": "Look it up.", "signature": "AAAA"},
                {"type": "text", "text": "Let me see."},
                {
                    "type": "tool_use",
                    "id": "call_1",
                    "name": "get_weather",
                    "input": {"city": "Paris"},
                },
            ],
            "anthropic",
            tool_calls=[CALL],
        ),
        [
            USER,
            called(("call_1", "get_weather", PARIS), content="Let me see."),
            result("call_1", "22"),
        ],
    ),
    ForeignForm(
        "ChatAnthropic",
        "`tool_use` and `tool_result` in blocks alone",
        [
            ASKED,
            AIMessage(
                [
                    {
                        "type": "tool_use",
                        "id": "call_1",
                        "name": "get_weather",
                        "input": {"city": "Paris"},
                    }
                ]
            ),
            HumanMessage([{"type": "tool_result", "tool_use_id": "call_1", "content": "22"}]),
        ],
        ANSWERED,
    ),
    ForeignForm(
        "ChatAnthropic",
        "a block `server_tool_use`",
        answered(
            [
                {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}},
                {"type": "text", "text": "It rains."},
            ],
            "anthropic",
        ),
        said("It rains."),
        left_out="server_tool_use",
    ),
    ForeignForm(
        "ChatAnthropic",
        "a question with a `document` of text",
        [
            HumanMessage(
                [
                    {
                        "type": "document",
                        "source": {"type": "text", "media_type": "text/plain", "data": "Paris."},
                    },
                    {"type": "text", "text": "Where?"},
                ]
            )
        ],
        [{"role": "user", "content": "Paris.\nWhere?"}],
    ),
]

OTHERS: Final = [
    ForeignForm(
        "ChatGoogleGenerativeAI",
        "`additional_kwargs.function_call` beside `tool_calls`, and thought signatures",
        with_result(
            [{"type": "thinking", "thinking": "Hm.", "signature": "AAAA"}],
            "google_genai",
            tool_calls=[CALL],
            additional_kwargs={
                "function_call": {"name": "get_weather", "arguments": PARIS},
                "__gemini_function_call_thought_signatures__": {"call_1": "AAAA"},
            },
        ),
        ANSWERED,
    ),
    ForeignForm(
        "ChatGoogleGenerativeAI",
        "blocks `executable_code` and `code_execution_result`",
        answered(
            [
                {"type": "executable_code", "executable_code": "1+1", "language": 1},
                {"type": "text", "text": "It is 2."},
            ],
            "google_genai",
        ),
        said("It is 2."),
        left_out="executable_code",
    ),
    ForeignForm(
        "ChatMistralAI",
        "a list of blocks in `thinking`",
        answered(
            [
                {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]},
                {"type": "text", "text": "It rains."},
            ],
            "mistralai",
        ),
        said("It rains."),
    ),
    ForeignForm(
        "ChatMistralAI",
        "a list of blocks in `thinking`, and no author",
        [
            ASKED,
            AIMessage(
                [
                    {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]},
                    {"type": "text", "text": "It rains."},
                ]
            ),
        ],
        [
            USER,
            {
                "role": "assistant",
                "content": "It rains.",
                "reasoning_details": [
                    {
                        "type": "reasoning.text",
                        "id": "reasoning-text-1",
                        "format": "MiniMax-response-v1",
                        "index": 0,
                        "text": "Hm.",
                    }
                ],
            },
        ],
    ),
    ForeignForm(
        "ChatBedrockConverse",
        "blocks `reasoning_content`, `text`, `tool_use`",
        with_result(
            [
                {
                    "type": "reasoning_content",
                    "reasoning_content": {"text": "Hm.", "signature": "AAAA"},
                },
                {
                    "type": "tool_use",
                    "id": "call_1",
                    "name": "get_weather",
                    "input": {"city": "Paris"},
                },
            ],
            "bedrock_converse",
            tool_calls=[CALL],
        ),
        ANSWERED,
    ),
    ForeignForm(
        "ChatMistralAI",
        "a block `reference` in the middle of a sentence",
        answered(
            [
                {"type": "text", "text": "It rains in "},
                {"type": "reference", "text": "Paris", "reference_ids": [0]},
                {"type": "text", "text": "."},
            ],
            "mistralai",
        ),
        said("It rains in Paris."),
    ),
    ForeignForm(
        "ChatBedrockConverse",
        "a question in `guard_content`",
        [
            HumanMessage(
                [
                    {
                        "type": "guard_content",
                        "guard_content": {"type": "text", "text": QUESTION},
                    }
                ]
            )
        ],
        [USER],
    ),
    ForeignForm(
        "ChatBedrockConverse",
        "a `cachePoint` behind instructions and question",
        [
            SystemMessage(["Be brief.", {"cachePoint": {"type": "default"}}]),
            HumanMessage([{"type": "text", "text": QUESTION}, {"cachePoint": {"type": "default"}}]),
        ],
        [{"role": "system", "content": "Be brief."}, USER],
        left_out="mark for a cache",
    ),
    ForeignForm(
        "ChatOllama",
        "`tool_calls` with reasoning in `additional_kwargs`",
        with_result(
            "", "ollama", tool_calls=[CALL], additional_kwargs={"reasoning_content": "Hm."}
        ),
        ANSWERED,
    ),
    ForeignForm(
        "any",
        "a call without an id, and a result with one",
        [
            ASKED,
            AIMessage("", tool_calls=[{**CALL, "id": None}]),
            ToolMessage("22", tool_call_id="x"),
        ],
        [
            USER,
            called(("call_unnamed_1", "get_weather", PARIS)),
            result("call_unnamed_1", "22"),
        ],
    ),
    ForeignForm(
        "any",
        "a call without a name",
        [
            ASKED,
            AIMessage(
                "Let me see.",
                invalid_tool_calls=[{"name": None, "args": "{", "id": "call_1", "error": "cut"}],
            ),
        ],
        said("Let me see."),
        left_out="tool call without a name",
    ),
]

LANGCHAIN_FORMS: Final = [*OPENAI, *ANTHROPIC, *OTHERS]
