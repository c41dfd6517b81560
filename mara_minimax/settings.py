"""What a user can set: the fields of each provider's classes, beside those that all share.

The adapters inherit `MiniMaxSettings` or `MARASettings` beside their framework's base class,
so names, defaults and checks are the same everywhere. `None` means "not sent" and nothing
else. Order of precedence: call argument, constructor, the provider's own default.
"""

from __future__ import annotations

from typing import Any

from mara_minimax.chat_settings import ChatSettings
from mara_minimax.providers.endpoints import MARA, MINIMAX_ENDPOINTS, Endpoint, Provider

__all__ = ["ChatSettings", "MARASettings", "MiniMaxSettings"]


class MiniMaxSettings(ChatSettings):
    """Fields of the MiniMax classes."""

    endpoint: Endpoint = "international"
    """Host: `"international"` is api.minimax.io, `"china"` api.minimaxi.com, `"llmprovider"`
    platform.llmprovider.ai, `"self-hosted"` a server of your own.

    For the last, `base_url` has to be given, no key is read from the environment, and the rules
    of the hosted API do not hold.
    """
    reasoning_split: bool = True
    """Ask for reasoning in `reasoning_details` instead of `<think>` text in the content."""
    reasoning_effort: str | None = None
    """`low`, `medium`, `high`, `xhigh` or `max`, the provider's default; MiniMax-M3.1-Flash.

    https://platform.minimax.io/docs/guides/text-generation (2026-10); whether MiniMax-M3 takes
    it is reported both ways.
    """
    thinking: bool | dict[str, Any] | None = None
    """`{"type": "adaptive"}` or `{"type": "disabled"}`, also `True` and `False`; MiniMax-M3."""
    service_tier: str | None = None
    """`standard` or `priority`."""
    top_k: int | None = None
    """Number of tokens that sampling draws from; self-hosted servers. MiniMax ignores it."""
    chat_template_kwargs: dict[str, Any] | None = None
    """What a self-hosted server's chat template reads, such as `{"thinking_mode": "disabled"}`."""

    @property
    def provider(self) -> Provider:
        """The host that `endpoint` names."""
        return MINIMAX_ENDPOINTS[self.endpoint]


class MARASettings(ChatSettings):
    """Fields of the MARA classes."""

    top_k: int | None = None
    """Number of tokens that sampling draws from, 1 to 100."""
    do_sample: bool | None = None
    """Whether to sample; `False` always takes the likeliest token."""
    reasoning_effort: str | None = None
    """`low`, `medium` or `high`; gpt-oss models."""
    chat_template_kwargs: dict[str, Any] | None = None
    """Such as `{"enable_thinking": True}`; DeepSeek models."""

    @property
    def provider(self) -> Provider:
        """MARA Cloud."""
        return MARA
