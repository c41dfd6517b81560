"""Answers that are made to exhaust: nested deeply, packed tightly, or of nothing but brackets."""

from __future__ import annotations

import gzip

from mara_minimax.emulator.faults.bodies import http, stream_answer
from mara_minimax.emulator.faults.fault import Ending, fault

_MIB = 1024 * 1024
_DEPTH = 700
"""More than readers by recursion stand, and less than the json module refuses."""
_NESTED = b'{"error": {"message": "no", "x": %s%s}}' % (b"[" * _DEPTH, b"]" * _DEPTH)
_PACKED = gzip.compress(b'{"x": "' + b" " * (40 * _MIB))
_PACKED_TWICE = gzip.compress(_PACKED)
_BRACKETS = b'{"choices": [' + b"{}," * _MIB + b"{}]}"
_ONCE = {"content-encoding": "gzip"}
_TWICE = {"content-encoding": "gzip, gzip"}

_REFUSED = Ending("InvalidReplyError", 1)
_UNREADABLE = Ending("InvalidReplyError", 3)
_UNAUTHORIZED = Ending("AuthenticationError", 1, status=401)

HOSTILE = (
    fault("nested-error", "HTTP 401, nested 700 deep", http(_NESTED, status=401), _UNAUTHORIZED),
    fault("nested-json", "a JSON body nested 700 deep", http(_NESTED), _UNREADABLE),
    fault("nested-event", "an event nested 700 deep",
          stream_answer(b"data: " + _NESTED + b"\n\n"), _REFUSED),
    fault("bomb-error", "HTTP 401 of 40 MiB, compressed to 40 KiB",
          http(_PACKED, status=401, headers=_ONCE), _UNAUTHORIZED),
    fault("double-bomb-error", "HTTP 401 of 40 MiB, compressed twice",
          http(_PACKED_TWICE, status=401, headers=_TWICE), _UNAUTHORIZED),
    fault("bomb", "40 MiB, compressed to 40 KiB", http(_PACKED, headers=_ONCE), _REFUSED),
    fault("double-bomb", "40 MiB, compressed twice", http(_PACKED_TWICE, headers=_TWICE), _REFUSED),
    fault("brackets", "a JSON body of more than a million empty objects",
          http(_BRACKETS), _REFUSED),
)  # fmt: skip
