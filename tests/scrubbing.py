"""What is taken out of recordings of a real provider before they are written.

Of headers only those stay that say something about the reply. Ids of requests, accounts and
organizations become numbered words, the same id the same word throughout a recording, because
later requests may repeat what an earlier reply held.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

from vcr.request import Request

KEPT_REQUEST_HEADERS = frozenset({"accept", "content-type"})
KEPT_RESPONSE_HEADERS = frozenset({"content-type", "retry-after"})

_ID_FIELDS = frozenset(
    {
        "request_id", "trace_id", "organization", "organization_id", "org_id", "group_id",
        "account_id", "user_id", "project_id",
    }
)  # fmt: skip
_ORGANIZATION = re.compile(r"\b(?:org|proj|user|acct)[-_][A-Za-z0-9]{6,}")


class Scrubber:
    """The filters of one recording."""

    def __init__(self, base_url: str, placeholder: str, secrets: tuple[str, ...]) -> None:
        """`base_url` becomes `placeholder`; `secrets` are keys that nothing may repeat."""
        self._base_url = base_url
        self._placeholder = placeholder
        self._words = {secret: "scrubbed-key" for secret in secrets if secret}

    def request(self, request: Request) -> Request:
        """Return a request as it may be written."""
        request = copy.copy(request)
        request.uri = request.uri.replace(self._base_url, self._placeholder)
        request.headers = {
            name: value
            for name, value in request.headers.items()
            if name.lower() in KEPT_REQUEST_HEADERS
        }
        if request.body:
            body = request.body if isinstance(request.body, str) else request.body.decode()
            request.body = self._scrub(body).encode()
        return request

    def response(self, response: dict[str, Any]) -> dict[str, Any]:
        """Return a response as it may be written; its body keeps all bytes that are no ids."""
        headers = {
            name: value
            for name, value in response["headers"].items()
            if name.lower() in KEPT_RESPONSE_HEADERS
        }
        body = response["body"]["string"]
        text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
        for value in _ids_in(text):
            self._words.setdefault(value, f"scrubbed-{len(self._words)}")
        scrubbed = self._scrub(text)
        string = scrubbed.encode() if isinstance(body, bytes) else scrubbed
        return {**response, "headers": headers, "body": {**response["body"], "string": string}}

    def _scrub(self, text: str) -> str:
        for value in sorted(self._words, key=len, reverse=True):
            text = text.replace(value, self._words[value])
        return text


def _ids_in(text: str) -> Iterator[str]:
    """Yield the ids of a JSON body, or of each event of a stream, and what looks like one."""
    yield from _ORGANIZATION.findall(text)
    for part in [text, *(line.removeprefix("data:") for line in text.splitlines())]:
        try:
            value = json.loads(part)
        except ValueError:
            continue
        if isinstance(value, dict):
            if isinstance(own := value.get("id"), str) and own:
                yield own
            yield from _named_ids(value)


def _named_ids(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _named_ids(item)
    if isinstance(value, dict):
        for name, item in value.items():
            if name in _ID_FIELDS and isinstance(item, str) and item:
                yield item
            else:
                yield from _named_ids(item)
