"""What LlamaIndex is told of a model: its metadata, and what events and traces say of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from llama_index.core.base.llms.types import LLMMetadata

from mara_minimax.identity import identifying_settings
from mara_minimax.types import JSONObject

if TYPE_CHECKING:
    from llama_index_mara_minimax.llms import _ChatLLM

_OUTPUT_RESERVE: Final = 8192
"""Tokens that `num_output` keeps free for reasoning and answer by default."""


def to_metadata(llm: _ChatLLM) -> LLMMetadata:
    """Return what LlamaIndex plans prompts with."""
    profile = llm.model_profile()
    window = llm.context_window or profile.context_window
    reserve = min(
        llm.max_tokens or _OUTPUT_RESERVE, profile.max_output_tokens or window, window // 4
    )
    return LLMMetadata(
        context_window=window,
        num_output=reserve,
        is_chat_model=True,
        is_function_calling_model=llm.is_function_calling_model,
        model_name=llm.model,
    )


def to_payload(llm: _ChatLLM) -> JSONObject:
    """Return what events and traces say of an LLM: what changes the output, no secret."""
    return {
        "class_name": llm.class_name(),
        **llm.metadata.model_dump(),
        "provider": llm.provider.name,
        **identifying_settings(llm),
        **without_headers(llm.additional_kwargs),
    }


def without_headers(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the `parameters` of calls without their headers."""
    return {name: value for name, value in parameters.items() if name != "extra_headers"}
