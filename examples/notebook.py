"""Run `quickstart.ipynb` again and keep its outputs: `make notebook`, after changing its code."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).with_name("quickstart.ipynb")


def main() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=120, kernel_name="python3", record_timing=False).execute()
    for cell in notebook.cells:
        kept = [output for output in cell.get("outputs", []) if output.get("name") != "stderr"]
        for output in kept:
            if "image/png" in output.get("data", {}):
                # Its text form names an object in memory, and nothing else.
                output.data.pop("text/plain", None)
        if cell.cell_type == "code":
            cell.outputs = kept
    notebook.metadata["language_info"] = {"name": "python"}
    nbformat.write(notebook, NOTEBOOK)


if __name__ == "__main__":
    main()
