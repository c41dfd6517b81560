"""What MARA refuses, with the codes of its error page and the limits of SambaNova's OpenAPI.

https://mara-cloud-docs-one.vercel.app/platform/error-codes and SambaNova's OpenAPI 1.2.0 (2026).
MARA ignores `logprobs`, `top_logprobs`, `n`, penalties, `logit_bias` and `seed`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from mara_minimax.emulator.checks.validation import (
    Candidate,
    Rule,
    between,
    is_integer,
    is_number,
    messages_are_objects,
    parameters,
)
from mara_minimax.emulator.types.body import prompt_tokens
from mara_minimax.emulator.types.refusal import Refusal, bad_request

_ROLES = frozenset({"system", "assistant", "user", "function", "tool", "developer"})
_TOOL_NAME = re.compile(r"[A-Za-z0-9_-]+")
_MOST_TOOLS = 128


def _messages_present(candidate: Candidate) -> Refusal | None:
    if "messages" not in candidate.body:
        return missing_property("messages")
    messages = candidate.body["messages"]
    if not messages_are_objects(messages):
        return bad_request("invalid_type", "messages must be an array of objects.", "messages")
    if not messages:
        return bad_request("array_below_min_length", "messages must not be empty.", "messages")
    return None


def _roles(candidate: Candidate) -> Refusal | None:
    for index, message in enumerate(candidate.messages):
        if message.get("role") not in _ROLES:
            allowed = ", ".join(sorted(_ROLES))
            text = f"{message.get('role')!r} is not one of the roles {allowed}."
            return bad_request("invalid_value", text, f"messages[{index}].role")
    return None


def _content(candidate: Candidate) -> Refusal | None:
    """User and tool content must not be null, and tool content is text; assistant's may be null."""
    for index, message in enumerate(candidate.messages):
        place = f"messages[{index}].content"
        if message["role"] != "assistant" and message.get("content") is None:
            return bad_request("invalid_type", f"{place} must not be null.", place)
        content = message.get("content")
        for part in content if isinstance(content, list) else []:
            if not isinstance(part, dict) or part.get("type") == "text":
                continue
            if message["role"] == "tool":
                return bad_request("invalid_value", "Tool messages hold text parts alone.", place)
            if part.get("type") == "image_url":
                refusal = _image(part, candidate, place)
                if refusal is not None:
                    return refusal
    return None


def _image(part: dict[str, object], candidate: Candidate, place: str) -> Refusal | None:
    source = part.get("image_url")
    url = source.get("url") if isinstance(source, dict) else source
    if not re.match(r"data:image/[\w.+-]+;base64,", str(url)):
        return bad_request("invalid_value", "image_url must hold base64 data.", place)
    if not candidate.model.images:
        text = f"The model {candidate.model.id} does not take images."
        return bad_request("invalid_value", text, place)
    return None


def _out_of_range(name: str, value: Any) -> Refusal:
    if not is_number(value):
        return bad_request("invalid_type", f"{name} must be a number.", name)
    side, limit = ("above", "maximum value 1") if value > 1 else ("below", "minimum value 0")
    text = f"Invalid '{name}': {value} is {side} the {limit}."
    return bad_request(f"decimal_{side}_{limit[:3]}_value", text, name)


def _bad_limit(name: str, value: Any) -> Refusal:
    if not is_integer(value):
        return bad_request("invalid_type", f"{name} must be an integer.", name)
    return bad_request("integer_below_min_value", f"{name} must be at least 1.", name)


def _saying(code: str, text: str) -> Callable[[str, Any], Refusal]:
    return lambda name, _: bad_request(code, f"{name} must be {text}.", name)


_BOOLEAN = _saying("invalid_type", "a boolean")

