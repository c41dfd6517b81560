"""The typed error for what an HTTP client raises instead of an answer."""

from __future__ import annotations

import errno
import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING

import mara_minimax
from mara_minimax.http_library import timeouts, transport_failures
from mara_minimax.providers.endpoints import Provider

if TYPE_CHECKING:
    from mara_minimax.errors import ProviderError

_OUT_OF_FILES = (errno.EMFILE, errno.ENFILE)


def to_provider_error(error: Exception, provider: Provider) -> ProviderError:
    """Return the typed error for whatever sending a request or reading its answer raised."""
    errors = mara_minimax.errors
    if isinstance(error, errors.ProviderError):
        error.provider = error.provider or provider.name
        return error
    if isinstance(error, timeouts()):
        return errors.APITimeoutError(
            f"{provider.title} did not answer in time.", provider=provider.name
        )
    if not isinstance(error, (OSError, *transport_failures())):
        return errors.APIConnectionError(
            f"The request to {provider.title} was not sent: the HTTP client's own hook or "
            f"transport raised {type(error).__name__}.",
            provider=provider.name,
            retryable=False,
        )
    reason = type(error.__cause__ or error).__name__
    is_retryable = True
    for link in _chain(error):
        if isinstance(link, ssl.SSLCertVerificationError):
            # A certificate does not change from one second to the next.
            reason, is_retryable = link.verify_message, False
        elif isinstance(link, OSError) and link.errno in _OUT_OF_FILES:
            reason = "too many open files: close some, or raise the limit of this process"
    return errors.APIConnectionError(
        f"The connection to {provider.title} failed ({reason}). {provider.advice_on_urls}".rstrip(),
        provider=provider.name,
        retryable=is_retryable,
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception, its causes, and those of the exceptions in a group."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        link = waiting.pop()
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        waiting += [link.__cause__, link.__context__]
        if isinstance(link, BaseExceptionGroup):
            waiting += link.exceptions
