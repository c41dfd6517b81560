"""A function that gives the API key of each request, for keys that change while a program runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Self

from pydantic import SecretStr

KeySource = Callable[[], str | SecretStr | Awaitable[str | SecretStr]]
"""A function without arguments that returns the key, or the awaitable of one."""


class KeyFunction:
    """A user's `KeySource` and the host that it gives keys for, which copies keep together.

    It hides itself, because a `functools.partial` shows its arguments. It can be pickled where
    the function can.
    """

    variable = ""
    """No environment variable names it."""

    def __init__(self, function: KeySource, *, host: str = "") -> None:
        """Hold `function`; an empty `host` is filled in by the instance that takes it."""
        self.function = function
        self.host = host

    def __call__(self) -> Any:
        """Return what the function returns."""
        return self.function()

    def bind(self, host: str) -> KeyFunction:
        """Return it for `host`, unless it has a host already."""
        return self if self.host else KeyFunction(self.function, host=host)

    def __repr__(self) -> str:
        return "KeyFunction('**********')"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, KeyFunction) and self.function == other.function

    def __hash__(self) -> int:
        return hash(self.function)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Share the function, which may hold what cannot be copied, such as a connection."""
        return self
