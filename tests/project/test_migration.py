"""The migration page: our classes take the arguments of the others, and send the same or say so.

The others' bodies were recorded against the emulator with langchain-openai 1.7.4,
langchain-deepseek 1.1.1, llama-index-llms-openai-like 0.8.1 and llama-index-llms-minimax 0.2.1
(2026-11), without `messages` and `stream`.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from langchain_mara_minimax import ChatMiniMax
from llama_index_mara_minimax import MARA, MiniMax
from mara_minimax.emulator import Emulator

PAGE = (Path(__file__).parents[2] / "docs" / "migration.md").read_text("utf-8")
SECTIONS = {section.partition("\n")[0]: section for section in PAGE.split("\n## ")}


@dataclass(frozen=True)
class Row:
    """One construction of another class, the body that it sent, and how ours differs."""

    section: str
    ours: Any
    arguments: dict[str, Any]
    theirs: dict[str, Any]
    differs: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    """By name, what they send and what we send; `None` is nothing. The page names each."""
    warned: tuple[str, ...] = ()


OPENAI = "From `ChatOpenAI`"
DEEPSEEK = "From `ChatDeepSeek`"
OPENAI_LIKE = "From `OpenAILike`"
MINIMAX = "From `MiniMax` of llama-index-llms-minimax"
SPLIT = {"reasoning_split": (None, True)}
M2 = {"model": "MiniMax-M2"}

ROWS = {
    "the shortest": Row(OPENAI, ChatMiniMax, M2, M2, SPLIT),
    "common arguments": Row(
        OPENAI,
        ChatMiniMax,
        {**M2, "temperature": 0, "max_tokens": 100, "seed": 3, "n": 1},
        {**M2, "temperature": 0.0, "max_completion_tokens": 100, "seed": 3, "n": 1},
        {**SPLIT, "temperature": (0.0, 0.01), "n": (1, None)},
        ("temperature",),
    ),
    "parameters in dicts": Row(
        OPENAI,
        ChatMiniMax,
        {**M2, "model_kwargs": {"user": "u"}, "extra_body": {"reasoning_split": True}},
        {**M2, "user": "u", "reasoning_split": True},
    ),
    "an ignored parameter": Row(
        OPENAI,
        ChatMiniMax,
        {**M2, "presence_penalty": 0.5, "stop": ["x"], "top_p": 0.5},
        {**M2, "presence_penalty": 0.5, "stop": ["x"], "top_p": 0.5},
        {**SPLIT, "presence_penalty": (0.5, None)},
        ("presence_penalty",),
    ),
    "other names": Row(
        OPENAI,
        ChatMiniMax,
        {
            "model_name": "MiniMax-M2",
            "max_completion_tokens": 100,
            "logprobs": True,
            "request_timeout": 60,
            "disabled_params": {"n": None},
        },
        {**M2, "logprobs": True, "max_completion_tokens": 100},
        SPLIT,
        ("disabled_params",),
    ),
    "deepseek": Row(
        DEEPSEEK,
        ChatMiniMax,
        {**M2, "max_tokens": 100},
        {**M2, "max_tokens": 100},
        {**SPLIT, "max_tokens": (100, None), "max_completion_tokens": (None, 100)},
    ),
    "as the tutorials": Row(
        OPENAI_LIKE,
        MiniMax,
        {**M2, "is_chat_model": True, "is_function_calling_model": True, "context_window": 204_800},
        {**M2, "temperature": 0.1},
        {**SPLIT, "temperature": (0.1, None)},
    ),
    "more of it": Row(
        OPENAI_LIKE,
        MiniMax,
        {
            **M2,
            "is_chat_model": True,
            "temperature": 0.5,
            "max_tokens": 100,
            "strict": False,
            "reuse_client": True,
            "additional_kwargs": {"top_p": 0.5},
        },
        {**M2, "temperature": 0.5, "max_tokens": 100, "top_p": 0.5},
        {**SPLIT, "max_tokens": (100, None), "max_completion_tokens": (None, 100)},
    ),
    "bare": Row(
        MINIMAX,
        MiniMax,
        {},
        {"model": "MiniMax-M2.7", "temperature": 1.0},
        {**SPLIT, "model": ("MiniMax-M2.7", "MiniMax-M2"), "temperature": (1.0, None)},
    ),
    "with a model": Row(
        MINIMAX, MiniMax, {**M2, "temperature": 0.5}, {**M2, "temperature": 0.5}, SPLIT
    ),
}


def sent_by(model: Any, server: Emulator) -> dict[str, Any]:
    _ = model.invoke("Hi") if hasattr(model, "invoke") else model.complete("Hi")
    (request,) = server.requests
    return {name: value for name, value in request.body.items() if name != "messages"}


@pytest.mark.parametrize("name", ROWS)
def test_the_same_arguments_send_the_same_or_the_page_names_the_difference(name: str) -> None:
    row = ROWS[name]
    with Emulator("minimax") as server, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        model = row.ours(api_key=server.api_key, base_url=server.base_url, **row.arguments)
        ours = sent_by(model, server)
    differs = {
        name: (row.theirs.get(name), ours.get(name))
        for name in {*row.theirs, *ours}
        if row.theirs.get(name) != ours.get(name)
    }
    assert differs == row.differs
    assert [name for name in differs if f"`{name}" not in SECTIONS[row.section]] == []
    texts = [str(warning.message) for warning in caught if warning.category is not UserWarning]
    assert [name for name in row.warned if not any(name in text for text in texts)] == []
    assert len(texts) == len(row.warned)


LIKE = {
    "system_prompt": None,
    "pydantic_program_mode": "default",
    "model": "MiniMax-M2.5",
    "temperature": 0.1,
    "max_tokens": None,
    "logprobs": None,
    "top_logprobs": 0,
    "additional_kwargs": {},
    "max_retries": 3,
    "timeout": 60.0,
    "default_headers": None,
    "reuse_client": True,
    "api_version": "",
    "strict": False,
    "reasoning_effort": None,
    "modalities": None,
    "audio_config": None,
    "context_window": 3900,
    "is_chat_model": False,
    "is_function_calling_model": False,
    "should_use_structured_outputs": False,
    "tokenizer": None,
    "class_name": "OpenAILike",
}
"""What `to_dict` of an `OpenAILike` gives, besides key and URL."""


@pytest.mark.parametrize("ours", [MiniMax, MARA])
def test_what_openai_like_was_dumped_to_is_read(ours: Any) -> None:
    with Emulator("minimax" if ours is MiniMax else "mara") as server:
        dumped = {**LIKE, "api_key": server.api_key, "api_base": server.base_url}
        llm = ours.from_dict(dumped)
        sent = sent_by(llm, server)
    assert (sent["model"], sent["temperature"]) == ("MiniMax-M2.5", 0.1)
    # The page tells, because that class has a small default.
    assert (llm.metadata.context_window, llm.metadata.is_function_calling_model) == (3900, False)
    assert "3,900" in SECTIONS[OPENAI_LIKE]
