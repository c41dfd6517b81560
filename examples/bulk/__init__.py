"""A file of prompts: the engine, the journal, the output, and what drives them."""

from __future__ import annotations

import os

JOINS = bool(os.environ.get("RAY_ADDRESS"))
"""Whether there is a cluster to join, as Ray's own tools understand it."""

# Ray reads these when it is imported. Nothing is reported to anybody; and a cluster that this
# process starts listens on the loopback alone, which Ray does where clusters are turned off.
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
if not JOINS:
    os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
