"""Models that hold canaries, and a host that keeps what they send."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.secrets.callers import CALL_IDS, CLASSES, EVERY_CALL, KEY_VARIABLES, forms_of
from tests.secrets.canary import DEFAULT_HEADERS, KEY
from tests.secrets.host import Host


@pytest.fixture
def host() -> Iterator[Host]:
    with Host() as host:
        yield host


@pytest.fixture(params=CLASSES, ids=lambda cls: cls.__name__)
def cls(request: pytest.FixtureRequest) -> Any:
    """Each of the four classes."""
    return request.param


@pytest.fixture
def make(host: Host) -> Callable[..., Any]:
    """Build a model that talks to `host` with the key as an argument."""

    def make(cls: Any, **settings: Any) -> Any:
        return cls(**{"api_key": KEY, "base_url": host.base_url, "max_retries": 0, **settings})

    return make


@pytest.fixture(params=["argument", "environment"])
def build(
    request: pytest.FixtureRequest, host: Host, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Any]:
    """Build a model whose key came from either place and that talks to `host`."""

    def build(cls: Any, **settings: Any) -> Any:
        settings = {
            "base_url": host.base_url,
            "max_retries": 0,
            "default_headers": DEFAULT_HEADERS,
            **settings,
        }
        if request.param == "environment":
            monkeypatch.setenv(KEY_VARIABLES[cls.__name__], KEY)
            return cls(**settings)
        return cls(api_key=KEY, **settings)

    return build


@pytest.fixture(params=EVERY_CALL, ids=CALL_IDS)
def class_and_form(request: pytest.FixtureRequest) -> tuple[Any, Callable[..., object]]:
    """Each class with each form of a call that it has."""
    cls, form = request.param
    return cls, forms_of(cls)[form]
