"""Objects that are built without validation equal validated ones, or are validated."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError

from mara_minimax.construction import constructor


class Plain(BaseModel):
    name: str
    count: int = 1


class WithMutable(Plain):
    tags: list[str] = Field(default_factory=list)


class WithPrivate(Plain):
    _seen: list[str] = PrivateAttr(default_factory=list)


class WithExtra(Plain):
    model_config = ConfigDict(extra="allow")


class Restored(Plain):
    """A class whose later version keeps more of an object than its fields."""

    __slots__ = ("seen",)

    def __getstate__(self):
        return {**super().__getstate__(), "seen": getattr(self, "seen", None)}

    def model_post_init(self, _):
        object.__setattr__(self, "seen", True)


def test_an_object_of_a_plain_class_is_not_validated():
    assert constructor(Plain, name="")({"name": 3}).name == 3


def test_a_built_object_is_the_validated_one():
    built = constructor(partial(Plain, count=5), name="")({"name": "a"})
    validated = Plain(count=5, name="a")
    assert built == validated
    assert built.model_fields_set == validated.model_fields_set
    assert built.__getstate__() == validated.__getstate__()


def test_two_objects_do_not_share_what_counts_as_set():
    construct = constructor(Plain, name="")
    first, second = construct({"name": "a"}), construct({"name": "b"})
    first.count = 2
    assert second.model_fields_set == {"name"}


def test_values_beyond_the_fields_stand_where_the_class_keeps_them():
    built = constructor(WithExtra, name="", more=[])({"name": "a", "more": [1]})
    assert built == WithExtra(name="a", more=[1])
    assert built.model_extra == {"more": [1]}


def test_two_objects_do_not_share_values_beyond_the_fields():
    construct = constructor(WithExtra, name="")
    first: Any
    first, second = construct({"name": "a"}), construct({"name": "b"})
    first.more = 1
    assert second == WithExtra(name="b")
    assert construct({"name": "b"}) == second


@pytest.mark.parametrize("model", [WithMutable, WithPrivate, Restored])
def test_a_class_that_cannot_be_built_from_fields_alone_validates(model):
    construct = constructor(model, name="")
    assert construct({"name": "a"}) == model(name="a")
    with pytest.raises(ValidationError):
        construct({"name": 3})
