"""Arguments of other integrations' constructors, and what becomes of each here: one table.

No field is made for them. What a provider reads is sent with every call, through `extra_body`;
the rest is left out with a warning, or refused with what to pass instead. `None` and the value
that the other class has by default mean nothing.

Read from langchain-openai 1.7.4, langchain-deepseek 1.1.1, langchain-community 0.4.1,
llama-index-llms-openai-like 0.8.1 and llama-index-llms-minimax 0.2.1 (2026-11).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import mara_minimax
from mara_minimax.encoded_request import RequestWarning
from mara_minimax.request.names import ALIASES
from mara_minimax.types import JSONObject


@dataclass(frozen=True, slots=True)
class ForeignName:
    """What becomes of one argument."""

    name: str
    action: Literal["sent", "dropped", "refused"]
    advice: str = ""
    """Why it is dropped, or what to pass instead."""
    silent: tuple[Any, ...] = ()
    """Values besides `None` that mean nothing."""


_HTTP = "Pass http_client=… and http_async_client=…, HTTP clients of your own."
_GROUP = "Chat completions take no group id."
_RESPONSES = "It belongs to OpenAI's Responses API, and these providers serve chat completions."

_ROWS: Final = (
    ForeignName("n", "sent", silent=(1,)),
    ForeignName("seed", "sent"),
    ForeignName("presence_penalty", "sent", silent=(0,)),
    ForeignName("frequency_penalty", "sent", silent=(0,)),
    ForeignName("logit_bias", "sent", silent=({},)),
    ForeignName("logprobs", "sent", silent=(False,)),
    ForeignName("top_logprobs", "sent", silent=(0,)),
    ForeignName("user", "sent"),
    ForeignName("store", "sent", silent=(False,)),
    ForeignName("service_tier", "sent"),
    ForeignName("verbosity", "dropped", "No provider documents it."),
    ForeignName("modalities", "dropped", "These providers answer in text.", silent=(["text"],)),
    ForeignName("audio_config", "dropped", "These providers answer in text."),
    ForeignName("disabled_params", "dropped", "Nothing is sent that is not set.", silent=({},)),
    ForeignName("organization", "dropped", "It is OpenAI's."),
    ForeignName("openai_organization", "dropped", "It is OpenAI's."),
    ForeignName("api_version", "dropped", "It is Azure's.", silent=("",)),
    ForeignName("group_id", "dropped", _GROUP),
    ForeignName("minimax_group_id", "dropped", _GROUP),
    ForeignName(
        "tiktoken_model_name",
        "dropped",
        "Tokens are estimated without a tokenizer; custom_get_token_ids=… replaces that.",
    ),
    ForeignName("tokenizer", "dropped", "Tokens are estimated without a tokenizer."),
    ForeignName(
        "http_socket_options", "dropped", "http_client=… takes a client with such options."
    ),
    ForeignName("stream_chunk_timeout", "dropped", "timeout=… limits the silence between chunks."),
    ForeignName("is_chat_model", "dropped", silent=(True, False)),
    ForeignName(
        "should_use_structured_outputs",
        "dropped",
        "Structured programs call a function.",
        silent=(False,),
    ),
    ForeignName(
        "strict", "dropped", "Pass it where the tools or the schema are given.", silent=(False,)
    ),
    ForeignName("reuse_client", "dropped", "All instances share connections.", silent=(True,)),
    ForeignName("use_previous_response_id", "dropped", _RESPONSES, silent=(False,)),
    ForeignName("include", "dropped", _RESPONSES),
    ForeignName("truncation", "dropped", _RESPONSES),
    ForeignName("context_management", "dropped", _RESPONSES),
    ForeignName("prompt_cache_options", "dropped", _RESPONSES),
    ForeignName("use_responses_api", "refused", _RESPONSES, silent=(False,)),
    ForeignName("reasoning", "refused", "Pass reasoning_effort=…."),
    ForeignName("openai_api_key", "refused", "Pass api_key=…."),
    ForeignName("openai_api_base", "refused", "Pass base_url=…."),
    ForeignName("minimax_api_host", "refused", "Pass base_url=…, which ends in /v1."),
    ForeignName("openai_proxy", "refused", _HTTP, silent=("",)),
    ForeignName("default_query", "refused", _HTTP, silent=({},)),
    ForeignName("client", "refused", _HTTP),
    ForeignName("async_client", "refused", _HTTP),
    ForeignName("root_client", "refused", _HTTP),
    ForeignName("root_async_client", "refused", _HTTP),
    ForeignName("openai_client", "refused", _HTTP),
    ForeignName("async_openai_client", "refused", _HTTP),
)

FOREIGN_NAMES: Final[Mapping[str, ForeignName]] = {row.name: row for row in _ROWS}
"""By name; a class that has a field of the same name keeps it."""
MODEL_KWARGS: Final = "model_kwargs"
"""The dict in which LangChain's classes take parameters of every call."""


def spread_model_kwargs(values: Mapping[str, Any], known: Collection[str]) -> JSONObject:
    """Return constructor arguments with those in `model_kwargs` beside the others.

    What no argument is called goes into `extra_body`. Raises `ParameterError` for anything but a
    mapping, and for an argument that is given in both places.
    """
    spread = dict(values)
    inner = spread.pop(MODEL_KWARGS, None)
    if inner is None:
        return spread
    if not isinstance(inner, Mapping):
        raise mara_minimax.errors.ParameterError(
            f"{MODEL_KWARGS} has to be a dict of parameters, not {type(inner).__name__}."
        )
    for name, value in inner.items():
        if spread.get(name) is not None:
            raise mara_minimax.errors.ParameterError(
                f"{name!r} is given as an argument and in {MODEL_KWARGS}: pass only one of them."
            )
        if name in known or name in FOREIGN_NAMES:
            spread[name] = value
        else:
            spread["extra_body"] = {**(spread.get("extra_body") or {}), name: value}
    return spread


def split_foreign(
    values: Mapping[str, Any], known: Collection[str], title: str
) -> tuple[JSONObject, JSONObject, tuple[RequestWarning, ...]]:
    """Return the arguments that the class `title` knows, those to send, and warnings of the rest.

    Raises `ParameterError` for an argument that is refused.
    """
    own: JSONObject = {}
    sent: JSONObject = {}
    warnings: list[RequestWarning] = []
    for name, value in values.items():
        row = FOREIGN_NAMES.get(name)
        if row is None or name in known or name in ALIASES:
            own[name] = value
        elif value is None or value in row.silent:
            continue
        elif row.action == "refused":
            raise mara_minimax.errors.ParameterError(f"{title} takes no {name}. {row.advice}")
        elif row.action == "sent":
            sent[name] = value
        else:
            text = f"{title}: {name} is left out. {row.advice}"
            warnings.append(RequestWarning(text, cause=(title, name)))
    return own, sent, tuple(warnings)
