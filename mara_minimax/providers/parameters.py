"""What each provider does with each request parameter: one table with sources.

To support a parameter that a provider treats specially, add a row. A parameter without a row
is sent as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Action = Literal["range", "ignored", "refused", "renamed", "replaced"]

MINIMAX_PAGE = "https://platform.minimax.io/docs/api-reference/text-openai-api (2026-11)"
MINIMAX_SCHEMA = (
    "https://platform.minimax.io/docs/api-reference/text-chat-openai, OpenAPI (2026-06)"
)
MARA_PAGE = "https://mara-cloud-docs-one.vercel.app/api-features/openai-compatibility (2026-11)"
SAMBANOVA_SCHEMA = "SambaNova OpenAPI 1.2.0, the stack of MARA Cloud (2026-07)"
SELF_HOSTED_CODE = "vLLM 0.33.0 and SGLang 0.5.23, tried with a scripted engine (2026-11)"
LLMPROVIDER_PAGE = "llmprovider.ai, MiniMax Chat Completion API (last update 2025-03-26)"


@dataclass(frozen=True, slots=True)
class ParameterRule:
    """What one provider does with one parameter."""

    provider: str
    name: str
    action: Action
    source: str
    models: tuple[str, ...] = ("",)
    """Beginnings of the model names that the rule is for, without regard to case."""
    excluded_models: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 0.0
    lowest: float | None = None
    """What a value at or below an exclusive `low` becomes; `None`: `low` itself is allowed."""
    harmless: tuple[Any, ...] = ()
    """Values that mean the same as leaving the parameter out."""
    replacement: str = ""
    """The name that a renamed parameter is sent under."""
    replacements: tuple[tuple[Any, Any], ...] = ()
    """Values that the provider refuses, each with the one that is sent instead."""
    spellings: tuple[tuple[Any, Any], ...] = ()
    """Values that this package takes beside the provider's own, each with what is sent for it."""
    note: str = ""
    contradiction: str = ""
    """What another source says instead; the cautious value is sent."""

    def describe(self) -> str:
        """Return the rule in words."""
        if self.action == "range":
            bracket = "[" if self.lowest is None else "("
            return f"range {bracket}{self.low:g}, {self.high:g}]"
        if self.action == "renamed":
            return f"sent as {self.replacement}"
        if self.action == "replaced":
            pairs = [f"{given!r} is refused, {sent!r} sent" for given, sent in self.replacements]
            return "; ".join(pairs)
        words = {"ignored": "ignored by the provider", "refused": "refused by the provider"}
        return self.note or words[self.action]


_CACHE_CONTROL = "of a content part: not in the provider's schema of messages"
_STRICT = "of a tool: not in the provider's schema of tools"

_THINKING = ((True, {"type": "adaptive"}), (False, {"type": "disabled"}))

_TEMPERATURE_M2 = ParameterRule(
    # 0 was accepted in 2026-04 without being deterministic; the clamped value is right under both.
    "minimax",
    "temperature",
    "range",
    MINIMAX_PAGE,
    excluded_models=("minimax-m3",),
    low=0.0,
    high=1.0,
    lowest=0.01,
    contradiction=f"[0, 2] in {MINIMAX_SCHEMA}",
)

