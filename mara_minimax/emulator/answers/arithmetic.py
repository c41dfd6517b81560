"""Arithmetic in a question: the expression and its value."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from typing import NamedTuple

Number = int | float

_SPOKEN = (
    (re.compile(r"\bmultiplied by\b|\btimes\b|\u00d7|(?<=\d)\s*x\s*(?=\d)"), " * "),
    (re.compile(r"\bdivided by\b|\u00f7"), " / "),
    (re.compile(r"\bplus\b"), " + "),
    (re.compile(r"\bminus\b|\u2212"), " - "),
    (re.compile(r"\d{4}-\d{2}-\d{2}"), " "),  # a date is not a subtraction
)
_EXPRESSION = re.compile(
    r"(?<![\w.])[-(]{0,9}\d[\d.]*(?:[\s)]{0,9}[-+*/%][-(\s]{0,9}\d[\d.]*)+\){0,9}"
)
_LONGEST = 200
_OPERATORS: dict[type[ast.operator], Callable[[Number, Number], Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}


class Calculation(NamedTuple):
    """An expression found in a text."""

    expression: str
    value: Number

    def __str__(self) -> str:
        shown = re.sub(r"\s*([-+*/%])\s*", r" \1 ", self.expression).strip()
        value = f"{self.value:.15g}" if isinstance(self.value, float) else self.value
        return f"{shown} equals {value}."


def find_calculation(text: str) -> Calculation | None:
    """The first arithmetic expression of a text, written in digits or spoken."""
    for pattern, replacement in _SPOKEN:
        text = pattern.sub(replacement, text)
    for found in _EXPRESSION.findall(text):
        expression = " ".join(found.rstrip(".").split())
        if len(expression) <= _LONGEST:
            try:
                return Calculation(expression, _value(ast.parse(expression, mode="eval").body))
            except (SyntaxError, ValueError, ArithmeticError):
                continue
    return None


def _value(node: ast.expr) -> Number:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_value(node.left), _value(node.right))
    raise ValueError("Only numbers and + - * / % are arithmetic.")
