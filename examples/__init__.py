"""Runnable examples; each works without a key, against the emulator."""
