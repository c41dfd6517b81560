"""The typed error for what an HTTP client raises instead of an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mara_minimax
from mara_minimax.http_library import timeouts, transport_failures
from mara_minimax.providers.endpoints import Provider
from mara_minimax.transport.passage import Passage
from mara_minimax.transport.reasons import reason_of

if TYPE_CHECKING:
    from mara_minimax.errors import ProviderError


def to_provider_error(
    error: Exception, provider: Provider, request: Any, passage: Passage
) -> ProviderError:
    """Return the typed error for whatever sending a request or reading its answer raised."""
    errors = mara_minimax.errors
    if isinstance(error, errors.ProviderError):
        error.provider = error.provider or provider.name
        return error
    if isinstance(error, (OSError, *transport_failures())):
        words, may_pass = reason_of(error, request, passage.address)
        is_late = isinstance(error, timeouts())
        failed = (
            f"{provider.title} did not answer in time"
            if is_late
            else f"The connection to {provider.title} failed"
        )
        advice = provider.advice_on_urls and f"{provider.advice_on_urls} "
        kind = errors.APITimeoutError if is_late else errors.APIConnectionError
        return kind(
            f"{failed}: {words}. {advice}mara-minimax doctor tells more.",
            provider=provider.name,
            retryable=may_pass,
        )
    if isinstance(error, RuntimeError) and "loop" in str(error):
        # Words of asyncio: "Event loop is closed", "bound to a different event loop".
        problem = (
            "its connections belong to another event loop. Pass an http_async_client for each "
            "loop, or none"
        )
    else:
        problem = f"the HTTP client's own hook or transport raised {type(error).__name__}"
    return errors.APIConnectionError(
        f"The request to {provider.title} was not sent: {problem}.",
        provider=provider.name,
        retryable=False,
    )
