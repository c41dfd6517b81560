"""The tables in the documentation are those of the code."""

from __future__ import annotations

import re

import pytest

from docs.generate import FOLDER, PAGES


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_up_to_date(name):
    written = (FOLDER / name).read_text("utf-8")
    assert written == PAGES[name](), f"docs/{name} is stale: run `make tables`"


def test_no_page_shows_the_fields_of_a_template():
    assert not re.search(r"\{\w+(![rs])?\}", PAGES["history.md"]())
