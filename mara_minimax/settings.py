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
from mara_minimax.connections import Connection, to_timeout
from mara_minimax.encode import EncodedRequest, encode_request, merge_deeply
from mara_minimax.hosts import check_url, owner_of
from mara_minimax.keys import key_of_environment, usable_key
from mara_minimax.masking import check_headers, hide_arguments
from mara_minimax.models import ModelProfile, find_profile
from mara_minimax.names import ALIASES, merge_parameters, to_field_names
from mara_minimax.parameters import ParameterPolicy
from mara_minimax.pickling import seal, unseal
from mara_minimax.providers import MARA, MINIMAX_ENDPOINTS, Provider
from mara_minimax.types import JSONObject
from mara_minimax.values import check_values, to_stop_sequences

if TYPE_CHECKING:
    from mara_minimax.client import ChatClient


class ChatSettings(BaseModel):
    """Fields of every chat class; a name that is no field raises `UnknownArgumentError`.

    A value that no request can carry raises `ParameterError`, as it does in a call; one of a
    wrong type is pydantic's to refuse, with a `ValidationError` that names the field.
    """

    # Errors of pydantic's would quote what was given, which may be a key in the wrong place.
    model_config = ConfigDict(
        arbitrary_types_allowed=True, protected_namespaces=(), hide_input_in_errors=True
    )

    model: str = ""
    """Model id, sent as given; default: the provider's (`MiniMax-M2`, `MiniMax-M2.5`)."""
    api_key: SecretStr | None = Field(default=None, exclude=True, repr=False)
    """API key; default: the provider's environment variable."""
    base_url: str | None = None
    """URL up to and with `/v1`; default: the provider's variable, then its own URL."""
    allow_http: bool = False
    """Whether `http://` may be used beyond loopback, where it shows the key on the way."""
    temperature: float | None = None
    """Sampling temperature; ranges differ, see `parameter_policy`."""
    top_p: float | None = None
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

    _url_variable: str = PrivateAttr(default="")
    """Name of the variable that the URL came from, `""` for an argument."""

    _sent_fields: ClassVar[tuple[str, ...]] = (
        "model",
        "temperature",
        "top_p",
        "max_tokens",
        "stop",
    )
    _secret_fields: ClassVar[tuple[str, ...]] = ("api_key", "default_headers")

    def __init__(self, /, **data: Any) -> None:
        """Take the fields; keys and headers are hidden before any other frame holds them."""
        # What is no field is refused, and may be a misspelt key.
        data = hide_arguments(data, also=data.keys() - _known_names(type(self)))
        super().__init__(**data)

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
            return os.environ.get(self.provider.url_variable, "").strip() or self.provider.base_url
        return self.base_url or self.provider.base_url

    @property
    def client(self) -> ChatClient:
        """The client of this model; cheap, and never kept on the instance."""
        # Loads what sends and reads, which is not needed before the first request.
        from mara_minimax.client import ChatClient

        url = self.endpoint_url
        check_url(url, allow_http=self.allow_http)
        # A copy may be for another endpoint; a key goes to the host that it is for.
        key = usable_key(self.api_key, self.provider, url, type(self).__name__)
        return ChatClient(
            Connection(
                provider=self.provider,
                base_url=url,
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
        parameters = hide_arguments(parameters)
        fields = {name: getattr(self, name) for name in self._sent_fields}
        given = merge_parameters(fields, parameters)
        check_values({"extra_body": self.extra_body, **parameters})
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

    @field_validator("api_key", mode="before")
    @classmethod
    def _textual_key(cls, key: Any) -> Any:
        """Refuse other types here, because pydantic's own error would quote the value."""
        if key is None or isinstance(key, (str, SecretStr)):
            return key
        raise mara_minimax.errors.ParameterError(
            f"api_key has to be text, not {type(key).__name__}."
        )

    @field_validator("default_headers", mode="before")
    @classmethod
    def _textual_headers(cls, headers: Any) -> Any:
        return check_headers(headers, "default_headers")

    @model_validator(mode="after")
    def _resolve_provider(self) -> Self:
        """Fill model, URL and key: argument first, then the provider's own variables."""
        provider = self.provider
        self.model = self.model or provider.default_model
        self.base_url = (self.base_url or "").strip() or None
        if not self.base_url and (url := os.environ.get(provider.url_variable, "").strip()):
            self.base_url, self._url_variable = url, provider.url_variable
        url = self.endpoint_url
        check_url(url, allow_http=self.allow_http)
        self.api_key = usable_key(self.api_key, provider, url, type(self).__name__)
        return self

    def __getstate__(self) -> dict[Any, Any]:
        """Pickle for workers: without a key that came from the environment.

        A key that was passed as an argument and the headers go along, encoded so that they do
        not stand there plainly. Whoever has the pickle can read them: treat it like the key.
        """
        return seal(super().__getstate__(), self._secret_fields)

    def __setstate__(self, state: dict[Any, Any]) -> None:
        """Restore a pickle; a key that it does not hold is read from the environment.

        Where there is none, the first call raises `MissingAPIKeyError`.
        """
        super().__setstate__(unseal(state))
        self._url_variable = (state.get("__pydantic_private__") or {}).get("_url_variable", "")
        if self.api_key is None:
            self.api_key = key_of_environment(self.provider, self.endpoint_url)


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
