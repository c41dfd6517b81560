"""`MiniMax` and `MARA` for LlamaIndex: settings of the core, calls of the framework.

The class holds the fields and the framework's methods; what they do is in the other modules.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    ChatResponseAsyncGen,
    ChatResponseGen,
    CompletionResponse,
    CompletionResponseAsyncGen,
    CompletionResponseGen,
    LLMMetadata,
)
from pydantic import Field, PositiveInt, field_serializer, field_validator
from typing_extensions import override

from llama_index_mara_minimax import calls
from llama_index_mara_minimax.asking import AskingLLM
from llama_index_mara_minimax.metadata import to_metadata, to_payload, without_headers
from llama_index_mara_minimax.predict_and_call import CallableTools
from llama_index_mara_minimax.replies import (
    ato_completions,
    to_completion,
    to_completions,
)
from mara_minimax.providers.profile_keys import PROFILE_KEYS
from mara_minimax.secrets.hosts import host_of
from mara_minimax.secrets.values import bind
from mara_minimax.settings import ChatSettings, MARASettings, MiniMaxSettings

if TYPE_CHECKING:
    from typing import Unpack

    from llama_index_mara_minimax.arguments import MARAArguments, MiniMaxArguments

    Call = TypeVar("Call", bound=Callable[..., Any])

    # The framework's own are untyped: for type checkers, each call would answer `Any`.
    llm_chat_callback: Callable[[], Callable[[Call], Call]]
    llm_completion_callback: Callable[[], Callable[[Call], Call]]
else:
    from llama_index.core.llms.callbacks import llm_chat_callback, llm_completion_callback


class _ChatLLM(ChatSettings, CallableTools, AskingLLM):
    """What both public classes share; their other fields are the core's settings."""

    additional_kwargs: dict[str, Any] = Field(default_factory=dict, repr=False)
    """Parameters for every call, such as `{"top_p": 0.9}`; those of the call itself win."""

    context_window: PositiveInt | None = None
    """Replaces what is known of the model, for `metadata`."""

    is_function_calling_model: bool = True
    """Whether agents and structured programs may give the model functions to call."""

    _secret_fields: ClassVar = (*ChatSettings._secret_fields, "additional_kwargs")

    @override
    def _bind_secrets(self) -> None:
        super()._bind_secrets()
        if "extra_headers" in self.additional_kwargs:
            headers = bind(self.additional_kwargs["extra_headers"], host_of(self.endpoint_url))
            self.__dict__["additional_kwargs"] = self.additional_kwargs | {"extra_headers": headers}

    @field_validator("profile", mode="after")
    @classmethod
    def _warn_of_unknown_keys(cls, profile: Any) -> Any:
        # LangChain's base class warns of them itself.
        if unknown := sorted(set(profile or ()) - PROFILE_KEYS):
            text = f"Unknown keys in profile: {', '.join(map(repr, unknown))}. They change nothing."
            warnings.warn(text, stacklevel=2)
        return profile

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
        return to_metadata(self)

    @override
    def to_payload(self) -> dict[str, Any]:
        """Return what events and traces say of this LLM: what changes the output, no secret."""
        return to_payload(self)

    @field_serializer("additional_kwargs")
    def _without_headers(self, additional_kwargs: dict[str, Any]) -> dict[str, Any]:
        return without_headers(additional_kwargs)

    @llm_chat_callback()
    def chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        """Answer `messages`.

        Raises:
            MaraMiniMaxError: The request or its answer failed; subclasses say how.
        """
        return calls.chat(self, messages, kwargs)

    @llm_chat_callback()
    async def achat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        """Do what `chat` does, without blocking."""
        return await calls.achat(self, messages, kwargs)

    @llm_chat_callback()
    def stream_chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponseGen:
        """Answer `messages` piece by piece; each response holds the whole message so far.

        Raises:
            MaraMiniMaxError: The request or its answer failed; subclasses say how.
        """
        return calls.stream_chat(self, messages, kwargs)

    @llm_chat_callback()
    async def astream_chat(
        self, messages: Sequence[ChatMessage], **kwargs: Any
    ) -> ChatResponseAsyncGen:
        """Do what `stream_chat` does, without blocking."""
        return calls.astream_chat(self, messages, kwargs)

    @llm_completion_callback()
    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        """Answer `prompt`, sent as one message of the user.

        Raises:
            MaraMiniMaxError: The request or its answer failed; subclasses say how.
        """
        return to_completion(calls.chat(self, calls.to_messages(self, prompt, formatted), kwargs))

    @llm_completion_callback()
    async def acomplete(
        self, prompt: str, formatted: bool = False, **kwargs: Any
    ) -> CompletionResponse:
        """Do what `complete` does, without blocking."""
        return to_completion(
            await calls.achat(self, calls.to_messages(self, prompt, formatted), kwargs)
        )

    @llm_completion_callback()
    def stream_complete(
        self, prompt: str, formatted: bool = False, **kwargs: Any
    ) -> CompletionResponseGen:
        """Answer `prompt` piece by piece; each response holds the whole text so far.

        Raises:
            MaraMiniMaxError: The request or its answer failed; subclasses say how.
        """
        return to_completions(
            calls.stream_chat(self, calls.to_messages(self, prompt, formatted), kwargs)
        )

    @llm_completion_callback()
    async def astream_complete(
        self, prompt: str, formatted: bool = False, **kwargs: Any
    ) -> CompletionResponseAsyncGen:
        """Do what `stream_complete` does, without blocking."""
        return ato_completions(
            calls.astream_chat(self, calls.to_messages(self, prompt, formatted), kwargs)
        )

    @field_serializer("timeout")
    def _plain_timeout(self, timeout: Any) -> float | None:
        # A timeout object of an HTTP library has no JSON form.
        return timeout if isinstance(timeout, (int, float)) else None

    def __getstate__(self) -> dict[Any, Any]:
        # The framework deletes what cannot be pickled from the very object it pickles.
        return super(_ChatLLM, self.model_copy()).__getstate__()

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        """Copy all but what talks to the outside, which copies share."""
        memo = {} if memo is None else memo
        for name in ("http_client", "http_async_client", "callback_manager", "rate_limiter"):
            shared = getattr(self, name, None)
            memo[id(shared)] = shared
        return super().__deepcopy__(memo)


