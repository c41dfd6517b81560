"""What an LLM says of itself: own fields, metadata, payload of traces, serialised forms."""

from __future__ import annotations

from typing import Any, ClassVar, Final, Self

from llama_index.core.base.llms.types import LLMMetadata
from llama_index.core.llms.function_calling import FunctionCallingLLM
from pydantic import Field, PositiveInt, field_serializer
from typing_extensions import override

from mara_minimax.identity import identifying_settings
from mara_minimax.secrets.hosts import host_of
from mara_minimax.secrets.values import bind
from mara_minimax.settings import ChatSettings

_OUTPUT_RESERVE: Final = 8192
"""Tokens that `metadata.num_output` keeps free for reasoning and answer by default."""


class DescribedLLM(ChatSettings, FunctionCallingLLM):
    """Settings of the core as a component of the framework; calls come in subclasses."""

    additional_kwargs: dict[str, Any] = Field(default_factory=dict, repr=False)
    """Parameters for every call, such as `{"top_p": 0.9}`; those of the call itself win."""

    context_window: PositiveInt | None = None
    """Replaces what is known of the model, for `metadata`."""

    is_function_calling_model: bool = True
    """Whether agents and structured programs may give the model functions to call."""

    _secret_fields: ClassVar[tuple[str, ...]] = (
        *ChatSettings._secret_fields,
        "additional_kwargs",
    )

    @override
    def _bind_secrets(self) -> None:
        super()._bind_secrets()
        if "extra_headers" in self.additional_kwargs:
            headers = bind(self.additional_kwargs["extra_headers"], host_of(self.endpoint_url))
            self.__dict__["additional_kwargs"] = {
                **self.additional_kwargs,
                "extra_headers": headers,
            }

    @property
    def api_base(self) -> str:
        """The URL that requests go to, by the name that LlamaIndex users know."""
        return self.endpoint_url

    @property
    @override
    def metadata(self) -> LLMMetadata:
        """What LlamaIndex plans prompts with.

        `num_output` is room that prompts leave free, not a limit that is sent: `max_tokens`
        or 8,192, and never more than a quarter of the window.
        """
        profile = self.model_profile()
        window = self.context_window or profile.context_window
        reserve = min(
            self.max_tokens or _OUTPUT_RESERVE, profile.max_output_tokens or window, window // 4
        )
        return LLMMetadata(
            context_window=window,
            num_output=reserve,
            is_chat_model=True,
            is_function_calling_model=self.is_function_calling_model,
            model_name=self.model,
        )

    @override
    def to_payload(self) -> dict[str, Any]:
        """Return what events and traces say of this LLM: what changes the output, no secret."""
        return {
            "class_name": self.class_name(),
            **self.metadata.model_dump(),
            "provider": self.provider.name,
            **identifying_settings(self),
            **self._without_headers(self.additional_kwargs),
        }

    @field_serializer("additional_kwargs")
    def _without_headers(self, additional_kwargs: dict[str, Any]) -> dict[str, Any]:
        return {k: v for k, v in additional_kwargs.items() if k != "extra_headers"}

    @field_serializer("timeout")
    def _plain_timeout(self, timeout: Any) -> float | None:
        # A timeout object of an HTTP library has no JSON form.
        return timeout if isinstance(timeout, (int, float)) else None

    def __getstate__(self) -> dict[Any, Any]:
        # The framework deletes what cannot be pickled from the very object it pickles.
        return super(DescribedLLM, self.model_copy()).__getstate__()

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        """Copy all but what talks to the outside, which copies share."""
        memo = {} if memo is None else memo
        for name in ("http_client", "http_async_client", "callback_manager", "rate_limiter"):
            shared = getattr(self, name, None)
            memo[id(shared)] = shared
        return super().__deepcopy__(memo)
