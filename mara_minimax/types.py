"""Values that leave the core: what a reply and the pieces of a stream are made of.

Wire messages stay plain OpenAI-style dicts; only decoded things have types.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

from mara_minimax.json_text import parse_object

JSONObject = dict[str, Any]

ReasoningTextField = Literal["reasoning_content", "reasoning"]
"""Fields of a message or delta that hold reasoning as text."""
ReasoningForm = Literal["reasoning_details", ReasoningTextField, "inline"]
"""Where on the wire reasoning stands; `inline` is `<think>…</think>` inside `content`."""
REASONING_TEXT_FIELDS: Final[tuple[ReasoningTextField, ...]] = get_args(ReasoningTextField)
REASONING_FIELDS: Final[tuple[ReasoningForm, ...]] = ("reasoning_details", *REASONING_TEXT_FIELDS)
"""Fields that are read in plain and streamed replies, sent back, and looked for by the doctor."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts of one reply; `None` means that the provider did not say."""

    input_tokens: int
    output_tokens: int
    total_tokens: int
    cache_read_tokens: int | None = None
    """Part of `input_tokens` that was read from the provider's prompt cache."""
    cache_creation_tokens: int | None = None
    """Part of `input_tokens` that was written to the provider's prompt cache."""
    reasoning_tokens: int | None = None
    """Part of `output_tokens` that was spent on reasoning."""
    raw: JSONObject = field(default_factory=dict)
    """The provider's `usage` object, verbatim, timing figures included."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call that the model asks for."""

    index: int
    id: str
    """Never empty, unique within the reply."""
    name: str
    arguments: str
    """Raw text as the provider sent it; `""` from the wire becomes `"{}"` in a finished reply."""
    is_cut: bool = False
    """Whether the output ended at a limit within this call, so that its arguments are a part."""

    def parsed_arguments(self) -> JSONObject | None:
        """Return the arguments as a dict, or `None` when they are not one complete JSON object."""
        return None if self.is_cut else parse_object(self.arguments)


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """A piece of a tool call; `id` and `name` are given exactly once per call."""

    index: int
    id: str | None
    name: str | None
    arguments: str


@dataclass(frozen=True, slots=True)
class Reasoning:
    """The reasoning of one reply, with all that is needed to send it back byte for byte."""

    text: str
    """What a person reads: no tags, no stray closers."""
    form: ReasoningForm
    provider: str = ""
    """Name of the provider it came from."""
    family: str = ""
    """Family of the model that wrote it; only the same family gets it back."""
    details: list[JSONObject] | None = None
    """The `reasoning_details` list, verbatim."""
    prefix: str = ""
    """Wire bytes before `text`: for `inline` the opening tag with its white space."""
    suffix: str = ""
    """Wire bytes after `text`: closing tag and white space, or a stray closer."""
    channel: str | None = None
    """`channel` of SambaNova's `reasoning` field."""

    @property
    def wire_text(self) -> str:
        """The text as it stood on the wire."""
        return f"{self.prefix}{self.text}{self.suffix}"

    def to_record(self) -> JSONObject:
        """Return a small JSON-plain dict that, with `text` and `details`, restores this value."""
        record: JSONObject = {
            "form": self.form,
            "provider": self.provider,
            "family": self.family,
        }
        for name in ("prefix", "suffix", "channel"):
            if value := getattr(self, name):
                record[name] = value
        return record


@dataclass(frozen=True, slots=True)
class Reply:
    """One decoded answer, equal for a plain reply and for any stream of it."""

    text: str
    """The answer, free of reasoning; `""` when there is none."""
    reasoning: Reasoning | None
    tool_calls: tuple[ToolCall, ...]
    finish_reason: str
    """`stop`, `length`, `tool_calls`, `content_filter`, or the provider's own word."""
    usage: Usage | None
    id: str | None = None
    model: str | None = None
    """The model that answered, which can differ from the one asked for."""
    metadata: JSONObject = field(default_factory=dict)
    """Everything else that the provider sent, each value once: `created`, flags, tier, …"""
    ignores_tool_choice: bool = False
    """Whether the request forced a tool call and the reply has none."""
    leaks_tool_calls: bool = False
    """Whether the text holds markup of tool calls, although tools were offered."""
    refusal: str | None = None
    """Why there is no (whole) answer, where that is on purpose: the model's own words, or what
    a filter of the provider found."""


@dataclass(slots=True)
class Delta:
    """What one chunk of a stream adds; within a chunk reasoning precedes text."""

    text: str = ""
    reasoning: str = ""
    tool_calls: tuple[ToolCallDelta, ...] = ()
    reply: Reply | None = None
    """The whole reply, on the last delta of a stream and on no other."""
