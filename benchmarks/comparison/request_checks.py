"""Whether requests fit the provider, and what of the caller's machine or key shows."""

from __future__ import annotations

import contextlib
import os
import pickle
import warnings
from collections.abc import Iterator

import openai

from benchmarks.comparison.caller import QUESTION, Caller, Person
from benchmarks.comparison.replies import enqueue
from benchmarks.comparison.verdict import NotOffered, Verdict, no, not_applicable, partly, yes
from llama_index_mara_minimax.conformance import Call, Turn

CANARY = "sk-canary-0123456789abcdef"
REFUSED_KEY = "bad-key"
"""The one key that the emulator refuses, which tells that it was sent."""


def misspelling_refused(caller: Caller) -> Verdict:
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        try:
            model = caller.build(temprature=0.5)
        except Exception as error:  # noqa: BLE001 - which error it is, is the question
            told = "temperature" in str(error)
            suggestion = ", which suggests `temperature`" if told else ""
            return yes(f"`temprature` raises `{type(error).__name__}`{suggestion}")
    if any("temprature" in str(warning.message) for warning in shown):
        return partly("`temprature` warns")
    with contextlib.suppress(Exception):
        caller.plain(model, [caller.question(QUESTION)])
    sent = bool(caller.emulator.requests) and "temprature" in caller.emulator.last_body
    return no(f"`temprature` is {'sent' if sent else 'dropped'} silently")


def temperature_zero(caller: Caller) -> Verdict:
    model = caller.build(temperature=0)
    try:
        caller.plain(model, [caller.question(QUESTION)])
    except Exception as error:  # noqa: BLE001 - which error it is, is the question
        return no(f"raises `{type(error).__name__}`: {error}")
    return yes(f"sends {caller.emulator.last_body.get('temperature')}")


def two_system_messages(caller: Caller) -> Verdict:
    """Frameworks add a system message of their own; MiniMax refuses a second one."""
    first, second = caller.question("Be brief."), caller.question("Be kind.")
    history = [_as_system(first), _as_system(second), caller.question(QUESTION)]
    try:
        caller.plain(caller.build(), history)
    except Exception as error:  # noqa: BLE001 - which error it is, is the question
        return no(f"raises `{type(error).__name__}`: {error}")
    roles = [message["role"] for message in caller.emulator.last_body["messages"]]
    return yes(f"sends {', '.join(roles)}")


def _as_system(message: object) -> object:
    if hasattr(message, "blocks"):
        return type(message)(role="system", content=message.content)  # type: ignore[call-arg, attr-defined]
    from langchain_core.messages import SystemMessage

    return SystemMessage(message.content)  # type: ignore[attr-defined]


def tool_called(caller: Caller) -> Verdict:
    answer = caller.call_tool(caller.build(), forced=False)
    if answer.calls == [("get_weather", {"city": "Paris"})]:
        return yes("parsed")
    return no(f"calls: {answer.calls}")


def forced_choice(caller: Caller) -> Verdict:
    caller.emulator.scenario = "refuse-forced-tool-choice"
    try:
        answer = caller.call_tool(caller.build(), forced=True)
    except NotOffered:
        raise
    except Exception as error:  # noqa: BLE001 - which error it is, is the question
        return no(f"raises `{type(error).__name__}`: {error}")
    if answer.calls:
        return yes("the tool is called")
    return no("no call")


def object_filled(caller: Caller) -> Verdict:
    try:
        found = caller.fill(caller.build())
    except Exception as error:  # noqa: BLE001 - which error it is, is the question
        return no(f"raises `{type(error).__name__}`: {error}")
    if found == Person(name="Anna", age=30):
        return yes("the object is filled")
    return no(f"gives {found!r}")


def arguments_streamed(caller: Caller) -> Verdict:
    call = Call("get_weather", '{"city": "Paris, the capital of France"}')
    enqueue(caller, Turn(thought="Look.", calls=[call]), stream=True)
    seen = {chunk.arguments for chunk in caller.stream_tool(caller.build()) if chunk.arguments}
    if len(seen) > 2:
        return yes("in pieces")
    return no(f"{len(seen)} pieces")


def key_hidden(caller: Caller) -> Verdict:
    model = caller.build(api_key=CANARY)
    shown = {
        "repr": lambda: repr(model),
        "dict": lambda: str(model.model_dump()),
        "JSON": lambda: model.model_dump_json(),
        "to_dict": lambda: str(model.to_dict()) if hasattr(model, "to_dict") else "",
        "pickle": lambda: pickle.dumps(model).decode("latin-1"),
    }
    leaks = []
    for name, show in shown.items():
        with contextlib.suppress(Exception):
            if CANARY in show():
                leaks.append(name)
    return no(f"in {', '.join(leaks)}") if leaks else yes("in no repr, dump or pickle")


def pickled(caller: Caller) -> Verdict:
    model = caller.build()
    caller.plain(model, [caller.question(QUESTION)])
    try:
        loaded = pickle.loads(pickle.dumps(model))
        caller.plain(loaded, [caller.question(QUESTION)])
    except Exception as error:  # noqa: BLE001 - which error it is, is the question
        return no(f"raises `{type(error).__name__}`: {error}")
    return yes("and works after it")


def http_client_used(caller: Caller) -> Verdict:
    used = []
    with openai.DefaultHttpxClient(event_hooks={"request": [used.append]}) as client:
        caller.plain(caller.build(http_client=client), [caller.question(QUESTION)])
    return yes("used") if used else no("ignored")


def openai_variables_ignored(caller: Caller) -> Verdict:
    variables = {"OPENAI_ORG_ID": "org-canary", "OPENAI_PROJECT_ID": "project-canary"}
    with _variables(variables):
        caller.plain(caller.build(), [caller.question(QUESTION)])
    headers = caller.emulator.requests[-1].headers
    sent = [name for name in ("openai-organization", "openai-project") if name in headers]
    return no(f"sends {', '.join(sent)}") if sent else yes("no header of theirs is sent")


def openai_key_kept_home(caller: Caller) -> Verdict:
    """Without a key of its own, a class must not hand the one of another provider on."""
    with _variables({"OPENAI_API_KEY": REFUSED_KEY}):
        try:
            model = caller.build(api_key=None)
        except NotOffered as error:
            return not_applicable(str(error))
        except Exception as error:  # noqa: BLE001 - which error it is, is the question
            return yes(f"raises `{type(error).__name__}` without a key of its own")
        with contextlib.suppress(Exception):
            caller.plain(model, [caller.question(QUESTION)])
    if caller.emulator.requests and caller.emulator.requests[-1].status == 401:
        return no("`OPENAI_API_KEY` is sent")
    return yes("not sent")


@contextlib.contextmanager
def _variables(added: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(added)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
