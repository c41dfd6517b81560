"""What type checkers know of the constructors, beyond `mara_minimax/arguments.py`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypedDict

from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.callbacks import CallbackManager
from llama_index.core.prompts import BasePromptTemplate
from llama_index.core.types import BaseOutputParser, PydanticProgramMode

from mara_minimax import arguments


class ModelArguments(TypedDict, total=False):
    """Arguments of LlamaIndex's LLMs, and of both of these."""

    callback_manager: CallbackManager | None
    rate_limiter: Any
    system_prompt: str | None
    messages_to_prompt: Callable[[Sequence[ChatMessage]], str] | None
    completion_to_prompt: Callable[[str], str] | None
    output_parser: BaseOutputParser | None
    pydantic_program_mode: PydanticProgramMode
    query_wrapper_prompt: BasePromptTemplate | None
    additional_kwargs: dict[str, Any]
    context_window: int | None
    is_function_calling_model: bool


class MiniMaxArguments(arguments.MiniMaxArguments, ModelArguments, total=False):
    """Arguments of `MiniMax`, besides `model`."""


class MARAArguments(arguments.MARAArguments, ModelArguments, total=False):
    """Arguments of `MARA`, besides `model`."""
