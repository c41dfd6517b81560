"""Values for JSON schemas, taken from a text: arguments of tools and fields of objects."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from mara_minimax.emulator.arithmetic import find_calculation
from mara_minimax.emulator.schemas import resolve, type_of
from mara_minimax.emulator.words import content_words, names, stem, topic, words

_NUMBER = re.compile(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?")
_SPOKEN_NUMBERS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12,
}  # fmt: skip
_QUOTED = re.compile("\"([^\"]+)\"|\u201c([^\u201d]+)\u201d|`([^`]+)`|(?<!\\w)'([^']{2,})'(?!\\w)")
_DATE = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?Z?)?|\b(?:today|tomorrow|yesterday|tonight"
    r"|(?:next |on )?(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b"
    r"|\b(?:january|february|march|april|may|june|july|august|september|october|november|december)"
    r"\s+\d{1,2}(?:st|nd|rd|th)?(?:,?\s+\d{4})?",
    re.IGNORECASE,
)
_PATTERNS = {
    "email": re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w"),
    "url": re.compile(r"https?://[^\s\"'<>]*[\w/]"),
    "path": re.compile(r"(?:[\w.-]+/)+[\w.-]+|\b[\w-]+\.(?:md|txt|py|json|csv|pdf|toml|ya?ml)\b"),
}
# Which kind of text a property holds, by the words of its name.
_KINDS = (
    ("email", {"email", "mail"}),
    ("url", {"url", "link", "website", "uri"}),
    ("path", {"path", "file", "filename", "folder", "directory"}),
    ("date", {"date", "day", "datetime", "when", "deadline", "birthday"}),
    ("expression", {"expression", "formula", "equation", "calculation", "math", "arithmetic"}),
    ("query", {"query", "question", "input", "search", "prompt", "request", "q", "task",
               "keywords"}),
    ("place", {"location", "city", "place", "country", "town", "destination", "origin", "region",
               "address", "timezone", "state", "capital"}),
    ("name", {"name", "person", "user", "author", "owner", "company", "customer", "product",
              "artist", "recipient", "language", "subject", "first", "last"}),
    ("long", {"answer", "summary", "reason", "explanation", "response", "content", "text", "body",
              "message", "description", "reasoning", "thought", "note", "comment", "sentence"}),
)  # fmt: skip
_PREPOSITIONS = {"origin": ("from",), "destination": ("to", "for")}
_PLACE_PREPOSITIONS = ("in", "at", "for", "to", "from", "of", "near", "around")
# Schemas that refer to themselves have no end of their own.
_DEEPEST_VALUE = 6
_MOODS = {
    "positive": {"good", "great", "love", "excellent", "happy", "wonderful", "amazing", "best"},
    "negative": {"bad", "terrible", "hate", "awful", "worst", "broken", "poor", "disappointed"},
}
_NEGATIONS = frozenset({"not", "no", "without", "never", "don't", "isn't", "doesn't"})


class Found(NamedTuple):
    """A value and whether the text really holds it."""

    value: Any
    evident: bool


class Filler:
    """Fills schemas from one text; numbers and names are used once each, in order."""

    def __init__(self, text: str, root: Mapping[str, Any], *, sentence: str = "") -> None:
        self._text = text
        self._root = root
        self._sentence = sentence
        self._depth = 0
        self._numbers = _numbers(text)
        self._names = names(text)
        self._quoted = ["".join(groups) for groups in _QUOTED.findall(text)]

    def object(self, schema: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
        """A value for each required property, and for optional ones the text speaks of.

        The flag says whether the text holds every required value.
        """
        required = set(schema.get("required") or [])
        values: dict[str, Any] = {}
        evident = True
        for name, own in (schema.get("properties") or {}).items():
            found = self.value(name, own)
            if name in required or found.evident:
                values[name] = found.value
            if name in required:
                evident = evident and found.evident
        return values, evident

    def value(self, name: str, schema: Mapping[str, Any]) -> Found:
        """A value of the right type for one property."""
        schema = resolve(schema, self._root)
        options = [schema["const"]] if "const" in schema else schema.get("enum")
        if options:
            return self._option(options, schema)
        kind = type_of(schema)
        if kind in ("integer", "number"):
            return self._number(name, schema, whole=kind == "integer")
        if kind == "boolean":
            return self._boolean(name, schema)
        if kind == "array":
            return self._array(name, schema)
        if kind == "object":
            return self._nested(schema)
        return self._string(name, schema)

    def _nested(self, schema: Mapping[str, Any]) -> Found:
        if self._depth >= _DEEPEST_VALUE:
            return Found({}, False)
        self._depth += 1
        found = Found(*self.object(schema))
        self._depth -= 1
        return found

    def _option(self, options: list[Any], schema: Mapping[str, Any]) -> Found:
        said = [stem(word) for word in words(self._text)]
        for option in options:
            parts = [stem(word) for word in words(str(option))]
            if parts and all(part in said for part in parts):
                return Found(option, True)
        heard = {word.lower() for word in words(self._text)}
        for option in options:
            if _MOODS.get(str(option).lower(), set()) & heard:
                return Found(option, True)
        return Found(schema.get("default", options[0]), len(options) == 1)

    def _number(self, name: str, schema: Mapping[str, Any], *, whole: bool) -> Found:
        fitting = [value for value in self._numbers if not whole or float(value).is_integer()]
        if not fitting:
            low = schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
            default = schema.get("default")
            value = default if default is not None else low
            return Found(int(value) if whole else value, False)
        near = [value for value in fitting if _stands_near(self._text, value, name)]
        value = (near or fitting)[0]
        self._numbers.remove(value)
        return Found(int(value) if whole else value, True)

    def _boolean(self, name: str, schema: Mapping[str, Any]) -> Found:
        said = [stem(word) for word in words(self._text)]
        wanted = [stem(word) for word in content_words(name)]
        if wanted and any(word in said for word in wanted):
            negated = bool(_NEGATIONS & set(self._text.lower().split()))
            return Found(not negated, True)
        return Found(bool(schema.get("default", False)), False)

    def _array(self, name: str, schema: Mapping[str, Any]) -> Found:
        items = resolve(schema.get("items") or {}, self._root)
        kind = type_of(items)
        if kind in ("integer", "number"):
            values: list[Any] = [int(v) if kind == "integer" else v for v in self._numbers]
            self._numbers = []
        elif kind == "string" and not items.get("enum"):
            values = self._quoted or list(dict.fromkeys(self._names))
            if not values:
                values = list(dict.fromkeys(content_words(self._text)))[:3]
                return Found(values, False)
        else:
            found = self.value(name, items)
            return Found([found.value], found.evident)
        return Found(values, bool(values))

    def _string(self, name: str, schema: Mapping[str, Any]) -> Found:
        kind = _kind_of(name, schema)
        found = self._text_of_kind(kind, name)
        if found:
            return Found(found, kind != "long" or bool(self._sentence))
        if self._quoted:
            return Found(self._quoted.pop(0), True)
        if "default" in schema and isinstance(schema["default"], str):
            return Found(schema["default"], False)
        if kind in ("any", "name") and self._names:
            return Found(self._names.pop(0), True)
        return Found(self._sentence or topic(self._text, name), False)

    def _text_of_kind(self, kind: str, name: str) -> str:
        if kind in _PATTERNS:
            match = _PATTERNS[kind].search(self._text)
            return match.group() if match else ""
        if kind == "date":
            match = _DATE.search(self._text)
            return match.group() if match else ""
        if kind == "expression":
            calculation = find_calculation(self._text)
            return calculation.expression if calculation else ""
        if kind == "query":
            return self._quoted.pop(0) if self._quoted else self._text.strip()
        if kind == "place":
            return self._place(name)
        if kind == "long":
            return self._sentence
        return ""

    def _place(self, name: str) -> str:
        wanted = _PREPOSITIONS.get(name, _PLACE_PREPOSITIONS)
        for preposition in wanted:
            for place in self._names:
                if re.search(rf"\b{preposition}\s+(?:the\s+)?{re.escape(place)}", self._text):
                    return self._with_region(place)
        return self._with_region(self._names[0]) if self._names else ""

    def _with_region(self, place: str) -> str:
        """Take a place, and the name after its comma: "San Francisco, CA"."""
        self._names.remove(place)
        for region in self._names:
            whole = f"{place}, {region}"
            if re.search(rf"\b{re.escape(whole)}(?!\w|,? and [A-Z])", self._text):
                self._names.remove(region)
                return whole
        return place


def _numbers(text: str) -> list[int | float]:
    text = _DATE.sub(" ", text)
    found: list[tuple[int, int | float]] = []
    for match in _NUMBER.finditer(text):
        digits = match.group().replace(",", "")
        found.append((match.start(), float(digits) if "." in digits else int(digits)))
    for match in re.finditer(r"\b[a-z]+\b", text.lower()):
        if match.group() in _SPOKEN_NUMBERS:
            found.append((match.start(), _SPOKEN_NUMBERS[match.group()]))
    return [value for _, value in sorted(found)]


def _stands_near(text: str, value: float, name: str) -> bool:
    """Whether a number stands beside a word of the property's name ("3 days", "age 31")."""
    shown = re.escape(f"{value:g}")
    around = re.findall(rf"([\w'-]*)\s*[:=]?\s*(?:is |of |are )?{shown}[\s-]*([\w'-]*)", text)
    wanted = {stem(word) for word in words(name)}
    wanted |= {"year", "old"} if "ag" in wanted or "age" in wanted else set()
    return any(stem(word) in wanted for pair in around for word in pair if word)


def _kind_of(name: str, schema: Mapping[str, Any]) -> str:
    own = {word.lower() for word in words(name.replace("_", " "))}
    form = str(schema.get("format", ""))
    if form.startswith("date"):
        return "date"
    for kind, markers in _KINDS:
        if own & markers:
            return kind
    described = {word.lower() for word in words(str(schema.get("description", "")))}
    for kind, markers in _KINDS[:7]:
        if described & markers:
            return kind
    return "any"
