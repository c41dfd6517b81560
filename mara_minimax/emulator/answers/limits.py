"""What a provider does to an answer: stop sequences, the token limit, the count of tokens."""

from __future__ import annotations

from dataclasses import replace

from mara_minimax.emulator.types.body import CHARACTERS_PER_TOKEN, count_tokens, prompt_tokens
from mara_minimax.emulator.types.reply import Reply, Usage
from mara_minimax.emulator.types.request import ChatRequest

# MiniMax reports cached tokens from about 500 prompt tokens on, in blocks (probed 2026-06).
_CACHE_FROM = 500
_CACHE_BLOCK = 64
# MiniMax ignores `stop` without a word (probed on M2.7, 2026-04).
_OBEYING_STOP = frozenset({"mara", "llmprovider"})


def finish(reply: Reply, request: ChatRequest, *, thinks: bool) -> Reply:
    """The whole reply: stopped, cut and counted, with a finish reason."""
    reply = replace(
        reply,
        reasoning=reply.reasoning if thinks else "",
        text=_before_stop(reply.text, _stop(request)),
        tool_calls=tuple(reply.tool_calls),
        finish_reason=reply.finish_reason or ("tool_calls" if reply.tool_calls else "stop"),
    )
    if request.max_tokens is not None:
        reply = _within(reply, request.max_tokens)
    return reply if reply.usage else with_usage(reply, request)


def with_usage(reply: Reply, request: ChatRequest) -> Reply:
    """The reply with the usage that fits what it says."""
    prompt = prompt_tokens(request.body)
    reasoning = count_tokens(reply.reasoning)
    spoken = "".join(call.name + call.arguments_text for call in reply.tool_calls)
    completion = reasoning + count_tokens(reply.text) + count_tokens(spoken)
    cached = prompt // 2 // _CACHE_BLOCK * _CACHE_BLOCK if prompt >= _CACHE_FROM else 0
    return replace(reply, usage=Usage(prompt, completion, reasoning, cached))


def _stop(request: ChatRequest) -> list[str]:
    if request.provider not in _OBEYING_STOP:
        return []
    stop = request.parameters.get("stop")
    sequences = stop if isinstance(stop, list) else [stop]
    return [text for text in sequences if isinstance(text, str) and text]


def _before_stop(text: str, stop: list[str]) -> str:
    found = [text.index(sequence) for sequence in stop if sequence in text]
    return text[: min(found)] if found else text


def _within(reply: Reply, tokens: int) -> Reply:
    """Cut the reply after that many tokens, reasoning first."""
    reasoning, tokens = _cut(reply.reasoning, tokens)
    text, tokens = _cut(reply.text, tokens)
    calls = []
    for call in reply.tool_calls:
        name, left = _cut(call.name, tokens)
        if name != call.name or not left:
            break
        arguments, tokens = _cut(call.arguments_text, left)
        calls.append(replace(call, arguments=arguments))
    cut = replace(reply, reasoning=reasoning, text=text, tool_calls=tuple(calls))
    return replace(cut, finish_reason="length") if _said(cut) != _said(reply) else reply


def _said(reply: Reply) -> tuple[str, ...]:
    calls = (text for call in reply.tool_calls for text in (call.name, call.arguments_text))
    return (reply.reasoning, reply.text, *calls)


def _cut(text: str, tokens: int) -> tuple[str, int]:
    """The part of a text that fits, and the tokens left after it."""
    kept = text[: tokens * CHARACTERS_PER_TOKEN]
    return kept, tokens - count_tokens(kept)
