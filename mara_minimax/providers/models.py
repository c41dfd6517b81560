"""What each model can do: one table, each row with its source and date.

What no source says is left open: `inputs` and `refused_inputs` hold what is documented, and
other content is sent for the provider to judge.

The table adds knowledge and never forbids: a name that is not in it gets its family's values
(by the start of the name) or permissive defaults. To add a model, add a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import mara_minimax

MINIMAX_DOCS = "https://platform.minimax.io/docs/api-reference/text-openai-api (2026-11)"
MINIMAX_GUIDE = "https://platform.minimax.io/docs/guides/text-generation (2026-10)"
MARA_TOOLS_PAGE = (
    "https://mara-cloud-docs-one.vercel.app/api-features/function-calling-and-json-mode (2026-11)"
)
RELEASES = "models.dev, as published in langchain-openrouter 0.2.9 (2026-11)"
RETIREMENT = (
    "MiniMax's models page as quoted at https://dev.to/aihubmix (2026-10-19), one secondary source"
)
MARA_CATALOG = "GET /v1/models of MARA Cloud as read by public clients (2026-08)"


@dataclass(frozen=True, slots=True)
class ModelProfile:
    """Facts about one model at one provider; token counts are tokens."""

    context_window: int
    max_output_tokens: int | None
    """`None` when no source gives a limit."""
    family: str
    """Models of one family understand each other's reasoning."""
    inputs: tuple[str, ...] = ("text",)
    """Content that the model is known to take: `text`, `image`, `video`, `audio`, `file`."""
    refused_inputs: tuple[str, ...] = ()
    """Content that a document says it does not take."""
    image_urls: bool = True
    """Whether images may be links, and not only base64 data."""
    reasoning: bool = True
    reasoning_effort_levels: tuple[str, ...] = ()
    """Values of `reasoning_effort` that the documents name; empty where there are none."""
    reasoning_effort_default: str = ""
    """The level that holds where none is sent, `""` where no source tells."""
    closes_reasoning_only: bool = False
    """Whether content starts inside reasoning, without an opening tag, when thinking is on."""
    tool_calling: bool = True
    enforces_tool_choice: bool = False
    """Whether `required` or a named function compels a call."""
    enforces_json_schema: bool = False
    """Whether `response_format` compels the answer's form."""
    strict_history: bool = False
    """Whether several or late system messages and unpaired tool results are refused, or
    silently dropped by the model's chat template."""
    known: bool = True
    """`False` for a name that the table does not hold."""
    source: str = ""
    status: str = ""
    """`active` or `deprecated`, on the date of `source`; `""` where no list or page tells."""
    retirement_date: str = ""
    """When it was announced to go, as an ISO date; `""` where nothing was announced."""
    retirement_source: str = ""
    release_date: str = ""
    """When the model came out, as an ISO date; `""` where no source tells."""
    open_weights: bool | None = None


@dataclass(frozen=True, slots=True)
class ListedModel:
    """One model that a host lists, with what the host says of it and what the table knows."""

    id: str
    """As the host writes it, to be passed as `model`."""
    profile: ModelProfile
    """The table's facts; windows that the host names are in their place."""
    pricing: Mapping[str, float] = field(default_factory=dict)
    """Prices in the host's own names and units, such as `prompt` and `completion`."""
    raw: Mapping[str, Any] = field(default_factory=dict)
    """The host's row, as it came."""


