"""The tests that an example shows for an application of LangChain, run as they stand."""

from __future__ import annotations

from examples.testing_langchain import *  # noqa: F403 - its fixtures too, whatever they are called
