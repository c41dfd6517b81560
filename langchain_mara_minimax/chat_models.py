"""The chat models, in the order in which a request travels: fields, encode, client, messages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any, Self

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import LangSmithParams, ModelProfile
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.tools import BaseTool
from pydantic import Field, model_validator
from typing_extensions import override

from langchain_mara_minimax.asking import AskingChatModel
from langchain_mara_minimax.chunks import ChunkBuilder
from langchain_mara_minimax.messages import to_wire_messages
from langchain_mara_minimax.metadata import to_model_profile, without_header_values
from langchain_mara_minimax.replies import combine_outputs, from_reply, to_result
from langchain_mara_minimax.structured import ask_for_json
from langchain_mara_minimax.tokens import count_message_tokens, count_text_tokens, token_ids
from langchain_mara_minimax.translation import translate_errors
from mara_minimax import __version__
from mara_minimax.encoded_request import EncodedRequest
from mara_minimax.identity import identifying_settings
from mara_minimax.providers.models import ListedModel
from mara_minimax.providers.profile_keys import ShownProfile, given_keys
from mara_minimax.request.warnings import give_warnings
from mara_minimax.settings import ChatSettings, MARASettings, MiniMaxSettings
from mara_minimax.transport.event_loops import UnregisteredAsyncGenerator
from mara_minimax.types import JSONObject

if TYPE_CHECKING:
    from typing import Unpack

    from langchain_mara_minimax.arguments import ChatMARAArguments, ChatMiniMaxArguments


class _ChatModel(ChatSettings, AskingChatModel):
    """What both chat models share; their other fields are the core's settings."""

    streaming: bool = False
    """Whether `invoke` streams too; `False` set explicitly turns all streaming off."""
    stream_usage: bool = True
    """Whether a stream asks for its token usage."""
    profile: ModelProfile | None = Field(default=None, exclude=True)
    """What is known of the model; keys that are given are merged over the table of models."""

    # LangChain's place for versions: `test_settings.py::test_a_model_tells_what_it_is`.
    @model_validator(mode="after")
    def _set_mara_minimax_version(self) -> Self:
        self._add_version("mara-minimax", __version__)
        return self

    # Behind LangChain's own validator, which fills the profile in only where none is given.
    @model_validator(mode="after")
    def _merge_given_profile(self) -> Self:
        self.__dict__["profile"] = self._whole_profile()
        return self

    def _whole_profile(self) -> ShownProfile:
        model = self.model or self.provider.default_model
        known = to_model_profile(model, self.model_profile(model))
        return ShownProfile(known, given_keys(self.profile))

    @override
    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy with the values of `update`, and the profile of its model."""
        copied = super().model_copy(update=update, deep=deep)
        copied.__dict__["profile"] = copied._whole_profile()  # noqa: SLF001 - of its own class
        return copied

    @property
    def model_name(self) -> str:
        """The model's name, as other LangChain chat models call it."""
        return self.model

    def _encode(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None,
        parameters: JSONObject,
        *,
        stream: bool,
    ) -> EncodedRequest:
        parameters.pop("stream", None)
        if stop is not None:
            parameters["stop"] = stop
        usage = parameters.pop("stream_usage", self.stream_usage)
        if stream and not usage:
            parameters.setdefault("stream_options", {"include_usage": False})
        passed = self.parameter_policy == "pass"
        profile = None if passed else self.model_profile(parameters.get("model"))
        messages = ask_for_json(messages, parameters, profile)
        wire_messages = to_wire_messages(messages, self.provider)
        request = self.encode(wire_messages, stream=stream, **parameters)
        give_warnings(request.warnings)
        return request

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002 - LangChain's
        **kwargs: Any,
    ) -> ChatResult:
        with translate_errors():
            request = self._encode(messages, stop, kwargs, stream=False)
            reply = self.client.complete(request)
        return to_result(from_reply(reply, **self._origin(request)))

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,  # noqa: ARG002 - LangChain's
        **kwargs: Any,
    ) -> ChatResult:
        with translate_errors():
            request = self._encode(messages, stop, kwargs, stream=False)
            reply = await self.client.acomplete(request)
        return to_result(from_reply(reply, **self._origin(request)))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        with translate_errors():
            request = self._encode(messages, stop, kwargs, stream=True)
            builder = ChunkBuilder(**self._origin(request))
            with closing(self.client.stream(request)) as deltas:
                try:
                    for delta in deltas:
                        for chunk in builder.from_delta(delta):
                            if run_manager is not None:
                                run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                            yield chunk
                except Exception:
                    yield from builder.abort()
                    raise

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        with translate_errors():
            request = self._encode(messages, stop, kwargs, stream=True)
            builder = ChunkBuilder(**self._origin(request))
            async with UnregisteredAsyncGenerator(self.client.astream(request)) as deltas:
                try:
                    async for delta in deltas:
                        for chunk in builder.from_delta(delta):
                            if run_manager is not None:
                                await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                            yield chunk
                except Exception:
                    for chunk in builder.abort():
                        yield chunk
                    raise

    def _origin(self, request: EncodedRequest) -> dict[str, str]:
        return {"provider": self.provider.name, "model": request.body["model"]}

    @override
    def list_models(self) -> list[ListedModel]:
        with translate_errors():
            return super().list_models()

    @override
    async def alist_models(self) -> list[ListedModel]:
        with translate_errors():
            return await super().alist_models()

    def get_token_ids(self, text: str) -> list[int]:
        """Return a number for each token of `text`, about as many as the provider counts.

        They mean nothing to the provider: no tokenizer is downloaded.
        """
        if self.custom_get_token_ids is not None:
            return self.custom_get_token_ids(text)
        return token_ids(text)

    def get_num_tokens_from_messages(
        self,
        messages: Sequence[BaseMessage],
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool] | None = None,
    ) -> int:
        """Return about how many tokens `messages` and `tools` are; nothing is downloaded.

        Counts of the provider that stand in the messages correct the estimate.

        Raises:
            ParameterError: `tools` are no tools.
        """
        own = self.custom_get_token_ids is not None
        return count_message_tokens(
            messages,
            tools,
            provider=self.provider,
            with_reasoning=self.replay_reasoning,
            count_text=self.get_num_tokens if own else count_text_tokens,
        )

    @property
    def _identifying_params(self) -> Mapping[str, Any]:
        """Everything that changes the output, and nothing secret; part of traces."""
        return identifying_settings(self)

    # There is no public way to name what a cached answer depends on:
    # `test_secret_headers.py::test_calls_that_differ_in_their_headers_share_no_cached_answer`.
    def _get_llm_string(self, stop: list[str] | None = None, **kwargs: Any) -> str:
        """Return the cache key; calls with other headers have another one, without values."""
        kwargs = without_header_values(kwargs, self.default_headers)
        return super()._get_llm_string(stop, **kwargs)

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        params = super()._get_ls_params(stop=stop, **kwargs)
        params["ls_provider"] = self.provider.name
        if stop := stop or self.stop:
            params["ls_stop"] = stop
        return params

    def _combine_llm_outputs(self, llm_outputs: list[JSONObject | None]) -> JSONObject:
        return combine_outputs([output for output in llm_outputs if output])

    @property
    def lc_secrets(self) -> dict[str, str]:
        """The key's field and the environment variable to load it from, if there is one."""
        variable = self.provider.key_variable
        return {"api_key": variable} if variable else {}

    @classmethod
    def is_lc_serializable(cls) -> bool:
        """Whether LangChain can write the model down; the key is left out."""
        return True


