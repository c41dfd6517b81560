"""A script that asks one question and ends, in fresh processes: time and peak memory."""

from __future__ import annotations

from benchmarks.measure import failure, row, summarize
from benchmarks.processes import Finished, ProcessFailed, run_python
from benchmarks.scenarios.streams import Row
from benchmarks.serving import Server
from benchmarks.subjects.langchain import LANGCHAIN
from benchmarks.subjects.llama_index import LLAMA_INDEX
from benchmarks.subjects.raw import RAW
from benchmarks.subjects.subject import Subject
from benchmarks.wire import Script

CASE = "one-question script"


def measure(server: Server, quick: bool) -> list[Row]:
    """Run the script of each subject in turn; the first round only warms caches."""
    url = server.target(Script("plain")).url
    subjects = [subject for subject in (*RAW, *LANGCHAIN, *LLAMA_INDEX) if subject.script]
    if quick:
        subjects = [one for one in subjects if one.name in _QUICK]
    runs: dict[str, list[Finished]] = {subject.name: [] for subject in subjects}
    failed: dict[str, Row] = {}
    for number in range((2 if quick else 7) + 1):
        for subject in subjects:
            if subject.name in failed:
                continue
            try:
                finished = _answered(subject, url)
            except ProcessFailed as error:
                if subject.kind != "peer":
                    raise
                failed[subject.name] = failure(CASE, subject.name, error)
                continue
            if number:
                runs[subject.name].append(finished)
    return [
        *failed.values(),
        *(_row(name, finished) for name, finished in runs.items() if finished),
    ]


_QUICK = ("ChatMiniMax", "ChatOpenAI", "MiniMax", "OpenAILike")


def _answered(subject: Subject, url: str) -> Finished:
    finished = run_python("-c", subject.script.format(url=url))
    expected = "".join(piece for _, piece in Script("plain").pieces()).strip()
    if expected not in finished.output:
        raise ProcessFailed(f"printed {finished.output[:60]!r}")
    return finished


def _row(name: str, runs: list[Finished]) -> Row:
    figures = {
        "cpu": summarize([run.cpu * 1e6 for run in runs]),
        "wall": summarize([run.wall * 1e6 for run in runs]),
        "peak_mib": summarize([run.peak_kib / 1024 for run in runs]),
    }
    return row(CASE, name, "µs", figures)
