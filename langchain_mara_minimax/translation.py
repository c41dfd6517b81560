"""Raise the core's errors as those of `errors.py`, which are not loaded before there is one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from langchain_core.language_models import BaseChatModel


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise the core's errors as those of `langchain_mara_minimax.errors`."""
    try:
        yield
    except Exception as error:
        core = sys.modules.get("mara_minimax.errors")
        # Another thread may be importing the module: then it has no class yet.
        kind = getattr(core, "MaraMiniMaxError", None)
        if kind is None or not isinstance(error, kind):
            raise
        # Loads the openai SDK, as the core's errors do; with one of them it is there already.
        from langchain_mara_minimax.errors import translate

        translated = translate(error)
        if translated is error:
            raise
        raise translated from error


class TranslatingChatModel(BaseChatModel):
    """A LangChain chat model whose constructor raises the translated errors.

    Stands behind the core's settings, which hide keys before this frame holds them.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take the fields; what is wrong with them is an error of LangChain's families too."""
        with translate_errors():
            super().__init__(*args, **kwargs)
