"""Checking a request body: a rule is a function, a provider is a tuple of rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mara_minimax.emulator.types.models import Model
from mara_minimax.emulator.types.refusal import Refusal


@dataclass(frozen=True)
class Candidate:
    """A body under examination; the model is known once the rule for it has passed."""

    body: Mapping[str, Any]
    model: Model

    @property
    def messages(self) -> Sequence[Mapping[str, Any]]:
        """The messages; only rules after the one that checks their shape may read them."""
        messages: Sequence[Mapping[str, Any]] = self.body["messages"]
        return messages

    @property
    def functions(self) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
        """Each tool with its function, which is empty when missing or malformed."""
        for given in self.body.get("tools") or []:
            tool = given if isinstance(given, dict) else {}
            function = tool.get("function")
            yield tool, function if isinstance(function, dict) else {}


BAD_KEY = "bad-key"
"""The one key that is refused."""

Rule = Callable[[Candidate], Refusal | None]
Row = tuple[str, Callable[[Any], bool], Callable[[str, Any], Refusal]]
"""A parameter, what its values have to be, and the refusal of one, which is not null."""


def parameters(*rows: Row) -> Rule:
    """The rule that goes through rows about one parameter each, in their order."""

    def rule(candidate: Candidate) -> Refusal | None:
        for name, holds, refusal in rows:
            value = candidate.body.get(name)
            if value is not None and not holds(value):
                return refusal(name, value)
        return None

    return rule


def between(low: float, high: float) -> Callable[[Any], bool]:
    """Whether a value is a number from `low` to `high`."""
    return lambda value: is_number(value) and low <= value <= high


def first_refusal(candidate: Candidate, rules: Sequence[Rule]) -> Refusal | None:
    """The first refusal of the rules, in their order."""
    for rule in rules:
        refusal = rule(candidate)
        if refusal is not None:
            return refusal
    return None


def is_number(value: object) -> bool:
    """A JSON number; booleans are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_integer(value: object) -> bool:
    """A JSON integer; booleans are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def messages_are_objects(value: object) -> bool:
    """Whether the value can be read as messages at all."""
    return isinstance(value, list) and all(map(_is_message, value))


def _is_message(value: object) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("role"), str):
        return False
    calls = value.get("tool_calls") or []
    return (
        isinstance(value.get("content"), str | list | None)
        and isinstance(value.get("tool_call_id"), str | None)
        and isinstance(calls, list)
        and all(map(_is_call, calls))
    )


def _is_call(value: object) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("function"), dict):
        return False
    return isinstance(value.get("id"), str | None)


def has_key(authorization: str) -> bool:
    """Whether a header carries a key at all."""
    scheme, _, key = authorization.partition(" ")
    return scheme.lower() == "bearer" and bool(key.strip())


def has_accepted_key(authorization: str) -> bool:
    """Whether a header carries a key that is not wrong."""
    return has_key(authorization) and authorization.partition(" ")[2].strip() != BAD_KEY
