"""Build a request: parameters and wire messages in, the body that is posted out. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import mara_minimax
from mara_minimax.encoded_request import EncodedRequest, ForcedTools, ModelWarning, RequestWarning
from mara_minimax.json_text import MAX_DEPTH
from mara_minimax.providers.endpoints import Provider
from mara_minimax.providers.models import ModelProfile, find_profile
from mara_minimax.request.cache_marks import drop_cache_marks
from mara_minimax.request.forced_tools import (
    IGNORED_TOOL_CHOICE,
    ask_in_words,
    force_tools,
    refuse_ignored_choice,
)
from mara_minimax.request.history import fill_empty_content, repair_history
from mara_minimax.request.media import check_media
from mara_minimax.request.names import merge_parameters, unknown_argument
from mara_minimax.request.parameters import ParameterPolicy, apply_parameter_rules, drop_ignored
from mara_minimax.request.replay import place_reasoning
from mara_minimax.request.tool_results import replace_unsendable
from mara_minimax.request.tools import (
    chosen_name,
    encode_tool_choice,
    encode_tool_name,
    encode_tools,
    offer_allowed,
)
from mara_minimax.request.values import check_values, to_stop_sequences
from mara_minimax.types import JSONObject, Reasoning

CALL_OPTIONS = frozenset({"extra_body", "extra_headers", "timeout", "tools_without_code"})
"""Call arguments that control the request and are not fields of its body.

