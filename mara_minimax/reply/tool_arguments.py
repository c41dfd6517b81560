"""Whether arguments fit the JSON schema of a tool, for calls that a model did not make itself."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from mara_minimax.types import JSONObject


def arguments_fit(arguments: JSONObject, schema: Any) -> bool:
    """Whether `arguments` are valid by `schema` and hold no name that it does not know.

    Unknown names do not fit where the schema is silent about them, in objects within the
    arguments too; at the top not even where it allows any name. A `$ref` is looked up in the
    schema alone: nothing is fetched. A schema that cannot be used fits nothing.

    A `pattern` is matched in linear time, by the engine that pydantic uses; one that it does
    not know, such as a look-ahead, fits nothing. Names in `patternProperties` are matched by
    Python's `re`.
    """
    # Loaded here, because few calls need it and it takes longer to load than the core.
    from referencing import Registry

    try:
        closed = _closed_at_the_top(schema)
        # A branch that is closed can make a `oneOf` or a `not` true which is false as written.
        return all(kind(closed, registry=Registry()).is_valid(arguments) for kind in _validators())
    except Exception:  # noqa: BLE001 - whatever a schema breaks, it is of no use here
        return False


def _closed_at_the_top(schema: JSONObject) -> JSONObject:
    # `$schema` would make jsonschema choose another class than ours for what refers to the top.
    closed = {key: value for key, value in schema.items() if key != "$schema"}
    if closed.get("additionalProperties") in (None, True, {}):
        closed.pop("additionalProperties", None)
        closed["unevaluatedProperties"] = False
    return closed


@cache
def _validators() -> tuple[Any, Any]:
    """Return the validator of schemas as written, and that of closed objects."""
    from jsonschema import (  # type: ignore[import-untyped]  # it ships no types
        Draft202012Validator,
        ValidationError,
        validators,
    )
    from pydantic_core import SchemaValidator, core_schema

    check_properties = Draft202012Validator.VALIDATORS["properties"]

    def pattern(validator: Any, regex: str, value: Any, _: JSONObject) -> Iterator[Any]:
        matcher = SchemaValidator(core_schema.str_schema(pattern=regex))
        if validator.is_type(value, "string") and not matcher.isinstance_python(value):
            yield ValidationError(f"It does not match {regex!r}.")

    def properties(validator: Any, known: Any, value: Any, schema: JSONObject) -> Iterator[Any]:
        yield from check_properties(validator, known, value, schema)
        silent = "additionalProperties" not in schema and "patternProperties" not in schema
        if silent and validator.is_type(value, "object") and not value.keys() <= known.keys():
            yield ValidationError("It holds an unknown name.")

    written = validators.extend(Draft202012Validator, {"pattern": pattern})
    return written, validators.extend(written, {"properties": properties})
