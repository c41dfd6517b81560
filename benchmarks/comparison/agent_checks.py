"""What agents and gateways bring: odd tool results, foreign histories, rotating keys."""

from __future__ import annotations

import contextlib
import json
import socket
from typing import Any

from benchmarks.comparison.caller import PERSON_TEXT, QUESTION, Caller, Person
from benchmarks.comparison.replies import enqueue
from benchmarks.comparison.request_checks import REFUSED_KEY
from benchmarks.comparison.verdict import NotOffered, Verdict, no, partly, yes
from llama_index_mara_minimax.conformance import Turn
from mara_minimax.emulator import CannedReply

PICTURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"
    "AAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
HEADER = "x-ratelimit-remaining-requests"


def goes_on_after_a_picture(caller: Caller) -> Verdict:
    """MiniMax takes no image in the result of a tool, and most of its models take none at all."""
    try:
        caller.plain(caller.build(), caller.picture_of_a_tool(PICTURE))
    except Exception as error:  # noqa: BLE001 - which error it is, is the question
        return no(f"raises `{type(error).__name__}`: {error}")
    results = [m for m in caller.emulator.last_body["messages"] if m["role"] == "tool"]
    text = json.dumps(results)
    if PICTURE in text:
        return partly("the image is sent as text")
    if "Here it is" in text and "image" in text:
        return yes("the text is sent, with a line in place of the image")
    if "Here it is" in text:
        return partly("the text is sent, and nothing says that there was an image")
    return no(f"sends {text}")


def foreign_call_kept(caller: Caller) -> Verdict:
    """A history that a class for Anthropic's API wrote: `tool_use` among the content."""
    try:
        caller.plain(caller.build(), caller.call_of_another_class())
    except Exception as error:  # noqa: BLE001 - which error it is, is the question
        return no(f"raises `{type(error).__name__}`: {error}")
    for message in caller.emulator.last_body["messages"]:
        for call in message.get("tool_calls") or ():
            function = call["function"]
            if function["name"] == "get_weather" and "Paris" in function["arguments"]:
                return yes("name and arguments are sent")
    return no("the call is lost")


def fence_read(caller: Caller) -> Verdict:
    """Some models answer in JSON, with a fence around it, where a call was asked for."""
    enqueue(caller, Turn(text='```json\n{"name": "Anna", "age": 30}\n```'), stream=False)
    try:
        found = caller.fill(caller.build())
    except Exception as error:  # noqa: BLE001 - which error it is, is the question
        return no(f"raises `{type(error).__name__}`: {error}")
    if found == Person(name="Anna", age=30):
        return yes(f"the object is filled from the answer to {PERSON_TEXT!r}")
    return no(f"gives {found!r}")


def key_asked_for(caller: Caller) -> Verdict:
    # The emulator shows no key that it was sent, but it refuses this one.
    keys = iter(["emulator-key", REFUSED_KEY])
    try:
        model = caller.build(api_key=lambda: next(keys))
    except NotOffered:
        raise
    except Exception as error:  # noqa: BLE001 - which error it is, is the question
        return no(f"raises `{type(error).__name__}`: {error}")
    for _ in range(2):
        with contextlib.suppress(Exception):
            caller.plain(model, [caller.question(QUESTION)])
    if [request.status for request in caller.emulator.requests] == [200, 401]:
        return yes("each request has its key")
    return no("the first key is kept" if caller.emulator.requests else "no request is sent")


def headers_shown(caller: Caller) -> Verdict:
    body = _reply({"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18})
    reply = CannedReply.json(body)
    reply.headers[HEADER] = "41"
    caller.emulator.enqueue(reply)
    try:
        model = caller.build(include_response_headers=True)
        answer = caller.plain(model, [caller.question(QUESTION)])
    except NotOffered:
        raise
    except Exception as error:  # noqa: BLE001 - which error it is, is the question
        return no(f"raises `{type(error).__name__}`: {error}")
    shown = HEADER in answer.metadata + answer.raw
    return yes("beside the answer") if shown else no("`include_response_headers` shows none")


def foreign_usage_read(caller: Caller) -> Verdict:
    caller.emulator.enqueue(CannedReply.json(_reply({"input_tokens": 11, "output_tokens": 7})))
    answer = caller.plain(caller.build(), [caller.question(QUESTION)])
    return yes("counted") if answer.usage else no("no counts")


def refusal_explained(caller: Caller) -> Verdict:
    """Nobody listens at the base URL."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    try:
        model = caller.build(**{caller.url_name: f"http://127.0.0.1:{port}/v1"})
        caller.plain(model, [caller.question(QUESTION)])
    except NotOffered:
        raise
    except Exception as error:  # noqa: BLE001 - which error it is, is the question
        text = str(error)
        missing = [word for word in (str(port), "refused") if word not in text]
        if missing:
            return no(f"raises `{type(error).__name__}`: {error}")
        return yes(f"raises `{type(error).__name__}` with both")
    return no("no error")


def _reply(usage: dict[str, Any]) -> dict[str, Any]:
    message = {"role": "assistant", "content": "2"}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    frame = {"id": "x", "object": "chat.completion", "created": 1, "model": "MiniMax-M2.5"}
    return {**frame, "system_fingerprint": "fastcoe", "choices": [choice], "usage": usage}
