"""Warnings about a request: collected while it is built, given out once by the adapters."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Final

from mara_minimax.encoded_request import HistoryWarning, LeakedToolCallWarning, RequestWarning

_given: Final[set[tuple[str, ...]]] = set()
"""The causes that this process was warned of.

Python's own registry does not suffice: it is reset whenever code enters
`warnings.catch_warnings`, which LangChain does at every call.
"""


def give_warnings(found: Iterable[RequestWarning]) -> None:
    """Warn of each cause once in a process; the filters `error` and `always` see each time."""
    for warning in found:
        action = _filter_action(warning)
        if warning.cause in _given and action not in ("error", "always", "all"):
            continue
        if action != "ignore":
            _given.add(warning.cause)
        # With a new registry Python suppresses nothing.
        warnings.warn_explicit(
            warning.text, warning.category, __name__, 1, module=__name__, registry={}
        )


def warn_left_out(field: str) -> None:
    """Warn that something in a stored message is not sent, without quoting its value."""
    text = f"{field!r} of a stored message has no meaning here. It is left out of the request."
    give_warnings([RequestWarning(text, ("history", field), HistoryWarning)])


def warn_of_leaked_calls(model: str) -> None:
    """Warn that an answer of `model` holds markup of tool calls as text."""
    text = (
        f"An answer of {model!r} holds markup of tool calls, which its server did not read: it is "
        "text and calls nothing. Start the server with its parser for calls, or set "
        "leaked_tool_calls to 'error' or 'parse'."
    )
    give_warnings([RequestWarning(text, ("leaked_tool_calls", model), LeakedToolCallWarning)])


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
