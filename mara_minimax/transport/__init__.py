"""How a request is sent and its answer read: pools, attempts, retries, event loops."""
