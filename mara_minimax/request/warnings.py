"""Warnings about a request: found where it is built, given out once by the adapters."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Final

from mara_minimax.encoded_request import HistoryWarning, RequestWarning

_given: Final[set[tuple[str, ...]]] = set()
"""The causes that this process was told of.

Python's own memory of warnings does not do: it forgets everything whenever somebody enters
`warnings.catch_warnings`, which LangChain does at every call.
"""


def give_warnings(found: Iterable[RequestWarning]) -> None:
    """Warn of each cause once in a process; the filters `error` and `always` see every one."""
    for warning in found:
        action = _filter_action(warning)
        if warning.cause in _given and action not in ("error", "always", "all"):
            continue
        if action != "ignore":
            _given.add(warning.cause)
        # The registry is new, so that Python remembers nothing.
        warnings.warn_explicit(
            warning.text, warning.category, __name__, 1, module=__name__, registry={}
        )


def warn_left_out(field: str) -> None:
    """Say that a field of a stored message is not sent, without quoting what it holds."""
    text = (
        f"{field!r} of a stored message holds what this package does not write there. "
        "It is left out of the request."
    )
    give_warnings([RequestWarning(text, ("history", field), HistoryWarning)])


def _filter_action(warning: RequestWarning) -> str:
    """Return what the user's filters say of a warning."""
    for action, text, category, module, _ in warnings.filters:
        if (
            issubclass(warning.category, category)
            and (text is None or text.match(warning.text))
            and (module is None or module.match(__name__))
        ):
            return action
    return "default"
