"""The errors for 2xx bodies that hold neither a reply nor a failure that was reported."""

from __future__ import annotations

from typing import Any

from mara_minimax.errors import InvalidReplyError, ProviderError
from mara_minimax.failures.texts import shown_detail, shown_message, title_of
from mara_minimax.providers.endpoints import Provider
from mara_minimax.secrets.redaction import NO_SECRETS, Redactor


def invalid_reply(body: Any, provider: Provider, redactor: Redactor = NO_SECRETS) -> ProviderError:
    """Return the error for a 2xx body that is neither a reply nor a known failure."""
    shown, request_id = type(body).__name__, None
    if isinstance(body, dict):
        shown = shown_message(str(sorted(body)), redactor)
        request_id = body.get("request_id") or body.get("id")
    return InvalidReplyError(
        f"{provider.title} sent an answer without choices (it holds: {shown}).",
        provider=provider.name,
        request_id=shown_detail(request_id, redactor),
        body=redactor.value(body),
    )


def unreadable_answer(
    head: bytes, content_type: str, provider: Provider, redactor: Redactor = NO_SECRETS
) -> ProviderError:
    """Return the error for a 2xx body that is neither JSON nor a stream; `head` begins it.

    A page of HTML comes from a portal or proxy and comes again, so that it is not retried.
    """
    page = head.decode("utf-8", "replace")
    is_page = page.startswith("<")
    kind = shown_detail(content_type, redactor)
    title = shown_detail(title_of(page), redactor) if is_page else None
    text = f"{provider.title} sent an answer that is neither JSON nor a stream of events"
    known = [f"content type {kind!r}"] if kind else []
    if is_page:
        text += " but a page of HTML"
        known += [f"title {title!r}"] if title else []
    text += f" ({', '.join(known)})." if known else "."
    if is_page:
        text += " Check the base URL, and whether a proxy or a login page stands in between."
    return InvalidReplyError(text, provider=provider.name, retryable=not is_page)