`tools_without_code` names the tools that only describe an object and run no code. The adapters
know which those are, because they see the framework's tools.
"""

KNOWN_PARAMETERS = frozenset(
    {
        "model", "temperature", "top_p", "max_tokens", "max_completion_tokens", "stop", "n",
        "seed", "presence_penalty", "frequency_penalty", "logit_bias", "logprobs",
        "top_logprobs", "user", "response_format", "tools", "tool_choice",
        "parallel_tool_calls", "functions", "function_call", "stream_options", "service_tier",
        "reasoning_effort", "reasoning_split", "thinking", "top_k", "do_sample",
        "chat_template_kwargs", "metadata", "store",
    }
)  # fmt: skip
"""Body parameters that a call may name; others go through `extra_body`."""


def encode_request(
    messages: Sequence[Mapping[str, Any]],
    parameters: Mapping[str, Any],
    *,
    provider: Provider,
    settings: Mapping[str, Any] | None = None,
    policy: ParameterPolicy = "adjust",
    stream: bool = False,
    replay_reasoning: bool = True,
    starts_in_reasoning: bool | None = None,
    own_host: bool = False,
    profile: ModelProfile | None = None,
) -> EncodedRequest:
    """Return the request for wire `messages` and the `parameters` of a call.

    `settings` apply where the call says nothing; one of the two has to name the `model`. `None`
    values are not sent. `starts_in_reasoning` says whether content begins inside reasoning;
    `None` leaves that to the model's profile. `own_host` says that the request goes to a
    provider's own host, whose replies are known, and not to a self-hosted server. `profile`
    holds the facts about the model; `None` looks them up in the table.

    Raises `UnknownArgumentError`, `ParameterError`, `UnsupportedInputError` or
    `IgnoredToolChoiceError` before anything is sent.
    """
    given = _merge_settings(settings or {}, parameters)
    model = given["model"]
    profile = profile or find_profile(provider.name, model)
    options = {name: given.pop(name) for name in CALL_OPTIONS & given.keys()}
    json_answer, tool_names = _asks_for_json(given), _renamed_tools(given)
    given, warnings = apply_parameter_rules(given, provider, model, policy)
    warnings += _announce_retirement(provider, profile, model)
    enforced = profile.enforces_tool_choice or policy == "pass"
    without_code = options.get("tools_without_code") or ()
    tools = encode_tools(given.pop("tools", None) or (), provider)
    functions = (tool["function"] for tool in tools)
    warnings += drop_ignored(functions, "strict", provider, model, policy)
    forced = _encode_tool_parameters(given, tools, enforced=enforced, without_code=without_code)
    if forced is not None:
        refuse_ignored_choice(messages, forced, provider)
    _encode_stream_options(given, provider, stream=stream)
    if not provider.accepts_reasoning_split:
        given.pop("reasoning_split", None)
    if given.get("response_format") == {"type": "text"}:
        # Means the default, and SambaNova's schema says not to send it.
        del given["response_format"]
    _check_messages(messages)
    judge = policy != "pass"
    sendable, replaced = replace_unsendable(messages, provider, profile, model, judge=judge)
    wire_messages, changes = _encode_messages(
        sendable, provider, profile, replay_reasoning=replay_reasoning
    )
    in_parts = [message for message in wire_messages if isinstance(message.get("content"), list)]
    warnings += drop_cache_marks(in_parts, provider, model, policy)
    if policy != "pass":
        check_media(in_parts, provider, profile, model)
    if forced is not None and not enforced:
        wire_messages = ask_in_words(wire_messages, forced)
    body = {"model": given.pop("model"), "messages": wire_messages, **given}
    merge_deeply(body, options.get("extra_body") or {})
    stop = _encode_stop(body)
    if starts_in_reasoning is None:
        starts_in_reasoning = profile.closes_reasoning_only and _thinking_enabled(body)
    return EncodedRequest(
        body=body,
        provider=provider,
        profile=profile,
        stream=stream,
        stop=stop,
        starts_in_reasoning=starts_in_reasoning,
        closer_ends_reasoning=profile.closes_reasoning_only or not own_host,
        headers=options.get("extra_headers"),
        timeout=options.get("timeout"),
        changes=changes,
        warnings=warnings + replaced,
        forced=forced,
        json_answer=json_answer,
        tool_names=tool_names,
    )


def _asks_for_json(given: Mapping[str, Any]) -> bool:
    response_format = given.get("response_format")
    kind = response_format.get("type") if isinstance(response_format, Mapping) else None
    return kind in ("json_object", "json_schema")


def _renamed_tools(given: Mapping[str, Any]) -> dict[str, str]:
    """Return the names of tools as given by those that are sent, where the two differ."""
    tools = given.get("tools")
    names = [chosen_name(tool) for tool in tools] if isinstance(tools, Sequence) else []
    return {encode_tool_name(n): n for n in names if n is not None and n != encode_tool_name(n)}


def _merge_settings(settings: Mapping[str, Any], parameters: Mapping[str, Any]) -> JSONObject:
    """Return what is set, the parameters of a call first; raise for what cannot be sent."""
    check_values({"extra_body": settings.get("extra_body"), **parameters})
    given = merge_parameters(settings, parameters)
    extra_body: JSONObject = dict(settings.get("extra_body") or {})
    merge_deeply(extra_body, parameters.get("extra_body") or {})
    given["extra_body"] = extra_body or None
    given = {name: value for name, value in given.items() if value is not None}
    _refuse_unknown(given)
    check_values(given)
    return given


def merge_deeply(target: JSONObject, source: Mapping[str, Any], depth: int = 0) -> None:
    """Merge `source` into `target` in place; objects are merged, other values replaced."""
    if depth > MAX_DEPTH:
        raise mara_minimax.errors.ParameterError(
            f"extra_body is nested deeper than {MAX_DEPTH}, or stands inside itself."
        )
    for name, value in source.items():
        known = target.get(name)
        if isinstance(known, Mapping) and isinstance(value, Mapping):
            merged = dict(known)
            merge_deeply(merged, value, depth + 1)
            target[name] = merged
        else:
            target[name] = value


def _refuse_unknown(given: Mapping[str, Any]) -> None:
    for name in given.keys() - KNOWN_PARAMETERS - CALL_OPTIONS:
        known = sorted(KNOWN_PARAMETERS | CALL_OPTIONS)
        raise unknown_argument(name, known)


def _check_messages(messages: object) -> None:
    if isinstance(messages, str | Mapping) or not isinstance(messages, Iterable):
        raise mara_minimax.errors.UnsupportedInputError(
            f"Messages have to be a list of dicts, not {type(messages).__name__}."
        )


def _encode_messages(
    messages: Sequence[Mapping[str, Any]],
    provider: Provider,
    profile: ModelProfile,
    *,
    replay_reasoning: bool,
) -> tuple[list[JSONObject], tuple[str, ...]]:
    wire_messages, changes = repair_history(messages, profile)
    for message in wire_messages:
        message.pop(IGNORED_TOOL_CHOICE, None)
        if replay_reasoning:
            place_reasoning(message, provider, profile)
        elif isinstance(message.get("reasoning"), Reasoning):
            del message["reasoning"]
    return wire_messages, changes + fill_empty_content(wire_messages, provider)


def _announce_retirement(
    provider: Provider, profile: ModelProfile, model: str
) -> tuple[RequestWarning, ...]:
    if not profile.retirement_date:
        return ()
    text = (
        f"{provider.title}: {model!r} is announced to retire on {profile.retirement_date}, and "
        f"another model may answer under its name (source: {profile.retirement_source})."
    )
    return (RequestWarning(text, ("retirement", provider.title, model.lower()), ModelWarning),)


def _encode_stop(given: JSONObject) -> tuple[str, ...]:
    """Normalise `stop` to a list, in place; an empty one is not sent."""
    sequences = to_stop_sequences(given.pop("stop", None))
    if sequences:
        given["stop"] = sequences
    return tuple(sequences)


def _encode_tool_parameters(
    given: JSONObject, tools: list[JSONObject], *, enforced: bool, without_code: Collection[str]
) -> ForcedTools | None:
    """Put `tools` and their choice into the body, in place; return those that a call is forced of.

    Where a forced choice is not `enforced` it is not sent either, and only the tools that it
    allows are offered.
    """
    choice = encode_tool_choice(given.pop("tool_choice", None), tools)
    choice, tools = offer_allowed(choice, tools)
    if not tools:
        # Meaningless without tools, and refused by some servers.
        given.pop("parallel_tool_calls", None)
        return None
    forced = force_tools(choice, tools, enforced=enforced, without_code=without_code)
    if forced is not None and not enforced:
        given["tools"] = list(forced.tools)
        return forced
    given["tools"] = tools
    if choice is not None:
        given["tool_choice"] = choice
    return forced


def _encode_stream_options(given: JSONObject, provider: Provider, *, stream: bool) -> None:
    """Ask for usage on streams unless told otherwise; without a stream, send nothing."""
    options = dict(given.pop("stream_options", None) or {})
    if not stream:
        return
    given["stream"] = True
    if provider.accepts_stream_options and options.setdefault("include_usage", True):
        given["stream_options"] = options


def _thinking_enabled(body: Mapping[str, Any]) -> bool:
    template = body.get("chat_template_kwargs")
    if not isinstance(template, Mapping):
        return False
    return bool(template.get("enable_thinking") or template.get("thinking"))
