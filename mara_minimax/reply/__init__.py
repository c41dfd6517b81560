"""From the bytes of an answer to deltas and one reply. Pure: no I/O, no framework."""
