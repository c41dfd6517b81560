"""Type checkers know every name that a constructor takes, and no other."""

from __future__ import annotations

from typing import Any, get_type_hints

import pytest

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from langchain_mara_minimax.arguments import ChatMARAArguments, ChatMiniMaxArguments
from mara_minimax.request.names import ALIASES


@pytest.mark.parametrize(
    ("cls", "arguments"), [(ChatMiniMax, ChatMiniMaxArguments), (ChatMARA, ChatMARAArguments)]
)
def test_the_names_are_those_of_the_fields_and_their_aliases(cls: Any, arguments: Any) -> None:
    assert get_type_hints(arguments).keys() == {*cls.model_fields, *ALIASES} - {"model"}
