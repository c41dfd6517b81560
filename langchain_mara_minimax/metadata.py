"""What LangChain is told of a model: its profile, and what tells its answers apart in a cache."""

from __future__ import annotations

from collections.abc import Mapping

from langchain_core.language_models import ModelProfile

from mara_minimax.providers.models import ModelProfile as CoreProfile
from mara_minimax.secrets.headers import fingerprint
from mara_minimax.types import JSONObject


def to_model_profile(name: str, profile: CoreProfile) -> ModelProfile:
    """Return what LangChain, its agents and its middleware ask about a model.

    `structured_output` and `tool_choice` say what the provider enforces, not what it accepts:
    an agent that trusts a form which is not enforced loops until its recursion limit. Keys of
    inputs that no source tells of are absent.
    """
    converted = ModelProfile(
        name=name,
        max_input_tokens=profile.context_window,
        text_inputs=True,
        text_outputs=True,
        image_outputs=False,
        audio_outputs=False,
        video_outputs=False,
        reasoning_output=profile.reasoning,
        tool_calling=profile.tool_calling,
        tool_call_streaming=profile.tool_calling,
        tool_choice=profile.enforces_tool_choice,
        structured_output=profile.enforces_json_schema,
        temperature=True,
    )
    if profile.status:
        converted["status"] = profile.status
    if profile.release_date:
        converted["release_date"] = profile.release_date
    if profile.open_weights is not None:
        converted["open_weights"] = profile.open_weights
    if profile.reasoning_effort_levels:
        converted["reasoning_effort_levels"] = list(profile.reasoning_effort_levels)
    if profile.reasoning_effort_default:
        converted["reasoning_effort_default"] = profile.reasoning_effort_default
    taken = dict.fromkeys(profile.refused_inputs, False) | dict.fromkeys(profile.inputs, True)
    if (images := taken.get("image")) is not None:
        converted["image_inputs"] = images
        converted["image_url_inputs"] = images and profile.image_urls
    if (video := taken.get("video")) is not None:
        converted["video_inputs"] = video
    if (audio := taken.get("audio")) is not None:
        converted["audio_inputs"] = audio
    if (files := taken.get("file")) is not None:
        converted["pdf_inputs"] = files
    if profile.max_output_tokens is not None:
        converted["max_output_tokens"] = profile.max_output_tokens
    return converted


def without_header_values(parameters: JSONObject, default_headers: object) -> JSONObject:
    """Return the `parameters` of a call for a cache key: a fingerprint stands for all headers."""
    # Names of headers have no case: one of the call replaces the model's own.
    headers = {
        name.lower(): value
        for given in (default_headers, parameters.get("extra_headers"))
        if isinstance(given, Mapping)
        for name, value in given.items()
    }
    return {**parameters, "extra_headers": fingerprint(headers)} if headers else parameters
