"""The rows of the table: what a provider sends, what our class is asked to do, what counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.litellm_proxy.callers import Caller
from benchmarks.litellm_proxy.seen import Seen, seen_or_raised
from mara_minimax.emulator import SCENARIOS, CannedReply, Emulator, Reply, ToolCall, Usage

REASONING_KEYS = ("content", "reasoning", "reasoning_content", "reasoning_details")
ID = "06aa11bb22cc33dd44ee55ff66aa77bb"
"""An id of an answer or an error, as MiniMax makes them."""
NO_ERROR = "no error"
_USAGE = Usage(prompt_tokens=20, completion_tokens=10, reasoning_tokens=4, cached_tokens=8)
TEXT = Reply("It is two.", reasoning="A sum of one and one is asked for.", usage=_USAGE)
CALL = ToolCall("get_weather", {"city": "Paris"}, id="call_1")
ONE_CALL = Reply(reasoning="Look.", tool_calls=[CALL])
TWO_CALLS = Reply(tool_calls=[CALL, ToolCall("get_weather", {"city": "Oslo"}, id="call_2")])
CUT = Reply("It is", reasoning="A sum.", finish_reason="length")
TOLD = Reply("One and one is two, and two and two is four.", usage=_USAGE)
PERSON = Reply('{"name": "Anna", "age": 30}', reasoning="A person.")

Probe = Callable[[Caller, Emulator], Any]


@dataclass(frozen=True)
class Row:
    """One question; `probe` returns what has to be the same with the proxy as without it."""

    group: str
    title: str
    probe: Probe
    reply: Reply = TEXT
    scenario: str = "default"
    streams_alone: bool = False
    """The scenario is about streams."""

    @property
    def key(self) -> str:
        """Its name in the recorded answers."""
        return f"{self.group}: {self.title}"

    def applies(self, provider: str, *, streamed: bool) -> bool:
        """Whether the provider sends such a thing in this form of a call."""
        known = provider in SCENARIOS[self.scenario].providers
        return known and (streamed or not self.streams_alone)

    def ask(self, caller: Caller, emulator: Emulator) -> Any:
        """Return the value that one call gives."""
        emulator.clear()
        emulator.scenario = self.scenario
        emulator.answer = lambda _: self.reply
        return self.probe(caller, emulator)


def read(*names: str, tools: bool = False) -> Probe:
    """Return a probe of fields of an answer or an error."""

    def probe(caller: Caller, _: Emulator) -> Any:
        seen = seen_or_raised(lambda: caller.ask(tools=tools))
        found: Any = seen
        for name in names:
            found = found.get(name) if isinstance(found, dict) else None
        return _raised(seen) if found is None and "id" not in names else found

    return probe


def _raised(seen: Seen) -> Any:
    return f"raises {seen['error']}" if "error" in seen else None


def _error(caller: Caller, _: Emulator) -> Any:
    seen = seen_or_raised(caller.ask)
    if "error" in seen:
        return seen["error"]
    return f"{NO_ERROR}; finish reason {seen['finish_reason']}, text {seen['text']!r}"


def _of_error(name: str) -> Probe:
    return lambda caller, _: seen_or_raised(caller.ask).get(name)


def _calls(caller: Caller, _: Emulator) -> Any:
    seen = seen_or_raised(lambda: caller.ask(tools=True))
    return _raised(seen) or [call[:2] for call in seen["calls"]]


def _call_ids(caller: Caller, _: Emulator) -> Any:
    seen = seen_or_raised(lambda: caller.ask(tools=True))
    return _raised(seen) or [call[2] for call in seen["calls"]]


def _sent_back(caller: Caller, emulator: Emulator) -> Any:
    """The answer of turn one, as turn two brings it to the provider."""
    caller.ask_twice()
    message = emulator.last_body["messages"][1]
    return {name: message[name] for name in REASONING_KEYS if message.get(name)}


def _results_sent(caller: Caller, emulator: Emulator) -> Any:
    caller.run_tool()
    _, answer, *results = emulator.last_body["messages"]
    calls = [[call["id"], call["function"]] for call in answer.get("tool_calls") or ()]
    return [calls, [[one["tool_call_id"], one["content"]] for one in results]]


def _filled(caller: Caller, _: Emulator) -> Any:
    seen = seen_or_raised(caller.fill)
    return _raised(seen) or seen["object"]


def _answer_id(caller: Caller, emulator: Emulator) -> Any:
    head = {"id": ID, "created": 1764500000, "model": "MiniMax-M2.5"}
    said = {"role": "assistant", "content": "It is two."}
    usage = {"prompt_tokens": 5, "completion_tokens": 5, "total_tokens": 10}
    if caller.streamed:
        head["object"] = "chat.completion.chunk"
        first = {**head, "choices": [{"index": 0, "delta": said, "finish_reason": None}]}
        last = {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
        emulator.enqueue(CannedReply.sse(first, {**last, "usage": usage}, done=True))
    else:
        choice = {"index": 0, "message": said, "finish_reason": "stop"}
        body = {**head, "object": "chat.completion", "choices": [choice], "usage": usage}
        emulator.enqueue(CannedReply.json(body))
    return seen_or_raised(caller.ask).get("id")


def _error_id(caller: Caller, emulator: Emulator) -> Any:
    error = {"type": "bad_request_error", "message": "invalid params (2013)", "http_code": "400"}
    body = {"type": "error", "error": error, "request_id": ID}
    emulator.enqueue(CannedReply.json(body, status=400, headers={"Trace-Id": ID}))
    return seen_or_raised(caller.ask).get("id")


_FORMS = {
    "default": "the provider's usual form",
    "details-only": "`reasoning_details`",
    "reasoning-content-only": "`reasoning_content`",
    "reasoning-field": "`reasoning`",
    "think-inline": "`<think>` tags",
}


def _failure(title: str, scenario: str, *, streams_alone: bool = False) -> Row:
    return Row("Errors", title, _error, TOLD, scenario, streams_alone)


ROWS = (
    Row("Answers", "text", read("text")),
    *(
        row
        for scenario, form in _FORMS.items()
        for row in (
            Row("Reasoning", f"in {form}", read("reasoning"), scenario=scenario),
            Row("Reasoning", f"in {form}: text without it", read("text"), scenario=scenario),
            Row("Reasoning", f"in {form}: sent back in turn two", _sent_back, scenario=scenario),
        )
    ),
    Row("Tools", "a call and its arguments", _calls, ONE_CALL),
    Row("Tools", "its id", _call_ids, ONE_CALL),
    Row("Tools", "reasoning before it", read("reasoning", tools=True), ONE_CALL),
    Row("Tools", "two calls at once", _calls, TWO_CALLS),
    Row("Tools", "calls and results, sent in turn two", _results_sent, TWO_CALLS),
    Row("Structured output", "an object by `json_schema`", _filled, PERSON),
    Row("Usage", "tokens of the prompt", read("tokens", "prompt")),
    Row("Usage", "tokens of the answer", read("tokens", "completion")),
    Row("Usage", "cached tokens", read("tokens", "cached")),
    Row("Usage", "reasoning tokens", read("tokens", "reasoning")),
    Row("Ids", "of an answer", _answer_id),
    Row("Ids", "of an error", _error_id),
    Row("Finish reasons", "`length`", read("finish_reason"), CUT),
    Row("Finish reasons", "`content_filter`", read("finish_reason"), scenario="refusal-filter"),
    _failure("HTTP 401", "http-401"),
    _failure("HTTP 429", "http-429-retry-after"),
    Row("Errors", "HTTP 429: `Retry-After`", _of_error("retry_after"),
        scenario="http-429-retry-after"),
    Row("Errors", "HTTP 429: the provider's code", _of_error("code"), scenario="http-429"),
    _failure("HTTP 500", "http-500"),
    _failure("a prompt that is too long", "context-overflow"),
    _failure("`base_resp` 1004 inside HTTP 200", "error-200-base-resp"),
    Row("Errors", "`base_resp` 1004 inside HTTP 200: worth a retry", _of_error("retryable"),
        scenario="error-200-base-resp"),
    _failure("`base_resp` 1002 inside HTTP 200", "error-200-rate-limit"),
    _failure("a JSON error where a stream was asked for", "error-json-on-stream",
             streams_alone=True),
    _failure("`base_resp` 1033 in the middle of a stream", "error-mid-stream-base-resp",
             streams_alone=True),
    _failure("an error event in the middle of a stream", "error-mid-stream-event",
             streams_alone=True),
    Row("Errors", "an error event in the middle of a stream: the text before it",
        _of_error("partial"), TOLD, "error-mid-stream-event", streams_alone=True),
    _failure("a stream that ends before its finish reason", "cut-stream", streams_alone=True),
    _failure("a connection that drops in a stream", "cut-connection", streams_alone=True),
)  # fmt: skip
