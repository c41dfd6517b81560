"""The fields that all four chat classes share, declared once, and what each of them may hold."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
)
from pydantic.json_schema import SkipJsonSchema

import mara_minimax
from mara_minimax.encoded_request import LeakedToolCalls
from mara_minimax.http_library import check_http_client
from mara_minimax.providers.profile_keys import ShownProfile, check_profile
from mara_minimax.request.parameters import ParameterPolicy
from mara_minimax.request.values import to_stop_sequences
from mara_minimax.secrets.headers import check_headers
from mara_minimax.secrets.hosts import EnvironmentURL
from mara_minimax.secrets.key_functions import KeySource
from mara_minimax.secrets.keys import check_key
from mara_minimax.transport.connection import to_timeout
from mara_minimax.transport.limiter import RateLimiter


class ChatFields(BaseModel):
    """Fields of every chat class."""

    # pydantic's errors would quote the input, which may be a key in the wrong place.
    model_config = ConfigDict(
        arbitrary_types_allowed=True, protected_namespaces=(), hide_input_in_errors=True
    )

    model: str = ""
    """Model id, sent as given; default: the provider's (`MiniMax-M2`, `MiniMax-M2.5`)."""
    api_key: SecretStr | SkipJsonSchema[KeySource] | None = Field(
        default=None, exclude=True, repr=False
    )
    """API key for the host that the instance is made for; default: the provider's variable.

    Text, `SecretStr`, or a function without arguments that returns one of them, called before
    each request, retries included. An async function works in async calls alone.
    """
    base_url: str | None = None
    """URL up to and with `/v1`; default: the provider's variable, then its own URL."""
    allow_http: bool = False
    """Whether `http://` may be used beyond loopback, where it shows the key on the way."""
    temperature: float | None = None
    """Sampling temperature; ranges differ, see `parameter_policy`."""
    top_p: float | None = None
    """Share of the probability that sampling draws from, at most 1."""
    max_tokens: int | None = None
    """Most tokens of reasoning and answer together."""
    stop: list[str] | None = None
    """Sequences before which the text ends, also where the model ignores them."""
    timeout: Any = None
    """Seconds of silence, or an HTTP client's timeout object.

    Default: 600 s, because a reasoning model may say nothing for minutes, and 5 s to connect.
    A call that waits because 1,000 others are in progress has not begun; its wait does not count.
    """
    max_retries: int = Field(default=2, ge=0)
    """Requests after the first failed one; 2 means at most 3 requests."""
    default_headers: dict[str, SecretStr] | None = Field(default=None, exclude=True, repr=False)
    """Headers of every request to the host that the instance is made for.

    Given as text or as `SecretStr`; kept as `SecretStr`.
    """
    extra_body: dict[str, Any] | None = None
    """Body fields sent as they are, merged deeply with those of a call."""
    http_client: Any = Field(default=None, exclude=True, repr=False)
    """Own HTTP client for sync calls (httpx for openai 2, httpx2 for openai 3)."""
    http_async_client: Any = Field(default=None, exclude=True, repr=False)
    """Own HTTP client for async calls; it then has to be used in one event loop only."""
    transport: Literal["httpx", "aiohttp"] = "httpx"
    """What carries async calls; `aiohttp` needs the extra `fast`.

    An `http_async_client` takes its place. aiohttp has no limit of its own on sending, and takes
    no SOCKS proxies.
    """
    parameter_policy: ParameterPolicy = "adjust"
    """What happens to a parameter that the provider does not take as given."""
    profile: Mapping[str, Any] | None = Field(default=None, exclude=True, repr=False)
    """What is known of the model, in LangChain's keys, such as `{"image_inputs": True}`.

    Merged over the table of models, and for this instance's own model only.
    """
    replay_reasoning: bool = True
    """Whether reasoning of earlier turns is sent back."""
    starts_in_reasoning: bool | None = None
    """Whether answers begin inside reasoning, with a closing tag and no opening one.

    Self-hosted servers without a reasoning parser send such answers, and a stream does not show
    it in time. Default: what is known of the model.
    """

    leaked_tool_calls: LeakedToolCalls = "warn"
    """What becomes of tool calls that a server left in the text, in the markup of the model.

    `"warn"`: they stay text, with one warning and a mark on the reply. `"error"`: the reply is
    refused by `LeakedToolCallError`. `"parse"`: calls at the end of an answer are taken, for
    servers of your own that have no parser (https://github.com/MiniMax-AI/MiniMax-M2.5/issues/10).
    """

    include_response_headers: bool = False
    """Whether replies show the headers of the HTTP response, such as `x-ratelimit-*` and ids.

    LangChain: `response_metadata["headers"]`, LlamaIndex: `raw["headers"]`; names in lower case.
    Cookies and headers of authentication are left out.
    """

    limiter: SkipJsonSchema[RateLimiter] | None = Field(default=None, exclude=True, repr=False)
    """Keeps the requests of all models that share it within an account's limits.

    A `mara_minimax.RateLimiter`, asked before each chat request, retries included. Default: no
    limits. It waits until the provider allows a request, also for the reset of a plan; that wait
    is no part of `timeout`. Copies share it; a pickle brings a new one with the same limits.
    """

    @field_validator("stop", mode="before")
    @classmethod
    def _listed_stop(cls, stop: Any) -> list[str] | None:
        return None if stop is None else to_stop_sequences(stop)

    @field_validator("timeout")
    @classmethod
    def _usable_timeout(cls, timeout: Any) -> Any:
        if timeout is not None:
            to_timeout(timeout)
        return timeout

    @field_validator("http_client", "http_async_client")
    @classmethod
    def _usable_client(cls, client: Any, info: ValidationInfo) -> Any:
        name = str(info.field_name)
        return client and check_http_client(client, name, is_async=name == "http_async_client")

    @field_validator("transport")
    @classmethod
    def _installed_transport(cls, transport: str) -> str:
        if transport == "aiohttp" and find_spec("aiohttp") is None:
            raise mara_minimax.errors.ParameterError(
                "transport='aiohttp' needs aiohttp: pip install 'mara-minimax[fast]'."
            )
        return transport

    @field_validator("api_key", mode="before")
    @classmethod
    def _textual_key(cls, key: Any) -> Any:
        return check_key(key)

    @field_validator("default_headers", mode="before")
    @classmethod
    def _textual_headers(cls, headers: Any) -> Any:
        return check_headers(headers, "default_headers")

    @field_validator("profile", mode="wrap")
    @classmethod
    def _typed_profile(cls, profile: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        if isinstance(profile, ShownProfile):
            # Of another instance: what was given holds, and not what its model's row says.
            return profile
        checked = handler(profile)
        check_profile(checked or {})
        return checked

    @field_validator("base_url", mode="wrap")
    @classmethod
    def _keep_variable(cls, url: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        """Keep the variable that a URL was read from, when a copy is made from the fields."""
        return url if isinstance(url, EnvironmentURL) else handler(url)
