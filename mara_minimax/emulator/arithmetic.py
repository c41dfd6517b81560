"""Arithmetic in a question: the expression, its value and the steps that lead there."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

Number = int | float

_SPOKEN = (
    (r"\bmultiplied by\b|\btimes\b|[\u00d7\u2217]|(?<=\d)\s*x\s*(?=\d)", " * "),
    (r"\bdivided by\b|\u00f7", " / "),
    (r"\bplus\b|\badded to\b", " + "),
    (r"\bminus\b|\u2212", " - "),
    (r"\bto the power of\b|\^", " ** "),
)
_PREFIXED = (
    (r"\b(?:the )?sum of (NUM) and (NUM)", r"\1 + \2"),
    (r"\b(?:the )?product of (NUM) and (NUM)", r"\1 * \2"),
    (r"\b(?:the )?difference (?:of|between) (NUM) and (NUM)", r"\1 - \2"),
    (r"\badd (NUM) (?:and|to) (NUM)", r"\1 + \2"),
    (r"\bmultiply (NUM) (?:and|by|with) (NUM)", r"\1 * \2"),
    (r"\bdivide (NUM) by (NUM)", r"\1 / \2"),
    (r"\bsubtract (NUM) from (NUM)", r"\2 - \1"),
    (r"(NUM) ?(?:%|percent) of (NUM)", r"\1 / 100 * \2"),
)
_NUMBER = r"-?\d+(?:\.\d+)?"
_EXPRESSION = re.compile(
    r"(?<![\w.])[(\s]*-?\d[\d.]*\s*(?:[)\s]*(?:\*\*|[-+*/%])[-(\s]*\d[\d.]*)+[)\s]*"
)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
# "24/7" and "pages 3-4" are no sums unless the text asks for one.
_AMBIGUOUS = re.compile(r"[\d.]+[-/][\d.]+")
_ASKS_FOR_VALUE = re.compile(
    r"\b(what is|what's|calculate|compute|evaluate|how much)\b|=|^[\d\s./-]+\??$"
)

_OPERATORS: dict[type[ast.operator], tuple[str, Callable[[Number, Number], Number]]] = {
    ast.Add: ("add", operator.add),
    ast.Sub: ("subtract", operator.sub),
    ast.Mult: ("multiply", operator.mul),
    ast.Div: ("divide", operator.truediv),
    ast.Mod: ("modulo", operator.mod),
    ast.Pow: ("power", operator.pow),
}
_LARGEST_EXPONENT = 1000


@dataclass(frozen=True)
class Step:
    """One operation with its operands, innermost first."""

    operation: str
    left: Number
    right: Number


@dataclass(frozen=True)
class Calculation:
    """An expression found in a text."""

    expression: str
    steps: tuple[Step, ...]
    value: Number


def find_calculation(text: str) -> Calculation | None:
    """The longest arithmetic expression of a text, written in digits or spoken."""
    plain = re.sub(r"(?<=\d),(?=\d{3}\b)", "", text)
    for pattern, replacement in _PREFIXED:
        plain = re.sub(pattern.replace("NUM", _NUMBER), replacement, plain, flags=re.IGNORECASE)
    for pattern, replacement in _SPOKEN:
        plain = re.sub(pattern, replacement, plain, flags=re.IGNORECASE)
    plain = _DATE.sub(" ", plain)
    candidates = sorted(_EXPRESSION.findall(plain), key=len, reverse=True)
    asks = bool(_ASKS_FOR_VALUE.search(text.lower().strip()))
    for candidate in candidates:
        expression = _balanced(re.sub(r"\s+", " ", candidate).strip(" ."))
        calculation = _calculate(expression)
        if calculation is not None and (asks or not _AMBIGUOUS.fullmatch(expression)):
            return calculation
    return None


def spoken(value: Number) -> str:
    """A number as an answer writes it."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _balanced(expression: str) -> str:
    while expression.count("(") > expression.count(")") and expression.startswith("("):
        expression = expression[1:].strip()
    while expression.count(")") > expression.count("(") and expression.endswith(")"):
        expression = expression[:-1].strip()
    return expression


def _calculate(expression: str) -> Calculation | None:
    steps: list[Step] = []
    try:
        tree = ast.parse(expression, mode="eval")
        value = _evaluate(tree.body, steps)
    except (SyntaxError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return Calculation(expression, tuple(steps), value) if steps else None


def _evaluate(node: ast.expr, steps: list[Step]) -> Number:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_evaluate(node.operand, steps)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = _evaluate(node.left, steps), _evaluate(node.right, steps)
        name, apply = _OPERATORS[type(node.op)]
        if name == "power" and abs(right) > _LARGEST_EXPONENT:
            raise ValueError("The exponent is too large.")
        steps.append(Step(name, left, right))
        return apply(left, right)
    raise ValueError("This is no arithmetic.")
