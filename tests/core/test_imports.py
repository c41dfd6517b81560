"""Who may import whom."""

from __future__ import annotations

import subprocess
import sys

import pytest

BLOCK = """
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.split('.')[0] in {blocked!r}:
            raise ImportError('blocked: ' + name)
sys.meta_path.insert(0, Block())
"""

LANGCHAIN = {"langchain", "langchain_core", "langchain_openai", "langgraph"}
LLAMA_INDEX = {"llama_index"}
SERVERS = {"starlette", "uvicorn"}


@pytest.mark.parametrize(
    ("module", "blocked"),
    [
        ("mara_minimax.settings", LANGCHAIN | LLAMA_INDEX | SERVERS),
        ("langchain_mara_minimax", LLAMA_INDEX | SERVERS),
        ("llama_index_mara_minimax", LANGCHAIN | SERVERS),
        ("mara_minimax.emulator", LANGCHAIN | LLAMA_INDEX),
    ],
)
def test_a_package_imports_without_what_it_may_not_use(module, blocked):
    code = BLOCK.format(blocked=blocked) + f"import {module}\n"
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr


@pytest.mark.parametrize("module", ["mara_minimax.settings", "mara_minimax.encode"])
def test_the_openai_sdk_is_loaded_with_the_first_request_and_not_before(module):
    code = f"import sys, {module}\nassert 'openai' not in sys.modules"
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr


def test_the_errors_are_found_in_the_package_without_importing_them():
    code = "import mara_minimax\nassert issubclass(mara_minimax.errors.ParameterError, Exception)"
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr


def test_the_package_has_no_other_names():
    import mara_minimax

    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = mara_minimax.nothing


def test_errors_are_those_of_their_module():
    import mara_minimax

    assert mara_minimax.__getattr__("errors") is sys.modules["mara_minimax.errors"]
