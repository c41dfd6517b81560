"""Type checkers know every name that a constructor takes, and no other."""

from __future__ import annotations

from typing import Any, get_type_hints

import pytest

from mara_minimax.arguments import MARAArguments, MiniMaxArguments
from mara_minimax.settings import MARASettings, MiniMaxSettings
from tests.constructor_names import names_of


@pytest.mark.parametrize(
    ("cls", "arguments"), [(MiniMaxSettings, MiniMaxArguments), (MARASettings, MARAArguments)]
)
def test_the_names_are_those_of_fields_and_aliases_and_of_what_is_sent_with_every_call(
    cls: Any, arguments: Any
) -> None:
    assert get_type_hints(arguments).keys() == names_of(cls)
