"""Requests that do not fit into the context window: no code of their own, words of each host."""

from __future__ import annotations

from dataclasses import replace

from mara_minimax.emulator.faults.bodies import (
    REQUEST_ID,
    json_answer,
    mara_error,
    minimax_error,
)
from mara_minimax.emulator.faults.fault import Ending, fault

_TOO_LONG = Ending("ContextOverflowError", 1, None, 400, REQUEST_ID)
_MINIMAX = "invalid params, context window exceeds limit (2013)"
_SAMBANOVA = (
    "The maximum context length of MiniMax-M2.5 is 196608. However, answering your request "
    "will take 200000 tokens. Please reduce the length of the messages."
)
_SAMBANOVA_2024 = (
    "Requested generation length 1 is not possible! The provided prompt is 4309 tokens long, "
    "but the maximum supported sequence length is just 4096!"
)
_SGLANG = {
    "object": "error",
    "message": "The input (12030 tokens) is longer than the model's context length (4096 tokens).",
    "type": "BadRequestError",
    "param": None,
    "code": 400,
}

OVERFLOWS = (
    fault("minimax-overflow", "context window exceeded, MiniMax's words (no code of its own)",
          json_answer(minimax_error(400, "bad_request_error", _MINIMAX), 400),
          replace(_TOO_LONG, code="2013")),
    fault("mara-overflow", "context window exceeded, SambaNova's words without a code",
          json_answer(mara_error(None, _SAMBANOVA), 400), _TOO_LONG, provider="mara"),
    fault("mara-overflow-2024", "context window exceeded, SambaNova's words of 2024",
          json_answer(mara_error(None, _SAMBANOVA_2024, "Error"), 400), _TOO_LONG,
          provider="mara"),
    fault("sglang-overflow", "context window exceeded, SGLang's words (0.5.23)",
          json_answer(_SGLANG, 400), Ending("ContextOverflowError", 1, None, 400)),
)  # fmt: skip
