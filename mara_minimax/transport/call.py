"""What is asked of a host, whatever becomes of each attempt, and who reads the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from mara_minimax.encoded_request import EncodedRequest
from mara_minimax.providers.endpoints import Provider
from mara_minimax.providers.models import ListedModel
from mara_minimax.reply.listing import ListingReader
from mara_minimax.reply.reader import ReplyReader
from mara_minimax.secrets.redaction import Redactor
from mara_minimax.types import Delta, JSONObject, Reply

Item = TypeVar("Item")


class Reader(Protocol[Item]):
    """Reads the bytes of one answer, and gives out what they hold piece by piece."""

    content_type: str
    """What the answer's header says of its kind."""

    @property
    def stopped(self) -> bool:
        """Whether reading on would add nothing, so that the connection can be closed early."""

    @property
    def ended(self) -> bool:
        """Whether the end of a reply was read; its usage may still come."""

    @property
    def complete(self) -> bool:
        """Whether all of a reply was read."""

    @property
    def may_be_whole(self) -> bool:
        """Whether a body without a length may end here; `is_whole` then looks closer."""

    @property
    def buffered_bytes(self) -> int:
        """Return the size of what was read and is not yet complete."""

    def is_whole(self) -> bool:
        """Whether what was read counts, although the connection failed before the body's end."""

    def partial_reply(self) -> Reply | None:
        """Return what was received of a reply so far, for errors."""

    def decode(self, data: bytes) -> list[Item]:
        """Return the items that `data` completes."""

    def flush(self) -> list[Item]:
        """Return the items that the end of the body completes; raise if it came too early."""


@dataclass(frozen=True, slots=True)
class Call(Generic[Item]):
    """One request, which may be sent several times."""

    method: str
    path: str
    reader: Callable[[Redactor], Reader[Item]]
    """Makes the reader of one answer."""
    body: JSONObject | None = None
    """Where its model is empty, the first that the host lists is filled in, in place."""
    headers: Mapping[str, Any] | None = None
    timeout: Any = None
    """Overrides the client's timeout when not `None`."""


def chat_call(request: EncodedRequest) -> Call[Delta]:
    """Return the call for a chat completion."""
    return Call(
        "POST",
        "/chat/completions",
        partial(ReplyReader, request),
        body=request.body,
        headers=request.headers,
        timeout=request.timeout,
    )


def listing_call(provider: Provider) -> Call[ListedModel]:
    """Return the call for the models that the host serves."""
    return Call("GET", "/models", partial(ListingReader, provider))
