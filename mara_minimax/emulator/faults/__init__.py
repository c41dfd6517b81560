"""Every failure that a provider, a proxy or a network can produce, as bytes and as an outcome.

`FAULTS` is the table; tests play each row to every call form, and the page of errors shows it.
`FaultServer` is the raw server that plays the rows. Nothing here knows the library: error
classes are named as text, so that the table is an independent statement of what is due.
"""

from __future__ import annotations

from mara_minimax.emulator.faults.bodies import (
    KEPT_REASONING,
    KEPT_TEXT,
    KEPT_TOKENS,
    REQUEST_ID,
    good_body,
    good_stream,
)
from mara_minimax.emulator.faults.fault import Ending, Fault, RawAnswer
from mara_minimax.emulator.faults.server import FaultServer
from mara_minimax.emulator.faults.table import FAULTS, GROUPS

__all__ = [
    "FAULTS",
    "GROUPS",
    "KEPT_REASONING",
    "KEPT_TEXT",
    "KEPT_TOKENS",
    "REQUEST_ID",
    "Ending",
    "Fault",
    "FaultServer",
    "RawAnswer",
    "good_body",
    "good_stream",
]
