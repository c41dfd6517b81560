"""Run the conformance suite for ours and for existing integrations, and record the result.

`python -m benchmarks.conformance_peers` writes the table of docs/llama-index-conformance.md. It
takes some minutes: peers wait between their retries.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import environment

PAGE = environment.ROOT / "docs" / "llama-index-conformance.md"
BEGIN, END = "<!-- recorded run -->\n", "<!-- end of recorded run -->"
PLUGIN = "llama_index_mara_minimax.conformance.report"


def main() -> None:
    environment.prepare()
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.md"
        options = ["-q", "--tb=no", "-W", "ignore", "-p", "no:cacheprovider", "-p", PLUGIN]
        # Workers wait, most of the time. The options of pyproject.toml need more plugins.
        options += ["-n", "8", "-o", "addopts=--import-mode=importlib"]
        code = environment.run(
            "-m", "pytest", "benchmarks/peers.py", *options, f"--conformance-report={report}"
        )
        # 1 says that tests failed, which is what is asked for here.
        if code not in (0, 1):
            sys.exit(code)
        table = report.read_text("utf-8")
    names = (*environment.PEERS, "llama-index-core", "openai")
    found = ", ".join(f"{name} {v}" for name, v in environment.versions(*names).items())
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\nVersions: {found}.\n\n{table}\n{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
