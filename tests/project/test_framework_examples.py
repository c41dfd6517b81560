"""The small examples, each run as `main()`: what a reader sees comes from the example's data."""

from __future__ import annotations

import ast
import importlib
import json
import re
import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi.testclient import TestClient
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, LLMResult
from llama_index.core.instrumentation.events.llm import (
    LLMChatEndEvent,
    LLMChatInProgressEvent,
    LLMChatStartEvent,
)
from llama_index.core.llms import ChatMessage, ChatResponse

from examples import connect, sse_langchain, sse_llama_index
from langchain_mara_minimax import ChatMiniMax
from llama_index_mara_minimax import MiniMax

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "examples"
PAIRS = {
    file.stem.removesuffix("_langchain")
    for file in FOLDER.glob("*_langchain.py")
    if file.stem != "rag_langchain"
}
BOTH = pytest.mark.parametrize("framework", ["langchain", "llama_index"])


@pytest.fixture
def run(capsys):
    """Run an example and return its result and what it printed."""

    def run_example(name, framework):
        result = importlib.import_module(f"examples.{name}_{framework}").main()
        return result, capsys.readouterr().out

    return run_example


def events_of(text):
    pairs = re.findall(r"event: (\w+)\ndata: (.*)", text)
    return [(name, json.loads(data)) for name, data in pairs]


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*_l*.py")), ids=lambda file: file.stem)
def test_an_example_is_short_and_says_what_it_shows(file):
    source = file.read_text("utf-8")
    longest = 75 if file.stem == "rag_llama_index" else 60
    assert len(source.splitlines()) <= longest
    assert ast.get_docstring(ast.parse(source))


@pytest.mark.parametrize("name", sorted(PAIRS))
def test_each_example_has_its_mirror_image(name):
    assert (FOLDER / f"{name}_llama_index.py").is_file()


def test_the_list_of_examples_names_each_of_them():
    listed = (FOLDER / "README.md").read_text("utf-8")
    files = [file.stem for file in FOLDER.glob("*_l*.py")]
    assert [name for name in files if f"`{name}`" not in listed] == []


