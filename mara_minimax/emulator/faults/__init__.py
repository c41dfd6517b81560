"""Every failure that a provider, a proxy or a network can produce, as bytes and as an outcome.

`FAULTS` is the table; tests play each row to every call form, and the page of errors shows it.
`FaultServer` is the raw server that plays the rows. Nothing here knows the library: error
classes are named as text, so that the table is an independent statement of what is due.
"""

from __future__ import annotations

from mara_minimax.emulator.faults.answers import ANSWERS, HOSTILE
from mara_minimax.emulator.faults.bodies import (
    KEPT_REASONING,
    KEPT_TEXT,
    KEPT_TOKENS,
    REQUEST_ID,
    good_body,
    good_stream,
)
from mara_minimax.emulator.faults.codes import CODES, STATUSES
from mara_minimax.emulator.faults.fault import Ending, Fault, RawAnswer
from mara_minimax.emulator.faults.server import FaultServer
from mara_minimax.emulator.faults.streams import STREAMS
from mara_minimax.emulator.faults.transport import CONNECTIONS, WAITS

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

GROUPS: dict[str, tuple[Fault, ...]] = {
    "What the providers name": CODES,
    "HTTP statuses and odd bodies of errors": STATUSES,
    "Waits that are asked for": WAITS,
    "Answers that are not a reply": ANSWERS,
    "Answers that are made to exhaust": HOSTILE,
    "Streams that break": STREAMS,
    "Connections and time": CONNECTIONS,
}

FAULTS = {fault.name: fault for faults in GROUPS.values() for fault in faults}
"""Every row by its name."""
