"""Server and parsers of a URL of one's own, told by the doctor."""

from __future__ import annotations

import json

import pytest

from mara_minimax.__main__ import main
from mara_minimax.doctor.diagnosis import diagnose
from mara_minimax.settings import MARASettings, MiniMaxSettings
from tests.scripted_host import EVENTS, LIBRARY, MODELS

URL = "http://127.0.0.1:8000/v1"
CALL = {
    "id": "chatcmpl-tool-1",
    "type": "function",
    "function": {"name": "get_weather", "arguments": '{"city": "Paris"}'},
}
IN_TEXT = '<minimax:tool_call>\n<invoke name="get_weather"></invoke>\n</minimax:tool_call>'


IN_CONTENT = (
    "llama.cpp; reasoning parser: none, or one that leaves tags in the content; "
    "tool parser: none, the call stands in the text"
)
REFUSED = (
    "an unnamed server; reasoning parser: not known, no reasoning came; "
    "tool parser: none, tools are refused"
)


class Server:
    """A self-hosted server with the parsers that a test gives it."""

    def __init__(self, owner="vllm", field="reasoning", tools="call"):
        self.owner, self.field, self.tools = owner, field, tools
        self.models = []

    def answer(self, request):
        assert "authorization" not in request.headers
        if request.url.path.endswith("/models"):
            rows = [{**row, "owned_by": self.owner} for row in MODELS["data"]]
            return LIBRARY.Response(200, json={"data": rows})
        body = json.loads(request.content)
        self.models.append(body["model"])
        if body.get("stream"):
            events = "".join(f"data: {json.dumps(event)}\n\n" for event in EVENTS)
            return LIBRARY.Response(
                200, headers={"content-type": "text/event-stream"}, text=f"{events}data: [DONE]\n\n"
            )
        if body.get("tools") and self.tools == "refused":
            message = '"auto" tool choice requires --enable-auto-tool-choice'
            return LIBRARY.Response(400, json={"error": {"message": message, "code": 400}})
        return LIBRARY.Response(200, json={"choices": [self._choice(bool(body.get("tools")))]})

    def _choice(self, offers_tools):
        message = {"role": "assistant", "content": "Hi."}
        if self.field == "content":
            message["content"] = "Greet.\n</think>\n\nHi."
        elif self.field:
            message[self.field] = "Greet."
        reason = "stop"
        if offers_tools and self.tools == "call":
            message["tool_calls"], reason = [CALL], "tool_calls"
        elif offers_tools and self.tools == "text":
            message["content"] = IN_TEXT
        return {"index": 0, "message": message, "finish_reason": reason}

    def diagnose(self, **given):
        client = LIBRARY.Client(transport=LIBRARY.MockTransport(self.answer))
        settings = MiniMaxSettings(
            endpoint="self-hosted", base_url=URL, http_client=client, **given
        )
        return diagnose(settings, timeout=5)


@pytest.mark.parametrize(
    ("given", "status", "seen"),
    [
        ({}, "pass", "vLLM; reasoning parser: yes (reasoning); tool parser: yes"),
        (
            {"owner": "sglang", "field": "reasoning_content"},
            "pass",
            "SGLang; reasoning parser: yes (reasoning_content); tool parser: yes",
        ),
        (
            {"owner": "llamacpp", "field": "content", "tools": "text"},
            "warn",
            IN_CONTENT,
        ),
        (
            {"owner": None, "field": "", "tools": "refused"},
            "warn",
            REFUSED,
        ),
        (
            {"tools": "nothing"},
            "pass",
            "vLLM; reasoning parser: yes (reasoning); tool parser: not known, no call came",
        ),
    ],
)
def test_server_and_parsers_are_told(given, status, seen):
    finding = Server(**given).diagnose().finding("server")
    assert (finding.status, finding.seen) == (status, seen)
    assert ("parser" in finding.advice) == (status == "warn")


def test_without_a_model_the_first_of_the_list_is_looked_at():
    server = Server()
    report = server.diagnose()
    assert (report.model, set(server.models)) == ("m2", {"m2"})
    assert report.finding("models").status == "pass"
    assert report.finding("key").seen == "none is sent"
    assert report.finding("reasoning").status == "pass"


def test_hosts_of_the_providers_have_parsers_of_their_own(mara_server):
    settings = MARASettings(api_key=mara_server.api_key, base_url=mara_server.base_url)
    finding = diagnose(settings, timeout=5).finding("server")
    assert (finding.status, finding.seen) == ("pass", "the parsers of MARA Cloud")


def test_the_command_needs_a_url(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["doctor", "--provider", "self-hosted"])
    assert caught.value.code == 2
    assert "--base-url" in capsys.readouterr().err


def test_the_command_runs_without_a_key(capsys, server):
    assert main(["doctor", "--provider", "self-hosted", "--base-url", server.base_url, "--json"])
    report = json.loads(capsys.readouterr().out)
    assert report["provider"] == "Self-hosted server"
    refused = report["findings"][3]
    assert (refused["seen"], refused["status"]) == (
        "the key is refused (HTTP 401, code 1004)",
        "fail",
    )
    assert "--api-key-env NAME here, api_key= in your code" in refused["advice"]


def test_a_server_that_wants_a_key_gets_the_one_of_the_named_variable(capsys, server, monkeypatch):
    monkeypatch.setenv("OUR_SERVER_KEY", "sk-of-our-own-server")
    main([
        "doctor", "--provider", "self-hosted", "--base-url", server.base_url,
        "--api-key-env", "OUR_SERVER_KEY", "--json",
    ])  # fmt: skip
    report = json.loads(capsys.readouterr().out)
    assert report["findings"][0]["seen"] == "OUR_SERVER_KEY is set"
    assert report["findings"][3]["seen"] == "yes"
    assert {request.has_key for request in server.requests} == {True}
    assert "sk-of-our-own-server" not in json.dumps(report)
