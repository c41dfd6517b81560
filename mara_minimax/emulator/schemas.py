"""Reading JSON schemas: malformed parts are dropped, references followed, unions narrowed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_MAPS_OF_SCHEMAS = ("properties", "$defs", "definitions")
_LISTS_OF_SCHEMAS = ("anyOf", "oneOf", "allOf")
_LONGEST_CHAIN = 20
_DEEPEST = 30


def tidy(schema: object, depth: int = 0) -> dict[str, Any]:
    """The schema without what cannot be read; anything but an object is an empty schema."""
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return {}
    tidied: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _MAPS_OF_SCHEMAS:
            entries = value.items() if isinstance(value, dict) else ()
            tidied[key] = {name: tidy(item, depth + 1) for name, item in entries}
        elif key in _LISTS_OF_SCHEMAS:
            branches = value if isinstance(value, list) else []
            tidied[key] = [tidy(branch, depth + 1) for branch in branches]
        elif key == "items":
            tidied[key] = tidy(value, depth + 1)
        elif key == "required":
            names = value if isinstance(value, list) else []
            tidied[key] = [name for name in names if isinstance(name, str)]
        elif key == "enum":
            tidied[key] = value if isinstance(value, list) else []
        elif key in ("minimum", "exclusiveMinimum"):
            tidied.update({key: value} if isinstance(value, int | float) else {})
        else:
            tidied[key] = value
    return tidied


def resolve(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow references and pick the first branch of a union that is not null."""
    for _ in range(_LONGEST_CHAIN):
        branches = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
        if "$ref" in schema:
            own = {key: value for key, value in schema.items() if key != "$ref"}
            schema = {**_target(str(schema["$ref"]), root), **own}
        elif branches:
            kept = {key: schema[key] for key in ("default", "description") if key in schema}
            useful = [branch for branch in branches if branch.get("type") != "null"]
            schema = {**(useful or [{}])[0], **kept}
        else:
            return schema
    return {}


def type_of(schema: Mapping[str, Any]) -> str:
    """The type a value must have; objects and strings may leave it out."""
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((name for name in kind if name != "null"), None)
    if isinstance(kind, str):
        return kind
    return "object" if "properties" in schema else "string"


def _target(reference: str, root: Mapping[str, Any]) -> Mapping[str, Any]:
    target: Any = root
    for part in reference.lstrip("#/").split("/"):
        target = target.get(part) if isinstance(target, Mapping) else None
    return target if isinstance(target, Mapping) else {}
