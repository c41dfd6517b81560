"""Rules about settings: secrets, serialised forms, copies, events."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest
from llama_index.core.callbacks import CallbackManager, LlamaDebugHandler
from llama_index.core.instrumentation import get_dispatcher
from llama_index.core.instrumentation.event_handlers import BaseEventHandler
from pydantic import Field

from mara_minimax.emulator import Emulator
from tests.llama_index.conformance.base import Conformance, ask, every_form, text_of
from tests.llama_index.conformance.script import Turn

TURN = Turn(text="It is Paris.")


class Recorder(BaseEventHandler):
    """Keeps every event as text."""

    seen: list[str] = Field(default_factory=list)

    @classmethod
    def class_name(cls) -> str:
        return "Recorder"

    def handle(self, event: Any, **kwargs: Any) -> None:
        self.seen.append(f"{type(event).__name__} {event.model_dump()!r}")


class SettingRules(Conformance):
    """What may be seen of an LLM, and what must survive a copy."""

    @pytest.mark.parametrize("form", ["repr", "str", "to_dict", "to_json", "to_payload"])
    def test_the_key_stands_in_no_readable_form(self, form: str, llm: Any) -> None:
        shown = {"repr": repr, "str": str}.get(form)
        text = shown(llm) if shown else str(getattr(llm, form)())
        assert self.key not in text

    def test_a_pickle_does_not_show_the_key(self, llm: Any) -> None:
        assert self.key.encode() not in pickle.dumps(llm)

    def test_to_dict_is_json_with_the_name_of_the_class(self, llm: Any) -> None:
        assert json.loads(json.dumps(llm.to_dict()))["class_name"] == llm.class_name()

    def test_from_dict_makes_an_equal_llm(self, llm: Any, server: Emulator) -> None:
        made = type(llm).from_dict(llm.to_dict(), api_key=self.key)
        assert made.to_dict() == llm.to_dict()
        self.say(server, TURN, stream=False)
        assert text_of(ask(made, "chat")[-1]) == TURN.text

    @pytest.mark.parametrize("way", ["pickle", "deepcopy"])
    def test_a_copy_of_a_used_llm_works(self, way: str, llm: Any, server: Emulator) -> None:
        self.say(server, TURN, stream=False)
        ask(llm, "chat")
        made = copy.deepcopy(llm) if way == "deepcopy" else pickle.loads(pickle.dumps(llm))
        self.say(server, TURN, stream=False)
        assert text_of(ask(made, "chat")[-1]) == TURN.text

    def test_a_callback_manager_can_be_assigned(self, llm: Any, server: Emulator) -> None:
        handler = LlamaDebugHandler(print_trace_on_end=False)
        llm.callback_manager = CallbackManager([handler])
        self.say(server, TURN, stream=False)
        ask(llm, "chat")
        assert len(handler.get_llm_inputs_outputs()) == 1

    @every_form
    def test_each_call_is_one_start_and_one_end_event(
        self, form: str, llm: Any, server: Emulator
    ) -> None:
        events = self._events(llm, form, server)
        kind = "LLMCompletion" if "complete" in form else "LLMChat"
        started = [event for event in events if event.split()[0].endswith("StartEvent")]
        ended = [event for event in events if event.split()[0].endswith("EndEvent")]
        assert [event.split()[0] for event in started] == [f"{kind}StartEvent"]
        assert [event.split()[0] for event in ended] == [f"{kind}EndEvent"]

    @every_form
    def test_neither_key_nor_header_of_a_call_enters_an_event(
        self, form: str, llm: Any, server: Emulator
    ) -> None:
        secret = "header-secret-42"
        events = self._events(llm, form, server, extra_headers={"x-secret": self.hide(secret)})
        assert server.requests[-1].headers["x-secret"] == secret
        assert secret not in "".join(events)
        assert self.key not in "".join(events)

    def test_variables_of_openai_do_not_reach_the_provider(
        self, monkeypatch: pytest.MonkeyPatch, server: Emulator
    ) -> None:
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