# 0 to 1 for `temperature` is MARA's own page; SambaNova's newer spec says 0 to 2.
_PARAMETERS = parameters(
    ("temperature", between(0, 1), _out_of_range),
    ("top_p", between(0, 1), _out_of_range),
    ("top_k", lambda v: is_integer(v) and 1 <= v <= 100,
     _saying("invalid_value", "an integer from 1 to 100")),
    ("max_tokens", lambda v: is_integer(v) and v >= 1, _bad_limit),
    ("max_completion_tokens", lambda v: is_integer(v) and v >= 1, _bad_limit),
    ("stream", lambda v: isinstance(v, bool), _BOOLEAN),
    ("do_sample", lambda v: isinstance(v, bool), _BOOLEAN),
    ("parallel_tool_calls", lambda v: isinstance(v, bool), _BOOLEAN),
    ("reasoning_effort", lambda v: v in ("low", "medium", "high"),
     _saying("invalid_value", "low, medium or high")),
)  # fmt: skip


def _tools(candidate: Candidate) -> Refusal | None:
    tools = candidate.body.get("tools")
    if tools is not None and not isinstance(tools, list):
        return bad_request("invalid_type", "tools must be an array.", "tools")
    if len(tools or []) > _MOST_TOOLS:
        return bad_request("array_above_max_length", f"At most {_MOST_TOOLS} tools.", "tools")
    for tool, function in candidate.functions:
        if tool.get("type") != "function":
            return bad_request("invalid_value", "tools[].type must be function.", "tools")
        if not _TOOL_NAME.fullmatch(str(function.get("name") or "")):
            text = f"{function.get('name')!r} does not match [A-Za-z0-9_-]+."
            return bad_request("invalid_value", text, "tools[].function.name")
    return None


def _tool_choice(candidate: Candidate) -> Refusal | None:
    choice = candidate.body.get("tool_choice")
    if choice in (None, "none", "auto"):
        return None
    names = {function.get("name") for _, function in candidate.functions}
    function = choice.get("function") if isinstance(choice, dict) else None
    named = function.get("name") if isinstance(function, dict) else None
    if (choice == "required" and names) or (named is not None and named in names):
        return None
    text = "tool_choice must be none, auto, required or a function of tools."
    return bad_request("invalid_value", text, "tool_choice")


def _response_format(candidate: Candidate) -> Refusal | None:
    """The spec lists `text` and says in the same breath that it must not be set."""
    wanted = candidate.body.get("response_format")
    if wanted is None:
        return None
    kind = wanted.get("type") if isinstance(wanted, dict) else None
    if kind == "json_object":
        return None
    schema = wanted.get("json_schema") if isinstance(wanted, dict) else None
    if kind == "json_schema" and isinstance(schema, dict) and schema.get("name"):
        return None
    text = "response_format must be json_object or a named json_schema."
    return bad_request("invalid_value", text, "response_format")


def _context_window(candidate: Candidate) -> Refusal | None:
    limits = [candidate.body.get(name) or 0 for name in ("max_tokens", "max_completion_tokens")]
    needed = prompt_tokens(candidate.body) + max(limits)
    model = candidate.model
    if needed <= model.context_window:
        return None
    # SambaNova's words (public report, 2024).
    text = (
        f"The maximum context length of {model.id} is {model.context_window}. However, answering "
        f"your request will take {needed} tokens. Please reduce the length of the messages."
    )
    return bad_request("context_length_exceeded", text, "messages")


def missing_property(name: str) -> Refusal:
    """Plain text, as for a body that is not JSON, and unlike the other refusals."""
    text = f"Invalid request body:  - missing property '{name}'\""
    return Refusal(400, "invalid_request", text, plain=True)


def unknown_model(name: object) -> Refusal:
    """Names are case-sensitive."""
    if not name:
        return missing_property("model")
    text = f"The model `{name}` does not exist or you do not have access to it."
    return Refusal(404, "model_not_found", text, param="model")


UNREADABLE_BODY = Refusal(400, "invalid_request", "Invalid request body: not JSON", plain=True)
WRONG_KEY = Refusal(401, "invalid_api_key", "The API key is missing or wrong.")
# Reported by a client for `json_object` (2026-06).
TRUNCATED_JSON = bad_request(
    "invalid_model_output",
    "Model did not output valid JSON. The output was truncated before a complete JSON object "
    "could be generated",
)
MARA_RULES: tuple[Rule, ...] = (
    _messages_present,
    _roles,
    _content,
    _PARAMETERS,
    _tools,
    _tool_choice,
    _response_format,
    _context_window,
)
