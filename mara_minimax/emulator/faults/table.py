"""The table of failures, group by group."""

from __future__ import annotations

from mara_minimax.emulator.faults.answers import ANSWERS
from mara_minimax.emulator.faults.codes import CODES, STATUSES
from mara_minimax.emulator.faults.fault import Fault
from mara_minimax.emulator.faults.hostile import HOSTILE
from mara_minimax.emulator.faults.streams import STREAMS
from mara_minimax.emulator.faults.transport import CONNECTIONS, WAITS

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
