"""Type checkers know every name that a constructor takes, and no other."""

from __future__ import annotations

from typing import Any, get_type_hints

import pytest

from llama_index_mara_minimax import MARA, MiniMax
from llama_index_mara_minimax.arguments import MARAArguments, MiniMaxArguments
from mara_minimax.request.names import ALIASES


@pytest.mark.parametrize(("cls", "arguments"), [(MiniMax, MiniMaxArguments), (MARA, MARAArguments)])
def test_the_names_are_those_of_the_fields_and_their_aliases(cls: Any, arguments: Any) -> None:
    assert get_type_hints(arguments).keys() == {*cls.model_fields, *ALIASES} - {"model"}
