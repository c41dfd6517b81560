"""Scripted replies in the form of the emulated provider."""

from __future__ import annotations

from benchmarks.comparison.caller import Caller
from llama_index_mara_minimax.conformance import Script, Turn
from tests.llama_index.minimax_script import MiniMaxScript

SCRIPTS = {
    "details": MiniMaxScript("reasoning_content"),
    "inline": Script("inline"),
    "field": Script("reasoning"),
}


def enqueue(caller: Caller, turn: Turn, *, form: str = "", stream: bool) -> Script:
    """Let the next reply be `turn`; without a form, in the usual one of the provider."""
    at_mara = caller.emulator.provider == "mara"
    script = SCRIPTS[form or ("field" if at_mara else "details")]
    reply = script.stream(turn) if stream else script.plain(turn)
    caller.emulator.enqueue(reply)
    return script
