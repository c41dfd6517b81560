"""What the doctor found: one finding a check, and the report that they make up."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from mara_minimax._version import __version__
from mara_minimax.doctor.http_parts import HTTPParts, http_parts
from mara_minimax.doctor.remains import Window

Status = Literal["pass", "warn", "fail", "skip"]

CHECKS = {
    "key": "API key found",
    "endpoint": "endpoint reachable",
    "models": "model list",
    "access": "key accepted",
    "answer": "plain call",
    "stream": "streaming",
    "reasoning": "place of reasoning",
    "stream-usage": "usage on streams",
    "done": "end of streams",
    "turn-two": "reasoning sent back",
    "tools": "tools called",
    "tool-results": "tool results taken",
    "forced-choice": "forced tool choice",
    "json-schema": "JSON schema",
    "server": "server and parsers",
}
"""All checks in their order: a stable id for machines, and the name that people read."""

_TITLES = {**CHECKS, "quota": "Token Plan"}
"""Names of all findings: `--quota` makes one that the examination does not have."""

HEALTHY, UNHEALTHY, UNUSABLE = 0, 1, 2
"""Exit codes: all as the tables say; deviations or failures; bad usage or no key."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check."""

    check: str
    """A key of `CHECKS`, or `quota`."""
    status: Status
    """`warn` is a deviation from the tables that calls still get along with."""
    seen: str
    expected: str = ""
    """What the tables say, where they say something."""
    advice: str = ""
    """What to do about it."""

    @property
    def title(self) -> str:
        """The check's name."""
        return _TITLES[self.check]


@dataclass(slots=True)
class Report:
    """All findings about one model at one endpoint; the key is nowhere in it."""

    provider: str
    model: str
    base_url: str
    sources: tuple[str, ...] = ()
    """Where the tables have their facts from."""
    findings: list[Finding] = field(default_factory=list)
    quota: list[Window] = field(default_factory=list)
    """What is left of a Token Plan, where `--quota` asked for it."""
    http: HTTPParts = field(default_factory=http_parts)
    """What carries calls in this installation."""
    requests: int = 0
    tokens: int = 0
    seconds: float = 0.0

    @property
    def exit_code(self) -> int:
        """0 all right, 1 deviations or failures, 2 no key."""
        found = {finding.check: finding.status for finding in self.findings}
        if found.get("key") == "fail":
            return UNUSABLE
        return UNHEALTHY if {"warn", "fail"} & set(found.values()) else HEALTHY

    def finding(self, check: str) -> Finding:
        """Return the finding of a check."""
        return next(finding for finding in self.findings if finding.check == check)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain JSON values."""
        plain = asdict(self)
        for finding in plain["findings"]:
            finding["title"] = _TITLES[finding["check"]]
        plain["quota"] = [window.to_dict() for window in self.quota]
        return {"version": __version__, "exit_code": self.exit_code, **plain}
