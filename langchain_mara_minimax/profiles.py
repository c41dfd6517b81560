"""Convert the core's model profiles into LangChain's."""

from __future__ import annotations

from langchain_core.language_models import ModelProfile

from mara_minimax.providers.models import ModelProfile as CoreProfile


def to_model_profile(name: str, profile: CoreProfile) -> ModelProfile:
    """Return what LangChain, its agents and its middleware ask about a model.

    `structured_output` and `tool_choice` say what the provider enforces, not what it accepts:
    an agent that trusts a form which is not enforced loops until its recursion limit.
    """
    images = "image" in profile.inputs
    converted = ModelProfile(
        name=name,
        max_input_tokens=profile.context_window,
        text_inputs=True,
        image_inputs=images,
        image_url_inputs=images,
        video_inputs="video" in profile.inputs,
        audio_inputs=False,
        pdf_inputs=False,
        text_outputs=True,
        image_outputs=False,
        audio_outputs=False,
        video_outputs=False,
        reasoning_output=profile.reasoning,
        tool_calling=profile.tool_calling,
        tool_choice=profile.enforces_tool_choice,
        structured_output=profile.enforces_json_schema,
    )
    if profile.max_output_tokens is not None:
        converted["max_output_tokens"] = profile.max_output_tokens
    return converted
