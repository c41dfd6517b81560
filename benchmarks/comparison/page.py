"""docs/comparison.md from the recorded answers."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.comparison.features import FEATURES, Feature

FRAMEWORKS = {"langchain": "LangChain", "llama_index": "LlamaIndex"}
Results = dict[str, Any]

_HEAD = Path(__file__).with_name("head.md")


def render(results: Results) -> str:
    """Return the page."""
    versions = ", ".join(f"{name} {number}" for name, number in results["versions"].items())
    when = f"Run on {results['date']} with Python {results['python']}: {versions}."
    parts = [_HEAD.read_text("utf-8")]
    for framework, title in FRAMEWORKS.items():
        subjects = {
            name: subject
            for name, subject in results["subjects"].items()
            if subject["framework"] == framework
        }
        parts.append(f"## {title}\n\n{_table(framework, subjects)}\n")
    parts.append("## What was seen\n")
    for name, subject in results["subjects"].items():
        seen = [
            f"- {feature.title}: **{answer['answer']}**, {answer['evidence']}"
            for feature in FEATURES
            for answer in [subject["answers"][feature.key]]
            if answer["answer"] != "yes"
        ]
        if seen:
            parts.append(f"### {name}\n\n" + "\n".join(seen) + "\n")
    parts.append(f"## The run\n\n{when} `make comparison` repeats it.\n")
    return "\n".join(parts)


def _table(framework: str, subjects: dict[str, Any]) -> str:
    heads = ["feature", *subjects, "test of ours"]
    lines = [heads, ["---"] * len(heads), ["**yes in all**", *map(_total, subjects.values()), ""]]
    group = ""
    for feature in FEATURES:
        if feature.group != group:
            group = feature.group
            lines.append([f"**{group}**", *[""] * (len(heads) - 1)])
        answers = [subject["answers"][feature.key]["answer"] for subject in subjects.values()]
        lines.append([feature.title, *answers, f"`{promise_of(feature, framework)}`"])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def promise_of(feature: Feature, framework: str) -> str:
    """Return the id of the test that promises a feature of ours."""
    return feature.langchain if framework == "langchain" else feature.llama_index


def _total(subject: dict[str, Any]) -> str:
    counts = Counter(answer["answer"] for answer in subject["answers"].values())
    return f"**{counts['yes']} of {counts.total()}**"
