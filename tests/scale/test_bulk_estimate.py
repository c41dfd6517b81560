"""How long a job takes under published limits, and the page that says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples.bulk.estimate import Limits, table

PAGE = Path(__file__).resolve().parents[2] / "docs" / "scale-out.md"


@pytest.mark.parametrize(
    ("limits", "minutes", "decides"),
    [
        (Limits("", "", rpm=500), 2_000, "requests a minute"),
        (Limits("", "", rpm=500, tpm=100_000), 15_000, "tokens a minute"),
        (Limits("", "", rpm=500, rpd=100_000), 10 * 24 * 60, "requests a day"),
        (Limits("", "", rpm=500, tpd=100_000_000), 15 * 24 * 60, "tokens a day"),
    ],
)
def test_the_narrowest_limit_decides(limits, minutes, decides):
    assert limits.minutes(1_000_000, 1_500) == (minutes, decides)


def test_the_page_shows_what_the_estimate_prints():
    assert table(1_000_000, 1_500, 20) in PAGE.read_text("utf-8")