@BOTH
def test_the_tests_of_an_application_run_without_the_plugins_of_this_repositorys(framework):
    plugins = ("asyncio", "benchmark", "cacheprovider", "cov", "timeout", "xdist")
    without = [argument for name in plugins for argument in ("-p", f"no:{name}")]
    command = [sys.executable, "-m", "pytest", "-q", *without, f"examples/testing_{framework}.py"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


@BOTH
def test_quickstart_asks_both_providers(framework, run):
    _, shown = run("quickstart", framework)
    assert "MiniMax-M2 at minimax" in shown
    assert "MiniMax-M2.5 at mara" in shown
    assert shown.count("17 * 24 equals 408.") == 2
    assert shown.count('reasoning: The user asks about "17 * 24"') == 2


@BOTH
def test_streaming_shows_reasoning_before_and_apart_from_the_answer(framework, run):
    view, shown = run("streaming", framework)
    assert shown.index("Reasoning:") < shown.index("Answer:") < shown.index("Usage:")
    assert "happy story" in view.answer
    assert view.reasoning
    assert view.reasoning not in view.answer
    assert view.usage["total_tokens"] > 50


@BOTH
def test_memory_remembers_its_own_thread_and_keeps_reasoning(framework, run):
    _, shown = run("memory", framework)
    assert "You said earlier: My name is Ada." in shown
    assert "You said earlier: My telescope is a 150 mm Newtonian." in shown
    assert "3 answers in memory, 3 with their reasoning" in shown
    assert "Newtonian" not in shown.splitlines()[-1]


@BOTH
def test_tools_runs_both_calls_and_answers_from_their_results(framework, run):
    _, shown = run("tools", framework)
    assert "get_weather('Oslo') -> In Oslo: snow, -3 degrees" in shown
    assert "get_time('Tokyo') -> It is 18:15 in Tokyo" in shown
    answer = shown.splitlines()[-1]
    assert "snow, -3 degrees" in answer
    assert "18:15" in answer


@BOTH
def test_structured_fills_the_object_from_the_letter(framework, run):
    found, _ = run("structured", framework)
    wanted = {
        "name": "Ada Lovelace",
        "guests": 4,
        "date": "2026-12-24",
        "email": "ada@example.org",
    }
    assert [reservation.model_dump() for reservation in found] == [wanted] * 2


def test_the_router_asks_the_engine_whose_documents_fit(run):
    _, shown = run("router", "llama_index")
    first, second = shown.split("How much oil")
    assert "asked:  The garden" in first
    assert "every morning before eight" in first
    assert "asked:  The workshop" in second
    assert "4 litres of oil" in second


@BOTH
def test_fan_out_keeps_the_order_of_the_questions(framework, run):
    answers, shown = run("fanout", framework)
    assert answers == [f"{n} * {n} equals {n * n}." for n in range(11, 31)]
    assert "20 answers in" in shown


@BOTH
def test_fan_out_waits_for_the_rate_limiter(framework, monkeypatch):
    waited = []
    if framework == "langchain":
        from langchain_core.rate_limiters import InMemoryRateLimiter as Limiter

        name = "aacquire"
    else:
        from llama_index.core.rate_limiter import TokenBucketRateLimiter as Limiter

        name = "async_acquire"
    acquire = getattr(Limiter, name)

    async def counted(self, *args, **options):
        waited.append(name)
        return await acquire(self, *args, **options)

    monkeypatch.setattr(Limiter, name, counted)
    importlib.import_module(f"examples.fanout_{framework}").main()
    assert len(waited) == 20


@BOTH
def test_callbacks_count_tokens_by_the_usage_and_not_by_chunks(framework, run):
    speeds, shown = run("callbacks", framework)
    tokens = [int(count) for count in re.findall(r"^(\d+) tokens", shown, re.MULTILINE)]
    assert tokens == [51, 44]
    assert len(speeds) == 2
    assert min(speeds) > 0
    assert len(re.findall(r"first chunk after \d+ ms, then \d+ tokens/s", shown)) == 2


@BOTH
def test_speed_is_tokens_by_the_time_since_the_first_chunk(framework, monkeypatch, capsys):
    example = importlib.import_module(f"examples.callbacks_{framework}")
    clock = SimpleNamespace(perf_counter=iter([0.0, 1.0, 3.0]).__next__)
    monkeypatch.setattr(example, "time", clock)
    handler = example.SpeedHandler()
    if framework == "langchain":
        usage = {"input_tokens": 1, "output_tokens": 40, "total_tokens": 41}
        message = AIMessage("Hello", usage_metadata=usage)
        handler.on_chat_model_start(run_id="call")
        handler.on_llm_new_token(run_id="call")
        result = LLMResult(generations=[[ChatGeneration(message=message)]])
        handler.on_llm_end(result, run_id="call")
    else:
        raw = {"usage": {"completion_tokens": 40}}
        response = ChatResponse(message=ChatMessage("Hello", role="assistant"), raw=raw)
        for event in (
            LLMChatStartEvent(messages=[], additional_kwargs={}, model_dict={}, span_id="call"),
            LLMChatInProgressEvent(messages=[], response=response, span_id="call"),
            LLMChatEndEvent(messages=[], response=response, span_id="call"),
        ):
            handler.handle(event)
    assert handler.speeds == [20.0]
    assert "first chunk after 1000 ms, then 20 tokens/s" in capsys.readouterr().out


@BOTH
def test_server_sent_events_bring_reasoning_answer_and_usage(framework, run):
    _, shown = run("sse", framework)
    events = events_of(shown)
    texts = {
        name: "".join(data for event, data in events if event == name)
        for name in ("reasoning", "answer")
    }
    assert "Explain what an API" in texts["answer"]
    assert "Explain what an API" in texts["reasoning"]
    assert events[-1][0] == "end"
    assert events[-1][1]["total_tokens"] > 50


@pytest.mark.parametrize(
    ("example", "chat_model"), [(sse_langchain, ChatMiniMax), (sse_llama_index, MiniMax)]
)
def test_a_broken_stream_ends_in_an_error_event(example, chat_model, server):
    server.scenario = "cut-stream"
    model = chat_model(api_key=server.api_key, base_url=server.base_url, max_retries=0)
    response = TestClient(example.create_app(model)).get("/answers", params={"question": "A joke?"})
    events = events_of(response.text)
    assert events[0][0] == "reasoning"
    assert events[-1][0] == "error"
    assert events[-1][1].endswith("IncompleteStreamError")


@BOTH
def test_migration_shows_both_versions_and_what_the_new_one_keeps(framework, run):
    _, shown = run("migration", framework)
    before, after = shown.split("def after(")
    assert "def before(" in before
    assert "ChatOpenAI(" in before or "OpenAILike(" in before
    assert "17 * 24 equals 408." in after
    assert "<think>" not in after
    assert "The user asks about" in after


@pytest.mark.parametrize("name", ["streaming_langchain", "router_llama_index"])
def test_an_example_runs_as_a_module(name, monkeypatch, capsys):
    monkeypatch.setattr(connect, "_announced", set())
    monkeypatch.delitem(sys.modules, f"examples.{name}", raising=False)
    runpy.run_module(f"examples.{name}", run_name="__main__")
    assert "is no model" in capsys.readouterr().out
