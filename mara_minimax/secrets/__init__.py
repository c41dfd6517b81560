"""Keys and headers that hide themselves, the hosts that they are for, and errors without them."""
