"""Read structured output from every way models give it.

A tool call, plain JSON, fenced JSON and JSON after prose are all taken, because not every
provider enforces the form asked for. What cannot be read is an error, never `None`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any, cast

from langchain_core import exceptions
from langchain_core.exceptions import OutputParserException
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.tool import tool_call
from langchain_core.output_parsers import BaseTransformOutputParser
from langchain_core.outputs import ChatGeneration, Generation
from pydantic import BaseModel, ValidationError
from pydantic.v1 import ValidationError as ValidationErrorV1

from langchain_mara_minimax.messages import REFUSAL
from mara_minimax.json_text import parse_partial_object
from mara_minimax.reply.growth import Growth
from mara_minimax.reply.text_objects import objects_in, partial_object_in
from mara_minimax.types import JSONObject

if TYPE_CHECKING:
    from langchain_core.exceptions import ModelError as _ModelRefusal
else:
    # langchain-core has the closer class since 1.7.5.
    _ModelRefusal = getattr(exceptions, "ModelRefusalError", exceptions.ModelError)


class StructuredOutputError(OutputParserException):
    """Raised when a reply does not hold the asked-for object; `raw_message` is that reply."""

    def __init__(self, error: str, raw_message: AIMessage) -> None:
        """Keep the whole message beside its text."""
        super().__init__(error, llm_output=str(raw_message.text))
        self.raw_message = raw_message


class StructuredOutputRefusedError(StructuredOutputError, _ModelRefusal):
    """Raised when the model or a filter of the provider refused to give the object."""


class StructuredOutputParser(BaseTransformOutputParser[Any]):
    """Read one object out of a reply, whole or while it streams."""

    name: str
    """The tool that the model was asked to call."""
    schema_type: Any = None
    """Pydantic class of the result; `None` for a plain dict."""
    required: tuple[str, ...] = ()
    """Keys by which the object is told from other JSON in the text."""
    known: tuple[str, ...] = ()
    """Keys of the schema, one of which an object in the text has, unless it is empty."""

    def parse(self, text: str) -> Any:
        """Return the object in `text`."""
        return self.parse_message(AIMessage(text))

    def parse_result(self, result: list[Generation], *, partial: bool = False) -> Any:
        """Return the object in a generation, or with `partial` what is there of it so far."""
        generation = result[0]
        message = (
            cast("AIMessage", generation.message)
            if isinstance(generation, ChatGeneration)
            else AIMessage(generation.text)
        )
        return self.parse_partial(message) if partial else self.parse_message(message)

    def parse_message(self, message: AIMessage) -> Any:
        """Return the object in `message`, or raise `StructuredOutputError`."""
        keys = f" with {', '.join(self.required)}" if self.required else ""
        problem = f"it holds no JSON object{keys}"
        calls = [call["args"] for call in message.tool_calls if call["name"] == self.name]
        found = (
            found
            for found in objects_in(str(message.text))
            if all(key in found for key in self.required) and self._is_about(found)
        )
        for candidate in (*calls, *found):
            try:
                return self._convert(candidate)
            except (ValidationError, ValidationErrorV1) as error:
                problem = str(error)
        if message.invalid_tool_calls:
            problem = f"its tool call cannot be read: {message.invalid_tool_calls[0]['args']}"
        finish_reason = message.response_metadata.get("finish_reason")
        if finish_reason == "length":
            problem += " (the reply was cut off; max_tokens may be too small)"
        if (refusal := message.additional_kwargs.get(REFUSAL)) is not None:
            msg = f"The reply is a refusal and does not give {self.name!r}: {refusal}"
            raise StructuredOutputRefusedError(msg, message)
        msg = f"The reply does not give {self.name!r}: {problem}."
        raise StructuredOutputError(msg, message)

    def _is_about(self, found: JSONObject) -> bool:
        """Whether an object in text can be the one asked for: it shares a key with the schema."""
        return not (self.known and found) or not found.keys().isdisjoint(self.known)

    def parse_partial(self, message: AIMessage) -> Any:
        """Return what `message` gives of the object so far, `None` when that is nothing."""
        found = next(
            (call["args"] for call in message.tool_calls if call["name"] == self.name),
            None,
        )
        if found is None:
            found = partial_object_in(str(message.text))
        if not found:
            return None
        try:
            return self._convert(found)
        except (ValidationError, ValidationErrorV1):
            return None

    def _convert(self, found: JSONObject) -> Any:
        if self.schema_type is None:
            return found
        if issubclass(self.schema_type, BaseModel):
            return self.schema_type.model_validate(found)
        return self.schema_type.parse_obj(found)

    def _transform(
        self,
        input: Iterator[str | BaseMessage],  # noqa: A002 - the framework's name
    ) -> Iterator[Any]:
        progress = _Progress(self)
        for chunk in input:
            yield from progress.decode(chunk)
        yield from progress.flush()

    async def _atransform(
        self,
        input: AsyncIterator[str | BaseMessage],  # noqa: A002 - the framework's name
    ) -> AsyncIterator[Any]:
        progress = _Progress(self)
        async for chunk in input:
            for parsed in progress.decode(chunk):
                yield parsed
        for parsed in progress.flush():
            yield parsed


class _Progress:
    """Give out each new state of the object once while chunks come, and at the end the object."""

    def __init__(self, parser: StructuredOutputParser) -> None:
        self._parser = parser
        self._chunks: list[Any] = []
        self._text: list[str] = []
        self._names: dict[Any, str] = {}
        self._arguments: dict[Any, list[str]] = {}
        self._length = 0
        self._growth = Growth()
        self._last: Any = None

    def decode(self, chunk: str | BaseMessage) -> list[Any]:
        if isinstance(chunk, str):
            chunk = AIMessageChunk(content=chunk)
        self._chunks.append(chunk)
        if not isinstance(chunk, AIMessageChunk):
            return self._new(self._parser.parse_partial(cast("AIMessage", chunk)))
        self._take(chunk)
        if not self._growth.is_due(self._length):
            return []
        return self._new(self._parser.parse_partial(self._so_far()))

    def flush(self) -> list[Any]:
        if not self._chunks:
            return []
        first, *rest = self._chunks
        return self._new(self._parser.parse_message(first + rest if rest else first))

    def _take(self, chunk: AIMessageChunk) -> None:
        text = str(chunk.text)
        self._text.append(text)
        self._length += len(text)
        for number, piece in enumerate(chunk.tool_call_chunks):
            # Pieces without index are whole calls.
            index = piece["index"]
            key = (len(self._chunks), number) if index is None else index
            arguments = piece["args"] or ""
            self._names[key] = self._names.get(key) or piece["name"] or ""
            self._arguments.setdefault(key, []).append(arguments)
            self._length += len(arguments)

    def _so_far(self) -> AIMessage:
        """Return what came as a message; adding the chunks up parses the whole at each of them."""
        calls = [
            tool_call(name=self._names[key], args=arguments, id=None)
            for key, pieces in self._arguments.items()
            if (arguments := parse_partial_object("".join(pieces))) is not None
        ]
        return AIMessage("".join(self._text), tool_calls=calls)

    def _new(self, parsed: Any) -> list[Any]:
        if parsed is None or parsed == self._last:
            return []
        self._last = parsed
        return [parsed]
