"""What a user can set: the fields that all four chat classes share, declared once.

The adapters inherit `MiniMaxSettings` or `MARASettings` beside their framework's base class,
so names, defaults and checks are the same everywhere. `None` means "not sent" and nothing
else. Order of precedence: call argument, constructor, the provider's own default.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    field_validator,
    model_validator,
)

import mara_minimax
from mara_minimax.connections import Connection
from mara_minimax.encode import EncodedRequest, encode_request, merge_deeply, unknown_argument
from mara_minimax.models import ModelProfile, find_profile
from mara_minimax.parameters import ParameterPolicy
from mara_minimax.providers import MARA, MINIMAX_ENDPOINTS, Provider
from mara_minimax.types import JSONObject

if TYPE_CHECKING:
    from mara_minimax.client import ChatClient

_ALIASES = {
    "model_name": "model",
    "api_base": "base_url",
    "request_timeout": "timeout",
    "stop_sequences": "stop",
    "async_http_client": "http_async_client",
}
"""Names that users of either framework know, and the field that each one sets."""


_MAX_TOKENS = ("max_tokens", "max_completion_tokens")
_SAME_SETTING = dict.fromkeys(_MAX_TOKENS, _MAX_TOKENS)
"""Parameters that mean the same: the one given last is sent."""


class ChatSettings(BaseModel):
    """Fields of every chat class; a name that is no field raises `UnknownArgumentError`."""

    model_config = ConfigDict(arbitrary_types_allowed=True, protected_namespaces=())

    model: str = ""
    """Model id, sent as given; default: the provider's (`MiniMax-M2`, `MiniMax-M2.5`)."""
    api_key: SecretStr | None = Field(default=None, exclude=True, repr=False)
    """API key; default: the provider's environment variable."""
    base_url: str | None = None
    """URL up to and with `/v1`; default: the provider's variable, then its own URL."""
    temperature: float | None = None
    """Sampling temperature; ranges differ, see `parameter_policy`."""
    top_p: float | None = None
    max_tokens: int | None = None
    """Most tokens of reasoning and answer together."""
    stop: list[str] | None = None
    """Sequences before which the text ends, also where the model ignores them."""
    timeout: Any = None
    """Seconds, or an HTTP client's timeout object; default: 600 s, of which 5 s to connect."""
    max_retries: int = Field(default=2, ge=0)
    """Requests after the first failed one; 2 means at most 3 requests."""
    default_headers: dict[str, str] | None = Field(default=None, exclude=True, repr=False)
    """Headers of every request."""
    extra_body: dict[str, Any] | None = None
    """Body fields sent as they are, merged deeply with those of a call."""
    http_client: Any = Field(default=None, exclude=True, repr=False)
    """Own HTTP client for sync calls (httpx for openai 2, httpx2 for openai 3)."""
    http_async_client: Any = Field(default=None, exclude=True, repr=False)
    """Own HTTP client for async calls; it then has to be used in one event loop only."""
    parameter_policy: ParameterPolicy = "adjust"
    """What happens to a parameter that the provider does not take as given."""
    replay_reasoning: bool = True
    """Whether reasoning of earlier turns is sent back."""
    starts_in_reasoning: bool | None = None
    """Whether answers begin inside reasoning and bring the closing tag alone.

    Self-hosted servers without a reasoning parser send that; a stream cannot know it in time.
    Default: what is known of the model.
    """

    _key_variable: str = PrivateAttr(default="")
    _url_variable: str = PrivateAttr(default="")
    """Names of the variables that key and URL came from, `""` for an argument."""

    _sent_fields: ClassVar[tuple[str, ...]] = (
        "model",
        "temperature",
        "top_p",
        "max_tokens",
        "stop",
    )

    def model_post_init(self, context: Any, /) -> None:
        """Hand on to the framework's class, which the hook for private attributes would skip."""
        super().model_post_init(context)

    @property
    def provider(self) -> Provider:
        """The host that requests go to."""
        raise NotImplementedError

    @property
    def endpoint_url(self) -> str:
        """The URL that requests go to, without the path of a call."""
        if self._url_variable not in ("", self.provider.url_variable):
            # `model_copy` chose another endpoint, for which this variable says nothing.
            return os.environ.get(self.provider.url_variable) or self.provider.base_url
        return self.base_url or self.provider.base_url

    @property
    def client(self) -> ChatClient:
        """The client of this model; cheap, and never kept on the instance."""
        # Loads the openai SDK, which is not needed before the first request.
        from mara_minimax.client import ChatClient

        key = self.api_key
        if key is None or self._key_variable not in ("", self.provider.key_variable):
            # `model_copy` chose another endpoint; a key goes to the host that it is for.
            key = self._find_key()
        return ChatClient(
            Connection(
                provider=self.provider,
                base_url=self.endpoint_url,
                api_key=key.get_secret_value(),
                timeout=self.timeout,
                max_retries=self.max_retries,
                headers=tuple((self.default_headers or {}).items()),
                http_client=self.http_client,
                http_async_client=self.http_async_client,
            )
        )

    def model_profile(self, model: str | None = None) -> ModelProfile:
        """Return the facts about `model`, or about this instance's own."""
        return find_profile(self.provider.name, model or self.model)

    def encode(
        self, messages: Sequence[Mapping[str, Any]], *, stream: bool, **parameters: Any
    ) -> EncodedRequest:
        """Return the request for wire `messages`; call `parameters` override the fields."""
        given = {name: getattr(self, name) for name in self._sent_fields}
        for name, value in parameters.items():
            if value is not None:
                for same in _SAME_SETTING.get(name, (name,)):
                    given.pop(same, None)
                given[name] = value
        extra_body: JSONObject = dict(self.extra_body or {})
        merge_deeply(extra_body, parameters.get("extra_body") or {})
        if extra_body:
            given["extra_body"] = extra_body
        return encode_request(
            messages,
            given,
            provider=self.provider,
            policy=self.parameter_policy,
            stream=stream,
            replay_reasoning=self.replay_reasoning,
            starts_in_reasoning=self.starts_in_reasoning,
        )

    @model_validator(mode="before")
    @classmethod
    def _check_arguments(cls, values: Any) -> Any:
        """Map other frameworks' names and refuse unknown ones, naming the nearest."""
        if not isinstance(values, dict):
            return values
        aliases = {
            field.alias for field in cls.model_fields.values() if isinstance(field.alias, str)
        }
        checked: dict[str, Any] = {}
        for name, value in values.items():
            field = name if name in cls.model_fields else _ALIASES.get(name, name)
            if field not in cls.model_fields and field not in aliases:
                known = sorted({*cls.model_fields, *_ALIASES})
                raise unknown_argument(name, known, f"argument of {cls.__name__}")
            checked[field] = value
        return checked

    @field_validator("stop", mode="before")
    @classmethod
    def _listed_stop(cls, stop: Any) -> Any:
        return [stop] if isinstance(stop, str) else stop

    @model_validator(mode="after")
    def _resolve_provider(self) -> Self:
        """Fill model, URL and key: argument first, then the provider's own variables."""
        provider = self.provider
        self.model = self.model or provider.default_model
        if not self.base_url and (url := os.environ.get(provider.url_variable)):
            self.base_url, self._url_variable = url, provider.url_variable
        if self.api_key is None or not self.api_key.get_secret_value().strip():
            self.api_key, self._key_variable = self._find_key(), provider.key_variable
        return self

    def _find_key(self) -> SecretStr:
        provider = self.provider
        key = os.environ.get(provider.key_variable, "").strip()
        if not key:
            raise mara_minimax.errors.MissingAPIKeyError(
                f"No API key for {provider.title}: pass api_key=… to {type(self).__name__}, or "
                f"set the environment variable {provider.key_variable}."
            )
        return SecretStr(key)


