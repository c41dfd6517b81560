"""Framework objects from values that are valid already.

Each delta of a stream becomes one or two objects of pydantic classes. Validating them costs more
than everything else that is done for a delta, and pydantic's `model_construct` costs more than
validating. So the first object is validated, and the others are made as unpickling makes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from pydantic import BaseModel

Model = TypeVar("Model", bound=BaseModel)

# The four attributes that an object of a pydantic class consists of; its own `__setattr__` would
# validate.
_set_extra, _set_fields, _set_fields_set, _set_private = (
    BaseModel.__dict__[name].__set__
    for name in (
        "__pydantic_extra__",
        "__dict__",
        "__pydantic_fields_set__",
        "__pydantic_private__",
    )
)
_SHAREABLE = (str, int, float, bool, type(None))
"""Types whose values any number of objects may hold; enumerations of strings are among them."""


def constructor(
    validate: Callable[..., Model], /, **values: Any
) -> Callable[[dict[str, Any]], Model]:
    """Return a function that builds what `validate` builds, without validating.

    `validate(**values)` is the ordinary way, and makes the sample; the function takes a dict of
    the same names, all of them, with other values of the same types. Its objects equal
    validated ones in every respect. Where that cannot be shown (the sample, made both ways,
    differs, or its class keeps more than fields, or its other values could be changed) the
    function validates.
    """
    sample = validate(**values)
    extra = sample.__pydantic_extra__
    constant = {**sample.__dict__, **(extra or {})}

    def construct_validated(values: dict[str, Any]) -> Model:
        return validate(**values)

    if sample.__pydantic_private__ is not None or not all(
        name in values or isinstance(value, _SHAREABLE) for name, value in constant.items()
    ):
        return construct_validated
    model, new, fields_set = type(sample), type(sample).__new__, sample.model_fields_set

    def construct(values: dict[str, Any]) -> Model:
        fields = {**constant, **values}
        instance = new(model)
        _set_extra(instance, None if extra is None else _take(fields, extra) if extra else {})
        _set_fields(instance, fields)
        _set_fields_set(instance, fields_set.copy())
        _set_private(instance, None)
        return instance

    own = {name: constant[name] for name in values}
    return construct if _state(construct(own)) == _state(sample) else construct_validated


def _take(fields: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: fields.pop(name) for name in names}


def _state(model: BaseModel) -> list[Any]:
    """Return all that an object holds, in its order and with the types of its values."""
    state = model.__getstate__()
    held = state["__dict__"]
    return [state, [(name, type(value)) for name, value in held.items()], model, repr(model)]
