"""What an event loop closes at its end, and what it must leave alone.

A loop closes async generators: those that it hears of by the hooks of
`sys.set_asyncgen_hooks`, when a generator takes its first step. At its end it closes all of them
at the same time, the outer ones and those that they read from, and asyncio complains "asynchronous
generator is already running" where two of them close one another.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator
from contextlib import suppress
from typing import Any, Generic, Self, TypeVar, cast

import mara_minimax

Item = TypeVar("Item")
Result = TypeVar("Result")


def running_event_loop() -> asyncio.AbstractEventLoop:
    """Return asyncio's running event loop; raise `ParameterError` where there is none."""
    with suppress(RuntimeError):
        return asyncio.get_running_loop()
    raise mara_minimax.errors.ParameterError(
        "No asyncio event loop is running: async calls need one, also under anyio. In trio, run "
        "a sync call in a thread (trio.to_thread.run_sync)."
    )


class UnregisteredAsyncGenerator(Generic[Item]):
    """An async generator that its reader closes and its event loop does not hear of.

    Nor does the loop hear of generators that begin while the first item is awaited, such as
    those of the HTTP library. Use it as `contextlib.aclosing`, or without a block where
    something else ends what the generator reads, such as closing the response.

    With `aclosing` alone, the loop and the reader close the same generators:
    test_an_async_generator_that_is_still_held_when_its_loop_ends fails,
    test_a_stream_that_is_left_last_is_closed_in_any_loop too.
    """

    def __init__(self, generator: AsyncGenerator[Item, None]) -> None:
        """`generator` has not begun."""
        self._generator = generator
        self._begun = False

    def __aiter__(self) -> AsyncIterator[Item]:
        return self

    def __anext__(self) -> Awaitable[Item]:
        if self._begun:
            return self._generator.__anext__()
        self._begun = True
        return _UnheardSteps(self._generator)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._generator.aclose()


class ClosedWithLoop:
    """What an event loop closes at its end, such as connections that only it can close."""

    def register(self) -> None:
        """Ask the running loop to await `aclose` before it is closed; it keeps a weak reference.

        A loop has no other hook for its end than closing the async generators that it knows:
        whoever runs it calls `shutdown_asyncgens`, as `asyncio.run` does.
        """
        hook = sys.get_asyncgen_hooks().firstiter
        # The first call of a loop makes its pool while a stream begins unheard:
        # test_a_closable_made_inside_an_unregistered_generator_is_closed_all_the_same.
        if isinstance(hook, _Unheard):
            hook = hook.replaced
        if hook is not None:
            hook(cast("AsyncGenerator[Any, Any]", self))

    async def aclose(self) -> None:
        """Close."""
        raise NotImplementedError


class _UnheardSteps(Generator[Any, Any, Item]):
    """Awaits a generator's first item; the loop hears of no generator that begins meanwhile.

    Step by step, because other tasks of the loop run between the steps:
    test_the_hooks_of_the_loop_are_back_after_each_step.
    """

    def __init__(self, generator: AsyncGenerator[Item, None]) -> None:
        # The generator counts as begun when its item is asked for.
        self._steps: Any = _unheard(lambda: generator.__anext__().__await__())

    def __await__(self) -> Generator[Any, Any, Item]:
        return self

    def send(self, value: Any) -> Any:
        return _unheard(self._steps.send, value)

    def throw(self, *error: Any) -> Any:
        return _unheard(self._steps.throw, *error)


class _Unheard:
    """The hook for first steps while the loop's own is replaced."""

    def __init__(self, replaced: Callable[[AsyncGenerator[Any, Any]], Any] | None) -> None:
        self.replaced = replaced

    def __call__(self, generator: AsyncGenerator[Any, Any]) -> None:
        """Tell nobody."""


def _leave(generator: AsyncGenerator[Any, Any]) -> None:
    """Let go of a generator that is dropped unfinished, instead of running its last steps.

    The loop's own hook makes a task for these, which a loop or a process that ends never runs:
    test_process_exit_in_the_middle_of_a_stream_says_nothing.
    """


def _unheard(step: Callable[..., Result], *arguments: Any) -> Result:
    """Run a step with the hooks of this thread replaced; nothing else runs on it meanwhile."""
    hooks = sys.get_asyncgen_hooks()
    if isinstance(hooks.firstiter, _Unheard):
        return step(*arguments)
    sys.set_asyncgen_hooks(_Unheard(hooks.firstiter), _leave)
    try:
        return step(*arguments)
    finally:
        sys.set_asyncgen_hooks(*hooks)
