"""The command line: exit codes, text and JSON; the key in none of them."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from mara_minimax.__main__ import main
from mara_minimax.doctor.report import CHECKS
from mara_minimax.emulator import CannedReply
from mara_minimax.transport import pools


@pytest.fixture
def fresh_pools():
    """Pools read the proxy variables when they are made."""
    pools._forget_pools()
    yield
    pools._forget_pools()


@pytest.fixture
def at_minimax(key, server, monkeypatch):
    monkeypatch.setenv("MINIMAX_BASE_URL", server.base_url)
    return server


def test_a_healthy_endpoint_exits_with_0(at_minimax, capsys):
    assert main(["doctor", "--provider", "minimax"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("MiniMax · MiniMax-M2 · http://127.0.0.1:")
    assert "15 passed." in shown
    assert "not enforced, as the table says" in shown
    assert "8 requests" in shown


def test_the_number_of_requests_is_the_number_that_arrived(at_minimax, capsys):
    main(["doctor", "--json"])
    report = json.loads(capsys.readouterr().out)
    assert report["requests"] == len(at_minimax.requests) == 8
    limits = [r.body["max_completion_tokens"] for r in at_minimax.requests if r.body]
    assert limits == [1024] * 7


def test_a_deviation_exits_with_1_and_says_what_to_do(at_minimax, capsys):
    at_minimax.scenario = "think-inline"
    assert main(["doctor", "--provider", "minimax"]) == 1
    shown = capsys.readouterr().out
    assert "expected: reasoning_details" in shown
    assert "nothing to do" in shown
    assert "1 different" in shown


def test_json_holds_every_check_in_order(at_minimax, capsys):
    assert main(["doctor", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [finding["check"] for finding in report["findings"]] == list(CHECKS)
    assert {finding["status"] for finding in report["findings"]} == {"pass"}
    assert report["provider"] == "MiniMax"
    assert report["exit_code"] == 0
    assert report["sources"]


@pytest.mark.usefixtures("key", "fresh_pools")
@pytest.mark.parametrize("asked", [[], ["--quota"]])
def test_proxy_variables_that_no_client_takes_exit_with_2(asked, monkeypatch, capsys):
    monkeypatch.setenv("https_proxy", "gopher://127.0.0.1:70")
    with pytest.raises(SystemExit) as caught:
        main(["doctor", "--provider", "minimax", *asked])
    assert caught.value.code == 2
    assert "look at the proxy variables" in capsys.readouterr().err


def test_no_key_exits_with_2_and_asks_nothing(server, monkeypatch, capsys):
    monkeypatch.setenv("MINIMAX_BASE_URL", server.base_url)
    assert main(["doctor", "--json"]) == 2
    report = json.loads(capsys.readouterr().out)
    assert report["findings"][0]["status"] == "fail"
    assert "export MINIMAX_API_KEY" in report["findings"][0]["advice"]
    assert "another host with --provider" in report["findings"][0]["advice"]
    assert report["requests"] == 0
    assert server.requests == []


def test_the_provider_whose_key_is_set_is_examined(mara_server, monkeypatch, capsys):
    monkeypatch.setenv("MARA_API_KEY", "any")
    monkeypatch.setenv("MARA_BASE_URL", mara_server.base_url)
    assert main(["doctor"]) == 0
    assert capsys.readouterr().out.startswith("MARA Cloud · MiniMax-M2.5 · ")


def test_the_china_endpoint_and_a_model_can_be_chosen(at_minimax, capsys):
    assert main(["doctor", "--provider", "minimax-china", "--model", "MiniMax-M2.7"]) == 0
    assert capsys.readouterr().out.startswith("MiniMax (China) · MiniMax-M2.7 · ")
    assert {r.body["model"] for r in at_minimax.requests if r.body} == {"MiniMax-M2.7"}


def test_an_argument_wins_over_the_variable(key, server, monkeypatch, capsys):
    monkeypatch.setenv("MINIMAX_BASE_URL", "http://127.0.0.1:9/v1")
    assert main(["doctor", "--base-url", server.base_url]) == 0
    assert server.base_url in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["doctor", "--provider", "nobody"], "invalid choice"),
        (["doctor", "--base-url", "api.minimax.io/v1"], "no scheme"),
        (["doctor", "--timeout", "0"], "number of seconds"),
        (["doctor", "--timeout", "soon"], "number of seconds"),
        (["doctor", "--base-url", "http://example.org/v1"], "or set --allow-http if"),
    ],
)
def test_bad_usage_exits_with_2(arguments, told, key, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--provider", "minimax", "--api-key-env", "sk-cp-pasted-key"], "not the key"),
        (["--provider", "minimax", "--api-key-env", "pastedkey"], "is not set"),
        (["--api-key-env", "MINIMAX_API_KEY"], "needs --provider"),
    ],
)
def test_a_key_on_the_command_line_is_refused_without_showing_it(arguments, told, key, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["doctor", *arguments])
    assert ended.value.code == 2
    shown = capsys.readouterr().err
    assert told in shown
    assert "pasted" not in shown


def test_the_key_of_another_variable_can_be_named(at_minimax, monkeypatch, capsys):
    monkeypatch.setenv("SECOND_ACCOUNT", "bad-key")
    assert main(["doctor", "--provider", "minimax", "--api-key-env", "SECOND_ACCOUNT"]) == 1
    shown = capsys.readouterr().out
    assert "SECOND_ACCOUNT is set" in shown
    assert "the key is refused" in shown


def test_a_bare_call_shows_the_commands(capsys):
    assert main([]) == 2
    assert "check an endpoint and a key" in capsys.readouterr().err


def test_a_key_that_cannot_be_sent_is_refused_without_showing_it(monkeypatch, capsys):
    monkeypatch.setenv("MINIMAX_API_KEY", "sk-secr\u00e9t")
    with pytest.raises(SystemExit) as ended:
        main(["doctor"])
    assert ended.value.code == 2
    told = "".join(capsys.readouterr())
    assert "ASCII" in told
    assert "secr" not in told


def test_checks_that_were_not_tried_share_a_line(at_minimax, capsys):
    at_minimax.scenario = "http-401"
    assert main(["doctor"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1:3] for line in lines if "not tried:" in line] == [["11", "checks"]]
    assert "11 not tried" in "".join(lines)


def test_a_request_takes_no_longer_than_the_timeout(at_minimax, capsys):
    at_minimax.scenario = "stalled"
    assert main(["doctor", "--timeout", "0.5"]) == 1
    assert "APITimeoutError: MiniMax did not answer in time" in capsys.readouterr().out


def test_a_terminal_shows_what_is_being_tried(at_minimax, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    main(["doctor"])
    shown = capsys.readouterr().err
    assert shown.startswith("\r\x1b[Kmodel list …\r\x1b[Kplain call …")
    assert shown.endswith("\r\x1b[K")


def test_progress_is_for_terminals_only(at_minimax, capsys):
    main(["doctor"])
    assert capsys.readouterr().err == ""


def test_the_report_is_plain_text_of_80_columns(at_minimax, capsys):
    assert main(["doctor", "--provider", "minimax"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].split() == ["pass", "API", "key", "found", "MINIMAX_API_KEY", "is", "set"]
    assert len([line for line in lines if line.startswith("pass  ")]) == 15
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_a_key_that_an_endpoint_repeats_is_not_shown(flags, key, at_minimax, capsys):
    error = {"message": f"Cannot serve {key} today \x1b[31m(1000)", "type": "api_error"}
    at_minimax.enqueue(CannedReply.json({"type": "error", "error": error}, status=500))
    assert main(["doctor", *flags]) == 1
    shown = "".join(capsys.readouterr())
    assert "Cannot serve" in shown
    assert key not in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_not_even_a_part_of_a_refused_key_is_shown(flags, key, at_minimax, capsys):
    error = {"message": f"login fail: {key[:9]}**** (1004)", "type": "authorized_error"}
    at_minimax.enqueue(CannedReply.json({"type": "error", "error": error}, status=401))
    assert main(["doctor", *flags]) == 1
    shown = "".join(capsys.readouterr())
    assert "the key is refused" in shown
    assert key[:9] not in shown


def test_an_answer_that_repeats_the_key_does_not_show_it(key, at_minimax, capsys):
    message = {"role": "assistant", "content": f"Your key is {key}."}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    at_minimax.enqueue(CannedReply.json({"choices": [choice]}))
    main(["doctor"])
    shown = capsys.readouterr().out
    assert "Your key is [redacted]." in shown
    assert key not in shown


def calling(name, arguments):
    call = {"id": "a", "type": "function", "function": {"name": name, "arguments": arguments}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
    return CannedReply.json({"choices": [choice]})


@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_a_key_in_a_call_and_in_another_spelling_is_not_shown(flags, key, at_minimax, capsys):
    plain = CannedReply.json(
        {"choices": [{"message": {"content": "x"}, "finish_reason": f"\x1b{key.upper()}"}]}
    )
    call = calling(key, json.dumps({"city": key.replace("-", "%2d")}))
    # To the plain call, the stream and the call with a tool.
    for answer in (plain, plain, call):
        at_minimax.enqueue(answer)
    main(["doctor", *flags])
    shown = "".join(capsys.readouterr())
    assert "[redacted]([redacted])" in shown
    assert key not in shown
    assert key.upper() not in shown
    assert "%2d" not in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize("key_of_one_letter", ["e", "m"])
def test_a_short_key_does_not_cut_up_the_words_of_the_report(
    key_of_one_letter, at_minimax, monkeypatch, capsys
):
    main(["doctor"])
    words = capsys.readouterr().out
    monkeypatch.setenv("MINIMAX_API_KEY", key_of_one_letter)
    main(["doctor"])
    shown = capsys.readouterr().out
    assert "API key found" in shown
    assert "not enforced, as the table says" in shown
    assert "redacted" not in words + shown


def test_it_runs_as_a_module(at_minimax):
    finished = subprocess.run(
        [sys.executable, "-m", "mara_minimax", "doctor", "--provider", "minimax"],
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 0, finished.stderr
    assert "forced tool choice" in finished.stdout


def test_it_needs_no_framework():
    blocked = {"langchain_core", "llama_index", "starlette", "uvicorn"}
    code = (
        "import sys\n"
        "class Block:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.split('.')[0] in {blocked!r}: raise ImportError(name)\n"
        "sys.meta_path.insert(0, Block())\n"
        "import mara_minimax.doctor.diagnosis, mara_minimax.doctor.text\n"
    )
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr


def test_help_and_the_package_do_not_load_the_sdk():
    code = (
        "import sys, mara_minimax, mara_minimax.settings\n"
        "assert 'mara_minimax.doctor' not in sys.modules\n"
        "from mara_minimax.__main__ import main\n"
        "try:\n    main(['doctor', '--help'])\nexcept SystemExit: pass\n"
        "assert 'openai' not in sys.modules\n"
    )
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
    assert "exit code: 0 all right" in finished.stdout
