"""Requests that do not fit into the context window: no code of their own, words of each host."""

from __future__ import annotations

from dataclasses import replace

from mara_minimax.emulator.faults.bodies import (
    REQUEST_ID,
    json_answer,
    mara_error,
    minimax_error,
)
from mara_minimax.emulator.faults.fault import Ending, Fault, alike


def _overflow() -> list[Fault]:
    generation = (
        "Requested generation length 1 is not possible! The provided prompt is 4309 tokens long, "
        "but the maximum supported sequence length is just 4096!"
    )
    sglang = {
        "object": "error",
        "message": "The input (12030 tokens) is longer than the model's context length (4096 "
        "tokens).",
        "type": "BadRequestError",
        "param": None,
        "code": 400,
    }
    minimax = "invalid params, context window exceeds limit (2013)"
    mara = (
        "The maximum context length of MiniMax-M2.5 is 196608. However, answering your request "
        "will take 200000 tokens. Please reduce the length of the messages."
    )
    ending = Ending("ContextOverflowError", 1, None, 400, REQUEST_ID)
    return [
        alike(
            "minimax-overflow",
            "context window exceeded, MiniMax's words (no code of its own)",
            json_answer(minimax_error(400, "bad_request_error", minimax), 400),
            replace(ending, code="2013"),
        ),
        alike(
            "mara-overflow",
            "context window exceeded, SambaNova's words without a code",
            json_answer(mara_error(None, mara), 400),
            ending,
            provider="mara",
        ),
        alike(
            "mara-overflow-2024",
            "context window exceeded, SambaNova's words of 2024",
            json_answer(mara_error(None, generation, "Error"), 400),
            ending,
            provider="mara",
        ),
        alike(
            "sglang-overflow",
            "context window exceeded, SGLang's words (0.5.23)",
            json_answer(sglang, 400),
            Ending("ContextOverflowError", 1, None, 400),
        ),
    ]


OVERFLOWS = tuple(_overflow())
