"""Ray, started on this machine's loopback or joined; and the actors beside the driver."""

from __future__ import annotations

import logging
from typing import Any

import ray
from ray.data import DataContext
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from examples.bulk import JOINS

# Workers wait for the provider most of the time.
CPUS_PER_WORKER = 0.5


def start(workers: int) -> None:
    """Join the cluster at `RAY_ADDRESS`, or start one that ends with this process."""
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if JOINS:
        ray.init(**quiet)
    else:
        cpus = max(2, round(workers * CPUS_PER_WORKER) + 1)
        ray.init("local", num_cpus=cpus, include_dashboard=False, **quiet)
    # The driver shows its own progress.
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    DataContext.get_current().enable_progress_bars = False


def actor_here(cls: type, *given: Any, **named: Any) -> Any:
    """Start an actor on the driver's node; where its process dies, Ray starts another.

    Its calls are repeated then, so they have to bear that.
    """
    here = ray.get_runtime_context().get_node_id()
    options = {
        "num_cpus": 0,
        "max_restarts": -1,
        "max_task_retries": -1,
        # All calls of all workers may wait in it at once.
        "max_concurrency": 100_000,
        "scheduling_strategy": NodeAffinitySchedulingStrategy(here, soft=False),
    }
    return ray.remote(cls).options(**options).remote(*given, **named)
