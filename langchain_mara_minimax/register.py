"""Let `init_chat_model` build these models, for those who ask for it.

LangChain has no public way to add a provider
(https://github.com/langchain-ai/langchain/pull/35823 and others were closed), so this writes
into its private table `_BUILTIN_PROVIDERS`, and never on import. `tests/langchain/test_register.py`
fails where that table is another.
"""

from __future__ import annotations

import importlib
from typing import Any

import mara_minimax

_CLASSES = {"minimax": "ChatMiniMax", "mara": "ChatMARA"}


def register() -> None:
    """Make `init_chat_model("minimax:MiniMax-M2")` and `"mara:MiniMax-M2.5"` work.

    Needs the package `langchain`. A model that was constructed works everywhere instead of a
    name.

    Raises:
        ImportError: `langchain` is not installed.
        MaraMiniMaxError: Its version keeps its providers in another way.
    """
    base: Any = importlib.import_module("langchain.chat_models.base")
    providers: Any = getattr(base, "_BUILTIN_PROVIDERS", None)
    entries = list(providers.values()) if isinstance(providers, dict) else []
    if not entries or any(not isinstance(entry, tuple) or len(entry) != 3 for entry in entries):
        msg = (
            "This version of langchain does not let init_chat_model learn new providers. "
            "Pass ChatMiniMax(…) or ChatMARA(…) itself instead of a name."
        )
        raise mara_minimax.errors.MaraMiniMaxError(msg)
    for provider, name in _CLASSES.items():
        providers[provider] = (__package__, name, _construct)
    if creators := getattr(base, "_get_chat_model_creator", None):
        creators.cache_clear()


def _construct(cls: Any, **settings: Any) -> Any:
    return cls(**settings)
