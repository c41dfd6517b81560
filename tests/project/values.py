"""Values of each parameter, in and beyond what providers take, that are tried at all of them."""

from __future__ import annotations

from typing import Any

USER = {"role": "user", "content": "hi"}
TOOL = {"type": "function", "function": {"name": "f", "description": "Do it.", "strict": True}}
NAMED = {"type": "function", "function": {"name": "f"}}
SCHEMA = {"type": "json_schema", "json_schema": {"name": "j", "schema": {"type": "object"}}}

VALUES: dict[str, list[Any]] = {
    "temperature": [-1, 0, 0.5, 1, 1.5, 2, 5],
    "top_p": [-1, 0, 0.5, 1, 2],
    "top_k": [-1, 0, 1, 40, 100, 500],
    "max_tokens": [1, 1024],
    "max_completion_tokens": [1, 1024],
    "stop": ["x", ["x", "y"]],
    "n": [1, 2],
    "seed": [0, 7],
    "presence_penalty": [-2, 0, 2],
    "frequency_penalty": [-2, 0, 2],
    "logit_bias": [{}, {"1": 5}],
    "logprobs": [True, False],
    "top_logprobs": [0, 5],
    "user": ["u"],
    "response_format": [SCHEMA, {"type": "json_object"}, {"type": "text"}],
    "tools": [[TOOL], [{"name": "f"}]],
    "tool_choice": ["auto", "none", "any", "f", NAMED],
    "parallel_tool_calls": [True, False],
    "functions": [[{"name": "f"}]],
    "function_call": ["auto"],
    "stream_options": [{"include_usage": True}],
    "service_tier": ["standard", "priority"],
    "reasoning_effort": ["minimal", "low", "medium", "high", "xhigh", "max"],
    "reasoning_split": [True, False],
    "thinking": [True, False, *({"type": t} for t in ("enabled", "disabled", "adaptive"))],
    "do_sample": [True, False],
    "chat_template_kwargs": [{"enable_thinking": True}],
    "metadata": [{"a": "b"}],
    "store": [True],
}
"""By parameter: the library is to send of each what the emulator takes."""
