"""Which failure is which error: how failures look on the wire, and the table."""
