"""How much of an answer is read: a host that never stops ends in a typed error.

Sizes count what comes out of decompression. Memory grows with them and no faster, apart from
the small objects that short JSON becomes.
"""

from __future__ import annotations

from typing import Final

MAX_ANSWER_BYTES: Final = 256 * 1024 * 1024
"""Bytes of one answer, comments and blank lines of its stream included.

524,288 tokens, the longest answer of any model in the table, at 512 bytes each.
"""

MAX_EVENT_BYTES: Final = 32 * 1024 * 1024
"""Bytes of one event of a stream, and of an answer that is one JSON document."""

MAX_CONTAINERS: Final = 1024 * 1024
"""Objects and arrays in one event or document; empty ones take 30 times their bytes in memory."""

MAX_PARTS: Final = 100_000
"""Tool calls in one answer; also entries of its reasoning, and fields that nothing else reads."""

MAX_ERROR_BYTES: Final = 64 * 1024
"""Bytes of an HTTP error that are read and kept; what providers say takes a few hundred."""

MAX_ERROR_SECONDS: Final = 5.0
"""Seconds for which an error's body is read, and for which its next byte is waited for."""