_MINIMAX_M2 = ModelProfile(
    context_window=204_800,
    max_output_tokens=204_800,
    family="minimax",
    # "Image and audio type inputs are not currently supported"; video is for M3 and later.
    refused_inputs=("image", "audio", "video"),
    strict_history=True,
    source=MINIMAX_DOCS,
)
_MINIMAX_M3 = replace(
    _MINIMAX_M2,
    context_window=1_000_000,
    max_output_tokens=524_288,
    inputs=("text", "image", "video"),
    refused_inputs=(),
)
_LEGACY = ModelProfile(
    # No source gives abab windows at this endpoint; a small one keeps retrieval prompts safe.
    context_window=16_384,
    max_output_tokens=None,
    family="abab",
    reasoning=False,
    source="llmprovider.ai, MiniMax Chat Completion API (last update 2025-03-26)",
)
_MARA_MINIMAX = ModelProfile(
    context_window=196_608,
    # Clients list 16,384 for every model, which looks like their own default.
    max_output_tokens=None,
    family="minimax",
    # "image_url (base64 data only)": SambaNova OpenAPI 1.2.0, the stack of MARA Cloud (2026-07).
    image_urls=False,
    strict_history=True,
    enforces_tool_choice=True,
    source=MARA_CATALOG,
)
_SELF_HOSTED = ModelProfile(
    # `max_position_embeddings` of the weights; a server can be started with less.
    context_window=196_608,
    max_output_tokens=None,
    family="minimax",
    # The chat template uses the first system message only.
    strict_history=True,
    enforces_tool_choice=True,
    enforces_json_schema=True,
    source="config.json and chat template of MiniMaxAI/MiniMax-M2 on Hugging Face; vLLM 0.33.0, "
    "SGLang 0.5.23 (2026-11)",
)
_MARA_OTHER = replace(_MARA_MINIMAX, context_window=131_072, strict_history=False, family="")
_MARA_DEEPSEEK = replace(_MARA_OTHER, family="deepseek", closes_reasoning_only=True)
_MARA_GPT_OSS = replace(
    _MARA_OTHER, family="gpt-oss", reasoning_effort_levels=("low", "medium", "high")
)

_RELEASES = {
    "MiniMax-M3": ("2026-06-01", True),
    "MiniMax-M2.7": ("2026-03-18", True),
    "MiniMax-M2.5": ("2026-02-12", True),
    "MiniMax-M2.1": ("2025-12-23", True),
    "MiniMax-M2": ("2025-10-27", True),
    "M2-her": ("2026-01-23", False),
    "DeepSeek-V3.1": ("2025-08-21", True),
    "DeepSeek-V3.1-Terminus": ("2025-09-22", True),
    "DeepSeek-V3.2": ("2025-12-01", True),
    "gpt-oss-120b": ("2025-08-05", True),
    "gemma-4-31B-it": ("2026-04-02", True),
}
"""When each model came out, and whether its weights are open; wherever it runs (`RELEASES`)."""


def _with_releases(models: dict[str, ModelProfile]) -> dict[str, ModelProfile]:
    """Return the rows with their dates; a `-highspeed` row has that of its model."""
    dated: dict[str, ModelProfile] = {}
    for name, profile in models.items():
        date, open_weights = _RELEASES.get(
            name.removeprefix("MiniMaxAI/").removesuffix("-highspeed"), ("", None)
        )
        dated[name] = replace(profile, release_date=date, open_weights=open_weights)
    return dated


_ACTIVE_M2 = replace(_MINIMAX_M2, status="active")
_RETIRING_M2 = replace(
    _MINIMAX_M2,
    status="deprecated",
    retirement_date="2026-11-18",
    retirement_source=RETIREMENT,
)
_MINIMAX_M31 = replace(
    _MINIMAX_M3,
    # The only control of its thinking, which cannot be turned off.
    reasoning_effort_levels=("low", "medium", "high", "xhigh", "max"),
    reasoning_effort_default="max",
    status="active",
    source=MINIMAX_GUIDE,
)

MINIMAX_MODELS: dict[str, ModelProfile] = _with_releases(
    {
        "MiniMax-M3.1-Flash": _MINIMAX_M31,
        "MiniMax-M3.1-Flash-Preview": _MINIMAX_M31,
        "MiniMax-M3": replace(_MINIMAX_M3, status="active"),
        "MiniMax-M2.7": _RETIRING_M2,
        "MiniMax-M2.7-highspeed": _RETIRING_M2,
        "MiniMax-M2.5": _RETIRING_M2,
        "MiniMax-M2.5-highspeed": _RETIRING_M2,
        "MiniMax-M2.1": _ACTIVE_M2,
        "MiniMax-M2.1-highspeed": _ACTIVE_M2,
        "MiniMax-M2": _ACTIVE_M2,
        # Named by documents of 2025 alone.
        "MiniMax-M2-Stable": _MINIMAX_M2,
        "M2-her": replace(
            _MINIMAX_M2, context_window=65_536, max_output_tokens=2_048, reasoning=False
        ),
    }
)
"""Models of MiniMax's own hosts, international and China."""

