"""Scripted replies in the form of the emulated provider."""

from __future__ import annotations

from benchmarks.comparison.caller import Caller
from llama_index_mara_minimax.conformance import Script, Turn
from mara_minimax.emulator import CannedReply
from tests.llama_index.minimax_script import MiniMaxScript

SCRIPTS = {
    "details": MiniMaxScript("reasoning_content"),
    "inline": Script("inline"),
    "field": Script("reasoning"),
}
_MARK = b'"object":'


def enqueue(caller: Caller, turn: Turn, *, form: str = "", stream: bool) -> Script:
    """Let the next reply be `turn`; without a form, in the usual one of the provider."""
    at_mara = caller.emulator.provider == "mara"
    script = SCRIPTS[form or ("field" if at_mara else "details")]
    reply = script.stream(turn) if stream else script.plain(turn)
    caller.emulator.enqueue(_with_fingerprint(reply) if at_mara else reply)
    return script


def _with_fingerprint(reply: CannedReply) -> CannedReply:
    """MARA names one in every object, and one of the classes reads it."""
    reply.chunks = [
        chunk.replace(_MARK, b'"system_fingerprint":"fastcoe",' + _MARK) for chunk in reply.chunks
    ]
    return reply
