"""Who to call: endpoints, key variables and reasoning forms, one table with sources."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

from mara_minimax.types import ReasoningForm


@dataclass(frozen=True, slots=True)
class Provider:
    """One host that speaks the OpenAI-compatible chat API, with its habits."""

    name: str
    """Stable id used in metadata and traces: `minimax`, `llmprovider`, `mara`, `self-hosted`."""
    title: str
    """The name that people read, in messages and tables."""
    base_url: str
    """`""` where the URL has to be given."""
    key_variable: str
    """Environment variable of the API key, read when no argument is given; `""`: no key is needed,
    and none is read."""
    url_variable: str
    """Environment variable that replaces `base_url`, read when no argument is given."""
    other_url: str
    """Another URL of the provider, which keys may belong to; `""`: none is known."""
    default_model: str
    """`""`: the first that the host lists."""
    reasoning_form: ReasoningForm
    """Form in which reasoning of the same model family from another provider is sent back."""
    accepts_reasoning_split: bool
    """Whether the `reasoning_split` switch exists there."""
    accepts_stream_options: bool
    """Whether `stream_options` may be sent, which asks for usage on streams."""
    replays_details: bool
    """Whether `reasoning_details` of earlier turns are read there."""
    requires_content_key: bool
    """Whether an assistant message needs `content` even beside tool calls."""
    sends_done: bool | None
    """Whether streams end with `data: [DONE]`; `None` where no source tells."""
    source: str
    """Where the endpoint and the key are documented, with the date it was read."""
    names_codes: bool = False
    """Whether MiniMax's codes count anywhere in a message, and not only in fields of their own."""
    plan_key_prefix: str = ""
    """How the keys of its Token Plan begin; `""`: it has no such plan."""
    plan_paths: tuple[str, ...] = ()
    """Where the host tells what is left of the plan, below the base URL, newest first."""
    text_only_tool_results: bool = False
    """Whether tool messages hold text alone, also for models that take images of users."""
    leaves_line_breaks: bool = False
    """Whether content may begin with line breaks that only separate it from a field of reasoning.

    Servers of one's own leave them there (vLLM 0.33, SGLang 0.5.23; tried 2026-11), and the
    chat template of MiniMax-M2 writes them again. They are neither shown nor sent back. The
    hosts of MiniMax want their own message back as it was.
    """

    @property
    def advice_on_urls(self) -> str:
        """What to try where the host cannot be reached or refuses the key, `""` for nothing."""
        if not self.other_url:
            return ""
        return (
            f"{self.title} has two base URLs, {self.base_url} and {self.other_url}, and a key is "
            f"for one of them: choose with base_url= or {self.url_variable}."
        )


MINIMAX = Provider(
    name="minimax",
    title="MiniMax",
    base_url="https://api.minimax.io/v1",
    key_variable="MINIMAX_API_KEY",
    url_variable="MINIMAX_BASE_URL",
    other_url="",
    default_model="MiniMax-M2",
    reasoning_form="reasoning_details",
    accepts_reasoning_split=True,
    accepts_stream_options=True,
    replays_details=True,
    requires_content_key=False,
    # Present in traffic of 2026-04, absent in that of 2026-08 and 2026-09.
    sends_done=False,
    source="https://platform.minimax.io/docs/api-reference/text-openai-api (2026-11)",
    names_codes=True,
    # Public reports, untried: https://github.com/robinebers/openusage/pull/536 (2026-06),
    # https://github.com/bernardopg/AiOverviewControl/pull/29 (2026-09).
    plan_key_prefix="sk-cp-",
    plan_paths=("/token_plan/remains", "/api/openplatform/coding_plan/remains"),
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
    other_url="",
    default_model="abab5.5-chat",
    reasoning_form="inline",
    # A plain OpenAI-shaped proxy: its page names neither this nor stream_options.
    accepts_reasoning_split=False,
    accepts_stream_options=False,
    replays_details=True,
    requires_content_key=True,
    sends_done=None,
    source="llmprovider.ai, MiniMax Chat Completion API (last update 2025-03-26)",
    names_codes=True,
)

MARA = Provider(
    name="mara",
    title="MARA Cloud",
    base_url="https://bczfskny6zqw.poweredby.snova.ai/v1",
    key_variable="MARA_API_KEY",
    url_variable="MARA_BASE_URL",
    # Clients of mid-2026 use it instead (ten public ones, 2026-11); both may be live.
    other_url="https://api.cloud.mara.com/v1",
    default_model="MiniMax-M2.5",
    reasoning_form="reasoning",
    accepts_reasoning_split=False,
    accepts_stream_options=True,
    replays_details=True,
    requires_content_key=True,
    sends_done=True,
    source="https://mara-cloud-docs-one.vercel.app/api-features/openai-compatibility (2026-11)",
    # "tool: string or array of text parts" (SambaNova OpenAPI 1.2.0, 2026-07).
    text_only_tool_results=True,
)

SELF_HOSTED = Provider(
    name="self-hosted",
    title="Self-hosted server",
    base_url="",
    key_variable="",
    url_variable="",
    other_url="",
    default_model="",
    # The field that the templates of MiniMax's models read; vLLM reads `reasoning` as well.
    reasoning_form="reasoning_content",
    accepts_reasoning_split=False,
    accepts_stream_options=True,
    replays_details=False,
    # llama.cpp and MLX look the key up; null is taken beside tool calls.
    requires_content_key=True,
    sends_done=True,
    leaves_line_breaks=True,
    names_codes=True,
    source="vLLM 0.33.0 and SGLang 0.5.23, their serving code with a scripted engine (2026-11)",
)

Endpoint = Literal["international", "china", "llmprovider", "self-hosted"]
"""Values of the `endpoint` setting of the MiniMax classes."""

MINIMAX_ENDPOINTS: Final[dict[Endpoint, Provider]] = {
    "international": MINIMAX,
    "china": MINIMAX_CHINA,
    "llmprovider": LLMPROVIDER,
    "self-hosted": SELF_HOSTED,
}
"""The host of each value; the first of a provider's is its usual one."""

PROVIDERS: tuple[Provider, ...] = (
    *(known for known in MINIMAX_ENDPOINTS.values() if known.base_url),
    MARA,
)
"""Those with a host of their own."""

PROVIDER_NAMES = tuple(dict.fromkeys(known.name for known in (*PROVIDERS, SELF_HOSTED)))
"""What replies of this package name as their provider; stored messages may name anything."""