PARAMETER_RULES: tuple[ParameterRule, ...] = (
    _TEMPERATURE_M2,
    ParameterRule(
        "minimax", "temperature", "range", MINIMAX_SCHEMA, models=("minimax-m3",), high=2.0
    ),
    ParameterRule("minimax", "top_p", "range", MINIMAX_SCHEMA, high=1.0),
    ParameterRule(
        "minimax", "max_tokens", "renamed", MINIMAX_SCHEMA, replacement="max_completion_tokens"
    ),
    ParameterRule("minimax", "presence_penalty", "ignored", MINIMAX_PAGE, harmless=(0,)),
    ParameterRule("minimax", "frequency_penalty", "ignored", MINIMAX_PAGE, harmless=(0,)),
    ParameterRule("minimax", "logit_bias", "ignored", MINIMAX_PAGE, harmless=({},)),
    ParameterRule(
        "minimax", "n", "refused", MINIMAX_PAGE, harmless=(1,), note="only 1 is supported"
    ),
    ParameterRule(
        "minimax", "function_call", "refused", MINIMAX_PAGE, note="use tools and tool_choice"
    ),
    ParameterRule("minimax", "functions", "refused", MINIMAX_PAGE, note="use tools"),
    ParameterRule(
        # Public report on the MiniMax page of Alibaba Cloud: cannot be controlled (2026-10).
        "minimax",
        "parallel_tool_calls",
        "ignored",
        MINIMAX_SCHEMA,
        harmless=(True,),
    ),
    ParameterRule("minimax", "top_k", "ignored", MINIMAX_SCHEMA),
    ParameterRule(
        # `invalid thinking.type: "enabled" (allowed: adaptive, disabled) (2013)`,
        # https://github.com/CherryHQ/cherry-studio/issues/16431; booleans are a type error.
        "minimax",
        "thinking",
        "replaced",
        MINIMAX_SCHEMA,
        excluded_models=("minimax-m3.1-flash",),
        replacements=(({"type": "enabled"}, {"type": "adaptive"}),),
        spellings=_THINKING,
    ),
    ParameterRule(
        # Thinking cannot be turned off: 2013 "requires adaptive thinking" (report of 2026-10).
        "minimax",
        "thinking",
        "replaced",
        "https://platform.minimax.io/docs/guides/text-generation (2026-10)",
        models=("minimax-m3.1-flash",),
        replacements=(
            ({"type": "enabled"}, {"type": "adaptive"}),
            ({"type": "disabled"}, {"type": "adaptive"}),
        ),
        spellings=_THINKING,
    ),
    ParameterRule("minimax", "chat_template_kwargs", "ignored", MINIMAX_SCHEMA),
    ParameterRule("minimax", "do_sample", "ignored", MINIMAX_SCHEMA),
    ParameterRule("minimax", "strict", "ignored", MINIMAX_SCHEMA, note=_STRICT),
    ParameterRule(
        "mara",
        "temperature",
        "range",
        MARA_PAGE,
        high=1.0,
        contradiction=f"[0, 2] in {SAMBANOVA_SCHEMA}",
    ),
    ParameterRule("mara", "top_p", "range", SAMBANOVA_SCHEMA, high=1.0),
    ParameterRule("mara", "top_k", "range", SAMBANOVA_SCHEMA, low=1, high=100),
    ParameterRule("mara", "logprobs", "ignored", MARA_PAGE, harmless=(False,)),
    ParameterRule("mara", "top_logprobs", "ignored", MARA_PAGE, harmless=(0,)),
    ParameterRule("mara", "n", "ignored", MARA_PAGE, harmless=(1,)),
    ParameterRule("mara", "presence_penalty", "ignored", MARA_PAGE, harmless=(0,)),
    ParameterRule("mara", "frequency_penalty", "ignored", MARA_PAGE, harmless=(0,)),
    ParameterRule("mara", "logit_bias", "ignored", MARA_PAGE, harmless=({},)),
    ParameterRule("mara", "seed", "ignored", MARA_PAGE),
    ParameterRule("mara", "parallel_tool_calls", "ignored", SAMBANOVA_SCHEMA, harmless=(False,)),
    ParameterRule(
        # low, medium and high alone; OpenAI's other levels become the nearest.
        "mara",
        "reasoning_effort",
        "replaced",
        SAMBANOVA_SCHEMA,
        replacements=(("minimal", "low"), ("xhigh", "high"), ("max", "high")),
    ),
    ParameterRule("mara", "strict", "ignored", SAMBANOVA_SCHEMA, note=_STRICT),
    ParameterRule("mara", "cache_control", "ignored", SAMBANOVA_SCHEMA, note=_CACHE_CONTROL),
    ParameterRule("llmprovider", "temperature", "range", LLMPROVIDER_PAGE, high=1.0),
    ParameterRule("llmprovider", "top_p", "range", LLMPROVIDER_PAGE, high=1.0),
    ParameterRule(
        "llmprovider",
        "max_completion_tokens",
        "renamed",
        LLMPROVIDER_PAGE,
        replacement="max_tokens",
    ),
    ParameterRule(
        # The provider takes it; a reply here is one answer.
        "llmprovider",
        "n",
        "refused",
        LLMPROVIDER_PAGE,
        harmless=(1,),
        note="only 1 is read by this package",
    ),
    ParameterRule("llmprovider", "cache_control", "ignored", LLMPROVIDER_PAGE, note=_CACHE_CONTROL),
    ParameterRule(
        # Both cache prefixes by themselves.
        "self-hosted",
        "cache_control",
        "ignored",
        SELF_HOSTED_CODE,
        note=_CACHE_CONTROL,
    ),
    # vLLM's range; SGLang takes higher temperatures as well.
    ParameterRule("self-hosted", "temperature", "range", SELF_HOSTED_CODE, high=2.0),
    ParameterRule("self-hosted", "top_p", "range", SELF_HOSTED_CODE, high=1.0, lowest=0.001),
    ParameterRule(
        "self-hosted",
        "n",
        "refused",
        SELF_HOSTED_CODE,
        harmless=(1,),
        note="only 1 is read by this package",
    ),
)


def find_rules(provider: str, model: str) -> list[ParameterRule]:
    """Return the rules for one model, at most one for each parameter."""
    wanted = model.lower()
    return [
        rule
        for rule in PARAMETER_RULES
        if rule.provider == provider
        and wanted.startswith(rule.models)
        and not (rule.excluded_models and wanted.startswith(rule.excluded_models))
    ]
