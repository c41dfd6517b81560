"""One way of calling an integration for both frameworks."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from mara_minimax.emulator import Emulator

QUESTION = "What is 1+1?"
WEATHER_QUESTION = "What is the weather in Paris?"
PERSON_TEXT = "Extract the person: Anna is 30 years old."


class Person(BaseModel):
    """A person."""

    name: str
    age: int


def get_weather(city: str) -> str:
    """Return the weather of a city."""
    return f"It is sunny in {city}."


@dataclass
class Answer:
    """What a caller can read from a message, a chunk or a response."""

    text: str
    metadata: str
    """All that stands beside the text and the raw reply, as JSON."""
    raw: str = ""
    """The raw reply, where the framework hands it out."""
    usage: bool = False
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Name and parsed arguments."""
    arguments: str = ""
    """Arguments of calls as far as they came, as text."""
    message: Any = None
    """The framework's object, to be put into a history."""


class Caller(ABC):
    """Builds models of one integration and calls them; raises `NotOffered` where it cannot."""

    name: str
    package: str
    url_name: str = "base_url"
    home: str = "minimax"
    """The provider of rows that are about neither of the two."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator

    @abstractmethod
    def build(self, **settings: Any) -> Any:
        """Return a model; `settings` are named as most integrations name them."""

    @abstractmethod
    def question(self, text: str) -> Any: ...

    @abstractmethod
    def picture_of_a_tool(self, picture: str) -> list[Any]:
        """Return a history whose last message is a tool's: text and a PNG in base64."""

    @abstractmethod
    def call_of_another_class(self) -> list[Any]:
        """Return a history with a call as classes for Anthropic's API write it."""

    @abstractmethod
    def plain(self, model: Any, messages: list[Any]) -> Answer: ...

    @abstractmethod
    def stream(self, model: Any, messages: list[Any]) -> Iterator[Answer]: ...

    @abstractmethod
    def astream(self, model: Any, messages: list[Any]) -> AsyncIterator[Answer]: ...

    @abstractmethod
    def whole(self, chunks: list[Answer]) -> Answer:
        """Return what the chunks of a stream come to."""

    @abstractmethod
    def call_tool(self, model: Any, *, forced: bool) -> Answer: ...

    @abstractmethod
    def stream_tool(self, model: Any) -> Iterator[Answer]: ...

    @abstractmethod
    def fill(self, model: Any) -> Any:
        """Return the object for the class `Person`."""


def dumped(value: Any) -> str:
    return json.dumps(value, default=str, ensure_ascii=False)


def without_none(settings: dict[str, Any]) -> dict[str, Any]:
    """A setting that is `None` is left out, as if it had not been thought of."""
    return {name: value for name, value in settings.items() if value is not None}
