"""How long a number of prompts takes under the providers' published limits.

`python -m examples.bulk.estimate --prompts 1000000 --tokens 1500 --seconds 20`
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

MINIMAX_PAGE = "https://platform.minimax.io/docs/guides/rate-limits"
MARA_PAGE = "https://mara-cloud-docs-one.vercel.app/models/rate-limits"
"""Both as read in 2026-11."""


@dataclass(frozen=True)
class Limits:
    """What a provider publishes for a model: requests and tokens a minute, requests a day."""

    account: str
    model: str
    rpm: int
    tpm: int | None = None
    rpd: int | None = None
    tpd: int | None = None

    def minutes(self, prompts: int, tokens: int) -> tuple[float, str]:
        """Return the time that all prompts take, and the limit that decides it."""
        times = {"requests a minute": prompts / self.rpm}
        if self.tpm:
            times["tokens a minute"] = prompts * tokens / self.tpm
        if self.rpd:
            times["requests a day"] = prompts / self.rpd * 24 * 60
        if self.tpd:
            times["tokens a day"] = prompts * tokens / self.tpd * 24 * 60
        limit = max(times, key=lambda name: times[name])
        return times[limit], limit


# MINIMAX_PAGE: one table for all paying accounts. MARA_PAGE: tiers; an enterprise's limits are
# its own.
PUBLISHED = (
    Limits("MiniMax", "MiniMax-M3", 200, tpm=10_000_000),
    Limits("MiniMax", "MiniMax-M2 to M2.7", 500, tpm=20_000_000),
    Limits("MARA, Developer", "MiniMax-M2.5", 200, rpd=50_000),
    Limits("MARA, Developer", "gpt-oss-120b", 150, rpd=50_000),
    Limits("MARA, Developer", "DeepSeek-V3.1", 60, rpd=15_000),
    Limits("MARA, Free", "any", 20, rpd=20, tpd=200_000),
)


def table(prompts: int, tokens: int, seconds: float) -> str:
    """Return the estimate as Markdown."""
    lines = [
        (
            f"| account | model | {prompts:,} prompts take | what decides | "
            f"calls in flight, at {seconds:g} s each |"
        ),
        "| --- | --- | ---: | --- | ---: |",
    ]
    for limits in PUBLISHED:
        minutes, limit = limits.minutes(prompts, tokens)
        lines.append(
            f"| {limits.account} | {limits.model} | {_duration(minutes)} | {limit} | "
            f"{max(1, round(prompts * seconds / (minutes * 60)))} |"
        )
    return "\n".join(lines)


def _duration(minutes: float) -> str:
    hours, days = minutes / 60, minutes / 60 / 24
    return f"{days:,.1f} days" if days >= 2 else f"{hours:.1f} hours"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prompts", type=int, default=1_000_000)
    parser.add_argument("--tokens", type=int, default=1_500, help="of a prompt and its answer")
    parser.add_argument("--seconds", type=float, default=20, help="that an answer takes")
    options = parser.parse_args()
    print(table(options.prompts, options.tokens, options.seconds))


if __name__ == "__main__":
    main()
