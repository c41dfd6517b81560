"""From wire messages to the body that is posted. Pure: no I/O, no framework."""
