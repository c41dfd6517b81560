"""Key, endpoint, model list and whether the key is accepted: each check seen to pass and fail."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from mara_minimax.doctor.access import check_endpoint, check_key, check_models
from mara_minimax.doctor.probe import Listing
from mara_minimax.doctor.report import CHECKS, Finding
from mara_minimax.emulator import CannedReply
from mara_minimax.http_library import http_library
from mara_minimax.providers.endpoints import (
    LLMPROVIDER,
    MARA,
    MINIMAX,
    MINIMAX_CHINA,
    SELF_HOSTED,
)
from mara_minimax.providers.models import find_profile

http = http_library()
PLAN_KEY = "sk-cp-9f3a71c2-not-for-your-eyes"
PROFILE = find_profile("minimax", "MiniMax-M2")


def refusal(code: int, message: str, status: int) -> CannedReply:
    error = {"type": "error", "error": {"type": "api_error", "message": f"{message} ({code})"}}
    return CannedReply.json(error, status=status)


@pytest.fixture
def closed_port() -> Iterator[int]:
    # Bound and not listening: the port stays free of others and refuses.
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


def test_a_healthy_endpoint_passes_every_check_of_access(examine, server):
    report = examine(server)
    for check in ("key", "endpoint", "models", "access"):
        assert report.finding(check).status == "pass"
    assert report.finding("models").seen.startswith("MiniMax-M2 is one of ")


def test_a_missing_key_names_its_variable():
    finding = check_key(MINIMAX, "")
    assert finding.status == "fail"
    assert "MINIMAX_API_KEY" in finding.seen
    assert "export MINIMAX_API_KEY=" in finding.advice


@pytest.mark.parametrize(
    ("value", "flaw"),
    [
        ('"sk-abc"', "quotes"),
        ("Bearer sk-abc", "Bearer"),
        ("sk-a bc", "white space"),
        ("sk-äbc", "ASCII"),
    ],
)
def test_what_copying_adds_to_a_key_is_named_and_the_key_is_not(value, flaw, monkeypatch):
    monkeypatch.setenv("MINIMAX_API_KEY", value)
    finding = check_key(MINIMAX, value)
    assert finding.status == "warn"
    assert flaw in finding.seen
    assert "Set MINIMAX_API_KEY" in finding.advice
    assert "sk-" not in finding.seen + finding.advice


def test_white_space_around_a_key_is_harmless(monkeypatch):
    monkeypatch.setenv("MINIMAX_API_KEY", " sk-abc\n")
    assert check_key(MINIMAX, "sk-abc") == Finding("key", "pass", "MINIMAX_API_KEY is set")


@pytest.mark.parametrize("variable", ["another", ""])
def test_a_key_that_a_program_gives_is_seen(variable, examine, server, monkeypatch):
    monkeypatch.setenv("MINIMAX_API_KEY", variable)
    finding = examine(server, api_key="sk-of-a-program").finding("key")
    assert (finding.status, finding.seen) == ("pass", "given")


@pytest.mark.parametrize("provider", [MINIMAX, MINIMAX_CHINA])
def test_a_key_of_a_token_plan_is_recognised_by_its_prefix_alone(provider, monkeypatch):
    monkeypatch.setenv("MINIMAX_API_KEY", PLAN_KEY)
    finding = check_key(provider, PLAN_KEY)
    assert finding.status == "pass"
    assert finding.seen == "MINIMAX_API_KEY is set, a key of a Token Plan: it begins with sk-cp-"
    assert "--quota" in finding.advice


@pytest.mark.parametrize("provider", [MARA, LLMPROVIDER, SELF_HOSTED])
def test_hosts_without_a_token_plan_have_no_such_keys(provider):
    assert check_key(provider, PLAN_KEY) == Finding("key", "pass", "given")


def test_an_endpoint_that_is_not_there_ends_the_examination(examine, server, closed_port):
    report = examine(server, base_url=f"http://127.0.0.1:{closed_port}/v1")
    assert report.finding("endpoint").status == "fail"
    assert "refused" in report.finding("endpoint").seen
    assert report.requests == 1
    rest = [report.finding(check) for check in list(CHECKS)[2:]]
    assert {finding.status for finding in rest} == {"skip"}
    assert {finding.seen for finding in rest} == {"not tried: endpoint reachable failed"}
    assert report.exit_code == 1


@pytest.mark.parametrize("url", [MARA.base_url, MARA.other_url])
def test_a_host_of_mara_that_does_not_answer_is_one_of_two(url):
    finding = check_endpoint(Listing(), url)
    assert MARA.base_url in finding.advice
    assert MARA.other_url in finding.advice


def test_a_failing_host_is_there_all_the_same():
    finding = check_endpoint(Listing(status=502, seconds=0.1), "https://x/v1")
    assert finding.status == "warn"
    assert "HTTP 502 in 100 ms" in finding.seen


def test_a_wrong_path_has_no_list_and_the_failed_call_says_what_to_check(examine, server):
    report = examine(server, base_url=f"{server.base_url}/extra")
    assert report.finding("models").status == "skip"
    assert "HTTP 404" in report.finding("models").seen
    assert report.finding("answer").status == "fail"
    assert "ends with /v1" in report.finding("answer").advice


def test_a_model_that_is_not_listed_gets_the_nearest_name(examine, mara_server):
    report = examine(mara_server, model="minimax-m2.5")
    assert report.finding("models").status == "warn"
    assert report.finding("models").advice == "Did you mean MiniMax-M2.5?"
    assert report.finding("answer").status == "fail"
    assert "--model" in report.finding("answer").advice


@pytest.mark.parametrize(
    ("listing", "reason"),
    [
        (Listing(status=401), "refused (HTTP 401)"),
        (Listing(status=404), "has no list (HTTP 404)"),
        (Listing(status=200), "no list of models (HTTP 200)"),
        (Listing(), "no answer"),
    ],
)
def test_an_endpoint_without_a_list_is_not_blamed(listing, reason):
    finding = check_models(listing, "MiniMax-M2", PROFILE)
    assert finding.status == "skip"
    assert reason in finding.seen


def test_an_unlike_name_gets_the_names_there_are():
    finding = check_models(Listing(status=200, names=("a", "b")), "MiniMax-M2", PROFILE)
    assert finding.advice == "It has: a, b."


@pytest.mark.parametrize("scenario", ["http-401", "error-200-base-resp"])
def test_a_refused_key_ends_the_examination(scenario, examine, server):
    report = examine(server, {"answer": scenario})
    finding = report.finding("access")
    assert finding.status == "fail"
    assert finding.seen.startswith("the key is refused (HTTP")
    assert "--provider minimax-china" in finding.advice
    assert 'endpoint="china"' in finding.advice
    assert report.requests == 2
    assert report.finding("stream").seen == "not tried: key accepted failed"


def test_a_refused_key_of_mara_is_told_of_both_base_urls(examine, mara_server):
    report = examine(mara_server, {"answer": "http-401"})
    assert "MARA_BASE_URL" in report.finding("access").advice


def test_a_refused_key_of_a_host_that_is_alone_is_made_again_there(examine, llmprovider_server):
    report = examine(llmprovider_server, {"answer": "http-401"})
    assert report.finding("access").advice == "Check the key, or make a new one at llmprovider.ai."


def test_a_key_that_no_answer_speaks_of_is_neither_accepted_nor_refused(examine, server):
    report = examine(server, {"answer": "cut-connection"})
    assert report.finding("access").status == "skip"
    assert report.finding("answer").status == "fail"
    assert report.finding("answer").seen.startswith("APIConnectionError: ")


HTML = {"content-type": "text/html"}
NOT_OF_THE_PROVIDER = [
    CannedReply(status=status, headers=HTML, chunks=[b"<!DOCTYPE html><title>Log in</title>"])
    for status in (200, 402, 403, 404, 407, 501, 502)
] + [
    CannedReply.json(body, status=status)
    for status, body in (
        (404, {"message": "no route"}),
        # Gateways and portals answer in JSON too, but not in the providers' form.
        (200, {"status": "ok"}),
        (200, {"error": "log in first"}),
        (402, {"message": "pay the portal"}),
        (403, {"message": "blocked by the firewall"}),
        (413, {"message": "request size limit exceeded"}),
        (429, {"message": "API rate limit exceeded"}),
    )
]


@pytest.mark.parametrize("page", NOT_OF_THE_PROVIDER, ids=lambda page: str(page.status))
def test_a_key_that_no_provider_saw_is_not_called_accepted(page, examine, server):
    report = examine(server, before={"answer": lambda: server.enqueue(page)})
    assert report.finding("access").status == "skip"
    assert report.finding("access").seen.startswith("not known")
    assert report.finding("answer").status == "fail"
    assert "with the request id" not in report.finding("answer").advice


def test_a_proxy_that_asks_for_a_password_is_advised_on(examine, server):
    page = CannedReply(status=407, headers=HTML, chunks=[b"<title>Who are you?</title>"])
    report = examine(server, before={"answer": lambda: server.enqueue(page)})
    assert "http://user:password@host:port" in report.finding("answer").advice
    assert report.finding("answer").status == "fail"


@pytest.mark.parametrize("status", [200, 400, 429])
def test_a_refusal_of_the_provider_shows_that_it_took_the_key(status, examine, server):
    refused = refusal(2013, "invalid params", status)
    report = examine(server, before={"answer": lambda: server.enqueue(refused)})
    assert report.finding("access").status == "pass"
    assert report.finding("access").seen == "yes: the failure below is another one"


def test_an_empty_account_is_told_from_a_wrong_key(examine, server):
    report = examine(server, {"answer": "http-402"})
    finding = report.finding("access")
    assert finding.status == "fail"
    assert finding.seen == "the key is right, but the account has no balance (HTTP 402, code 1008)"


def test_a_plan_without_the_model_is_told_from_a_wrong_key(examine, server):
    reply = refusal(2061, "your current token plan not support model", 400)
    report = examine(server, before={"answer": lambda: server.enqueue(reply)})
    finding = report.finding("access")
    assert finding.status == "fail"
    assert "not allowed to use MiniMax-M2" in finding.seen
    assert "--model" in finding.advice


LIMIT = "usage limit exceeded, 5-hour usage limit reached for Token Plan Starter "


@pytest.mark.parametrize(
    ("words", "shown", "advice"),
    [
        # https://github.com/MiniMax-AI/MiniMax-M2.7/issues/36 (2026-05)
        (
            "(0/0 used), resets at 2026-05-15T15:00:00Z",
            "base plans have none in -highspeed models",
            "2026-05-15 15:00 UTC",
        ),
        ("(1500/1500 used), resets at 2026-05-15T15:00:00Z", "2056", "2026-05-15 15:00 UTC"),
        ("", "2056", "--quota"),
    ],
)
def test_a_plan_that_is_used_up_says_when_it_resets(words, shown, advice, examine, server):
    reply = refusal(2056, LIMIT + words, 429)
    report = examine(server, before={"answer": lambda: server.enqueue(reply)})
    finding = report.finding("answer")
    assert report.finding("access").status == "pass"
    assert finding.status == "fail"
    assert shown in finding.seen
    assert ("-highspeed" in finding.seen) == ("0/0" in words)
    assert advice in finding.advice


def test_a_limit_that_passes_by_itself_is_waited_for(examine, server):
    report = examine(server, {"answer": "http-429"})
    assert report.finding("answer").advice.startswith("Wait a minute")


@pytest.mark.parametrize("model", ["MiniMax-M2", "entirely-different"])
def test_model_ids_of_an_endpoint_write_nothing_else_to_the_terminal(model, examine, server, key):
    def answer(request):
        if request.method == "POST":
            return http.Response(500)
        ids = [f"minimax-m2\x1b[2J{key}", "x" * 60 + key, "x" * 5000]
        return http.Response(200, json={"data": [{"id": name} for name in ids]})

    client = http.Client(transport=http.MockTransport(answer))
    finding = examine(server, model=model, http_client=client).finding("models")
    shown = finding.seen + finding.expected + finding.advice
    assert finding.status == "warn"
    assert shown.isprintable()
    assert "[redacted]" in shown
    assert key[:10] not in shown
    assert len(shown) < 400
