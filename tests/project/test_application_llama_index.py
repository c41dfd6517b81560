"""The tests that an example shows for an application of LlamaIndex, run as they stand."""

from __future__ import annotations

from examples.testing_llama_index import *  # noqa: F403 - its fixtures too, whatever they are called
