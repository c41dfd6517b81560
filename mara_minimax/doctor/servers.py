"""Which server answers at a URL of one's own, and which parsers it was started with."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final

from mara_minimax.doctor.answers import places_of
from mara_minimax.doctor.probe import Answer
from mara_minimax.doctor.report import Finding
from mara_minimax.json_text import parse_json
from mara_minimax.types import REASONING_FIELDS

_SERVERS: Final = {"vllm": "vLLM", "sglang": "SGLang", "llamacpp": "llama.cpp"}
"""What servers call themselves in `owned_by` of their list (vLLM 0.33.0, SGLang 0.5.23, 2026-11;
llama.cpp by its source, 2026-11)."""
_MARKUP: Final = ("<minimax:tool_call>", "]<]minimax[>[")
"""Calls of M2 and M3 that no parser took out of the text."""


def check_server(listing: bytes, plain: Answer, called: Answer) -> Finding:
    """Tell server and parsers from the list of models, a plain answer and one that needs a tool."""
    if plain.request.provider.base_url:
        return Finding("server", "pass", f"the parsers of {plain.request.provider.title}")
    reasoning, reasons_well = _reasoning_parser(plain)
    tools, calls_well = _tool_parser(called)
    seen = f"{_server_in(listing)}; {reasoning}; {tools}"
    expected = "a reasoning parser and a tool parser"
    if reasons_well and calls_well:
        return Finding("server", "pass", seen, expected)
    advice = "Start it with a reasoning parser and a tool parser: see the page on such servers."
    if not reasons_well:
        advice += " Without the first, set starts_in_reasoning=True if `<think>` is missing."
    return Finding("server", "warn", seen, expected, advice)


def _server_in(listing: bytes) -> str:
    parsed: Any = None
    with suppress(ValueError):
        parsed = parse_json(listing)
    rows = parsed.get("data") if isinstance(parsed, dict) else None
    owners = [row.get("owned_by") for row in rows or () if isinstance(row, dict)]
    return next((_SERVERS[owner] for owner in owners if owner in _SERVERS), "an unnamed server")


def _reasoning_parser(plain: Answer) -> tuple[str, bool]:
    places = places_of(plain)
    fields = [place for place in places if place in REASONING_FIELDS]
    if fields:
        return f"reasoning parser: yes ({', '.join(fields)})", True
    if places:
        return "reasoning parser: none, or one that leaves tags in the content", False
    return "reasoning parser: not known, no reasoning came", True


def _tool_parser(called: Answer) -> tuple[str, bool]:
    reply = called.reply
    if reply is None:
        return "tool parser: none, tools are refused", False
    if reply.tool_calls:
        return "tool parser: yes", True
    if any(mark in reply.text for mark in _MARKUP):
        return "tool parser: none, the call stands in the text", False
    return "tool parser: not known, no call came", True
