"""Values for JSON schemas, taken from a text: arguments of tools and fields of objects."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mara_minimax.emulator.answers.text import find_sum, names, words
from mara_minimax.emulator.types.reply import ToolCall
from mara_minimax.emulator.types.request import Tool

_NUMBER = re.compile(r"(?<![\w.-])-?\d{1,18}(?:\.\d{1,18})?(?![\w-])")
_QUOTED = re.compile(r"""["'\u201c`]([^"'\u201d`\n]{2,})["'\u201d`](?!\w)""")
# What a property of this name holds.
_PATTERNS = {
    "email": re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w"),
    "date": re.compile(r"\d{4}-\d{2}-\d{2}"),
}
_WHOLE_TEXT = frozenset({"query", "question", "input", "prompt"})
# Schemas can refer to themselves.
_DEEPEST = 8

Schema = Mapping[str, Any]


def fill_call(tool: Tool, text: str) -> ToolCall:
    """A call of a tool with arguments from a text."""
    return ToolCall(tool.name, fill_object(tool.parameters, text))


def fill_object(schema: Schema, text: str, sentence: str = "") -> dict[str, Any]:
    """The required properties of a schema; `sentence` fills text that nothing else does."""
    return _Filler(schema, text, sentence or text).object(schema, 0)


class _Filler:
    """Takes numbers, quotations and names of a text, each once, in order."""

    def __init__(self, root: Schema, text: str, sentence: str) -> None:
        self._root = root
        self._text = text
        self._sentence = sentence
        self._numbers = _NUMBER.findall(text)
        self._phrases = _QUOTED.findall(text) + names(text)

    def object(self, schema: Schema, depth: int) -> dict[str, Any]:
        properties = schema.get("properties")
        required = schema.get("required")
        if depth > _DEEPEST or not isinstance(properties, dict) or not isinstance(required, list):
            return {}
        return {
            name: self._value(name, properties[name], depth)
            for name in properties
            if name in required
        }

    def _value(self, name: str, schema: Any, depth: int) -> Any:
        schema = self._resolved(schema)
        options = [schema["const"]] if "const" in schema else schema.get("enum")
        if options:
            said = words(self._text)
            return next((each for each in options if words(str(each)) & said), options[0])
        kind = schema.get("type", "object" if "properties" in schema else "string")
        if isinstance(kind, list):
            kind = next((each for each in kind if each != "null"), "null")
        if kind in ("integer", "number"):
            return self._number(schema, whole=kind == "integer")
        if kind == "array":
            return [] if depth > _DEEPEST else [self._value(name, schema.get("items"), depth + 1)]
        if kind == "object":
            return self.object(schema, depth + 1)
        if kind in ("boolean", "null"):
            return bool(schema.get("default")) if kind == "boolean" else None
        if name == "expression" and (found := find_sum(self._text)):
            return " ".join(found)
        if (pattern := _PATTERNS.get(name)) and (match := pattern.search(self._text)):
            return match.group()
        if name in _WHOLE_TEXT:
            return self._text.strip()
        return (
            self._phrases.pop(0) if self._phrases else str(schema.get("default") or self._sentence)
        )

    def _number(self, schema: Schema, *, whole: bool) -> Any:
        fitting = [text for text in self._numbers if not (whole and "." in text)]
        if not fitting:
            return schema.get("default", schema.get("minimum", 1))
        self._numbers.remove(fitting[0])
        return int(fitting[0]) if "." not in fitting[0] else float(fitting[0])

    def _resolved(self, schema: Any) -> Schema:
        """Follow references, and pick the first branch of a union that is not null."""
        for _ in range(_DEEPEST):
            if not isinstance(schema, Mapping):
                break
            union = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
            if "$ref" in schema:
                name = str(schema["$ref"]).rpartition("/")[2]
                schema = {
                    **(self._root.get("definitions") or {}),
                    **(self._root.get("$defs") or {}),
                }.get(name)
            elif union:
                schema = next((each for each in union if each.get("type") != "null"), union[0])
            else:
                return schema
        return {}
