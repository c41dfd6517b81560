"""What is known of each rule: its number, where LlamaIndex relies on it, what it needs."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

VERIFIED_WITH = "0.14.25"
"""Version of llama-index-core in which the sources were looked at."""

Ability = Literal["tools", "streaming", "async", "reasoning", "reasoning_return"]
Test = TypeVar("Test", bound=Callable[..., Any])


@dataclass(frozen=True)
class Rule:
    """One rule of the suite; its test is the method `test_…` of that name."""

    number: str
    """`R01` and so on; a number is never given to another rule."""

    test: str
    """Name of the method that tests it."""

    group: str
    """Name of the module that it stands in."""

    reason: str
    """Why something in the framework depends on it."""

    sources: tuple[str, ...]
    """Where, as `module:symbol` below `llama_index.core`."""

    needs: tuple[Ability, ...]
    """Abilities without which it is skipped."""

    @property
    def title(self) -> str:
        """The rule in words, which are those of its test."""
        return self.test.removeprefix("test_").replace("_", " ")


RULES: dict[str, Rule] = {}
"""All rules by the name of their test."""


def rule(number: int, *sources: str, needs: tuple[Ability, ...] = ()) -> Callable[[Test], Test]:
    """Make a rule of a test method, whose docstring says why it holds."""

    def register(test: Test) -> Test:
        RULES[test.__name__] = Rule(
            number=f"R{number:02}",
            test=test.__name__,
            group=test.__module__.rpartition(".")[2],
            reason=inspect.cleandoc(test.__doc__ or ""),
            sources=sources,
            needs=needs,
        )
        return test

    return register
