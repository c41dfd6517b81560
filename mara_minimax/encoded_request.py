"""A request that is ready to be sent, with what is needed to read its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from mara_minimax.providers.endpoints import Provider
from mara_minimax.providers.models import ModelProfile
from mara_minimax.types import JSONObject


class ParameterWarning(UserWarning):
    """A parameter was changed or left out because the provider does not take it as given."""


class HistoryWarning(UserWarning):
    """Something in a stored message was left out or replaced, because it cannot be sent."""


LeakedToolCalls = Literal["warn", "error", "parse"]


class LeakedToolCallWarning(UserWarning):
    """A server left the model's markup of tool calls in the text of an answer."""


class ModelWarning(UserWarning):
    """A model was announced to retire; the request is sent nonetheless."""


class RequestWarning(NamedTuple):
    """What a user should know about a request, which is sent nonetheless."""

    text: str
    cause: tuple[str, ...]
    """What identifies it: of several warnings with one cause, only the first is given out."""
    category: type[Warning] = ParameterWarning


@dataclass(frozen=True, slots=True)
class ForcedTools:
    """The tools one of which the model has to call."""

    tools: tuple[JSONObject, ...]
    """As they are on the wire; never empty."""
    enforced: bool
    """Whether the choice is sent for the provider to enforce, and not asked for in words."""
    without_code: frozenset[str] = frozenset()
    """Names of tools that only describe an object and run no code."""

    @property
    def names(self) -> list[str]:
        """The names of the tools."""
        return [tool["function"]["name"] for tool in self.tools]

    @property
    def all_without_code(self) -> bool:
        """Whether none of the tools runs code."""
        return self.without_code.issuperset(self.names)


@dataclass(frozen=True, slots=True)
class EncodedRequest:
    """All that a client needs to send one request and read its answer."""

    body: JSONObject
    provider: Provider
    profile: ModelProfile
    stream: bool
    stop: tuple[str, ...] = ()
    """Stop sequences that the reply decoder enforces as well."""
    starts_in_reasoning: bool = False
    closer_ends_reasoning: bool = True
    """Whether a closing tag alone in the content ends reasoning, or is text of the answer."""
    headers: Mapping[str, Any] | None = None
    timeout: Any = None
    """Overrides the client's timeout when not `None`."""
    changes: tuple[str, ...] = ()
    """What history repair changed, in words."""
    warnings: tuple[RequestWarning, ...] = ()
    """What the user should know, for `give_warnings`."""
    leaked_tool_calls: LeakedToolCalls = "warn"
    """What becomes of calls that stand in the text as markup."""
    forced: ForcedTools | None = None
    """The tools one of which has to be called; `None` for a free choice."""
    json_answer: bool = False
    """Whether `response_format` asks for JSON: a code fence around it is not part of the text."""
    tool_names: Mapping[str, str] = field(default_factory=dict)
    """The names under which tools were given, by those that are sent, where the two differ."""