LLMPROVIDER_MODELS: dict[str, ModelProfile] = {
    "abab5.5-chat": _LEGACY,
    "abab6.5s-chat": _LEGACY,
    "abab6.5t-chat": _LEGACY,
}
"""Models of llmprovider.ai."""

MARA_MODELS: dict[str, ModelProfile] = _with_releases(
    {
        "MiniMax-M2.5": replace(_MARA_MINIMAX, status="active"),
        "MiniMax-M2.7": replace(_MARA_MINIMAX, status="active"),
        "MiniMax-M3": replace(
            _MARA_MINIMAX,
            status="active",
            source=f"{MARA_CATALOG}; window of M3 not published (1,000,000 at MiniMax)",
        ),
        "DeepSeek-V3.1": replace(_MARA_DEEPSEEK, status="active"),
        "DeepSeek-V3.1-Terminus": replace(_MARA_DEEPSEEK, source=MARA_TOOLS_PAGE),
        "DeepSeek-V3.2": replace(
            _MARA_DEEPSEEK,
            # 32K: release notes of SambaCloud, the stack of MARA Cloud (2026-07).
            context_window=32_768,
            source=MARA_TOOLS_PAGE,
        ),
        "gpt-oss-120b": replace(_MARA_GPT_OSS, status="active"),
        "gemma-4-31B-it": replace(_MARA_OTHER, family="gemma", status="active"),
    }
)
"""Models of MARA Cloud; ids are case-sensitive there, look-ups here are not."""

SELF_HOSTED_MODELS: dict[str, ModelProfile] = _with_releases(
    {
        "MiniMaxAI/MiniMax-M2": _SELF_HOSTED,
        "MiniMaxAI/MiniMax-M2.1": _SELF_HOSTED,
        "MiniMaxAI/MiniMax-M2.5": _SELF_HOSTED,
        "MiniMaxAI/MiniMax-M2.7": _SELF_HOSTED,
    }
)
"""MiniMax's open weights by the names that servers give them; any served name works."""

MODELS = {
    "minimax": MINIMAX_MODELS,
    "llmprovider": LLMPROVIDER_MODELS,
    "mara": MARA_MODELS,
    "self-hosted": SELF_HOSTED_MODELS,
}
"""All rows by provider and model name."""

_BY_NAME = {
    (provider, name.lower()): profile
    for provider, models in MODELS.items()
    for name, profile in models.items()
}

_UNKNOWN_FAMILIES = {
    ("mara", "minimax"): replace(_MARA_MINIMAX, known=False),
    ("mara", "deepseek"): replace(_MARA_DEEPSEEK, known=False),
    ("mara", "gpt-oss"): replace(_MARA_GPT_OSS, known=False),
    ("minimax", "minimax-m3"): replace(_MINIMAX_M3, known=False),
}
"""What is assumed of a new model by the beginning of its name."""

_UNKNOWN_DEFAULTS = {
    "minimax": replace(_MINIMAX_M2, known=False, refused_inputs=()),
    "llmprovider": replace(_LEGACY, known=False),
    "mara": replace(_MARA_OTHER, known=False),
    "self-hosted": replace(_SELF_HOSTED, known=False),
}
"""What is assumed of a name that no row and no family matches."""


def find_profile(provider: str, model: str) -> ModelProfile:
    """Return the facts about `model` at the provider of that name.

    Names match without regard to case. An unknown name takes its family's values by the
    beginning of the name, else the provider's defaults; `known` is then `False`. Raises
    `ParameterError` for a `model` that is not a string.
    """
    if not isinstance(model, str):
        raise mara_minimax.errors.ParameterError(
            f"model has to be a string, the id of a model, not {type(model).__name__}."
        )
    wanted = model.lower()
    profile = _BY_NAME.get((provider, wanted))
    if profile is not None:
        return profile
    for (host, beginning), family_profile in _UNKNOWN_FAMILIES.items():
        if host == provider and wanted.startswith(beginning):
            return family_profile
    return _UNKNOWN_DEFAULTS[provider]
