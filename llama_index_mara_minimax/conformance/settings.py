"""Rules about settings: secrets, serialised forms, copies, events."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest
from llama_index.core.callbacks import CallbackManager, LlamaDebugHandler
from llama_index.core.instrumentation import get_dispatcher  # type: ignore[attr-defined] # it has no __all__
from llama_index.core.instrumentation.event_handlers import BaseEventHandler
from pydantic import Field

from llama_index_mara_minimax.conformance.base import Conformance
from llama_index_mara_minimax.conformance.forms import ask, every_form, text_of
from llama_index_mara_minimax.conformance.rules import rule
from llama_index_mara_minimax.conformance.script import Turn
from mara_minimax.emulator import Emulator

TURN = Turn(text="It is Paris.")


class Recorder(BaseEventHandler):
    """Keeps every event as text."""

    seen: list[str] = Field(default_factory=list)

    @classmethod
    def class_name(cls) -> str:
        """Name it as components are named."""
        return "Recorder"

    def handle(self, event: Any, **_: Any) -> None:
        """Keep one event."""
        self.seen.append(f"{type(event).__name__} {event.model_dump()!r}")


class SettingRules(Conformance):
    """What may be seen of an LLM, and what must survive a copy."""

    @rule(62, "base.llms.base:BaseLLM.to_payload", "schema:BaseComponent.to_dict")
    @pytest.mark.parametrize("form", ["repr", "str", "to_dict", "to_json", "to_payload"])
    def test_the_key_stands_in_no_readable_form(self, form: str, llm: Any) -> None:
        """Traces and logs show all of them; `to_payload` must not have it."""
        shown = getattr(llm, f"__{form}__" if form in ("repr", "str") else form)()
        assert self.api_key not in str(shown)

    @rule(63, "schema:BaseComponent.__getstate__")
    def test_a_pickle_does_not_show_the_key(self, llm: Any) -> None:
        """Workers and caches store pickles; the framework leaves out only what none can hold."""
        assert self.api_key.encode() not in pickle.dumps(llm)

    @rule(64, "schema:BaseComponent.to_dict", "llms.loading:load_llm")
    def test_to_dict_is_json_with_the_name_of_the_class(self, llm: Any) -> None:
        """It is how components are stored."""
        assert json.loads(json.dumps(llm.to_dict()))["class_name"] == llm.class_name()

    @rule(65, "schema:BaseComponent.from_dict")
    def test_from_dict_makes_an_equal_llm(self, llm: Any, server: Emulator) -> None:
        """What was stored is loaded with the secrets beside it."""
        made = type(llm).from_dict(llm.to_dict(), api_key=self.api_key)
        assert made.to_dict() == llm.to_dict()
        self.say(server, TURN, stream=False)
        assert text_of(ask(made, "chat")[-1]) == TURN.text

    @rule(66, "schema:BaseComponent.__getstate__", "schema:BaseComponent.__setstate__")
    @pytest.mark.parametrize("way", ["pickle", "deepcopy"])
    def test_a_copy_of_a_used_llm_works(self, way: str, llm: Any, server: Emulator) -> None:
        """Clients and locks are no part of a pickle."""
        self.say(server, TURN, stream=False)
        ask(llm, "chat")
        made = copy.deepcopy(llm) if way == "deepcopy" else pickle.loads(pickle.dumps(llm))
        self.say(server, TURN, stream=False)
        assert text_of(ask(made, "chat")[-1]) == TURN.text

    @rule(
        67,
        "base.llms.base:BaseLLM.check_callback_manager",
        "response_synthesizers.base:BaseSynthesizer",
    )
    def test_a_callback_manager_can_be_assigned(self, llm: Any, server: Emulator) -> None:
        """`Settings` and synthesizers set it on an LLM that they are given."""
        handler = LlamaDebugHandler(print_trace_on_end=False)
        llm.callback_manager = CallbackManager([handler])
        self.say(server, TURN, stream=False)
        ask(llm, "chat")
        assert len(handler.get_llm_inputs_outputs()) == 1

    @rule(
        68,
        "llms.callbacks:llm_chat_callback",
        "llms.callbacks:llm_completion_callback",
        "instrumentation.events.llm:LLMChatEndEvent",
    )
    @every_form
    def test_each_call_is_one_start_and_one_end_event(
        self, form: str, llm: Any, server: Emulator
    ) -> None:
        """Traces count calls by them."""
        events = self._events(llm, form, server)
        kind = "LLMCompletion" if "complete" in form else "LLMChat"
        started = [event for event in events if event.split()[0].endswith("StartEvent")]
        ended = [event for event in events if event.split()[0].endswith("EndEvent")]
        assert [event.split()[0] for event in started] == [f"{kind}StartEvent"]
        assert [event.split()[0] for event in ended] == [f"{kind}EndEvent"]

    @rule(69, "instrumentation.events.llm:LLMChatStartEvent", "llms.callbacks:llm_chat_callback")
    @every_form
    def test_neither_key_nor_header_of_a_call_enters_an_event(
        self, form: str, llm: Any, server: Emulator
    ) -> None:
        """Arguments of a call are copied into the start event."""
        headers = {"x-secret": self.secret_header("hidden-42")}
        events = self._events(llm, form, server, extra_headers=headers)
        assert server.requests[-1].headers["x-secret"] == "hidden-42"
        assert "hidden-42" not in "".join(events)
        assert self.api_key not in "".join(events)

    @rule(70, "base.llms.base:BaseLLM.chat")
    def test_variables_of_openai_do_not_reach_the_provider(
        self, monkeypatch: pytest.MonkeyPatch, server: Emulator
    ) -> None:
        """They belong to another provider, and its SDK reads them for whoever uses it."""
        monkeypatch.setenv("OPENAI_ORG_ID", "org-1")
        monkeypatch.setenv("OPENAI_PROJECT_ID", "project-1")
        monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "x-custom: custom-1")
        self.say(server, TURN, stream=False)
        ask(self.make_llm(server.base_url, max_retries=0), "chat")
        values = set(server.requests[-1].headers.values())
        assert values.isdisjoint({"org-1", "project-1", "custom-1"})

    def _events(self, llm: Any, form: str, server: Emulator, **kwargs: Any) -> list[str]:
        recorder = Recorder()
        dispatcher = get_dispatcher()
        dispatcher.add_event_handler(recorder)
        try:
            self.say(server, TURN, stream="stream" in form)
            ask(llm, form, **kwargs)
        finally:
            dispatcher.event_handlers.remove(recorder)
        return recorder.seen
