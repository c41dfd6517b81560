"""What the library sends under `adjust`, and what the emulator's own tables say of it.

Two people wrote the tables, so each combination of model and parameter that the emulator refuses
is a mistake on one side, which a source settles. Facts that sources give differently (the window
of MiniMax-M3 at MARA) are listed in `tests/project/test_checklists.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mara_minimax.emulator import providers as emulated
from mara_minimax.emulator.checks.validation import Candidate, first_refusal
from mara_minimax.emulator.types import models as emulated_models
from mara_minimax.providers.endpoints import LLMPROVIDER, MARA, MINIMAX, Provider
from mara_minimax.providers.models import MODELS
from mara_minimax.request.encode import KNOWN_PARAMETERS, encode_request

USER = {"role": "user", "content": "hi"}
TOOL = {"type": "function", "function": {"name": "f", "description": "Do it.", "strict": True}}
NAMED = {"type": "function", "function": {"name": "f"}}
SCHEMA = {"type": "json_schema", "json_schema": {"name": "j", "schema": {"type": "object"}}}

VALUES: dict[str, list[Any]] = {
    "temperature": [-1, 0, 0.5, 1, 1.5, 2, 5],
    "top_p": [-1, 0, 0.5, 1, 2],
    "top_k": [-1, 0, 1, 40, 100, 500],
    "max_tokens": [1, 1024],
    "max_completion_tokens": [1, 1024],
    "stop": ["x", ["x", "y"]],
    "n": [1, 2],
    "seed": [0, 7],
    "presence_penalty": [-2, 0, 2],
    "frequency_penalty": [-2, 0, 2],
    "logit_bias": [{}, {"1": 5}],
    "logprobs": [True, False],
    "top_logprobs": [0, 5],
    "user": ["u"],
    "response_format": [SCHEMA, {"type": "json_object"}, {"type": "text"}],
    "tools": [[TOOL], [{"name": "f"}]],
    "tool_choice": ["auto", "none", "any", "f", NAMED],
    "parallel_tool_calls": [True, False],
    "functions": [[{"name": "f"}]],
    "function_call": ["auto"],
    "stream_options": [{"include_usage": True}],
    "service_tier": ["standard", "priority"],
    "reasoning_effort": ["minimal", "low", "medium", "high", "xhigh", "max"],
    "reasoning_split": [True, False],
    "thinking": [True, False, *({"type": t} for t in ("enabled", "disabled", "adaptive"))],
    "do_sample": [True, False],
    "chat_template_kwargs": [{"enable_thinking": True}],
    "metadata": [{"a": "b"}],
    "store": [True],
}


def refusals(provider: Provider) -> Iterator[str]:
    """Yield what the emulator refuses of what is sent, in words."""
    served = getattr(emulated_models, f"{provider.name.upper()}_MODELS")
    rules = emulated.PROVIDERS[provider.name].rules
    for model in sorted({*MODELS[provider.name], *served}):
        known = served.get(model)
        for name, values in VALUES.items():
            for value in values:
                given = {"tools": [TOOL], "tool_choice": value} if name == "tool_choice" else {}
                parameters = {"model": model, **given, name: value}
                body = encode_request([USER], parameters, provider=provider).body
                if known is None:
                    # The reseller serves any name.
                    if provider is not LLMPROVIDER:
                        yield f"{model}: the emulator does not serve it"
                elif refusal := first_refusal(Candidate(body, known), rules):
                    yield f"{model}: {name}={value!r} is sent as {body.get(name)!r}: {refusal}"


def test_every_parameter_of_a_call_has_values_here():
    assert VALUES.keys() == KNOWN_PARAMETERS - {"model"}


@pytest.mark.parametrize("provider", [MINIMAX, MARA, LLMPROVIDER], ids=lambda one: one.name)
def test_the_emulator_takes_what_the_library_adjusts(provider):
    assert list(refusals(provider)) == []
