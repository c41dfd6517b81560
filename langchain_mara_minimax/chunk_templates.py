"""Make the chunks of a stream from validated ones, instead of validating each.

Validation costs 6 µs a chunk, which is more than all else that is done for it, and finds
nothing: the values are the core's own. Each stream therefore validates one chunk of each
kind, and makes the others of its values the way unpickling does. What such a chunk holds is
what the validated one would hold; `tests/langchain/test_chunk_templates.py` compares them field
by field.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Generic, TypeVar

from langchain_core.messages import AIMessageChunk
from langchain_core.messages.tool import ToolCallChunk, tool_call_chunk
from langchain_core.outputs import ChatGenerationChunk
from pydantic import BaseModel

from langchain_mara_minimax.chunk_calls import derive_calls
from langchain_mara_minimax.messages import REASONING_TEXT
from mara_minimax.types import JSONObject

_OWN_VALUES = (
    "content",
    "additional_kwargs",
    "response_metadata",
    "tool_calls",
    "invalid_tool_calls",
    "tool_call_chunks",
)
"""What each message chunk has of its own."""

_set = object.__setattr__

Model = TypeVar("Model", bound=BaseModel)


class ChunkTemplates:
    """Make the chunks of one stream; no two share a value that can be changed."""

    def __init__(self, provider: str) -> None:
        """Validate one chunk of each kind."""
        self._provider = provider
        piece = tool_call_chunk(name=None, args="?", id=None, index=0)
        spoken = self._validated("", {}, [], {})
        self._spoken = _Template(spoken, _OWN_VALUES)
        self._calling = _Template(self._validated("", {}, [piece], {}), _OWN_VALUES)
        generation = ChatGenerationChunk(message=spoken, generation_info=None)
        self._generation = _Template(generation, ("text", "message"))

    def make(
        self, text: str, reasoning: str, calls: list[ToolCallChunk], extra: JSONObject
    ) -> ChatGenerationChunk:
        """Return a chunk; `extra` are attributes that `AIMessageChunk` has no field for."""
        kwargs = {REASONING_TEXT: reasoning} if reasoning else {}
        template = self._calling if calls else self._spoken
        values = template.values()
        values["content"] = text
        values["additional_kwargs"] = kwargs
        values["response_metadata"] = {"model_provider": self._provider}
        values["tool_calls"], values["invalid_tool_calls"] = derive_calls(calls)
        values["tool_call_chunks"] = calls
        message = template.make(values, extra)
        values = self._generation.values()
        values["text"], values["message"] = message.text, message
        return self._generation.make(values, None)

    def _validated(
        self, text: str, kwargs: JSONObject, calls: list[ToolCallChunk], extra: JSONObject
    ) -> AIMessageChunk:
        return AIMessageChunk(
            content=text,
            additional_kwargs=kwargs,
            tool_call_chunks=calls,
            response_metadata={"model_provider": self._provider},
            **extra,
        )


class _Template(Generic[Model]):
    """A validated object, of which others are made with other values."""

    def __init__(self, model: Model, replaced: Sequence[str]) -> None:
        """`replaced` names the values that no copy takes from `model`."""
        state = model.__getstate__()
        self._kind = type(model)
        self._fields_set: set[str] = state["__pydantic_fields_set__"]
        self._values: JSONObject = state["__dict__"]
        self._containers = [
            name
            for name, value in self._values.items()
            if isinstance(value, list | dict | set) and name not in replaced
        ]

    def values(self) -> JSONObject:
        """Return the values of the validated object, sharing no container with it."""
        values = self._values.copy()
        for name in self._containers:
            values[name] = copy(values[name])
        return values

    def make(self, values: JSONObject, extra: JSONObject | None) -> Model:
        """Return an object of `values`, which are kept as they are."""
        made = self._kind.__new__(self._kind)
        # What `__setstate__` sets, without the mapping that it takes: this runs for every token.
        _set(made, "__dict__", values)
        fields_set = self._fields_set.copy()
        if extra:
            fields_set.update(extra)
        _set(made, "__pydantic_fields_set__", fields_set)
        _set(made, "__pydantic_extra__", extra)
        _set(made, "__pydantic_private__", None)
        return made
