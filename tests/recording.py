"""How cassettes are written and matched, for both frameworks.

They hold text and nothing that differs between two recordings: the server's address becomes a
name that does not exist, keys and the client's own headers are left out, and exchanges stand
in the order of the conversation, whatever order threads sent them in.
"""

from __future__ import annotations

import copy
import json
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import yaml
from vcr.request import Request

from mara_minimax.emulator import Emulator
from mara_minimax.providers.endpoints import MARA, MINIMAX
from tests.scrubbing import Scrubber

FOLDER_VARIABLE = "CASSETTES_FOLDER"
"""Names another folder than the project's, for recordings that are not kept."""

FOLDER = Path(os.environ.get(FOLDER_VARIABLE) or Path(__file__).parents[1] / "cassettes")
LIVE_VARIABLE = "RECORD_LIVE"
"""Set to a provider's name, it lets tests record from that provider instead of the emulator."""

KEPT_REQUEST_HEADERS = frozenset({"accept", "content-type"})
LEFT_OUT_RESPONSE_HEADERS = frozenset(
    {"connection", "content-length", "date", "set-cookie", "transfer-encoding"}
)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def live_provider() -> str | None:
    """Return the provider whose real endpoint is recorded, `None` for the emulator."""
    return os.environ.get(LIVE_VARIABLE) or None


def cassettes(framework: str) -> Path:
    """Return the folder of a framework's cassettes."""
    return FOLDER / ("live" if live_provider() else "emulator") / framework


def placeholder(provider: str) -> str:
    """Return the base URL that stands for the server of `provider`."""
    return f"https://{provider}.{'live' if live_provider() else 'emulator'}.test/v1"


_PROVIDERS = {"minimax": MINIMAX, "mara": MARA}
# Read before a test starts, because tests run without the variables of providers.
LIVE_KEYS = {name: os.environ.get(p.key_variable, "") for name, p in _PROVIDERS.items()}
LIVE_URLS = {name: os.environ.get(p.url_variable) or p.base_url for name, p in _PROVIDERS.items()}


def api_key(provider: str) -> str:
    """Return the key to record with, or one that no provider knows."""
    return (LIVE_KEYS[provider] if live_provider() else "") or "k"


def server_url(provider: str, record_mode: str, servers: dict[str, Emulator]) -> str:
    """Return where to find `provider`: an emulator, the real one, or a name when replaying."""
    if provider in servers:
        servers[provider].clear()
        return servers[provider].base_url
    return placeholder(provider) if record_mode == "none" else LIVE_URLS[provider]


def vcr_config(base_url: str, provider: str) -> dict[str, Any]:
    """Return how a cassette of `provider` is written and matched."""
    config: dict[str, Any] = {"match_on": ["method", "uri", "json"]}
    if live_provider():
        scrubber = Scrubber(base_url, placeholder(provider), (LIVE_KEYS[provider],))
        return {
            **config,
            "before_record_request": scrubber.request,
            "before_record_response": scrubber.response,
            "decode_compressed_response": True,
        }
    return {
        **config,
        "before_record_request": filtered_request(base_url, provider),
        "before_record_response": filtered_response,
    }


@contextmanager
def emulators(record_mode: str) -> Iterator[dict[str, Emulator]]:
    """Run the emulators to record from; none when replaying, or recording from elsewhere."""
    providers = () if record_mode == "none" or live_provider() else ("minimax", "mara")
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(Emulator(name, clock=lambda: 1_760_000_000))
            for name in providers
        }


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
    """Compare bodies as JSON; a UUID equals every other one in the same place of the order.

    White space in descriptions does not count.
    """
    assert _normalized(first.body) == _normalized(second.body)


def _normalized(body: bytes | str) -> Any:
    text = body.decode() if isinstance(body, bytes) else body
    known: dict[str, str] = {}
    numbered = _UUID.sub(lambda m: known.setdefault(m[0], f"uuid-{len(known)}"), text)
    return json.loads(numbered, object_hook=_unindented)


def _unindented(value: dict[str, Any]) -> dict[str, Any]:
    """Docstrings become descriptions, and Python 3.13 takes the indentation off docstrings."""
    if isinstance(value.get("description"), str):
        return {**value, "description": " ".join(value["description"].split())}
    return value
