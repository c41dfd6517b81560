"""What one emulator remembers between requests, for the threads of its connections."""

from __future__ import annotations

import json
import threading
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from mara_minimax.emulator.checks.account import Account
from mara_minimax.emulator.providers import PROVIDERS, Provider
from mara_minimax.emulator.scenarios import SCENARIOS, Scenario
from mara_minimax.emulator.types.canned import CannedReply
from mara_minimax.emulator.types.models import Model
from mara_minimax.emulator.types.reply import Reply
from mara_minimax.emulator.types.request import ChatRequest
from mara_minimax.emulator.wire.wire import Wire

Answer = Callable[[ChatRequest], Reply | Awaitable[Reply]]
"""Says what the model says; plain or asynchronous."""

_UNNAMED = Model("", 0)


@dataclass
class RecordedRequest:
    """A request as it arrived, and how its reply went."""

    method: str
    path: str
    headers: dict[str, str]
    """Lower-case names; the value of `authorization` is replaced by `<redacted>`."""
    has_key: bool
    body: Any = None
    """The parsed JSON body, or `None` when there is none or it is not JSON."""
    status: int = 0
    chunks_sent: int = 0
    disconnected: bool = False
    """The client closed the connection before the whole reply was sent."""
    _finished: threading.Event = field(default_factory=threading.Event, repr=False, compare=False)

    def finish(self) -> None:
        """Mark the exchange as over."""
        self._finished.set()

    def wait_finished(self, timeout: float = 5.0) -> bool:
        """Wait until the reply was sent, dropped or abandoned; false when the time ran out."""
        return self._finished.wait(timeout)


class UnknownScenarioError(LookupError):
    """No scenario has this name, or not at this provider."""


def provider_named(name: str) -> Provider:
    """A provider by name."""
    if name not in PROVIDERS:
        raise LookupError(f"Unknown provider {name!r}; choose from {', '.join(PROVIDERS)}.")
    return PROVIDERS[name]


def scenario_named(name: str, provider: Provider) -> Scenario:
    """A scenario by name, if the provider has it."""
    scenario = SCENARIOS.get(name)
    if scenario is None:
        raise UnknownScenarioError(
            f"Unknown scenario {name!r}; python -m mara_minimax.emulator --help lists them all."
        )
    if provider.name not in scenario.providers:
        owners = ", ".join(sorted(scenario.providers))
        raise UnknownScenarioError(f"The scenario {name!r} is a form of {owners} alone.")
    return scenario


@dataclass
class EmulatorState:
    """Scenario, answer function, canned replies, log and counters of one emulator."""

    provider: Provider
    chosen: Scenario
    """The scenario of requests that name none."""
    answer: Answer
    clock: Callable[[], float]
    delay: float
    retry_after: float
    account: Account
    requests: list[RecordedRequest] = field(default_factory=list)
    canned: deque[CannedReply] = field(default_factory=deque)
    asked: Counter[str] = field(default_factory=Counter)
    """How often each body was asked."""
    spent: set[str] = field(default_factory=set)
    """Scenarios that have answered."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def clear(self) -> None:
        """Forget requests, canned replies and counters; scenario and answer function stay."""
        with self._lock:
            for memory in (self.requests, self.canned, self.asked, self.spent):
                memory.clear()

    def begin(self, body: Any, scenario: str | None) -> tuple[Scenario, Wire]:
        """Count a chat request; return its scenario and what writes its reply."""
        seed = json.dumps(body, sort_keys=True)
        with self._lock:
            chosen = scenario_named(scenario, self.provider) if scenario else self.chosen
            if chosen.once and chosen.name in self.spent:
                chosen = SCENARIOS["default"]
            self.spent.add(chosen.name)
            repeat = self.asked[seed]
            self.asked[seed] += 1
            return chosen, self.wire(seed, repeat)

    def wire(self, seed: str, number: int) -> Wire:
        """What writes a reply; `seed` and `number` make its ids."""
        seed = "\x1f".join((self.provider.name, seed, str(number)))
        return self.provider.wire(seed, _UNNAMED, self.clock(), self.asked.total())
