"""What a user can set: the fields that all four chat classes share, declared once.

The adapters inherit `MiniMaxSettings` or `MARASettings` beside their framework's base class,
so names, defaults and checks are the same everywhere. `None` means "not sent" and nothing
else. Order of precedence: call argument, constructor, the provider's own default.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_validator,
)

import mara_minimax
from mara_minimax.encoded_request import EncodedRequest
from mara_minimax.providers.endpoints import MARA, MINIMAX_ENDPOINTS, Provider
from mara_minimax.providers.models import ModelProfile, find_profile
from mara_minimax.request.encode import encode_request
from mara_minimax.request.names import ALIASES, to_field_names
from mara_minimax.request.parameters import ParameterPolicy
from mara_minimax.request.values import check_values, to_stop_sequences
from mara_minimax.secrets.headers import check_headers, check_headers_host
from mara_minimax.secrets.hosts import EnvironmentURL, check_url, host_of, owner_of, resolve_url
from mara_minimax.secrets.keys import bind_key, check_key, usable_key
from mara_minimax.secrets.values import BoundSecret, bind, hide
from mara_minimax.transport.connection import Connection, to_timeout

if TYPE_CHECKING:
    from mara_minimax.transport.client import ChatClient

_SECRETS = ("api_key", "default_headers")


class ChatSettings(BaseModel):
    """Fields of every chat class.

    Raises:
        UnknownArgumentError: A name is not a field.
        ParameterError: No request can carry a value, as in a call.
        MissingAPIKeyError: There is no key, or it was given for another host.
        pydantic.ValidationError: A value has the wrong type.
    """

    # pydantic's errors would quote the input, which may be a key in the wrong place.
    model_config = ConfigDict(
        arbitrary_types_allowed=True, protected_namespaces=(), hide_input_in_errors=True
    )

    model: str = ""
    """Model id, sent as given; default: the provider's (`MiniMax-M2`, `MiniMax-M2.5`)."""
    api_key: SecretStr | None = Field(default=None, exclude=True, repr=False)
    """API key for the host that the instance is made for; default: the provider's variable."""
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
    """What carries async calls; `aiohttp` needs the extra `fast` and reads streams faster.

    An `http_async_client` takes its place. aiohttp has no limit of its own on sending, and takes
    no SOCKS proxies.
    """
    parameter_policy: ParameterPolicy = "adjust"
    """What happens to a parameter that the provider does not take as given."""
    replay_reasoning: bool = True
    """Whether reasoning of earlier turns is sent back."""
    starts_in_reasoning: bool | None = None
    """Whether answers begin inside reasoning, with a closing tag and no opening one.

    Self-hosted servers without a reasoning parser send such answers, and a stream does not show
    it in time. Default: what is known of the model.
    """

    _sent_fields: ClassVar[tuple[str, ...]] = (
        "model",
        "temperature",
        "top_p",
        "max_tokens",
        "stop",
    )
    _secret_fields: ClassVar[tuple[str, ...]] = _SECRETS
    """Fields whose texts are hidden and bound to the host of the instance."""

    def __init__(self, /, **data: Any) -> None:
        """Hide keys and headers before pydantic's and the frameworks' frames hold them.

        Tracebacks can show the locals of those frames. Values under unknown names are hidden
        too, because such a name may be a misspelt `api_key`:
        `tests/secrets/test_errors.py::test_a_refused_constructor_shows_no_secret`.
        """
        shown = _known_names(type(self)).difference(_SECRETS)
        data = {name: value if name in shown else hide(value) for name, value in data.items()}
        super().__init__(**data)

    @property
    def provider(self) -> Provider:
        """The host that requests go to."""
        raise NotImplementedError

    @property
    def endpoint_url(self) -> str:
        """The URL that requests go to, without the path of a call."""
        # A copy may have another endpoint, whose URL stands in another variable.
        url = resolve_url(self.base_url, self.provider.url_variable) if self.base_url else None
        return url or self.provider.base_url

    @property
    def client(self) -> ChatClient:
        """The client of this model; cheap, and never kept on the instance.

        Raises:
            MissingAPIKeyError: The key or a header was given for another host.
        """
        # Imported here, because nothing of it is needed before the first request.
        from mara_minimax.transport.client import ChatClient

        key = self._check_endpoint()
        return ChatClient(
            Connection(
                provider=self.provider,
                base_url=self.endpoint_url,
                api_key=key,
                timeout=self.timeout,
                max_retries=self.max_retries,
                headers=self.default_headers or {},
                transport=self.transport,
                http_client=self.http_client,
                http_async_client=self.http_async_client,
            )
        )

    def _check_endpoint(self) -> BoundSecret:
        """Return the key for the URL that requests go to; raise if it or the headers must not."""
        url = self.endpoint_url
        check_url(url, allow_http=self.allow_http)
        check_headers_host(self.default_headers, url)
        return usable_key(self.api_key, self.provider, url, type(self).__name__)

    def _bind_secrets(self) -> None:
        """Hide keys and headers that are new, and bind them to the host of this instance."""
        host = host_of(self.endpoint_url)
        self.__dict__["api_key"] = bind_key(self.api_key, host)
        self.__dict__["default_headers"] = bind(self.default_headers, host)

    def model_profile(self, model: str | None = None) -> ModelProfile:
        """Return the facts about `model`, or about this instance's own."""
        return find_profile(self.provider.name, model or self.model)

    def encode(
        self, messages: Sequence[Mapping[str, Any]], *, stream: bool, **parameters: Any
    ) -> EncodedRequest:
        """Return the request for wire `messages`; call `parameters` override the fields.

        Raises what `encode_request` raises.
        """
        fields = {name: getattr(self, name) for name in self._sent_fields}
        return encode_request(
            messages,
            parameters,
            provider=self.provider,
            settings={**fields, "extra_body": self.extra_body},
            policy=self.parameter_policy,
            stream=stream,
            replay_reasoning=self.replay_reasoning,
            starts_in_reasoning=self.starts_in_reasoning,
            own_host=owner_of(self.endpoint_url) is not None,
        )

    @model_validator(mode="before")
    @classmethod
    def _check_arguments(cls, values: Any) -> Any:
        """Map other frameworks' names, refuse unknown ones and values that no request carries."""
        if not isinstance(values, dict):
            return values
        checked = to_field_names(values, cls.model_fields, _known_names(cls), cls.__name__)
        check_values(checked)
        return checked

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

    @field_validator("base_url", mode="wrap")
    @classmethod
    def _keep_variable(cls, url: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        """Keep the variable that a URL was read from, when a copy is made from the fields."""
        return url if isinstance(url, EnvironmentURL) else handler(url)

    @model_validator(mode="after")
    def _resolve_provider(self) -> Self:
        """Fill model, URL and key: argument first, then the provider's own variables."""
        provider = self.provider
        self.model = self.model or provider.default_model
        self.base_url = resolve_url(self.base_url, provider.url_variable)
        self._bind_secrets()
        self.api_key = self._check_endpoint()
        return self

    # Hidden from type checkers, which would take any attribute for a known one.
    if not TYPE_CHECKING:  # pragma: no branch

        def __setattr__(self, name: str, value: Any) -> None:
            """Set a field; a key or headers are then bound to the host of this instance."""
            super().__setattr__(name, value)
            if name in self._secret_fields:
                self._bind_secrets()

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy with the values of `update`; its keys and headers are for the copy's host.

        Keys and headers that are not in `update` stay bound to the host they were given for.
        """
        copied = super().model_copy(update=update, deep=deep)
        copied._bind_secrets()
        return copied


def _known_names(cls: type[BaseModel]) -> set[str]:
    """Return the names that a constructor takes."""
    aliases = {field.alias for field in cls.model_fields.values() if isinstance(field.alias, str)}
    return {*cls.model_fields, *ALIASES, *aliases}


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
    """Number of tokens that sampling draws from, 1 to 100."""
    do_sample: bool | None = None
    """Whether to sample; `False` always takes the likeliest token."""
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
