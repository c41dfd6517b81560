"""What one emulator remembers between requests; every method is safe from any thread."""

from __future__ import annotations

import json
import threading
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from mara_minimax.emulator.exchange import Answer, Exchange
from mara_minimax.emulator.providers import PROVIDERS, Provider
from mara_minimax.emulator.scenarios import SCENARIOS, Scenario
from mara_minimax.emulator.types.canned import CannedReply


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
        raise UnknownScenarioError(f"Unknown scenario {name!r}; --list-scenarios shows them all.")
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
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _requests: list[RecordedRequest] = field(default_factory=list)
    _canned: deque[CannedReply] = field(default_factory=deque)
    _asked: Counter[str] = field(default_factory=Counter)
    _spent: set[str] = field(default_factory=set)

    def choose(self, name: str) -> None:
        """Take another scenario for requests that name none."""
        scenario = scenario_named(name, self.provider)
        with self._lock:
            self.chosen = scenario
            self._spent.clear()

    def record(self, request: RecordedRequest) -> None:
        """Keep a request."""
        with self._lock:
            self._requests.append(request)

    def requests(self) -> list[RecordedRequest]:
        """The requests in order of arrival; the records are the live ones."""
        with self._lock:
            return list(self._requests)

    def enqueue(self, reply: CannedReply) -> None:
        """Add a reply to the line."""
        with self._lock:
            self._canned.append(replace(reply, headers=dict(reply.headers)))

    def next_canned(self) -> CannedReply | None:
        """Take the first reply of the line."""
        with self._lock:
            return self._canned.popleft() if self._canned else None

    def clear(self) -> None:
        """Forget requests, canned replies and counters; scenario and answer function stay."""
        with self._lock:
            self._requests.clear()
            self._canned.clear()
            self._asked.clear()
            self._spent.clear()

    def ordinal(self) -> int:
        """How many chat requests the rules have answered."""
        with self._lock:
            return self._asked.total()

    def exchange(self, body: Any, *, authorization: str, scenario: str | None) -> Exchange:
        """Count a chat request and gather what shapes its answer."""
        seed = json.dumps(body, sort_keys=True)
        with self._lock:
            chosen = self.chosen
            if scenario is not None:
                chosen = scenario_named(scenario, self.provider)
            if chosen.once and chosen.name in self._spent:
                chosen = SCENARIOS["default"]
            self._spent.add(chosen.name)
            repeat = self._asked[seed]
            self._asked[seed] += 1
            ordinal = self._asked.total()
        return Exchange(
            provider=self.provider,
            scenario=chosen,
            authorization=authorization,
            body=body,
            answer=self.answer,
            created=self.clock(),
            repeat=repeat,
            ordinal=ordinal,
            delay=self.delay,
            retry_after=self.retry_after,
        )
