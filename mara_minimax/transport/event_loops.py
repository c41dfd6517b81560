"""Async generators and the end of an event loop: who closes what."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator
from functools import partial
from typing import Any, Generic, Self, TypeVar, cast

Item = TypeVar("Item")
Result = TypeVar("Result")


class UnregisteredAsyncGenerator(Generic[Item]):
    """An async generator that is not registered with the event loop: only its reader closes it.

    Use it in `async with`, as `contextlib.aclosing`, or without a block where something else
    ends what the generator reads.

    When an event loop ends, it closes all registered generators at the same time. A generator
    that its reader is closing at that moment raises "already running". So neither this
    generator nor those that it iterates over are registered. They are not closed when they are
    garbage-collected either: whoever drops the reader has closed what they read from.
    """

    def __init__(self, stream: AsyncGenerator[Item, None]) -> None:
        """`stream` is a generator that has not been started."""
        self._stream = stream
        self._begun = False

    def __aiter__(self) -> AsyncIterator[Item]:
        return self

    def __anext__(self) -> Awaitable[Item]:
        if self._begun:
            return self._stream.__anext__()
        self._begun = True
        # Python registers a generator at its first step, and so the generators inside it.
        return _FirstStep(self._stream)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stream.aclose()


class Closable:
    """Something that an event loop closes when it ends, such as its own connections."""

    def register(self) -> None:
        """Register with the running loop, which awaits `aclose` before it is closed.

        Loops have no hook for this but the one for async generators: `asyncio.run` and other
        runners call `shutdown_asyncgens`, which closes each registered generator. The loop
        keeps a weak reference.
        """
        hook = sys.get_asyncgen_hooks().firstiter
        if isinstance(hook, _UnregisteredHook):
            hook = hook.replaced
        if hook is not None:
            hook(cast(AsyncGenerator[Any, Any], self))

    async def aclose(self) -> None:
        """Close."""
        raise NotImplementedError


class _UnregisteredHook:
    """A hook for the first steps of async generators, in which the loop is not told of them."""

    def __init__(self, replaced: Callable[[AsyncGenerator[Any, Any]], Any] | None) -> None:
        self.replaced = replaced

    def __call__(self, generator: AsyncGenerator[Any, Any]) -> None:
        """Do not register the generator."""


def _abandon(generator: AsyncGenerator[Any, Any]) -> None:
    """Let a garbage-collected generator go without running it to its end."""


class _FirstStep(Generic[Item]):
    """Await a generator's first item without registering the generators that start meanwhile."""

    def __init__(self, stream: AsyncGenerator[Item, None]) -> None:
        self._stream = stream

    def __await__(self) -> Generator[Any, Any, Item]:
        steps: Any = _unregistered(lambda: self._stream.__anext__().__await__())
        step = partial(steps.send, None)
        while True:
            try:
                waited_for = _unregistered(step)
            except StopIteration as end:
                return cast(Item, end.value)
            try:
                step = partial(steps.send, (yield waited_for))
            except BaseException as error:  # noqa: BLE001 - cancellation, on its way in
                step = partial(steps.throw, error)


def _unregistered(step: Callable[[], Result]) -> Result:
    """Run one step with this thread's hooks replaced; no other code runs on it meanwhile."""
    firstiter, finalizer = sys.get_asyncgen_hooks()
    replaced = firstiter.replaced if isinstance(firstiter, _UnregisteredHook) else firstiter
    sys.set_asyncgen_hooks(_UnregisteredHook(replaced), _abandon)
    try:
        return step()
    finally:
        sys.set_asyncgen_hooks(firstiter, finalizer)
