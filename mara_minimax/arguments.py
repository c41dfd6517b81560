"""What type checkers know of the constructors: the names and types that they take.

Fields have the types that they are kept with, such as `SecretStr` for a key that is given as text,
and no checker sees aliases there, nor the parameters that are sent with every call without being
fields. `tests/core/test_arguments.py` holds these names against the fields and against
`FOREIGN_NAMES`. Imported for type checking alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict

from pydantic import SecretStr

from mara_minimax.encoded_request import LeakedToolCalls
from mara_minimax.providers.endpoints import Endpoint
from mara_minimax.request.parameters import ParameterPolicy
from mara_minimax.secrets.key_functions import KeySource
from mara_minimax.transport.limiter import RateLimiter


class ChatArguments(TypedDict, total=False):
    """Arguments of every chat class, besides `model`."""

    model_name: str | None
    api_key: str | SecretStr | KeySource | None
    base_url: str | None
    api_base: str | None
    allow_http: bool
    temperature: float | None
    top_p: float | None
    max_tokens: int | None
    max_completion_tokens: int | None
    stop: str | Sequence[str] | None
    stop_sequences: str | Sequence[str] | None
    timeout: Any
    request_timeout: Any
    max_retries: int
    default_headers: Mapping[str, str | SecretStr] | None
    extra_body: Mapping[str, Any] | None
    http_client: Any
    http_async_client: Any
    async_http_client: Any
    parameter_policy: ParameterPolicy
    profile: Mapping[str, Any] | None
    replay_reasoning: bool
    starts_in_reasoning: bool | None
    leaked_tool_calls: LeakedToolCalls
    include_response_headers: bool
    transport: Literal["httpx", "aiohttp"]
    limiter: RateLimiter | None
    model_kwargs: Mapping[str, Any] | None
    n: int | None
    seed: int | None
    presence_penalty: float | None
    frequency_penalty: float | None
    logit_bias: Mapping[str, float] | None
    logprobs: bool | None
    top_logprobs: int | None
    user: str | None
    store: bool | None
    service_tier: str | None


class MiniMaxArguments(ChatArguments, total=False):
    """Arguments of the MiniMax classes."""

    endpoint: Endpoint
    reasoning_split: bool
    reasoning_effort: str | None
    thinking: bool | Mapping[str, Any] | None
    top_k: int | None
    chat_template_kwargs: Mapping[str, Any] | None


class MARAArguments(ChatArguments, total=False):
    """Arguments of the MARA classes."""

    top_k: int | None
    do_sample: bool | None
    reasoning_effort: str | None
    chat_template_kwargs: Mapping[str, Any] | None
