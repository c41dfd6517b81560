"""Async generators and the end of an event loop: who closes what."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator
from functools import partial
from typing import Any, Generic, Self, TypeVar, cast

Item = TypeVar("Item")
Result = TypeVar("Result")


class Owned(Generic[Item]):
    """An async generator that its reader closes, and nobody else.

    Use it as `aclosing`, or without a block where something else ends what the generator
    reads. An event loop closes at its end all generators that it knows of, and at the same
    time; one that its reader is closing just then fails with "already running". So the loop is
    told neither of an owned generator nor of those inside of it. Nor are these finished one by
    one when the owner is dropped: it has closed what they read from.
    """

    def __init__(self, stream: AsyncGenerator[Item, None]) -> None:
        """`stream` is a generator that has not begun."""
        self._stream = stream
        self._begun = False

    def __aiter__(self) -> AsyncIterator[Item]:
        return self

    def __anext__(self) -> Awaitable[Item]:
        if self._begun:
            return self._stream.__anext__()
        self._begun = True
        # A loop is told of a generator in its first step, and of the nested ones too.
        return _FirstStep(self._stream)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stream.aclose()


class Closable:
    """What an event loop is to close at its end, such as connections that only it can close."""

    def announce(self) -> None:
        """Ask the running loop to await `aclose` before it is closed; it keeps a weak reference.

        Whoever runs a loop calls `shutdown_asyncgens` at its end, as `asyncio.run` does, and
        the loop then closes each async generator that it was told of. It has no other hook.
        """
        hook = sys.get_asyncgen_hooks().firstiter
        if isinstance(hook, _Silence):
            hook = hook.interrupted
        if hook is not None:
            hook(cast("AsyncGenerator[Any, Any]", self))

    async def aclose(self) -> None:
        """Close."""
        raise NotImplementedError


class _Silence:
    """The hook for first steps while a loop is told nothing."""

    def __init__(self, interrupted: Callable[[AsyncGenerator[Any, Any]], Any] | None) -> None:
        self.interrupted = interrupted

    def __call__(self, generator: AsyncGenerator[Any, Any]) -> None:
        """Tell nobody."""


def _leave(generator: AsyncGenerator[Any, Any]) -> None:
    """Let go of a dropped generator: no step of it is run any more."""


class _FirstStep(Generic[Item]):
    """Await a generator's first item, without telling the loop of what begins meanwhile."""

    def __init__(self, stream: AsyncGenerator[Item, None]) -> None:
        self._stream = stream

    def __await__(self) -> Generator[Any, Any, Item]:
        steps: Any = _silently(lambda: self._stream.__anext__().__await__())
        step = partial(steps.send, None)
        while True:
            try:
                waited_for = _silently(step)
            except StopIteration as end:
                return cast("Item", end.value)
            try:
                step = partial(steps.send, (yield waited_for))
            except BaseException as error:  # noqa: BLE001 - cancellation, on its way in
                step = partial(steps.throw, error)


def _silently(step: Callable[[], Result]) -> Result:
    """Run a step with the hooks of this thread replaced; nothing else runs on it meanwhile."""
    firstiter, finalizer = sys.get_asyncgen_hooks()
    interrupted = firstiter.interrupted if isinstance(firstiter, _Silence) else firstiter
    sys.set_asyncgen_hooks(_Silence(interrupted), _leave)
    try:
        return step()
    finally:
        sys.set_asyncgen_hooks(firstiter, finalizer)