class MiniMaxSettings(ChatSettings):
    """Fields of the MiniMax classes."""

    endpoint: Literal["international", "china", "llmprovider"] = "international"
    """Host: api.minimax.io, api.minimaxi.com or platform.llmprovider.ai."""
    reasoning_split: bool = True
    """Ask for reasoning in `reasoning_details` instead of `<think>` text in the content."""
    thinking: dict[str, Any] | None = None
    """`{"type": "adaptive"}` or `{"type": "disabled"}`; MiniMax-M3 only."""
    service_tier: str | None = None
    """`standard` or `priority`."""

    _sent_fields: ClassVar[tuple[str, ...]] = (
        *ChatSettings._sent_fields,
        "reasoning_split",
        "thinking",
        "service_tier",
    )

    @property
    def provider(self) -> Provider:
        """The host that `endpoint` names."""
        return MINIMAX_ENDPOINTS[self.endpoint]


class MARASettings(ChatSettings):
    """Fields of the MARA classes."""

    top_k: int | None = None
    do_sample: bool | None = None
    reasoning_effort: str | None = None
    """`low`, `medium` or `high`; gpt-oss models."""
    chat_template_kwargs: dict[str, Any] | None = None
    """Such as `{"enable_thinking": True}`; DeepSeek models."""

    _sent_fields: ClassVar[tuple[str, ...]] = (
        *ChatSettings._sent_fields,
        "top_k",
        "do_sample",
        "reasoning_effort",
        "chat_template_kwargs",
    )

    @property
    def provider(self) -> Provider:
        """MARA Cloud."""
        return MARA
