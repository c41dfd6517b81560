"""The tables in the documentation are those of the code."""

from __future__ import annotations

import pytest

from docs.generate import FOLDER, PAGES


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_up_to_date(name):
    written = (FOLDER / name).read_text("utf-8")
    assert written == PAGES[name](), f"docs/{name} is stale: run `make tables`"
