"""`Emulator`: the class that tests, examples and the command line use."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Self

from mara_minimax.emulator.answers import answer as answer_by_rules
from mara_minimax.emulator.checks.account import Account
from mara_minimax.emulator.listener import Listener
from mara_minimax.emulator.server import CHAT_PATH, Conversation
from mara_minimax.emulator.state import (
    Answer,
    EmulatorState,
    RecordedRequest,
    provider_named,
    scenario_named,
)
from mara_minimax.emulator.types.canned import CannedReply


class Emulator:
    """A local server that speaks a provider's wire; it contains no model.

    Example:
        ```python
        from langchain_mara_minimax import ChatMiniMax
        from mara_minimax.emulator import Emulator

        with Emulator("minimax") as emulator:
            model = ChatMiniMax(api_key=emulator.api_key, base_url=emulator.base_url)
            print(model.invoke("What is 1+1?").text)
            print(emulator.last_body["messages"])
        ```

    `answer` says what the model says. It takes a `ChatRequest` that passed the provider's checks
    and returns a `Reply`, which the emulator puts into the provider's form, plain or streamed. It
    runs in a thread of the connection, and may be asynchronous. Where it raises or returns
    something else, the request gets HTTP 400 with that as its message.

    Example:
        ```python
        from langchain_mara_minimax import ChatMiniMax
        from mara_minimax.emulator import ChatRequest, Emulator, Reply, ToolCall


        def answer(request: ChatRequest) -> Reply:
            if request.results:
                return Reply(f"It is {request.results[-1].text}.", reasoning="The tool knew it.")
            return Reply(tool_calls=[ToolCall("get_time", {"city": "Oslo"})])


        def get_time(city: str) -> str:
            "Tell the time in a city."
            return "10:15"


        with Emulator("minimax", answer=answer) as emulator:
            model = ChatMiniMax(api_key=emulator.api_key, base_url=emulator.base_url)
            message = model.bind_tools([get_time]).invoke("What time is it?")
            print(message.tool_calls)
        ```
    """

    api_key = "emulator-key"
    """A key the emulator accepts; it accepts every other one too, except `bad-key`."""

    def __init__(
        self,
        provider: str = "minimax",
        *,
        scenario: str = "default",
        answer: Answer = answer_by_rules,
        port: int = 0,
        clock: Callable[[], float] = time.time,
        delay: float = 0.02,
        retry_after: float = 1,
        requests_per_minute: int | None = None,
        tokens_per_minute: int | None = None,
    ) -> None:
        """Prepare a server; it runs from `start()` or from entering the context.

        Args:
            provider: `minimax`, `mara` or `llmprovider`.
            scenario: Scenario of requests that name none.
            answer: Says what the model says; by default `mara_minimax.emulator.answer`.
            port: Port of 127.0.0.1 to listen on; 0 takes a free one.
            clock: Source of `created`; a constant makes equal requests get equal bytes.
            delay: Seconds between two chunks in the scenario `slow`.
            retry_after: Value of `Retry-After` where a scenario sends one.
            requests_per_minute: Chat requests that pass the checks in a minute of the clock;
                others get the provider's HTTP 429. MARA's headers count them down.
            tokens_per_minute: Tokens of prompts and answers after which requests do, too.

        Raises:
            LookupError: Provider or scenario is unknown.
        """
        emulated = provider_named(provider)
        chosen = scenario_named(scenario, emulated)
        account = Account(clock, requests_per_minute, tokens_per_minute)
        self._state = EmulatorState(emulated, chosen, answer, clock, delay, retry_after, account)
        self._port = port
        self._listener: Listener | None = None

    @property
    def provider(self) -> str:
        """Name of the emulated provider."""
        return self._state.provider.name

    @property
    def base_url(self) -> str:
        """What a client takes as base URL; known once the server runs."""
        if self._listener is None:
            raise RuntimeError("The emulator is not running; enter its context or call start().")
        return f"http://127.0.0.1:{self._port}/v1"

    @property
    def scenario(self) -> str:
        """Scenario of the following requests; the header `x-emulator-scenario` overrides it."""
        return self._state.chosen.name

    @scenario.setter
    def scenario(self, name: str) -> None:
        self._state.chosen = scenario_named(name, self._state.provider)
        self._state.spent.clear()

    @property
    def answer(self) -> Answer:
        """Says what the model says to the following requests."""
        return self._state.answer

    @answer.setter
    def answer(self, answer: Answer) -> None:
        self._state.answer = answer

    @property
    def requests(self) -> list[RecordedRequest]:
        """All requests so far, oldest first."""
        return list(self._state.requests)

    @property
    def last_body(self) -> Any:
        """Body of the newest chat request."""
        for request in reversed(self.requests):
            if request.path == CHAT_PATH and request.method == "POST":
                return request.body
        raise LookupError("No chat request has reached the emulator.")

    def enqueue(self, reply: CannedReply) -> None:
        """Serve these bytes to a following chat request, without checks and without `answer`."""
        self._state.canned.append(replace(reply, headers=dict(reply.headers)))

    def clear(self) -> None:
        """Forget requests, canned replies and counters; scenario and `answer` stay."""
        self._state.clear()

    def start(self) -> Self:
        """Listen, and return once requests are served."""
        if self._listener is not None:
            raise RuntimeError("The emulator is already running.")
        self._listener = Listener(
            lambda connection: Conversation(connection, self._state),
            name=f"emulator-{self.provider}",
            port=self._port,
        )
        self._port = self._listener.port
        self._listener.start()
        return self

    def stop(self) -> None:
        """Stop at once; open streams are aborted."""
        if self._listener is not None:
            self._listener.stop()
            self._listener = None

    def __enter__(self) -> Self:
        """Start the server."""
        return self.start()

    def __exit__(self, *_: object) -> None:
        """Stop the server."""
        self.stop()