class ChatMiniMax(MiniMaxSettings, _ChatModel):
    """MiniMax's models, at MiniMax's international or China host or at llmprovider.ai.

    Example:
        ```python
        from langchain_mara_minimax import ChatMiniMax

        model = ChatMiniMax(model="MiniMax-M2")  # key from MINIMAX_API_KEY
        reply = model.invoke("Hi, how are you?")
        print(reply.additional_kwargs["reasoning_content"])
        print(reply.text)
        ```

    The key comes from `api_key` or `MINIMAX_API_KEY`. Calls: `invoke`, `stream`, `batch` and their
    async forms; `bind_tools`, `with_structured_output`, `list_models`.

    Most used settings: `model`, `api_key`, `base_url`, `endpoint`, `temperature`, `max_tokens`,
    `stop`, `timeout`, `max_retries`, `extra_body`. All of them, with what each means, are in the
    source of `mara_minimax.fields` and `mara_minimax.settings`.
    """

    if TYPE_CHECKING:

        def __init__(
            self, model: str | None = None, **given: Unpack[ChatMiniMaxArguments]
        ) -> None: ...

    @property
    def _llm_type(self) -> str:
        return "chat-minimax"


class ChatMARA(MARASettings, _ChatModel):
    """The models of MARA Cloud.

    Example:
        ```python
        from langchain_mara_minimax import ChatMARA

        model = ChatMARA(model="MiniMax-M2.5", top_k=40)  # key from MARA_API_KEY
        for chunk in model.stream("Share a happy story with me"):
            print(chunk.text, end="")
        ```

    The key comes from `api_key` or `MARA_API_KEY`. Calls: `invoke`, `stream`, `batch` and their
    async forms; `bind_tools`, `with_structured_output`, `list_models`.

    Most used settings: `model`, `api_key`, `base_url`, `temperature`, `max_tokens`, `stop`,
    `timeout`, `max_retries`, `extra_body`, `top_k`. All of them, with what each means, are in the
    source of `mara_minimax.fields` and `mara_minimax.settings`.
    """

    if TYPE_CHECKING:

        def __init__(
            self, model: str | None = None, **given: Unpack[ChatMARAArguments]
        ) -> None: ...

    @property
    def _llm_type(self) -> str:
        return "chat-mara"
