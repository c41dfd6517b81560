"""Framework objects from values that are valid already.

Each delta of a stream makes a response and a message. To validate what this package has just
built costs more than to build it, and pydantic's `model_construct` costs more than to validate.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel

_Model = TypeVar("_Model", bound=BaseModel)
_set_attribute = object.__setattr__
_SHAREABLE = (str, int, float, bool, type(None))
"""Types whose values any number of objects may hold; enumerations of strings are among them."""


def constructor(sample: _Model, *varying: str) -> Callable[..., _Model]:
    """Return a function that builds objects like `sample`, given all `varying` fields by name.

    `sample` is validated and names the same fields as set that its copies will name. Given
    values of the fields' types, the result equals the validated object in every respect. A
    class that keeps more than fields, or whose other fields cannot be shared, is returned as
    it is, and validates.
    """
    model = type(sample)
    constant = {name: value for name, value in sample.__dict__.items() if name not in varying}
    if (
        sample.__pydantic_private__ is not None
        or sample.__pydantic_extra__ is not None
        or not all(isinstance(value, _SHAREABLE) for value in constant.values())
    ):
        return model
    new, template, fields_set = model.__new__, sample.__dict__, sample.model_fields_set

    def construct(**values: Any) -> _Model:
        instance = new(model)
        # The four attributes that an instance of a pydantic class consists of; its own
        # `__setattr__` would validate.
        _set_attribute(instance, "__dict__", {**template, **values})
        _set_attribute(instance, "__pydantic_fields_set__", fields_set.copy())
        _set_attribute(instance, "__pydantic_extra__", None)
        _set_attribute(instance, "__pydantic_private__", None)
        return instance

    return construct
