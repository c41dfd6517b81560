"""What all rules share: how the LLM is made, what it can do, and the scripted server."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from llama_index.core.base.llms.types import VideoBlock
from llama_index.core.llms import LLM

from llama_index_mara_minimax.conformance.history import refused
from llama_index_mara_minimax.conformance.rules import RULES, Ability
from llama_index_mara_minimax.conformance.script import JSONObject, ReasoningForm, Script, Turn
from mara_minimax.emulator import Emulator


class Conformance(ABC):
    """The frame: what a subclass says of its LLM. Rules stand in subclasses.

    A property may be overridden by a class attribute as well.
    """

    @abstractmethod
    def make_llm(self, base_url: str, **settings: Any) -> LLM:
        """Build the LLM for a server at `base_url`, which ends with `/v1`.

        `settings` are constructor arguments in the framework's own names: `max_retries`,
        `max_tokens`, `temperature`, `system_prompt` and `callback_manager`. `api_key` is the key
        to give it.
        """

    @property
    def title(self) -> str:
        """Name of the LLM in reports; that of the class by default."""
        return type(self).__name__.removeprefix("Test")

    @property
    def api_key(self) -> str:
        """The key that the LLM is given; no readable form of it may show up."""
        return "sk-conformance-0123456789"

    @property
    def has_tools(self) -> bool:
        """Whether it is a `FunctionCallingLLM`."""
        return True

    @property
    def has_streaming(self) -> bool:
        """Whether it streams."""
        return True

    @property
    def has_async(self) -> bool:
        """Whether its async methods work."""
        return True

    @property
    def reasoning_form(self) -> ReasoningForm | None:
        """Where its provider puts reasoning; `None` where the models do not reason."""
        return None

    @property
    def has_reasoning_return(self) -> bool:
        """Whether its provider wants reasoning back with the next request."""
        return self.has_reasoning

    @property
    def has_reasoning(self) -> bool:
        """Whether its models reason."""
        return self.script.reasoning is not None

    @property
    def has_forced_calls(self) -> bool:
        """Whether structured prediction forces a call; otherwise it asks with `response_format`."""
        return self.has_tools

    @property
    def script(self) -> Script:
        """What the server speaks: OpenAI's wire by default."""
        return Script(self.reasoning_form)

    @property
    def unsupported_block(self) -> Any:
        """Content that the model does not take; `None` where it takes all blocks."""
        return VideoBlock(url="https://example.com/a.mp4")

    @property
    def known_failures(self) -> Mapping[str, str]:
        """Rules that are expected to fail, by number, each with the reason."""
        return {}

    def secret_header(self, value: str) -> Any:
        """Return a header's value as a call is given it where it is not to be shown."""
        return value

    def check_request(self, body: JSONObject) -> None:
        """Fail where the provider would refuse this request; OpenAI's rules by default."""
        assert refused(body["messages"]) is None

    @pytest.fixture(scope="class")
    @classmethod
    def _running(cls) -> Iterator[Emulator]:
        # Every reply is scripted; this one takes any model where a rule asks once too often.
        with Emulator("llmprovider") as emulator:
            yield emulator

    @pytest.fixture
    def server(self, _running: Emulator) -> Emulator:
        """The scripted server, with nothing recorded and nothing to say."""
        _running.clear()
        return _running

    @pytest.fixture
    def build(self, server: Emulator) -> Callable[..., LLM]:
        """Build the LLM for the server; it does not retry unless told to."""

        def make(**settings: Any) -> LLM:
            return self.make_llm(server.base_url, **{"max_retries": 0, **settings})

        return make

    @pytest.fixture
    def llm(self, build: Callable[..., LLM]) -> LLM:
        """The LLM, built for the server."""
        return build()

    @pytest.fixture(autouse=True)
    def _rule(self, request: pytest.FixtureRequest) -> None:
        """Tell the report which rule this is, skip it without ability, or expect its failure."""
        rule = RULES.get(request.node.originalname)
        if rule is None:
            return
        request.node.user_properties += [
            ("conformance_rule", rule.number),
            ("conformance_llm", self.title),
        ]
        for ability in (*rule.needs, *_needs_of_case(request.node)):
            if not getattr(self, f"has_{ability}"):
                pytest.skip(f"has_{ability} is false")
        unknown = self.known_failures.keys() - {known.number for known in RULES.values()}
        assert not unknown, f"known_failures names unknown rules: {', '.join(sorted(unknown))}"
        if reason := self.known_failures.get(rule.number):
            request.node.add_marker(pytest.mark.xfail(reason=reason, strict=False))

    def say(self, server: Emulator, turn: Turn, *, stream: bool) -> None:
        """Let the next reply be `turn`."""
        server.enqueue(self.script.stream(turn) if stream else self.script.plain(turn))


def _needs_of_case(case: Any) -> Iterator[Ability]:
    """What one form of a call needs beyond the rule."""
    parameters = case.callspec.params if hasattr(case, "callspec") else {}
    form = str(parameters.get("form", ""))
    if form.startswith("a"):
        yield "async"
    if "stream" in form or parameters.get("stream"):
        yield "streaming"
