"""The settings of every chat class, and the client and the requests that follow from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import (
    BaseModel,
    ModelWrapValidatorHandler,
    model_validator,
)

import mara_minimax
from mara_minimax.encoded_request import EncodedRequest
from mara_minimax.fields import ChatFields
from mara_minimax.providers.endpoints import Provider
from mara_minimax.providers.models import ListedModel, ModelProfile, find_profile
from mara_minimax.providers.profile_keys import (
    given_keys,
    merge_profile,
)
from mara_minimax.request.encode import KNOWN_PARAMETERS, encode_request
from mara_minimax.request.foreign_names import (
    FOREIGN_NAMES,
    MODEL_KWARGS,
    split_foreign,
    spread_model_kwargs,
)
from mara_minimax.request.names import ALIASES, add_positional, to_field_names
from mara_minimax.request.parameters import apply_parameter_rules
from mara_minimax.request.values import check_values
from mara_minimax.request.warnings import give_warnings
from mara_minimax.secrets.headers import check_headers_host
from mara_minimax.secrets.hosts import check_url, host_of, owner_of, resolve_url
from mara_minimax.secrets.keys import Key, bind_key, hide_key, usable_key
from mara_minimax.secrets.values import bind, hide
from mara_minimax.transport.connection import Connection

if TYPE_CHECKING:
    from mara_minimax.transport.client import ChatClient

_SECRETS = ("api_key", "default_headers")
_NOT_SHOWN = frozenset({*_SECRETS, "openai_api_key"})


class ChatSettings(ChatFields):
    """Settings of every chat class, and what they lead to: the client, and its requests.

    Raises:
        UnknownArgumentError: A name is not a field.
        ParameterError: No request can carry a value, as in a call.
        MissingAPIKeyError: There is no key, or it was given for another host.
        pydantic.ValidationError: A value has the wrong type.
    """

    _secret_fields: ClassVar[tuple[str, ...]] = _SECRETS
    """Fields whose texts are hidden and bound to the host of the instance."""

    def __init__(self, model_: str | None = None, /, **data: Any) -> None:
        """Take the model also by position; hide keys and headers before other frames hold them.

        It has another name there, because pydantic's signature leaves a field out that is called
        as an argument of the constructor.

        Tracebacks can show the locals of pydantic's and the frameworks' frames. Values under
        unknown names are hidden too, because such a name may be a misspelt `api_key`:
        `tests/secrets/test_errors.py::test_a_refused_constructor_shows_no_secret`.
        """
        shown = (_known_names(type(self)) | FOREIGN_NAMES.keys() | {MODEL_KWARGS}) - _NOT_SHOWN
        data = add_positional(model_, data)
        data = {name: value if name in shown else hide(value) for name, value in data.items()}
        data |= {"api_key": hide_key(data["api_key"])} if "api_key" in data else {}
        super().__init__(**data)

    def __repr_args__(self) -> Iterator[tuple[str, Any]]:
        """Show the model, then the settings that differ from their defaults, in one short line.

        What the frameworks add to every object, such as callbacks, is left out.
        """
        own = _own_fields(type(self))
        # Tracebacks show objects whose constructor has not finished, which lack fields.
        shown = {name: value for name, value in self.__dict__.items() if name in own}
        yield "model", shown.pop("model", "")
        for name, value in shown.items():
            field = type(self).model_fields[name]
            if field.repr and value != field.get_default(call_default_factory=True):
                yield name, value

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

        return ChatClient(self._connection())

    def _connection(self) -> Connection:
        return Connection(
            provider=self.provider,
            api_key=self._check_endpoint(),
            base_url=self.endpoint_url,
            timeout=self.timeout,
            max_retries=self.max_retries,
            headers=self.default_headers or {},
            transport=self.transport,
            http_client=self.http_client,
            http_async_client=self.http_async_client,
            include_response_headers=self.include_response_headers,
            limiter=self.limiter,
            first_models=self._first_models,
        )

    @cached_property
    def _first_models(self) -> dict[str, str]:
        """Return what `Connection.first_models` keeps for this instance and its copies."""
        return {}

    def list_models(self) -> list[ListedModel]:
        """Return the models that the host lists, with what it and the table say of each.

        One request, `GET /models`, with the retries of a call. MARA names windows and prices,
        vLLM and SGLang windows, MiniMax ids alone.

        Raises:
            ProviderError: The request failed, or the host has no such list.
        """
        return self.client.list_models()

    async def alist_models(self) -> list[ListedModel]:
        """Do what `list_models` does, without blocking."""
        return await self.client.alist_models()

    def _check_endpoint(self) -> Key | None:
        """Return the key for the URL that requests go to; raise if it or the headers must not."""
        url = self.endpoint_url
        if not url:
            raise mara_minimax.errors.ParameterError(
                "A self-hosted server has no URL that is known in advance: pass base_url=…, such "
                "as 'http://127.0.0.1:8000/v1'."
            )
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
        own = self.model or self.provider.default_model
        profile = find_profile(self.provider.name, model or own)
        return (
            profile if model and model != own else merge_profile(profile, given_keys(self.profile))
        )

    def encode(
        self, messages: Sequence[Mapping[str, Any]], *, stream: bool, **parameters: Any
    ) -> EncodedRequest:
        """Return the request for wire `messages`; call `parameters` override the fields.

        Raises what `encode_request` raises.
        """
        fields = {name: getattr(self, name) for name in _sent_fields(type(self))}
        request = encode_request(
            messages,
            parameters,
            provider=self.provider,
            settings={**fields, "extra_body": self.extra_body},
            policy=self.parameter_policy,
            stream=stream,
            replay_reasoning=self.replay_reasoning,
            starts_in_reasoning=self.starts_in_reasoning,
            own_host=owner_of(self.endpoint_url) is not None,
            profile=self.model_profile(parameters.get("model")),
        )
        return replace(request, leaked_tool_calls=self.leaked_tool_calls)

    @model_validator(mode="before")
    @classmethod
    def _check_arguments(cls, values: Any) -> Any:
        """Map other frameworks' names, refuse unknown ones and values that no request carries."""
        if not isinstance(values, dict):
            return values
        checked = to_field_names(values, cls.model_fields, _known_names(cls), cls.__name__)
        check_values(checked)
        return checked

    @model_validator(mode="after")
    def _resolve_provider(self) -> Self:
        """Fill model, URL and key: argument first, then the provider's own variables."""
        provider = self.provider
        self.model = self.model or provider.default_model
        self.base_url = resolve_url(self.base_url, provider.url_variable)
        self._bind_secrets()
        self.api_key = self._check_endpoint()
        return self

    # Behind `_resolve_provider`, whose result it completes.
    @model_validator(mode="wrap")
    @classmethod
    def _take_foreign_names(cls, values: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Do with other integrations' arguments what the table says; see `FOREIGN_NAMES`."""
        if not isinstance(values, dict):
            return handler(values)
        known = _known_names(cls)
        spread = spread_model_kwargs(values, known)
        own, foreign, dropped = split_foreign(spread, known, cls.__name__)
        settings = handler(own)
        check_values(foreign)
        sent, adjusted = apply_parameter_rules(
            foreign, settings.provider, settings.model, settings.parameter_policy
        )
        if sent:
            settings.extra_body = sent | (settings.extra_body or {})
        give_warnings(dropped + adjusted)
        return settings

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


def _own_fields(cls: type[BaseModel]) -> set[str]:
    """Return the fields that no framework declares."""
    own = [base for base in cls.__mro__ if base.__module__.startswith("mara_minimax.")]
    return {name for base in own if issubclass(base, ChatFields) for name in base.model_fields}


@cache
def _sent_fields(cls: type[BaseModel]) -> tuple[str, ...]:
    """Return the fields that are parameters of a call, in their order."""
    sent = _own_fields(cls) & KNOWN_PARAMETERS
    return tuple(name for name in cls.model_fields if name in sent)


def _known_names(cls: type[BaseModel]) -> set[str]:
    """Return the names that a constructor takes."""
    aliases = {field.alias for field in cls.model_fields.values() if isinstance(field.alias, str)}
    return {*cls.model_fields, *ALIASES, *aliases}
