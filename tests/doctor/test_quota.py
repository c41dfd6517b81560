"""`--quota` asks the host of the endpoint what is left of a Token Plan, and nothing else."""

from __future__ import annotations

import json

import pytest

from mara_minimax.__main__ import main
from mara_minimax.doctor.quota import ask_quota
from mara_minimax.http_library import http_library
from mara_minimax.settings import MiniMaxSettings

http = http_library()
PLAN_KEY = "sk-cp-9f3a71c2-not-for-your-eyes"
NEWER, OLDER = "/v1/token_plan/remains", "/v1/api/openplatform/coding_plan/remains"


@pytest.fixture
def plan_key(monkeypatch):
    monkeypatch.setenv("MINIMAX_API_KEY", PLAN_KEY)


class Host:
    """A host whose answers are given, by path."""

    def __init__(self, **answers):
        self.answers = answers
        self.asked = []

    def __call__(self, request):
        self.asked.append(request)
        given = self.answers["older" if request.url.path == OLDER else "newer"]
        if isinstance(given, Exception):
            raise given
        return given

    def ask(self, key=PLAN_KEY, **given):
        client = http.Client(transport=http.MockTransport(self))
        return ask_quota(MiniMaxSettings(api_key=key, http_client=client, **given), timeout=5)


def json_of(body, status=200):
    return http.Response(status, json=body)


GENERAL = {"model_remains": [{"model_name": "general", "current_interval_remaining_percent": 7}]}


@pytest.mark.usefixtures("plan_key")
def test_it_prints_what_is_left_of_each_bucket_and_window(server, capsys):
    assert main(["doctor", "--quota", "--base-url", server.base_url]) == 0
    shown = capsys.readouterr().out
    told = " ".join(shown.split())
    assert "a key of a Token Plan: it begins with sk-cp-" in told
    assert "general, interval: 92 % left; resets 20" in told
    assert "general, week: 98 % left; resets 20" in told
    assert "video, interval: 100 % left, status 3 (no limit, or not in the plan)" in told
    assert "UTC)" in told
    assert "--quota" not in told
    assert "not tried with a key" in told
    assert PLAN_KEY[6:12] not in shown


@pytest.mark.usefixtures("plan_key")
def test_it_asks_once_and_spends_no_tokens(server, capsys):
    main(["doctor", "--quota", "--base-url", server.base_url])
    assert "1 request, 0 tokens" in capsys.readouterr().out
    (request,) = server.requests
    assert (request.method, request.path, request.has_key) == ("GET", NEWER, True)


@pytest.mark.usefixtures("plan_key")
def test_json_carries_the_same(server, capsys):
    assert main(["doctor", "--quota", "--json", "--base-url", server.base_url]) == 0
    shown = capsys.readouterr().out
    report = json.loads(shown)
    assert [finding["check"] for finding in report["findings"]] == ["key", "quota"]
    assert report["findings"][1]["title"] == "Token Plan"
    first = report["quota"][0]
    assert (first["bucket"], first["window"], first["percent_left"]) == ("general", "interval", 92)
    assert first["resets_at"].endswith("+00:00")
    assert PLAN_KEY[6:12] not in shown


@pytest.mark.parametrize(
    ("endpoint", "host"),
    [("international", "api.minimax.io"), ("china", "api.minimaxi.com")],
)
def test_the_key_goes_to_the_host_of_the_endpoint(endpoint, host):
    served = Host(newer=json_of(GENERAL))
    report = served.ask(endpoint=endpoint)
    assert [str(request.url) for request in served.asked] == [f"https://{host}{NEWER}"]
    assert served.asked[0].headers["authorization"] == f"Bearer {PLAN_KEY}"
    assert [window.percent_left for window in report.quota] == [7]


def test_a_host_that_does_not_know_the_newer_path_is_asked_at_the_older_one():
    served = Host(newer=http.Response(404), older=json_of(GENERAL))
    report = served.ask()
    assert [request.url.path for request in served.asked] == [NEWER, OLDER]
    assert report.requests == 2
    assert report.finding("quota").status == "pass"


def test_a_host_that_knows_neither_path_is_said_to():
    report = Host(newer=http.Response(404), older=http.Response(404)).ask()
    assert report.finding("quota").seen == "the host does not know the path (HTTP 404)"
    assert report.exit_code == 1


NO_PLAN = {"base_resp": {"status_code": 1004, "status_msg": f"login fail {PLAN_KEY[:9]}"}}


@pytest.mark.parametrize(
    ("answer", "details"),
    [
        (json_of(NO_PLAN), "HTTP 200, code 1004"),
        (json_of(GENERAL, 401), "HTTP 401"),
        (http.Response(403), "HTTP 403"),
    ],
)
def test_a_refused_key_of_a_plan_is_sent_to_its_own_region(answer, details):
    report = Host(newer=answer).ask()
    finding = report.finding("quota")
    assert (finding.status, finding.seen) == ("fail", f"the host refuses to tell ({details})")
    assert "--provider minimax-china" in finding.advice
    assert report.quota == []
    assert PLAN_KEY[:9] not in json.dumps(report.to_dict())


@pytest.mark.parametrize("answer", [json_of(NO_PLAN), json_of({"model_remains": []})])
def test_another_key_is_told_that_it_is_none_of_a_plan(answer):
    finding = Host(newer=answer).ask(key="sk-api-any").finding("quota")
    assert finding.status == "fail"
    assert finding.advice == "The key does not begin with sk-cp-: it is no key of a Token Plan."


def test_the_emulator_refuses_other_keys(server, key, capsys):
    assert main(["doctor", "--quota", "--base-url", server.base_url]) == 1
    shown = capsys.readouterr().out
    assert "code 1004" in shown
    assert "no key of a Token Plan" in " ".join(shown.split())
    assert key not in shown


@pytest.mark.parametrize(
    "answer",
    [
        http.Response(200, html="<title>Log in</title>"),
        http.Response(502),
        json_of([]),
        json_of({"base_resp": None, "model_remains": "none"}),
        json_of({"base_resp": {"status_code": 0}, "model_remains": [None, {}]}),
    ],
)
def test_an_answer_that_tells_nothing_is_not_read_as_a_plan(answer):
    report = Host(newer=answer).ask()
    finding = report.finding("quota")
    assert finding.status == "fail"
    assert finding.seen == f"the answer names nothing that is left (HTTP {answer.status_code})"
    assert finding.advice == ""
    assert report.quota == []


def test_what_copying_added_to_the_key_is_said_here_too():
    finding = Host(newer=json_of(GENERAL)).ask(key="sk-cp-a b").finding("key")
    assert (finding.status, finding.advice) == ("warn", "Set api_key to the bare key.")


def test_a_host_that_does_not_answer_is_said_why():
    report = Host(newer=http.ConnectError("refused")).ask()
    assert report.finding("quota").seen.startswith("no answer: ")
    assert report.requests == 1


@pytest.mark.parametrize("provider", ["mara", "llmprovider"])
def test_providers_without_a_plan_are_not_asked(provider, key, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["doctor", "--quota", "--provider", provider])
    assert ended.value.code == 2
    assert "has no Token Plan" in capsys.readouterr().err


def test_without_a_key_nothing_is_asked(server, capsys):
    assert main(["doctor", "--quota", "--base-url", server.base_url]) == 2
    assert "MINIMAX_API_KEY is not set" in capsys.readouterr().out
    assert server.requests == []
