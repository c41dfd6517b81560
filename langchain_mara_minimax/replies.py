"""Convert the core's replies, whole and streamed, into LangChain's messages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from langchain_core.messages import AIMessage, AIMessageChunk, InvalidToolCall
from langchain_core.messages.ai import InputTokenDetails, OutputTokenDetails, UsageMetadata
from langchain_core.messages.tool import (
    ToolCall,
    ToolCallChunk,
    invalid_tool_call,
    tool_call,
    tool_call_chunk,
)
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.utils.json import parse_partial_json

from langchain_mara_minimax.messages import (
    BLOCK_ORDER,
    REASONING_DETAILS,
    REASONING_RECORD,
    REASONING_TEXT,
)
from mara_minimax.types import Delta, JSONObject, Reply, ToolCallDelta, Usage

_SHARED = ("model_name", "token_usage")
_COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens")
_BAD_ARGUMENTS = "The arguments are not one complete JSON object."


def from_reply(reply: Reply, *, provider: str, model: str) -> AIMessage:
    """Return the message that LangChain shows for a whole reply."""
    kwargs = _reasoning_kwargs(reply)
    if reply.reasoning and reply.reasoning.text:
        kwargs[REASONING_TEXT] = reply.reasoning.text
    valid: list[ToolCall] = []
    invalid: list[InvalidToolCall] = []
    for call in reply.tool_calls:
        arguments = call.parsed_arguments()
        if arguments is not None and call.name:
            valid.append(tool_call(name=call.name, args=arguments, id=call.id))
        else:
            error = "The call has no name." if arguments is not None else _BAD_ARGUMENTS
            invalid.append(
                invalid_tool_call(name=call.name, args=call.arguments, id=call.id, error=error)
            )
    return AIMessage(
        content=reply.text,
        additional_kwargs=kwargs,
        tool_calls=valid,
        invalid_tool_calls=invalid,
        usage_metadata=to_usage_metadata(reply.usage),
        response_metadata=to_response_metadata(reply, provider=provider, model=model),
    )


class ChunkBuilder:
    """Turn the deltas of one stream into chunks that merge into the message of `from_reply`.

    Merging chunks joins strings, adds integers and fails on booleans, so whatever is said
    once stands on the last chunk alone, which carries no content. `model_provider` is on all
    of them: `content_blocks` of every chunk needs it, and equal providers merge into one.
    """

    def __init__(self, *, provider: str, model: str) -> None:
        """`model` is the one asked for, in case that the provider names none."""
        self._provider = provider
        self._model = model
        self._order = _Order()

    def from_delta(self, delta: Delta) -> Iterator[AIMessageChunk]:
        """Yield the chunks of one delta: its content, then on the last delta all the rest."""
        calls = _tool_call_chunks(delta)
        if delta.text or delta.reasoning or calls:
            self._order.add(delta, calls)
            yield AIMessageChunk(
                content=delta.text,
                additional_kwargs={REASONING_TEXT: delta.reasoning} if delta.reasoning else {},
                tool_call_chunks=calls,
                response_metadata={"model_provider": self._provider},
                **self._order.numbers(),
            )
        if delta.reply is not None:
            yield self._last_chunk(delta.reply)

    def _last_chunk(self, reply: Reply) -> AIMessageChunk:
        # Reasoning that ends in a closing tag alone is told from text only at the end, when
        # it has already been streamed as text. It then stays there, and is sent back there.
        told_late = reply.reasoning and reply.reasoning.text and not self._order.reasoned
        kwargs = {} if told_late else _reasoning_kwargs(reply)
        return AIMessageChunk(
            content="",
            additional_kwargs={**kwargs, **self._order.to_kwargs(reply)},
            usage_metadata=to_usage_metadata(reply.usage),
            response_metadata=to_response_metadata(
                reply, provider=self._provider, model=self._model
            ),
            chunk_position="last",
        )


class _Order:
    """In which order the kinds of content came.

    Merged chunks hold one text, one reasoning and the calls. Where a model thinks again after
    it spoke, the order is lost unless it is said: while streaming by the number of the block
    that a chunk belongs to, at the end by a list of all blocks.
    """

    def __init__(self) -> None:
        self._parts: list[list[Any]] = []
        self._calls: set[int | str | None] = set()

    @property
    def reasoned(self) -> bool:
        return any(kind == "reasoning" for kind, _ in self._parts)

    def add(self, delta: Delta, calls: Sequence[ToolCallChunk]) -> None:
        for kind, text in (("reasoning", delta.reasoning), ("text", delta.text)):
            if text:
                self._part(kind, blank=not text.strip())[1] += len(text)
        for call in calls:
            if call["index"] not in self._calls:
                self._calls.add(call["index"])
                self._parts.append(["tool_call", call["index"]])

    def _part(self, kind: str, *, blank: bool) -> list[Any]:
        """Return the part that the next piece of `kind` belongs to.

        White space speaks for no new thought: it belongs to the last part of its kind, or to
        one before the calls, since MiniMax's streams give it after them.
        """
        known = [part for part in self._parts if part[0] == kind]
        if known and (blank or self._parts[-1] is known[-1]):
            return known[-1]
        kinds = [part[0] for part in self._parts]
        place = kinds.index("tool_call") if blank and "tool_call" in kinds else len(kinds)
        self._parts.insert(place, [kind, 0])
        return self._parts[place]

    def numbers(self) -> dict[str, Any]:
        """Return the attribute by which `blocks.py` numbers a chunk; none for first blocks."""
        kinds = [kind for kind, _ in self._parts]
        numbers = {kind: kinds.count(kind) - 1 for kind in ("reasoning", "text")}
        return {"block_numbers": numbers} if max(numbers.values()) > 0 else {}

    def to_kwargs(self, reply: Reply) -> JSONObject:
        """Return the order of all blocks, unless it is reasoning, text, calls."""
        kinds = [kind for kind, _ in self._parts]
        usual = sorted(kinds, key=("reasoning", "text", "tool_call").index)
        if kinds == usual and max(kinds.count("reasoning"), kinds.count("text")) <= 1:
            return {}
        ids = {call.index: call.id for call in reply.tool_calls}
        return {
            BLOCK_ORDER: [
                [kind, ids.get(value) if kind == "tool_call" else value]
                for kind, value in self._parts
            ]
        }


def _tool_call_chunks(delta: Delta) -> list[ToolCallChunk]:
    """Return the pieces of calls in `delta`, one for each call; a chunk must not hold two."""
    chunks: dict[int, ToolCallChunk] = {}
    for piece in (*delta.tool_calls, *_breakers(delta.reply)):
        chunk = chunks.setdefault(
            piece.index, tool_call_chunk(name=None, args="", id=None, index=piece.index)
        )
        chunk["name"] = chunk["name"] or piece.name
        chunk["id"] = chunk["id"] or piece.id
        chunk["args"] = f"{chunk['args']}{piece.arguments}"
    return list(chunks.values())


def _breakers(reply: Reply | None) -> list[ToolCallDelta]:
    """Return a piece for each bad call of the finished `reply` that keeps it from being run.

    `AIMessageChunk` reads arguments as unfinished JSON and completes them, so a call that was
    cut off (`{"path": "/tm`) would be run with wrong arguments. It has no field that says
    "invalid"; only arguments that no completion can mend have that effect. A closing bracket
    of the wrong kind is the shortest such ending. It follows the provider's own text in
    `args` of the invalid call; a call that was not streamed has that text alone.
    """
    if reply is None:
        return []
    return [
        ToolCallDelta(call.index, None, None, _breaker(call.arguments))
        for call in reply.tool_calls
        if call.parsed_arguments() is None or not call.name
    ]


def _breaker(arguments: str) -> str:
    # Outside a string, inside one, and inside one after a backslash; within `{` and `[`.
    endings = ("", "]", "}", '"]', '"}', ' "]', ' "}')
    return next((ending for ending in endings if _is_refused(arguments + ending)), "")


def _is_refused(arguments: str) -> bool:
    """Whether neither LangChain's lenient parser nor its strict one reads `arguments`."""
    if not arguments:
        return False  # LangChain takes nothing for a call without arguments.
    try:
        if isinstance(parse_partial_json(arguments), dict):
            return False
        json.loads(arguments)
    except (ValueError, RecursionError):
        return True
    return False


