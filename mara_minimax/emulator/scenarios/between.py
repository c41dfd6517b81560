"""What stands between a model and its user other than a provider: gateways, servers of one's own.

Sources: LiteLLM 1.106, vLLM 0.33.0 and SGLang 0.5.23 (tried in 2026-11, their serving code with
other models behind it), a reply of OpenRouter (published 2026-04), chunks of a gateway (2026-03).
"""

from __future__ import annotations

from mara_minimax.emulator.checks import disputed
from mara_minimax.emulator.scenarios import changes
from mara_minimax.emulator.scenarios.scenario import MINIMAX, Scenario
from mara_minimax.emulator.wire import foreign, tool_shapes

_VLLM = {
    "reasoning": "reasoning",
    "ending": "usage-chunk",
    "done": True,
    "content_with_calls": None,
}
_SGLANG = {"reasoning": "reasoning_content", "ending": "usage-chunk", "done": True}
_CLOSER_ONLY = {"reasoning": "inline", "opening": "", "closing_before_calls": "\n</think>\n\n"}
_BREAKS = changes.texts(text="\n\n{}")
_BREAK_AFTER = changes.texts(text="\n\n{}", reasoning="{}\n")

GATEWAYS = (
    Scenario("litellm", "reasoning_details in provider_specific_fields of whole replies", MINIMAX,
             form={"reasoning": "split", "done": True}, events=foreign.litellm, whole_too=True),
    Scenario("litellm-swallowed-error", "an error of the provider as an answer without a token",
             MINIMAX, form={"ending": "usage-chunk", "done": True}, events=foreign.swallowed,
             whole_too=True),
    Scenario("openrouter", "reasoning and reasoning_details, the provider and the cost", MINIMAX,
             form={"reasoning": "split", "done": True}, events=foreign.openrouter, whole_too=True),
    Scenario("openrouter-error", "HTTP 200 with the provider's error in other words", MINIMAX,
             events=foreign.openrouter_error, whole_too=True),
    Scenario("tools-empty-names", 'fragments with id "", name "" and type ""', MINIMAX,
             reply=changes.forced(), form={"fragments": tool_shapes.with_empty_names,
                                           "done": True}),
)  # fmt: skip

SERVERS = (
    Scenario("vllm", "reasoning in its field, line breaks before the answer, many nulls", MINIMAX,
             form=_VLLM, reply=_BREAKS, events=foreign.vllm, whole_too=True),
    Scenario("tools-vllm", "the name first and without arguments", MINIMAX,
             form={**_VLLM, "fragments": foreign.vllm_calls}, reply=changes.forced(),
             events=foreign.vllm, whole_too=True),
    Scenario("sglang", "reasoning_content, null where a delta says nothing", MINIMAX,
             form=_SGLANG, reply=_BREAK_AFTER, events=foreign.sglang, whole_too=True),
    Scenario("tools-sglang", "fragments with id null and name null", MINIMAX,
             form={**_SGLANG, "fragments": foreign.sglang_calls, "content_with_calls": "\n\n"},
             reply=changes.forced(), events=foreign.sglang, whole_too=True),
    Scenario("tools-no-parsers", "closing tag alone, and calls as markup in the content", MINIMAX,
             form=_CLOSER_ONLY, reply=changes.leaking(changes.m2_markup)),
    Scenario("tools-not-served", "a server without a tool parser refuses tools", MINIMAX,
             rules=(disputed.no_tools,)),
    Scenario("aborted", "finish reason abort", MINIMAX, form=_VLLM,
             reply=changes.fields(text="Half of", tool_calls=(), finish_reason="abort")),
)  # fmt: skip
