"""Who to call: endpoints, key variables and reasoning forms, one table with sources."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mara_minimax.types import ReasoningForm


@dataclass(frozen=True, slots=True)
class Provider:
    """One host that speaks the OpenAI-compatible chat API, with its habits."""

    name: str
    """Stable id used in metadata and traces: `minimax`, `llmprovider` or `mara`."""
    title: str
    """The name that people read, in messages and tables."""
    base_url: str
    key_variable: str
    """Environment variable of the API key, read when no argument is given."""
    url_variable: str
    """Environment variable that replaces `base_url`, read when no argument is given."""
    default_model: str
    reasoning_form: ReasoningForm
    """Form in which reasoning of the same model family from another provider is sent back."""
    accepts_reasoning_split: bool
    """Whether the `reasoning_split` switch exists there."""
    accepts_stream_options: bool
    """Whether `stream_options` may be sent, which asks for usage on streams."""
    requires_content_key: bool
    """Whether an assistant message needs `content` even beside tool calls."""
    requires_image_data: bool
    """Whether images must be sent as base64 data instead of a URL."""
    sends_done: bool | None
    """Whether streams end with `data: [DONE]`; `None` where no source tells."""
    source: str
    """Where the endpoint and the key are documented, with the date it was read."""
    text_only_tool_results: bool = False
    """Whether tool messages hold text alone, also for models that take images of users."""


MINIMAX = Provider(
    name="minimax",
    title="MiniMax",
    base_url="https://api.minimax.io/v1",
    key_variable="MINIMAX_API_KEY",
    url_variable="MINIMAX_BASE_URL",
    default_model="MiniMax-M2",
    reasoning_form="reasoning_details",
    accepts_reasoning_split=True,
    accepts_stream_options=True,
    requires_content_key=False,
    requires_image_data=False,
    # Present in traffic of 2026-04, absent in that of 2026-08 and 2026-09.
    sends_done=False,
    source="https://platform.minimax.io/docs/api-reference/text-openai-api (2026-11)",
)

MINIMAX_CHINA = replace(
    MINIMAX,
    title="MiniMax (China)",
    base_url="https://api.minimaxi.com/v1",
    source="https://platform.minimaxi.com/docs/api-reference/text-openai-api (2026-11)",
)

LLMPROVIDER = Provider(
    name="llmprovider",
    title="llmprovider.ai",
    base_url="https://platform.llmprovider.ai/v1",
    key_variable="LLMPROVIDER_API_KEY",
    url_variable="LLMPROVIDER_BASE_URL",
    default_model="abab5.5-chat",
    reasoning_form="inline",
    # A plain OpenAI-shaped proxy: its page names neither this nor stream_options.
    accepts_reasoning_split=False,
    accepts_stream_options=False,
    requires_content_key=True,
    requires_image_data=False,
    sends_done=None,
    source="llmprovider.ai, MiniMax Chat Completion API (last update 2025-03-26)",
)

MARA = Provider(
    name="mara",
    title="MARA Cloud",
    # Clients of mid-2026 use https://api.cloud.mara.com/v1 instead; both may be live,
    # and MARA_BASE_URL chooses.
    base_url="https://bczfskny6zqw.poweredby.snova.ai/v1",
    key_variable="MARA_API_KEY",
    url_variable="MARA_BASE_URL",
    default_model="MiniMax-M2.5",
    reasoning_form="reasoning",
    accepts_reasoning_split=False,
    accepts_stream_options=True,
    requires_content_key=True,
    requires_image_data=True,
    sends_done=True,
    source="https://mara-cloud-docs-one.vercel.app/api-features/openai-compatibility (2026-11)",
    # "tool: string or array of text parts" (SambaNova OpenAPI 1.2.0, 2026-07).
    text_only_tool_results=True,
)

MINIMAX_ENDPOINTS: dict[str, Provider] = {
    "international": MINIMAX,
    "china": MINIMAX_CHINA,
    "llmprovider": LLMPROVIDER,
}
"""Values of the `endpoint` setting of the MiniMax classes."""

PROVIDERS: tuple[Provider, ...] = (MINIMAX, MINIMAX_CHINA, LLMPROVIDER, MARA)
