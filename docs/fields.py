"""The table of all settings, read from the classes that declare them."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from pydantic import BaseModel

from docs.markdown import NOTICE, table
from langchain_mara_minimax import ChatMARA
from llama_index_mara_minimax import MARA
from mara_minimax.fields import ChatFields
from mara_minimax.settings import MARASettings, MiniMaxSettings

DECLARING: dict[type[BaseModel], str] = {
    ChatFields: "all four",
    MiniMaxSettings: "`ChatMiniMax`, `MiniMax`",
    MARASettings: "`ChatMARA`, `MARA`",
    ChatMARA.__mro__[2]: "LangChain",
    MARA.__mro__[2]: "LlamaIndex",
}
"""Whose fields each class declares; the last two are what the classes of a framework share."""


@dataclass(frozen=True)
class Setting:
    """One row."""

    name: str
    kind: str
    default: str
    meaning: str
    classes: str


def settings() -> Iterator[Setting]:
    """Yield the settings in the order of their declaration."""
    for cls, classes in DECLARING.items():
        for name, kind, meaning in _declared(cls):
            yield Setting(f"`{name}`", f"`{_shown(kind)}`", _default(cls, name), meaning, classes)


def _declared(cls: type[BaseModel]) -> Iterator[tuple[str, str, str]]:
    """Yield name, annotation and docstring of the fields that a class itself declares."""
    tree = ast.parse(inspect.getsource(cls))
    declaring = next(node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    for node, after in pairwise(declaring.body):
        if (
            isinstance(node, ast.AnnAssign)
            and isinstance(node.target, ast.Name)
            and node.target.id in cls.model_fields
            and isinstance(after, ast.Expr)
        ):
            meaning = " ".join(ast.literal_eval(after.value).split())
            yield node.target.id, ast.unparse(node.annotation), meaning


def _shown(kind: str) -> str:
    """Return an annotation without what only pydantic reads."""
    kind = kind.replace("SkipJsonSchema[KeySource]", "function")
    return kind.replace("SkipJsonSchema[RateLimiter]", "RateLimiter")


def _default(cls: type[BaseModel], name: str) -> str:
    value = cls.model_fields[name].get_default(call_default_factory=True)
    return "" if value in (None, "") else f"`{value!r}`"


def settings_page() -> str:
    """Return the page of all settings."""
    rows = ((s.name, s.kind, s.default, s.meaning, s.classes) for s in settings())
    return f"""# All settings

{NOTICE}

What the constructors of `ChatMiniMax`, `ChatMARA`, `MiniMax` and `MARA` take, beside the fields that their framework gives every model. An empty default means "not sent": the provider's own holds. Most can be set for one call as well, where they win. [The classes that declare them](settings.md).

{table(["name", "type", "default", "meaning", "classes"], rows)}
"""
