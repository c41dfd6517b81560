"""Prompts in, rows out: both formats, and what is refused before anything is asked."""

from __future__ import annotations

import json
from typing import Any

import pytest

from examples.bulk import output, prompts

HELLO = [{"role": "user", "content": "Hello\u2028there"}]
MIXED = [
    {"id": 1, "prompt": "Hello\u2028there"},
    {"id": "b", "messages": [{"role": "system", "content": "Be brief."}, *HELLO]},
]


@pytest.fixture
def lines(tmp_path):
    def write(*rows):
        file = tmp_path / "prompts.jsonl"
        texts = [
            row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows
        ]
        file.write_text("".join(f"{text}\n" for text in texts), "utf-8")
        return file

    return write


@pytest.fixture
def parquet():
    return pytest.importorskip("pyarrow.parquet", reason="needs the extra `ray`")


@pytest.fixture
def table(tmp_path, parquet):
    def write(*rows):
        import pyarrow

        file = tmp_path / "prompts.parquet"
        parquet.write_table(pyarrow.Table.from_pylist(rows), file)
        return file

    return write


def left(file, is_pending=lambda keys: [True] * len(keys)):
    digests = prompts.index([file], "model")
    return list(prompts.rows([file], digests, is_pending))


def test_a_prompt_and_messages_become_messages(lines):
    rows = left(lines(*MIXED))
    assert [row["id"] for row in rows] == ["1", "b"]
    assert [json.loads(row["messages"]) for row in rows] == [HELLO, MIXED[1]["messages"]]


def test_parquet_and_json_lines_are_the_same_questions(lines, table):
    mixed: Any = MIXED
    rows = [{"id": str(row["id"]), "messages": row.get("messages") or HELLO} for row in mixed]
    rows[1]["messages"][0]["name"] = "host"
    assert left(table(*rows)) == left(lines(*rows))


def test_files_of_both_kinds_are_one_job(lines, table):
    files = [lines(*MIXED), table({"id": "c", "prompt": "x"})]
    assert list(prompts.index(files, "model")) == ["1", "b", "c"]


def test_only_what_is_pending_is_asked(lines):
    rows = left(lines(*MIXED), lambda keys: [identifier == "b" for identifier, _ in keys])
    assert [row["id"] for row in rows] == ["b"]


def test_another_text_or_model_is_another_question(lines):
    first = prompts.index([lines({"id": "a", "prompt": "x"})], "model")
    assert first == prompts.index([lines("", {"prompt": "x", "id": "a"})], "model")
    assert first != prompts.index([lines({"id": "a", "prompt": "y"})], "model")
    assert first != prompts.index([lines({"id": "a", "prompt": "x"})], "other")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"prompt": "x"}, "needs an id"),
        ({"id": True, "prompt": "x"}, "needs an id"),
        ({"id": "a"}, "neither a prompt nor messages"),
        ({"id": "a", "messages": []}, "neither a prompt nor messages"),
        ({"id": "a", "messages": ["x"]}, "row 2"),
        ({"id": "a", "messages": [{"role": "host", "content": "x"}]}, "without a known role"),
        ({"id": "1", "prompt": "x"}, "'1' is there twice"),
        ("{", "row 2"),
        ("[]", "has to be a JSON object"),
    ],
)
def test_a_row_that_is_no_prompt_is_named_before_anything_is_asked(lines, row, reason):
    with pytest.raises(
        prompts.UnreadablePromptError, match=f"prompts.jsonl, row 2.*{reason}|row 2"
    ):
        prompts.index([lines(MIXED[0], row)], "model")
    with pytest.raises(prompts.UnreadablePromptError, match=reason):
        prompts.index([lines(MIXED[0], row)], "model")


@pytest.fixture
def journal(tmp_path):
    file = tmp_path / "out.journal"

    def write(*records):
        rows = [{"digest": "d", **record} for record in records]
        file.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
        return file

    return write


RECORDS = (
    {"id": "b", "answer": "B"},
    {"id": "b", "answer": "to another question", "digest": "other"},
    {"id": "stranger", "answer": "x"},
    {"id": "a", "error_class": "ServerError", "error_code": "1000"},
    {"id": "c", "error_class": "BadRequestError", "error_message": "no"},
    {"id": "a", "answer": "A \ud83d"},
)


def check_output(target, journal, read):
    summary = output.write(target, journal(*RECORDS), dict.fromkeys("abc", "d"))
    rows = read(target)
    assert summary == output.Summary(answered=2, failed=1, missing=0)
    assert [(row["id"], row["answer"]) for row in rows] == [("a", "A ?"), ("b", "B"), ("c", None)]
    assert [row["error_class"] for row in rows] == [None, None, "BadRequestError"]
    assert set(rows[0]) == set(output.SCHEMA)


def test_each_id_is_in_the_output_once_in_the_order_of_the_prompts(journal, tmp_path):
    def read(file):
        return list(map(json.loads, file.read_text("utf-8").strip().split("\n")))

    check_output(tmp_path / "out.jsonl", journal, read)


def test_an_output_in_parquet_has_the_same_rows(journal, tmp_path, parquet):
    def read(file):
        return parquet.read_table(file).to_pylist()

    check_output(tmp_path / "out.parquet", journal, read)


def test_an_incomplete_output_is_not_written_and_an_old_one_stays(journal, tmp_path):
    target = tmp_path / "out.jsonl"
    target.write_text("old")
    summary = output.write(target, journal({"id": "a", "answer": "A"}), dict.fromkeys("ab", "d"))
    assert summary.missing == 1
    assert target.read_text() == "old"


def test_a_torn_last_line_is_no_row(journal, tmp_path):
    records = journal({"id": "a", "answer": "A"})
    with records.open("a") as file:
        file.write('{"id": "b", "digest": "d", "ans')
    assert output.write(tmp_path / "o", records, dict.fromkeys("ab", "d")).missing == 1
