"""Two real tools for the agents: a search in documents and a calculator."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from pathlib import Path

from examples.documents import load_index

_OPERATORS: dict[type[ast.AST], Callable[..., float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
    ast.USub: operator.neg,
}


def calculate(expression: str) -> str:
    """Calculate an arithmetic expression such as `12.5 * (3 + 1)`."""
    try:
        return f"{_evaluate(ast.parse(expression, mode='eval').body):g}"
    except (SyntaxError, ValueError, ArithmeticError) as error:
        return f"Cannot calculate {expression!r}: {error}"


def make_search(docs: Path | None) -> Callable[[str], str]:
    """Return a tool that searches a folder."""
    index = load_index(docs)

    def search_documents(query: str) -> str:
        """Search the documents and return the passages that fit the query best."""
        found = index.search(query, count=2)
        return "\n\n".join(f"[{passage.source}] {passage.text}" for passage, _ in found) or "none"

    return search_documents


def _evaluate(node: ast.AST) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return node.value
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_evaluate(node.left), _evaluate(node.right))
    if isinstance(node, ast.UnaryOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_evaluate(node.operand))
    raise ValueError("only numbers and + - * / % are allowed")
