"""The columns of the table: a provider, the setting of the endpoint, and the form of the call."""

from __future__ import annotations

from dataclasses import dataclass

MODELS = {"minimax": "MiniMax-M2.1", "mara": "MiniMax-M2.5"}
"""The model by which the proxy knows each provider."""


@dataclass(frozen=True)
class Column:
    """One way of calling; `endpoint` is empty where the setting is left alone."""

    provider: str
    endpoint: str
    streamed: bool

    @property
    def title(self) -> str:
        """The head of the column."""
        name = {"minimax": "MiniMax", "mara": "MARA"}[self.provider]
        words = [name, self.endpoint, "streamed" if self.streamed else "plain"]
        return ", ".join(filter(None, words))

    @property
    def settings(self) -> dict[str, str]:
        """What the constructor is given for it."""
        return {"endpoint": self.endpoint} if self.endpoint else {}


COLUMNS = tuple(
    Column(provider, endpoint, streamed)
    for provider, endpoint in (("minimax", ""), ("minimax", "self-hosted"), ("mara", ""))
    for streamed in (False, True)
)
