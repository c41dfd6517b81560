"""`GET /v1/token_plan/remains`: for keys of a Token Plan, at MiniMax alone."""

from __future__ import annotations

import httpx
import pytest

from mara_minimax.emulator import Emulator

NOW = 1_790_000_000.5


def remains(provider: str, key: str) -> httpx.Response:
    with Emulator(provider, clock=lambda: NOW) as emulator:
        headers = {"authorization": f"Bearer {key}"} if key else {}
        reply = httpx.get(f"{emulator.base_url}/token_plan/remains", headers=headers)
        (request,) = emulator.requests
        assert (request.method, request.path) == ("GET", "/v1/token_plan/remains")
        assert request.has_key == bool(key)
    return reply


def test_a_plan_of_credits_tells_percents_of_two_windows():
    body = remains("minimax", "sk-cp-any").json()
    assert body["base_resp"] == {"status_code": 0, "status_msg": "success"}
    general, video = body["model_remains"]
    assert (general["model_name"], video["model_name"]) == ("general", "video")
    assert general["current_interval_total_count"] == 0
    assert general["current_interval_remaining_percent"] == 92
    assert general["current_weekly_remaining_percent"] == 98
    assert video["current_interval_status"] == 3


@pytest.mark.parametrize(
    ("prefix", "hours"), [("", 5), ("weekly_", 7 * 24)], ids=["interval", "week"]
)
def test_each_window_holds_the_time_of_asking(prefix, hours):
    row = remains("minimax", "sk-cp-any").json()["model_remains"][0]
    start, end = row[f"{prefix}start_time"], row[f"{prefix}end_time"]
    assert end - start == hours * 3_600_000
    assert start <= NOW * 1000 < end
    assert row[f"{prefix}remains_time"] == end - int(NOW * 1000)


@pytest.mark.parametrize("key", ["sk-api-any", "", "bad-key"])
def test_other_keys_have_no_plan(key):
    reply = remains("minimax", key)
    assert reply.status_code == 200
    assert reply.json()["base_resp"]["status_code"] == 1004
    assert "model_remains" not in reply.json()


@pytest.mark.parametrize("provider", ["mara", "llmprovider"])
def test_other_providers_do_not_know_the_path(provider):
    assert remains(provider, "sk-cp-any").status_code == 404
