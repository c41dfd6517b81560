"""How cassettes of the emulator are written and matched.

They hold text and nothing that differs between two recordings: the emulator's port becomes a
name that does not exist, keys and the client's own headers are left out, and exchanges stand
in the order of the conversation, whatever order threads sent them in.
"""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import yaml
from vcr.request import Request

CASSETTES = Path(__file__).parents[2] / "cassettes" / "emulator" / "langchain"
KEPT_REQUEST_HEADERS = frozenset({"accept", "content-type"})
LEFT_OUT_RESPONSE_HEADERS = frozenset(
    {"connection", "content-length", "date", "set-cookie", "transfer-encoding"}
)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def placeholder(provider: str) -> str:
    """Return the base URL that stands for the emulator of `provider`."""
    return f"http://{provider}.emulator.test/v1"


class Yaml:
    """vcrpy's serializer, with text in blocks as it came over the wire."""

    @staticmethod
    def deserialize(text: str) -> Any:
        return yaml.safe_load(text)

    @staticmethod
    def serialize(cassette: dict[str, Any]) -> str:
        cassette["interactions"].sort(key=_place)
        return yaml.dump(
            cassette, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000
        )


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def _place(interaction: dict[str, Any]) -> tuple[int, str]:
    body = interaction["request"]["body"]
    return len(json.loads(body)["messages"]), body


def filtered_request(base_url: str, provider: str) -> Any:
    """Return a filter that makes requests to `base_url` what a cassette holds of them."""

    def filtered(request: Request) -> Request:
        request = copy.copy(request)
        request.uri = request.uri.replace(base_url, placeholder(provider))
        request.headers = {
            name: value
            for name, value in request.headers.items()
            if name.lower() in KEPT_REQUEST_HEADERS
        }
        return request

    return filtered


def filtered_response(response: dict[str, Any]) -> dict[str, Any]:
    """Leave out what belongs to the connection and not to the reply."""
    headers = response["headers"].items()
    kept = {name: value for name, value in headers if name not in LEFT_OUT_RESPONSE_HEADERS}
    return {**response, "headers": kept}


def same_body(first: Request, second: Request) -> None:
    """Compare bodies as JSON; a UUID equals every other one in the same place of the order."""
    assert _normalized(first.body) == _normalized(second.body)


def _normalized(body: bytes | str) -> Any:
    text = body.decode() if isinstance(body, bytes) else body
    known: dict[str, str] = {}
    return json.loads(_UUID.sub(lambda m: known.setdefault(m[0], f"uuid-{len(known)}"), text))
