"""Rules about structured prediction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.prompts import PromptTemplate
from pydantic import BaseModel

from mara_minimax.emulator import Emulator
from tests.llama_index.conformance.base import THOUGHT, Conformance, drain
from tests.llama_index.conformance.script import Call, Turn


class City(BaseModel):
    """A city."""

    name: str
    country: str


JSON = '{"name": "Paris", "country": "France"}'
PARIS = City(name="Paris", country="France")
CALLED = Turn(thought=THOUGHT, calls=[Call("City", JSON)])
PROMPT = PromptTemplate("Say where {what} stands.")

every_prediction = pytest.mark.parametrize(
    "form",
    [
        "structured_predict",
        "astructured_predict",
        "stream_structured_predict",
        "astream_structured_predict",
    ],
)


def predict(llm: Any, form: str, output_cls: type[BaseModel] = City) -> list[Any]:
    """All objects that one form of structured prediction gives."""
    return drain(form, getattr(llm, form), output_cls, PROMPT, what="the Eiffel Tower")


class StructuredRules(Conformance):
    """What structured prediction must give, and ask for."""

    @every_prediction
    def test_structured_prediction_gives_the_object(
        self, form: str, llm: Any, server: Emulator
    ) -> None:
        self.say(server, CALLED, stream="stream" in form)
        assert predict(llm, form)[-1].model_dump() == PARIS.model_dump()

    @pytest.mark.parametrize("form", ["stream_structured_predict", "astream_structured_predict"])
    def test_streamed_objects_fill_up(self, form: str, llm: Any, server: Emulator) -> None:
        self.say(server, CALLED, stream=True)
        objects = [found.model_dump() for found in predict(llm, form)]
        assert len(objects) > 2
        assert any(found["name"] and not found["country"] for found in objects)
        assert objects[-1] == PARIS.model_dump()

    @every_prediction
    def test_json_in_text_is_accepted_where_no_call_was_made(
        self, form: str, llm: Any, server: Emulator
    ) -> None:
        turn = Turn(text=f"```json\n{JSON}\n```", thought=THOUGHT)
        self.say(server, turn, stream="stream" in form)
        assert predict(llm, form)[-1].model_dump() == PARIS.model_dump()

    @every_prediction
    def test_the_system_prompt_of_the_llm_is_kept(
        self, form: str, build: Callable[..., Any], server: Emulator
    ) -> None:
        self.say(server, CALLED, stream="stream" in form)
        predict(build(system_prompt="Be exact."), form)
        first = server.last_body["messages"][0]
        assert first["role"] == "system"
        assert "Be exact." in str(first["content"])

    @every_prediction
    def test_the_call_is_not_left_to_the_model(self, form: str, llm: Any, server: Emulator) -> None:
        self.say(server, CALLED, stream="stream" in form)
        predict(llm, form)
        body = server.last_body
        # Where the provider knows no forced call, words are what is left.
        forced = body.get("tool_choice") not in (None, "auto", "none")
        assert forced or "City" in str(body["messages"])

    def test_a_structured_llm_chats(self, llm: Any, server: Emulator) -> None:
        self.say(server, CALLED, stream=False)
        messages = [ChatMessage(role="user", content="Where?")]
        assert llm.as_structured_llm(City).chat(messages).raw == PARIS
