"""Rules about structured prediction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.prompts import PromptTemplate
from pydantic import BaseModel

from llama_index_mara_minimax.conformance.base import Conformance
from llama_index_mara_minimax.conformance.forms import THOUGHT, drain
from llama_index_mara_minimax.conformance.rules import rule
from llama_index_mara_minimax.conformance.script import Call, Turn
from mara_minimax.emulator import Emulator


class City(BaseModel):
    """A city."""

    name: str
    country: str


JSON = '{"name": "Paris", "country": "France"}'
PARIS = City(name="Paris", country="France")
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

    @property
    def filled(self) -> Turn:
        """The reply that fills the object, as it was asked for."""
        if self.has_forced_calls:
            return Turn(thought=THOUGHT, calls=[Call("City", JSON)])
        return Turn(thought=THOUGHT, text=JSON)

    @rule(
        39,
        "llms.llm:LLM.structured_predict",
        "program.function_program:FunctionCallingProgram",
        needs=("tools",),
    )
    @every_prediction
    def test_structured_prediction_gives_the_object(
        self, form: str, llm: Any, server: Emulator
    ) -> None:
        """Four forms promise an object of the class."""
        self.say(server, self.filled, stream="stream" in form)
        assert predict(llm, form)[-1].model_dump() == PARIS.model_dump()

    @rule(40, "program.utils:process_streaming_objects", needs=("tools", "streaming"))
    @pytest.mark.parametrize("form", ["stream_structured_predict", "astream_structured_predict"])
    def test_streamed_objects_fill_up(self, form: str, llm: Any, server: Emulator) -> None:
        """Each chunk is read as far as it goes."""
        self.say(server, self.filled, stream=True)
        objects = [found.model_dump() for found in predict(llm, form)]
        assert len(objects) > 2
        filling = [found for found in objects if found["name"] and not found["country"]]
        assert filling, f"no object is half full: {objects}"
        assert objects[-1] == PARIS.model_dump()

    @rule(
        41,
        "program.function_program:FunctionCallingProgram",
        "llms.function_calling:FunctionCallingLLM.get_tool_calls_from_response",
        needs=("tools",),
    )
    @every_prediction
    def test_json_in_text_is_accepted_where_no_call_was_made(
        self, form: str, llm: Any, server: Emulator
    ) -> None:
        """Models answer in text although a call was forced, and the program then fails."""
        turn = Turn(text=f"```json\n{JSON}\n```", thought=THOUGHT)
        self.say(server, turn, stream="stream" in form)
        assert predict(llm, form)[-1].model_dump() == PARIS.model_dump()

    @rule(42, "llms.llm:LLM._extend_messages", needs=("tools",))
    @every_prediction
    def test_the_system_prompt_of_the_llm_is_kept(
        self, form: str, build: Callable[..., Any], server: Emulator
    ) -> None:
        """All methods of the base class put it first."""
        self.say(server, self.filled, stream="stream" in form)
        predict(build(system_prompt="Be exact."), form)
        first = server.last_body["messages"][0]
        assert first["role"] == "system"
        assert "Be exact." in str(first["content"])

    @rule(43, "program.function_program:FunctionCallingProgram", needs=("tools",))
    @every_prediction
    def test_the_call_is_not_left_to_the_model(self, form: str, llm: Any, server: Emulator) -> None:
        """A program requires its tool."""
        self.say(server, self.filled, stream="stream" in form)
        predict(llm, form)
        body = server.last_body
        # Where the provider knows no forced call, words are what is left.
        forced = body.get("tool_choice") not in (None, "auto", "none") or "response_format" in body
        assert forced or "City" in str(body["messages"])

    @rule(44, "llms.structured_llm:StructuredLLM.chat", needs=("tools",))
    def test_a_structured_llm_chats(self, llm: Any, server: Emulator) -> None:
        """It is an LLM whose `raw` is the object."""
        self.say(server, self.filled, stream=False)
        messages = [ChatMessage(role="user", content="Where?")]
        assert llm.as_structured_llm(City).chat(messages).raw == PARIS
