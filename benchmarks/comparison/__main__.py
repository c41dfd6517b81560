"""Ask every integration everything; writes the answers and docs/comparison.md.

`python -m benchmarks.comparison` asks; with `--render` it writes the page from the answers that
are recorded. It takes some minutes: peers wait between retries.
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

from benchmarks import environment
from benchmarks.comparison.page import render
from benchmarks.processes import environment as clean

PAGE = environment.ROOT / "docs" / "comparison.md"
RESULTS = environment.ROOT / "benchmarks" / "results" / "comparison.json"
SHARED = ("langchain-core", "llama-index-core", "litellm", "sambanova", "openai")
"""Packages whose versions matter beside those that are compared."""
LIMIT = 900
_LIST = """
import json
from benchmarks.comparison.subject import FRAMEWORKS, callers
print(json.dumps([[k.name, k.package, f] for f in FRAMEWORKS for k in callers(f)]))
"""


def main(*arguments: str) -> None:
    if "--render" not in arguments:
        environment.prepare()
        text = json.dumps(ask_everyone(), indent=1, ensure_ascii=False)
        RESULTS.write_text(f"{text}\n", "utf-8")
    PAGE.write_text(render(json.loads(RESULTS.read_text("utf-8"))), "utf-8")


def ask_everyone() -> dict[str, Any]:
    subjects = {}
    packages = set(SHARED)
    for name, package, framework in json.loads(_run("-c", _LIST)):
        print(f"asking {name}", flush=True)
        answers = json.loads(_run("-m", "benchmarks.comparison.subject", name).splitlines()[-1])
        subjects[name] = {"package": package, "framework": framework, "answers": answers}
        packages.add(package)
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "python": _run("-c", "import platform; print(platform.python_version())").strip(),
        "versions": environment.versions(*sorted(packages)),
        "subjects": subjects,
    }


def _run(*arguments: str) -> str:
    finished = subprocess.run(
        [str(environment.PYTHON), *arguments],
        cwd=environment.ROOT,
        env=clean(),
        check=True,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=LIMIT,
    )
    return finished.stdout


if __name__ == "__main__":
    main(*sys.argv[1:])
