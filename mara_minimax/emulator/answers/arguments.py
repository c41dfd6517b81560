"""Values for JSON schemas, taken from a text: arguments of tools and fields of objects."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mara_minimax.emulator.answers.arithmetic import find_calculation
from mara_minimax.emulator.answers.words import names, stems, topic
from mara_minimax.emulator.types.reply import ToolCall
from mara_minimax.emulator.types.request import Tool

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBER = re.compile(r"(?<![\w.-])-?\d{1,18}(?:\.\d{1,18})?(?![\w-])")
_QUOTED = re.compile(r"""["\u201c]([^"\u201d]+)["\u201d]|`([^`]+)`|(?<!\w)'([^'\n]{2,})'(?!\w)""")
# What a property holds, by a word of its name.
_PATTERNS = {
    "email": re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w"),
    "url": re.compile(r"https?://[^\s\"'<>]*[\w/]"),
    "date": _DATE,
}
_WHOLE_TEXT = frozenset({"query", "question", "input", "prompt", "q"})
# Schemas can refer to themselves.
_DEEPEST = 6
_LONGEST_CHAIN = 20

Schema = Mapping[str, Any]


def fill_call(tool: Tool, text: str) -> ToolCall:
    """A call of a tool with arguments from a text."""
    return ToolCall(tool.name, fill_object(tool.parameters, text))


def fill_object(schema: Schema, text: str, sentence: str = "") -> dict[str, Any]:
    """The required properties of a schema; `sentence` fills text that nothing else does."""
    return _Filler(schema, text, sentence).object(schema)


class _Filler:
    """Takes numbers, names and quotations of a text, each once, in order."""

    def __init__(self, root: Schema, text: str, sentence: str) -> None:
        self._root = root
        self._text = text
        self._sentence = sentence or topic(text) or text
        self._numbers = _NUMBER.findall(_DATE.sub(" ", text))
        self._quoted = ["".join(groups) for groups in _QUOTED.findall(text)]
        self._names = names(text)
        self._depth = 0

    def object(self, schema: Schema) -> dict[str, Any]:
        properties = _mapping(schema.get("properties"))
        required = _list(schema.get("required"))
        return {name: self.value(name, properties[name]) for name in properties if name in required}

    def value(self, name: str, schema: Any) -> Any:
        """A value of the right type for one property."""
        schema = _resolve(_mapping(schema), self._root)
        options = [schema["const"]] if "const" in schema else _list(schema.get("enum"))
        if options:
            said = stems(self._text)
            fitting = [option for option in options if stems(str(option)) & said]
            return (fitting or [schema.get("default", options[0])])[0]
        kind = _type_of(schema)
        if kind in ("integer", "number"):
            return self._number(schema, whole=kind == "integer")
        if kind == "boolean":
            return bool(schema.get("default"))
        if kind == "null":
            return None
        if kind in ("array", "object"):
            return self._nested(kind, name, schema)
        return self._string(name, schema)

    def _nested(self, kind: str, name: str, schema: Schema) -> Any:
        if self._depth >= _DEEPEST:
            return [] if kind == "array" else {}
        self._depth += 1
        found = [self.value(name, schema.get("items"))] if kind == "array" else self.object(schema)
        self._depth -= 1
        return found

    def _number(self, schema: Schema, *, whole: bool) -> Any:
        fitting = [text for text in self._numbers if not (whole and "." in text)]
        if not fitting:
            return schema.get("default", schema.get("minimum", 1))
        self._numbers.remove(fitting[0])
        return int(fitting[0]) if "." not in fitting[0] else float(fitting[0])

    def _string(self, name: str, schema: Schema) -> str:
        own = set(name.lower().split("_"))
        for word, pattern in _PATTERNS.items():
            match = pattern.search(self._text) if word in own else None
            if match:
                return match.group()
        calculation = find_calculation(self._text) if "expression" in own else None
        if calculation:
            return calculation.expression
        if own & _WHOLE_TEXT:
            return self._text.strip()
        for found in (self._quoted, self._names):
            if found:
                return found.pop(0)
        return str(schema.get("default") or self._sentence)


def _resolve(schema: Schema, root: Schema) -> Schema:
    """Follow references and pick the first branch of a union that is not null."""
    for _ in range(_LONGEST_CHAIN):
        unions = [_list(schema.get(name)) for name in ("anyOf", "oneOf", "allOf")]
        branches = [_mapping(branch) for branch in next(filter(None, unions), [])]
        if "$ref" in schema:
            target: Any = root
            for part in str(schema["$ref"]).lstrip("#/").split("/"):
                target = _mapping(_mapping(target).get(part))
            schema = target
        elif branches:
            schema = next((own for own in branches if own.get("type") != "null"), branches[0])
        else:
            return schema
    return {}


def _type_of(schema: Schema) -> str:
    """The type a value must have; objects and strings may leave it out."""
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((name for name in kind if name != "null"), None)
    if isinstance(kind, str):
        return kind
    return "object" if "properties" in schema else "string"


def _mapping(value: Any) -> Schema:
    """The value, or nothing where a malformed schema has something else."""
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
