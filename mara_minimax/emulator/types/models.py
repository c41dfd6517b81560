"""The models each provider is known to serve, as far as the wire depends on them.

The emulator keeps its own table, apart from the library's profiles, so that a wrong profile
meets a refusal here and not its own mirror image.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Family = Literal["m2", "m3", "m3.1", "gpt-oss", "other"]


@dataclass(frozen=True, slots=True)
class Model:
    """What the emulator needs to know of a model."""

    id: str
    context_window: int
    family: Family = "other"
    max_output: int | None = None
    images: bool = False


def _table(*models: Model) -> Mapping[str, Model]:
    return {model.id: model for model in models}


# https://platform.minimax.io/docs/api-reference/text-chat-openai (mid-2026) and
# https://platform.minimax.io/docs/guides/text-generation (2026-10-20).
MINIMAX_MODELS = _table(
    Model("MiniMax-M3.1-Flash", 1_000_000, "m3.1", 524_288, images=True),
    Model("MiniMax-M3.1-Flash-Preview", 1_000_000, "m3.1", 524_288, images=True),
    Model("MiniMax-M3", 1_000_000, "m3", 524_288, images=True),
    Model("MiniMax-M2.7", 204_800, "m2"),
    Model("MiniMax-M2.7-highspeed", 204_800, "m2"),
    Model("MiniMax-M2.5", 204_800, "m2"),
    Model("MiniMax-M2.5-highspeed", 204_800, "m2"),
    Model("MiniMax-M2.1", 204_800, "m2"),
    Model("MiniMax-M2.1-highspeed", 204_800, "m2"),
    Model("MiniMax-M2.1-lightning", 204_800, "m2"),
    Model("MiniMax-M2", 204_800, "m2"),
    Model("MiniMax-M2-Stable", 204_800, "m2"),
    Model("M2-her", 65_536, "other", 2_048),
)

# Ids and windows as clients of api.cloud.mara.com list them (2026-06 to 2026-10); image input of
# gemma-4-31B-it and MiniMax-M3 is known from SambaNova's stack and unconfirmed at MARA.
MARA_MODELS = _table(
    Model("MiniMax-M2.5", 196_608, "m2", 16_384),
    Model("MiniMax-M2.7", 196_608, "m2", 16_384),
    Model("MiniMax-M3", 1_000_000, "m3", 16_384, images=True),
    Model("DeepSeek-V3.1", 131_072, "other", 16_384),
    # Named by MARA's page on function calling (2026-11), with SambaCloud's windows (2026-07).
    Model("DeepSeek-V3.1-Terminus", 131_072, "other", 16_384),
    Model("DeepSeek-V3.2", 32_768, "other", 16_384),
    Model("gpt-oss-120b", 131_072, "gpt-oss", 16_384),
    Model("gemma-4-31B-it", 131_072, "other", 16_384, images=True),
)

# The reseller's page names only `abab5.5-chat` (2025-03-26); its catalogue is not published, so
# the emulator accepts any name there.
LLMPROVIDER_MODELS = _table(
    Model("abab5.5-chat", 16_384),
    Model("abab6.5s-chat", 245_760),
)
