"""What a user says of a model, in LangChain's keys, merged over the table.

The keys are those of `langchain_core.language_models.ModelProfile` (1.7 and 1.8, 2026-11) and
mean the same in both frameworks. Those that no request depends on are taken and change nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import mara_minimax
from mara_minimax.providers.models import ModelProfile

_FIELDS: Final = {
    "max_input_tokens": "context_window",
    "max_output_tokens": "max_output_tokens",
    "image_url_inputs": "image_urls",
    "reasoning_output": "reasoning",
    "tool_calling": "tool_calling",
    "tool_choice": "enforces_tool_choice",
    "structured_output": "enforces_json_schema",
}
"""Keys, and the field of `ModelProfile` that each one replaces."""

_INPUTS: Final = {
    "image_inputs": "image",
    "video_inputs": "video",
    "audio_inputs": "audio",
    "pdf_inputs": "file",
}
"""Keys, and the input that each one allows or refuses."""

_OTHERS: Final = {
    "name", "status", "release_date", "last_updated", "open_weights", "text_inputs",
    "image_tool_message", "pdf_tool_message", "reasoning_effort_levels",
    "reasoning_effort_default", "text_outputs", "image_outputs", "audio_outputs",
    "video_outputs", "tool_call_streaming", "mid_conversation_system_messages",
    "mid_conversation_tools", "attachment", "temperature",
}  # fmt: skip

PROFILE_KEYS: Final = frozenset(_FIELDS.keys() | _INPUTS.keys() | _OTHERS)


class ShownProfile(dict[str, Any]):
    """All that is known of a model, in place of what was given, which it keeps."""

    def __init__(self, known: Mapping[str, Any], given: Mapping[str, Any]) -> None:
        """Show `known`, and `given` over it."""
        super().__init__({**known, **given})
        self.given = dict(given)

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles keep both."""
        return type(self), (dict(self), self.given)


def given_keys(profile: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return what a user gave of a `profile` that may be a `ShownProfile`."""
    given: Mapping[str, Any] = getattr(profile, "given", profile) or {}
    return given


def merge_profile(profile: ModelProfile, given: Mapping[str, Any]) -> ModelProfile:
    """Return `profile` with what the user says, which wins; `None` and other keys say nothing."""
    said = {key: value for key, value in given.items() if value is not None}
    fields: dict[str, Any] = {_FIELDS[key]: said[key] for key in said if key in _FIELDS}
    inputs = {_INPUTS[key]: said[key] for key in said if key in _INPUTS}
    if inputs:
        fields["inputs"] = _with(profile.inputs, {n for n, yes in inputs.items() if yes}, inputs)
        fields["refused_inputs"] = _with(
            profile.refused_inputs, {n for n, yes in inputs.items() if not yes}, inputs
        )
    return replace(profile, **fields)


def check_profile(given: Mapping[str, Any]) -> None:
    """Raise `ParameterError` for a value of another type than its key has."""
    for key, value in given.items():
        is_count = key in ("max_input_tokens", "max_output_tokens")
        if value is None or not (is_count or key in _FIELDS or key in _INPUTS):
            continue
        if isinstance(value, bool) is is_count or not isinstance(value, int) or value < is_count:
            wanted = "a number of tokens" if is_count else "True or False"
            raise mara_minimax.errors.ParameterError(
                f"profile[{key!r}] has to be {wanted}, not {value!r}."
            )


def _with(known: tuple[str, ...], added: set[str], said: Mapping[str, bool]) -> tuple[str, ...]:
    kept = [name for name in known if name not in said]
    return (*kept, *sorted(added))
