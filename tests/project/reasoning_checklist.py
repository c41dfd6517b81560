"""What belongs to a form of reasoning, as `checklists.py` has it for the other kinds of rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from mara_minimax import types
from mara_minimax.emulator import SCENARIOS
from mara_minimax.emulator.wire.form import ReasoningPlace
from mara_minimax.providers import endpoints
from mara_minimax.request.encode import encode_request
from tests.core.wire import minimax_chunk, reply_of, request_to, sse, to_json
from tests.project.checklists import CORE, Gap, text_of

TYPES = f"{CORE}/types.py"
BODY = f"{CORE}/emulator/types/body.py"
SCENARIO_TABLE = f"{CORE}/emulator/scenarios/table.py"


def gaps_of_reasoning_forms() -> Iterator[Gap]:
    """Forms of reasoning: read, sent back, emulated, looked for by the doctor, described."""
    forms = set(get_args(types.ReasoningForm))
    places = set(get_args(ReasoningPlace)) - {"none", "split", "mirrored"}
    for form in sorted(forms | places):
        row = f"reasoning form {form}"
        if form not in forms:
            yield Gap(row, TYPES, "not in ReasoningForm")
        if form not in places:
            yield Gap(row, BODY, "no place where the emulator writes it")
        for call, reply in _replies_with(form):
            if reply.reasoning is None or reply.reasoning.text != "Add.":
                yield Gap(row, f"{CORE}/reply/reasoning.py", f"not read in a {call} reply")
        if not _is_sent_back(form):
            yield Gap(row, f"{CORE}/request/replay.py", "not sent back with the next request")
        if form not in {*types.REASONING_FIELDS, "inline"}:
            yield Gap(row, TYPES, "not in REASONING_FIELDS, where the doctor looks")
        words = "<think>" if form == "inline" else f"`{form}`"
        if words not in text_of("docs/reasoning.md"):
            yield Gap(row, "docs/reasoning.md", "not described")
        if not any(scenario.form.get("reasoning") == form for scenario in SCENARIOS.values()):
            yield Gap(row, SCENARIO_TABLE, "no scenario that sends it")


def _replies_with(form: str) -> Iterator[tuple[str, types.Reply]]:
    """Yield the reply of a plain and a streamed answer whose reasoning stands in `form`."""
    fields: dict[str, Any] = {"content": "4", form: "Add."}
    if form == "reasoning_details":
        fields[form] = [{"type": "reasoning.text", "text": "Add."}]
    if form == "inline":
        fields = {"content": "<think>Add.</think>4"}
    whole = {"choices": [{"finish_reason": "stop", "message": fields}]}
    yield "plain", reply_of(to_json(whole), request_to(endpoints.MINIMAX))
    yield "streamed", reply_of(sse(minimax_chunk("stop", **fields)), request_to(endpoints.MINIMAX))


def _is_sent_back(form: Any) -> bool:
    """Whether reasoning of this form is in the request that follows."""
    reasoning = types.Reasoning("Add.", form, prefix="<think>", suffix="</think>")
    message = {"role": "assistant", "content": "4", "reasoning": reasoning}
    body = encode_request([message], {"model": "MiniMax-M2"}, provider=endpoints.MINIMAX).body
    return "Add." in str(body["messages"])
