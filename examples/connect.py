"""Where an example's questions go: a provider with a key, else the local emulator."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from mara_minimax.emulator import Emulator
from mara_minimax.providers.endpoints import PROVIDERS

_announced: set[str] = set()
KEY_VARIABLES = {"minimax": "MINIMAX_API_KEY", "mara": "MARA_API_KEY"}


@contextmanager
def connect(provider: str, **options: Any) -> Iterator[dict[str, Any]]:
    """Yield the arguments of a chat class: none with a key, the emulator's without.

    `options` are the emulator's, such as `scenario="slow", delay=0.03`.
    """
    variable = KEY_VARIABLES[provider]
    if os.environ.get(variable):
        known = next(each for each in PROVIDERS if each.name == provider)
        host = urlsplit(os.environ.get(known.url_variable) or known.base_url).netloc
        print(f"{variable} is set: talking to {host}.")
        yield {}
        return
    with Emulator(provider, **options) as emulator:
        if provider not in _announced:
            _announced.add(provider)
            print(f"No {variable}: talking to a local emulator of {provider}, which is no model.")
        yield {"api_key": emulator.api_key, "base_url": emulator.base_url}
