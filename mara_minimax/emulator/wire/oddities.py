"""Odd payloads: each function makes one deviation from a provider's form that was seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mara_minimax.emulator.types.body import REASONING_TEXT_FIELDS
from mara_minimax.emulator.wire.wire import Payload

_TEXT_FIELDS = ("content", *REASONING_TEXT_FIELDS)


def cumulative(events: list[Payload]) -> list[Payload]:
    """Each delta repeats all text before its own."""
    so_far: dict[str, str] = {}
    for delta in _deltas(events):
        for name in _TEXT_FIELDS:
            if isinstance(delta.get(name), str):
                so_far[name] = delta[name] = so_far.get(name, "") + delta[name]
        for detail in delta.get("reasoning_details", []):
            so_far["details"] = detail["text"] = so_far.get("details", "") + detail["text"]
    return events


def null_choices(events: list[Payload]) -> list[Payload]:
    """`choices: null` where the usage chunk has an empty list."""
    return [event if event["choices"] else {**event, "choices": None} for event in events]


def empty_role(events: list[Payload]) -> list[Payload]:
    """All deltas after the first have an empty role."""
    for number, delta in enumerate(_deltas(events)):
        if number:
            delta["role"] = ""
    return events


def no_finish_reason(events: list[Payload]) -> list[Payload]:
    """No chunk has a finish reason."""
    for choice in _choices(events):
        choice.pop("finish_reason", None)
    return events


def in_refusal(events: list[Payload]) -> list[Payload]:
    """What the model says stands in `refusal`, as OpenAI has it; the content is empty."""
    for choice in _choices(events):
        said = choice.get("delta") or choice.get("message") or {}
        if said.get("content"):
            said["refusal"], said["content"] = said["content"], ""
    return events


def sensitive(events: list[Payload]) -> list[Payload]:
    """The answer is called sensitive, of type 5 (abuse)."""
    marks = {"output_sensitive": True, "output_sensitive_type": 5}
    return [{**event, **marks} if event["choices"] else event for event in events]


def role_first(events: list[Payload]) -> list[Payload]:
    """A stream begins with a delta of the role alone."""
    choice = events[0]["choices"][0]
    if "delta" not in choice:
        return events
    delta = {"role": "assistant", "content": ""}
    first = {name: choice[name] for name in choice if name != "finish_reason"}
    return [{**events[0], "choices": [{**first, "delta": delta}]}, *events]


def empty_content(events: list[Payload]) -> list[Payload]:
    """Deltas of reasoning have a content, which is empty."""
    for delta in _deltas(events):
        if any(delta.get(name) for name in _TEXT_FIELDS):
            delta.setdefault("content", "")
    return events


def bare(events: list[Payload]) -> list[Payload]:
    """What is said has neither name nor audio."""
    for choice in _choices(events):
        said = choice.get("delta") or choice.get("message") or {}
        said.pop("name", None)
        said.pop("audio_content", None)
    return events


def usage_beside_choices(events: list[Payload]) -> list[Payload]:
    """The usage of the last chunk stands in the one with the finish reason (a gateway, 2026)."""
    *rest, last = events
    if last.get("choices") or not rest:
        return events
    return [*rest[:-1], {**rest[-1], "usage": last["usage"]}]


def tag_after_calls(events: list[Payload]) -> list[Payload]:
    """The finish chunk holds a tag, and a second one follows (MiniMax-M2.7, logged 2026-03)."""
    changed: list[Payload] = []
    for event in final_delta({"content": "\n<think>\n", "role": "assistant"})(events):
        changed.append(event)
        choice = (event.get("choices") or [{}])[0]
        if choice.get("finish_reason") is not None:
            delta = {"content": "", "role": "assistant"}
            changed.append({**event, "choices": [{**choice, "delta": delta}]})
    return changed


def float_created(events: list[Payload]) -> list[Payload]:
    """`created` has a fraction."""
    return [{**event, "created": int(event["created"]) + 0.25} for event in events]


def final_delta(delta: Payload | None) -> Callable[[list[Payload]], list[Payload]]:
    """The finish reason comes in a chunk of its own, beside this delta."""

    def change(events: list[Payload]) -> list[Payload]:
        changed: list[Payload] = []
        for event in events:
            choice = (event.get("choices") or [{}])[0]
            if choice.get("finish_reason") is None:
                changed.append(event)
                continue
            rest = {name: choice[name] for name in choice if name != "finish_reason"}
            if any(rest["delta"].get(name) for name in (*_TEXT_FIELDS, "tool_calls")):
                changed.append({**event, "choices": [rest]})
            changed.append({**event, "choices": [{**choice, "delta": delta}]})
        return changed

    return change


def failed(code: int | None = None, message: str = "") -> Callable[[list[Payload]], list[Payload]]:
    """One payload with `choices: null` in place of all; `base_resp` says why if a code is given."""
    why = {} if code is None else {"base_resp": {"status_code": code, "status_msg": message}}

    def change(events: list[Payload]) -> list[Payload]:
        head = {name: events[0][name] for name in ("id", "created", "model", "object")}
        return [{**head, "choices": None, "usage": None, **why}]

    return change


def failed_halfway(code: int, message: str) -> Callable[[list[Payload]], list[Payload]]:
    """The same in place of the second half."""
    fail = failed(code, message)
    return lambda events: [*events[: len(events) // 2], *fail(events)]


def _choices(events: list[Payload]) -> Iterator[Payload]:
    for event in events:
        yield from event.get("choices") or []


def _deltas(events: list[Payload]) -> Iterator[Payload]:
    for choice in _choices(events):
        if isinstance(choice.get("delta"), dict):
            yield choice["delta"]
