"""Plain values that every other part of the emulator speaks in: requests, replies, refusals."""
