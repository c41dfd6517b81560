"""The benchmark's parts: what the server sends, how times become figures, figures tables."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from benchmarks import measure, report
from benchmarks.chart import draw
from benchmarks.histories import to_langchain, to_llama_index, wire_history
from benchmarks.processes import ProcessFailed, environment, kibibytes, run_python
from benchmarks.run import CHART, PAGE, RESULTS
from benchmarks.scenarios.first_chunk import first_text
from benchmarks.scenarios.histories import check_sent
from benchmarks.scenarios.streams import areceive, missing_parts, receive
from benchmarks.serving import Server, Target, serving
from benchmarks.subjects.langchain import (
    CHAT_MINIMAX,
    CHAT_MINIMAX_FAST,
    CHAT_OPENAI,
    LANGCHAIN_FLOOR,
)
from benchmarks.subjects.llama_index import LLAMA_INDEX_FLOOR, MINIMAX, MINIMAX_FAST
from benchmarks.subjects.raw import (
    CORE,
    CORE_FAST,
    OPENAI_SDK,
    RAW_BYTES,
    SOCKET_BYTES,
    WAKING,
)
from benchmarks.subjects.subject import QUESTION, Subject
from benchmarks.targets import Target as Promise
from benchmarks.targets import Verdict, against_best, judge, own_growth, ratio
from benchmarks.wire import Script, to_http_chunks

SCRIPTS = [Script("text", 30), Script("reasoning", 30), Script("details", 30), Script("call", 30)]
AS_STREAMS_COME = (
    CHAT_MINIMAX_FAST, MINIMAX_FAST, CORE_FAST,
    WAKING, SOCKET_BYTES, LANGCHAIN_FLOOR, LLAMA_INDEX_FLOOR,
)  # fmt: skip
HERE = [CORE, OPENAI_SDK, RAW_BYTES, CHAT_MINIMAX, MINIMAX, LANGCHAIN_FLOOR, LLAMA_INDEX_FLOOR]
"""Subjects that need no peer."""


@pytest.fixture(scope="module")
def wire() -> Iterator[Server]:
    with serving() as server:
        yield server


def parts_of(subject: Subject, target: Target) -> list[str]:
    """Text, reasoning and arguments of one stream."""
    calls = subject.open(target)
    pieces = [calls.read(chunk) for chunk in calls.stream(subject.to_messages(QUESTION))]
    return ["".join(column) for column in zip(*pieces, strict=True)]


def named(value: Any) -> str:
    return str(value.name)


class TestServer:
    @pytest.mark.parametrize("script", SCRIPTS, ids=named)
    @pytest.mark.parametrize("delivery", ["batched", "single"])
    def test_ours_and_the_typed_sdk_read_the_same(self, wire, script, delivery):
        target = wire.target(script, delivery)

        ours, typed = parts_of(CORE, target), parts_of(OPENAI_SDK, target)

        assert ours == typed
        assert ours != ["", "", ""]

    @pytest.mark.parametrize("subject", HERE, ids=named)
    @pytest.mark.parametrize("script", SCRIPTS, ids=named)
    def test_every_subject_gives_out_all_of_the_script(self, wire, subject, script):
        target = wire.target(script)
        sent = dict.fromkeys(("text", "reasoning", "arguments"), "")
        for part, piece in script.pieces():
            sent[part] += piece

        assert parts_of(subject, target) == list(sent.values())

    @pytest.mark.parametrize("subject", HERE, ids=named)
    async def test_async_streams_give_out_as_much(self, wire, subject):
        script = Script("text", 30)
        calls = subject.open(wire.target(script))

        assert await areceive(calls, subject.to_messages(QUESTION)) == script.sizes()

    @pytest.mark.parametrize("subject", AS_STREAMS_COME, ids=named)
    async def test_streams_as_they_come_are_given_out_whole(self, wire, subject):
        script = Script("text", 5)
        calls = subject.open(wire.target(script, "single"))

        assert await areceive(calls, subject.to_messages(QUESTION)) == script.sizes()

    def test_the_same_is_served_over_tls(self, wire):
        context = ssl.create_default_context(cafile=wire.ask("tls")["certificate"])
        target = wire.target(Script("text", 3), tls=True)

        with urllib.request.urlopen(f"{target.url}/x", b"{}", context=context) as answer:
            assert answer.read() == b"".join(target.script.events())

    @pytest.mark.parametrize(
        "subject", [CORE, OPENAI_SDK, RAW_BYTES, CHAT_MINIMAX, MINIMAX], ids=named
    )
    def test_a_plain_reply_holds_the_text(self, wire, subject):
        calls = subject.open(wire.target(Script("plain", 3)))

        assert calls.text(calls.ask(subject.to_messages(QUESTION))) == " the quick brown"

    def test_arguments_of_a_call_are_one_json_object(self):
        pieces = [piece for _, piece in Script("call", 3).pieces()]

        assert json.loads("".join(pieces)) == {"text": " the quick brown"}

    def test_batched_chunks_hold_several_whole_events(self):
        events = Script("text", 100).events()

        *chunks, end = to_http_chunks(events)

        assert len(chunks) < len(events) / 5
        assert end == b"0\r\n\r\n"
        assert b"".join(chunk.partition(b"\r\n")[2][:-2] for chunk in chunks) == b"".join(events)

    def test_single_chunks_hold_one_event(self):
        events = Script("text", 5).events()

        assert len(to_http_chunks(events, most_bytes=0)) == len(events) + 1

    def test_a_held_stream_waits_for_its_release(self, wire):
        calls = CORE.open(wire.target(Script("text", 5), "held"))

        assert first_text(calls, QUESTION, wire)[0] == 1

    def test_a_reader_that_waits_for_more_is_told_from_one_that_does_not(self, wire):
        calls = CORE.open(wire.target(Script("text", 5), "held"))
        stream = calls.stream
        calls.stream = lambda messages: iter(list(stream(messages)))

        assert first_text(calls, QUESTION, wire)[0] > 1

    async def test_gathered_streams_wait_for_each_other(self, wire):
        script = Script("text", 3)
        calls = CORE.open(wire.target(script, "gathered-2"))
        first = asyncio.create_task(areceive(calls, QUESTION))
        await asyncio.sleep(0.2)
        assert not first.done()

        second = await areceive(calls, QUESTION)

        assert [await first, second] == [script.sizes()] * 2

    def test_an_unknown_answer_is_not_found(self, wire):
        calls = RAW_BYTES.open(
            Target(wire.target(Script("text", 1)).url.replace("text", "x"), SCRIPTS[0])
        )

        assert calls.ask(QUESTION) == {"error": {"message": "no such answer"}}


class TestHistories:
    @pytest.mark.parametrize("count", [20, 21, 22, 23, 24, 25, 300])
    def test_has_the_length_asked_for_and_no_call_without_result(self, count):
        history = wire_history(count)

        calls = [call["id"] for message in history for call in message.get("tool_calls", ())]
        results = [message["tool_call_id"] for message in history if message["role"] == "tool"]
        assert len(history) == count
        assert calls == results
        assert history[-1]["role"] == "user"

    @pytest.mark.parametrize("subject", [CHAT_MINIMAX, MINIMAX, CORE, OPENAI_SDK], ids=named)
    def test_all_of_it_is_sent(self, wire, subject):
        history = wire_history(50)
        subject.open(wire.target(Script("plain"))).ask(subject.to_messages(history))

        check_sent(wire.last_body()["messages"], history)

    def test_a_lost_call_is_noticed(self):
        history = wire_history(50)
        sent = [{**message, "tool_calls": None} for message in history]

        with pytest.raises(AssertionError):
            check_sent(sent, history)

    def test_both_frameworks_hold_the_same_calls(self):
        history = wire_history(50)

        messages: list[Any] = to_langchain(history)
        chat = [message.tool_calls for message in messages if message.type == "ai"]
        blocks = [
            [block.tool_kwargs for block in message.blocks if block.block_type == "tool_call"]
            for message in to_llama_index(history)
            if message.role == "assistant"
        ]
        assert [[call["args"] for call in calls] for calls in chat] == blocks


class TestMeasuring:
    def test_subjects_take_turns_after_their_preparation(self):
        order: list[str] = []
        runs = {name: (lambda name=name: order.append(name)) for name in ("a", "b")}

        measure.in_turns(runs, rounds=2, prepare=lambda name: order.append(f"prepare {name}"))

        assert order == ["prepare a", "a", "prepare b", "b"] * 2

    def test_a_summary_is_median_and_quartiles(self):
        assert measure.summarize([5.0, 1.0, 2.0, 4.0, 3.0]) == {
            "median": 3.0,
            "q1": 2.0,
            "q3": 4.0,
            "n": 5,
        }

    def test_times_are_microseconds_divided_by_the_number_of_chunks(self, monkeypatch):
        monkeypatch.setattr(measure, "times_of", lambda run: (0.002, 0.004))

        figures = measure.in_turns({"a": print}, rounds=1, per=1000)

        assert figures["a"]["cpu"]["median"] == pytest.approx(2.0)
        assert figures["a"]["wall"]["median"] == pytest.approx(4.0)

    def test_what_a_peer_leaves_out_is_recorded(self, wire):
        script = Script("reasoning", 10)
        received = {**receive(CORE.open(wire.target(script)), QUESTION), "reasoning": 0}

        assert missing_parts(CHAT_OPENAI, received, script) == ["reasoning"]

    def test_ours_may_leave_nothing_out(self):
        with pytest.raises(AssertionError, match="ChatMiniMax received"):
            missing_parts(
                CHAT_MINIMAX, dict.fromkeys(("text", "reasoning", "arguments"), 0), SCRIPTS[0]
            )

    def test_a_process_that_fails_says_why(self):
        with pytest.raises(ProcessFailed, match="no luck"):
            run_python("-c", "raise SystemExit('no luck')")

    def test_a_process_reports_what_it_printed_and_used(self, monkeypatch):
        used: list[Any] = []

        def wait4(process: int, options: int) -> Any:
            used.append(wait(process, options))
            return used[0]

        wait = os.wait4
        monkeypatch.setattr(os, "wait4", wait4)

        finished = run_python("-c", "print('done')")

        _, _, usage = used[0]
        assert finished.output == "done\n"
        assert finished.cpu == usage.ru_utime + usage.ru_stime
        assert finished.peak_kib == kibibytes(usage.ru_maxrss)

    def test_variables_of_providers_and_of_python_are_left_out(self):
        kept = environment(
            {"OPENAI_API_KEY": "k", "PYTHONPATH": "p", "MARA_API_KEY": "k", "HOME": "h"}
        )

        assert kept["HOME"] == "h"
        assert not {"OPENAI_API_KEY", "PYTHONPATH", "MARA_API_KEY"} & set(kept)


def line(case: str, subject: str, cpu: float) -> dict[str, Any]:
    summary = {"median": cpu, "q1": cpu, "q3": cpu, "n": 1}
    return {"case": case, "subject": subject, "unit": "µs", "cpu": summary, "wall": summary}


class TestTargets:
    @pytest.mark.parametrize(
        ("relation", "figure", "met"),
        [
            (">=", 2.0, True),
            (">=", 1.9, False),
            ("<=", 2.0, True),
            ("<=", 2.1, False),
            ("<", 2.0, False),
            ("<", 1.9, True),
        ],
    )
    def test_a_promise_is_kept_or_not(self, relation, figure, met):
        promise = Promise("", relation, 2.0, lambda rows: figure)

        assert Verdict(promise, figure).met is met

    def test_a_ratio_divides_the_first_by_the_second(self):
        rows = [line("c", "peer", 90.0), line("c", "ours", 15.0)]

        assert ratio("c", "peer", "ours")(rows) == 6.0

    def test_ours_is_compared_with_the_cheapest_peer_that_ran(self):
        rows = [line("c", "ours", 10.0), line("c", "p", 20.0), line("c", "q", 40.0)]
        rows.append({"case": "c", "subject": "r", "error": "it does not import"})

        assert against_best("c", "ours", ("p", "q", "r"))(rows) == 0.5

    def test_growth_is_measured_against_that_of_the_framework(self):
        rows = [
            line("LlamaIndex 1,000 chunks, sync", "MiniMax", 10.0),
            line("LlamaIndex 50,000 chunks, sync", "MiniMax", 30.0),
            line("LlamaIndex 1,000 chunks, sync", "llama-index-core floor", 10.0),
            line("LlamaIndex 50,000 chunks, sync", "llama-index-core floor", 20.0),
        ]

        assert own_growth(rows) == 1.5

    def test_a_floor_reads_and_makes_chunks_and_wakes_up_once(self):
        case = "as streams come, sync"
        costs = {
            "ChatOpenAI": 200.0,
            "ChatMiniMax": 100.0,
            "raw bytes": 60.0,
            "langchain-core floor": 40.0,
            "waking": 20.0,
        }
        rows = [line(case, subject, cost) for subject, cost in costs.items()]

        assert [(verdict.figure, verdict.floor) for verdict in judge(rows)] == [(2.0, 2.5)]
        assert "with the floor 2.50" in report.plain_targets(judge(rows))

    def test_a_target_that_was_not_measured_has_no_verdict(self):
        case = "LangChain text, sync"
        rows = [line(case, "ChatOpenAI", 70.0), line(case, "ChatMiniMax", 10.0)]

        assert [(verdict.figure, verdict.met) for verdict in judge(rows)] == [(7.0, True)]


class TestTables:
    def test_the_cells_are_median_and_quartiles(self):
        assert (
            report.spread({"median": 1234.5, "q1": 1000.0, "q3": 2000.0}) == "1,234 (1,000-2,000)"
        )
        assert report.spread({"median": 1.234, "q1": 1.0, "q3": 2.0}) == "1.23 (1.00-2.00)"

    def test_a_table_has_a_line_for_each_subject(self):
        assert report.markdown(["a", "b"], [["x", "1"]]) == "| a | b |\n| --- | ---: |\n| x | 1 |"

    def test_a_page_without_a_place_for_tables_is_refused(self):
        with pytest.raises(ValueError, match="no place"):
            report.replace_tables("# Page\n", recorded())

    def test_only_the_tables_of_a_page_are_replaced(self):
        page = f"before\n{report.BEGIN}old\n{report.END}\nafter\n"

        new = report.replace_tables(page, recorded())

        assert new.startswith("before\n")
        assert new.endswith("\nafter\n")
        assert "old\n" not in new

    def test_the_page_shows_the_recorded_run(self):
        page = PAGE.read_text("utf-8")

        assert report.replace_tables(page, recorded()) == page, "python -m benchmarks.render"

    def test_the_chart_shows_the_recorded_run(self):
        assert CHART.read_text("utf-8") == draw(recorded()), "run `python -m benchmarks.render`"

    def test_the_chart_is_xml_with_a_bar_for_each_subject(self):
        rows = [line("LangChain text, sync", name, 2.0) for name in ("ChatMiniMax", "a & b")]

        chart = ElementTree.fromstring(draw({"date": "2026-01-01", "rows": rows}))

        assert [bar.get("class") for bar in chart.iter("{http://www.w3.org/2000/svg}rect")] == [
            "ours",
            "peer",
        ]

    def test_a_recorded_run_names_no_folder_of_its_machine(self):
        text = RESULTS.read_text("utf-8")

        assert str(Path.home()) not in text
        assert str(PAGE.parents[1]) not in text


def recorded() -> dict[str, Any]:
    return dict(json.loads(RESULTS.read_text("utf-8")))