def _reasoning_kwargs(reply: Reply) -> JSONObject:
    """Return the parts of the reasoning that are said once, also in a stream."""
    if reply.reasoning is None:
        return {}
    kwargs: JSONObject = {REASONING_RECORD: reply.reasoning.to_record()}
    if reply.reasoning.details:
        kwargs[REASONING_DETAILS] = reply.reasoning.details
    return kwargs


def to_response_metadata(reply: Reply, *, provider: str, model: str) -> JSONObject:
    """Return what the provider said about the reply; `model` stands in for an unnamed one."""
    metadata: JSONObject = {
        **reply.metadata,
        "model_provider": provider,
        "model_name": reply.model or model,
        "finish_reason": reply.finish_reason,
    }
    if reply.id:
        metadata["id"] = reply.id
    if reply.usage:
        metadata["token_usage"] = reply.usage.raw
    return metadata


def to_usage_metadata(usage: Usage | None) -> UsageMetadata | None:
    """Return the token counts; details that the provider did not give are absent."""
    if usage is None:
        return None
    counts = UsageMetadata(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        total_tokens=usage.total_tokens,
    )
    details = InputTokenDetails()
    if usage.cache_read_tokens is not None:
        details["cache_read"] = usage.cache_read_tokens
    if usage.cache_creation_tokens is not None:
        details["cache_creation"] = usage.cache_creation_tokens
    if details:
        counts["input_token_details"] = details
    if usage.reasoning_tokens is not None:
        counts["output_token_details"] = OutputTokenDetails(reasoning=usage.reasoning_tokens)
    return counts


def to_result(message: AIMessage) -> ChatResult:
    """Return `message` as LangChain's result of a call."""
    metadata = message.response_metadata
    info = {"finish_reason": metadata["finish_reason"]}
    # LangChain merges these into `response_metadata`, so they repeat what stands there.
    shared = {name: metadata[name] for name in _SHARED if name in metadata}
    generation = ChatGeneration(message=message, generation_info=info)
    return ChatResult(generations=[generation], llm_output=shared)


def to_generation_chunk(message: AIMessageChunk) -> ChatGenerationChunk:
    """Return `message` as LangChain's piece of a streamed result."""
    finish_reason = message.response_metadata.get("finish_reason")
    info = {"finish_reason": finish_reason} if finish_reason else None
    return ChatGenerationChunk(message=message, generation_info=info)


def combine_outputs(outputs: Sequence[JSONObject]) -> JSONObject:
    """Return what several results have in common: their model, and their token counts added up.

    The provider's rates and times are left out, since they cannot be added.
    """
    combined = {"model_name": outputs[0]["model_name"]} if outputs else {}
    usages = [output["token_usage"] for output in outputs if "token_usage" in output]
    if usages:
        combined["token_usage"] = {
            name: sum(usage.get(name) or 0 for usage in usages) for name in _COUNTS
        }
    return combined
