"""The core's errors as LangChain's too, so that code catching either kind works.

Every class here is, first, the core's error (and with it the openai class of the same meaning) and
one of `langchain_core.exceptions`, which retry, fallback and summarization middleware know.
"""

from __future__ import annotations

from typing import Any

from langchain_core import exceptions as langchain

from mara_minimax import errors as core


class ChatAuthenticationError(core.AuthenticationError, langchain.ModelAuthenticationError):
    """Raised when the provider does not accept the key."""


class ChatPermissionDeniedError(core.PermissionDeniedError, langchain.ModelPermissionDeniedError):
    """Raised when the account may not use the model."""


class ChatInsufficientBalanceError(
    core.InsufficientBalanceError, langchain.ModelPermissionDeniedError
):
    """Raised when the account has no balance; LangChain has no closer class."""


class ChatBadRequestError(core.BadRequestError, langchain.ModelInvalidRequestError):
    """Raised when the provider refuses the request as it is."""


class ChatContextOverflowError(
    core.ContextOverflowError,
    langchain.ContextOverflowError,
    langchain.ModelInvalidRequestError,
):
    """Raised when the messages do not fit into the model's context window."""


class ChatContentFilterError(core.ContentFilterError, langchain.ModelInvalidRequestError):
    """Raised when the provider finds the input or the output too sensitive to answer."""


class ChatNotFoundError(core.NotFoundError, langchain.ModelNotFoundError):
    """Raised for a model that the provider does not have."""


class ChatRateLimitError(core.RateLimitError, langchain.ModelRateLimitError):
    """Raised when a limit of requests, tokens or connections is reached."""


class ChatServerError(core.ServerError, langchain.ModelAPIError):
    """Raised when the provider failed or is overloaded."""


class ChatConnectionError(core.APIConnectionError, langchain.ModelConnectionError):
    """Raised when the provider cannot be reached or the connection breaks."""


class ChatTimeoutError(core.APITimeoutError, langchain.ModelTimeoutError):
    """Raised when the provider does not answer in time."""


class ChatInvalidReplyError(core.InvalidReplyError, langchain.ModelAPIError):
    """Raised for an answer that cannot be read."""


class ChatIncompleteStreamError(core.IncompleteStreamError, langchain.ModelConnectionError):
    """Raised when a stream ends before its reply does."""


class ChatIgnoredToolChoiceError(core.IgnoredToolChoiceError, langchain.ModelAPIError):
    """Raised before a request when the last replies all ignored a forced tool choice."""


class ChatLeakedToolCallError(core.LeakedToolCallError, langchain.ModelAPIError):
    """Raised for an answer that holds markup of calls, where that is refused."""


class ChatProviderError(core.ProviderError, langchain.ModelAPIError):
    """Raised for a failure that no other class describes."""


class ChatParameterError(core.ParameterError, langchain.ModelInvalidRequestError):
    """Raised before any request for a value that the provider refuses."""


class ChatUnsupportedInputError(core.UnsupportedInputError, langchain.ModelInvalidRequestError):
    """Raised before any request for content that the model cannot take."""


class ChatUnknownArgumentError(core.UnknownArgumentError, langchain.ModelInvalidRequestError):
    """Raised before any request for a parameter that does not exist."""


ERROR_MAP: dict[Any, Any] = {
    kind.__bases__[0]: kind
    for kind in tuple(globals().values())
    if isinstance(kind, type) and issubclass(kind, core.MaraMiniMaxError)
}
"""The class here for each of the core's errors; a subclass takes its nearest base's."""


def translate(error: core.MaraMiniMaxError) -> core.MaraMiniMaxError:
    """Return `error` as an instance of its class here; `error` itself if there is none."""
    kind: Any = next((ERROR_MAP[base] for base in type(error).__mro__ if base in ERROR_MAP), None)
    if kind is None or isinstance(error, langchain.ModelError):
        return error
    translated: core.MaraMiniMaxError = kind(str(error))
    translated.__dict__.update(error.__dict__)
    if isinstance(error, core.ProviderError):
        # LangChain's classes decide by kind; the provider's code can say more.
        translated.__dict__["is_retryable"] = error.retryable
    return translated