class MiniMax(MiniMaxSettings, _ChatLLM):
    """Chat models of MiniMax, of its international host, its China host and llmprovider.ai.

    The key comes from `api_key` or `MINIMAX_API_KEY`.

    Example:
        ```python
        from llama_index_mara_minimax import MiniMax

        llm = MiniMax(model="MiniMax-M2")
        print(llm.complete("Hello"))
        ```

    Reasoning stands in a `ThinkingBlock` of the message, never in its text, and goes back to
    the provider with the next call. Calls: `complete`, `chat`, their streamed and async forms,
    `chat_with_tools`, `structured_predict`, `list_models`.

    Most used settings: `model`, `api_key`, `base_url`, `endpoint`, `temperature`, `max_tokens`,
    `stop`, `timeout`, `max_retries`, `extra_body`. All of them, with what each means, are in the
    source of `mara_minimax.fields` and `mara_minimax.settings`.
    """

    if TYPE_CHECKING:

        def __init__(self, model: str | None = None, **given: Unpack[MiniMaxArguments]) -> None: ...

    @classmethod
    @override
    def class_name(cls) -> str:
        """Return the name under which this class is serialised and traced."""
        return "mara_minimax.MiniMax"


class MARA(MARASettings, _ChatLLM):
    """Chat models of MARA Cloud.

    The key comes from `api_key` or `MARA_API_KEY`.

    Example:
        ```python
        from llama_index_mara_minimax import MARA

        llm = MARA(model="MiniMax-M2.5", top_k=40)
        print(llm.complete("Hello"))
        ```

    Reasoning stands in a `ThinkingBlock` of the message, never in its text, and goes back to
    the provider with the next call. Calls: `complete`, `chat`, their streamed and async forms,
    `chat_with_tools`, `structured_predict`, `list_models`.

    Most used settings: `model`, `api_key`, `base_url`, `temperature`, `max_tokens`, `stop`,
    `timeout`, `max_retries`, `extra_body`, `top_k`. All of them, with what each means, are in the
    source of `mara_minimax.fields` and `mara_minimax.settings`.
    """

    if TYPE_CHECKING:

        def __init__(self, model: str | None = None, **given: Unpack[MARAArguments]) -> None: ...

    @classmethod
    @override
    def class_name(cls) -> str:
        """Return the name under which this class is serialised and traced."""
        return "mara_minimax.MARA"
