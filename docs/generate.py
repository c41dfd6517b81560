"""Write the tables of the documentation from the tables of the code.

Run `make tables` after changing a table; a test fails while a page is stale.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from langchain_core import exceptions

from docs.fields import settings_page
from docs.markdown import NOTICE, table, text_with_links
from langchain_mara_minimax.errors import ERROR_MAP
from llama_index_mara_minimax.conformance import RULES
from llama_index_mara_minimax.conformance.base import Conformance
from llama_index_mara_minimax.conformance.rules import VERIFIED_WITH
from mara_minimax import errors, limits
from mara_minimax.emulator import SCENARIOS
from mara_minimax.emulator.faults import GROUPS, Ending, Fault
from mara_minimax.failures.table import MARA_FAILURES, MINIMAX_FAILURES, STATUS_FAILURES, Failure
from mara_minimax.json_text import MAX_DEPTH
from mara_minimax.providers.models import MODELS, RELEASES, ModelProfile
from mara_minimax.providers.parameters import PARAMETER_RULES, ParameterRule
from mara_minimax.request.repairs import REPAIRS
from tests.foreign_form import USER, ForeignForm
from tests.langchain.foreign_forms import LANGCHAIN_FORMS
from tests.llama_index.foreign_forms import LLAMA_INDEX_FORMS

FOLDER = Path(__file__).resolve().parent


def _models_of(rule: ParameterRule) -> str:
    models = ", ".join(filter(None, rule.models)) or "all"
    return f"{models} but {', '.join(rule.excluded_models)}" if rule.excluded_models else models


def _what_happens(rule: ParameterRule) -> str:
    spelled = [f"{given!r} is sent as {sent!r}" for given, sent in rule.spellings]
    return "; ".join([*spelled, rule.describe()])


def parameters_page() -> str:
    """Return the page of parameters."""
    rows = (
        (
            rule.provider,
            f"`{rule.name}`",
            _models_of(rule),
            _what_happens(rule),
            f"{rule.source}; contradicted: {rule.contradiction}"
            if rule.contradiction
            else rule.source,
        )
        for rule in PARAMETER_RULES
    )
    return f"""# Parameters

{NOTICE}

What each provider does with a parameter that it does not simply take as OpenAI does. A parameter without a row is sent as given, and nothing is sent that was not set.

`parameter_policy` decides about values outside a range and about what is ignored or refused: `"adjust"` (default) corrects the value or leaves it out, with one warning that names the rule and its source; `"raise"` raises `ParameterError` before any request; `"pass"` sends what was given. A value that means the same as leaving the parameter out, such as `n=1`, is left out silently. Renaming and other spellings of a value (`thinking=True`) do not depend on the policy, and neither does what no request can carry: `NaN` and infinities, stop sequences that are not strings, an `extra_body` that is not a dict, one setting under two names. That is a `ParameterError` before the request, in the constructor as in a call.

{table(["provider", "parameter", "models that begin with", "what happens", "source"], rows)}
"""


def history_page() -> str:
    """Return the page of history repairs."""
    rows = (
        (
            # What is filled in there is each message's own.
            re.sub(r"\{\w[^}]*\}", "…", repair.text).replace("{{}}", "`{}`"),
            repair.refusal,
            "MiniMax models" if repair.strict_only else "all",
            repair.source,
        )
        for repair in REPAIRS
    )
    return f"""# History repair

{NOTICE}

Frameworks produce histories that providers refuse: two system messages, calls without results, arguments cut off in the middle. Each is mended before the request, only as far as needed. `EncodedRequest.changes` says what was changed. What cannot be mended without guessing (no role, a name that is no text, a content part without its field) is an `UnsupportedInputError` that names it.

{table(["what is changed", "what happens without it", "for", "source"], rows)}

## Histories from elsewhere

Messages that other integrations wrote can be handed over as they were stored. Names and arguments of calls survive and results stay with their calls; reasoning of another vendor stays home, and what has no meaning here is left out with a `HistoryWarning`. Each row is a test (`test_foreign_histories.py`).

### LangChain

{_foreign_forms(LANGCHAIN_FORMS)}

### LlamaIndex

{_foreign_forms(LLAMA_INDEX_FORMS)}
"""


def _foreign_forms(forms: Iterable[ForeignForm]) -> str:
    rows = (
        (form.author, form.holds, _told(form.sent), f"`{form.left_out}`" if form.left_out else "")
        for form in forms
    )
    return table(["written by", "with", "is sent as", "left out"], rows)


def _told(messages: Iterable[dict[str, Any]]) -> str:
    """Return wire messages in a few words; the question that begins them all is left out."""
    told: list[str] = []
    for message in messages:
        content = message.get("content")
        if content and message != USER:
            kind = {"tool": "result", "assistant": "text"}.get(message["role"], message["role"])
            told.append(f"{kind} `{content}`".replace("\n", " "))
        for call in message.get("tool_calls", ()):
            function = call["function"]
            told.append(f"call `{function['name']}({function['arguments']})`")
        told += [f"`{name}`" for name in ("reasoning_details",) if name in message]
    return ", ".join(told) or "the question as text"


def models_page() -> str:
    """Return the page of models."""
    numbers: dict[str, int] = {}
    rows = [
        (
            provider,
            f"`{name}`",
            f"{profile.context_window:,}",
            f"{profile.max_output_tokens:,}" if profile.max_output_tokens else "not published",
            ", ".join(profile.inputs),
            "yes" if profile.reasoning else "no",
            ", ".join(profile.reasoning_effort_levels) or "-",
            _status(profile),
            profile.release_date or "-",
            ", ".join(
                str(numbers.setdefault(source, len(numbers) + 1))
                for source in filter(None, (profile.source, profile.retirement_source))
            ),
        )
        for provider, models in MODELS.items()
        for name, profile in models.items()
    ]
    sources = "\n".join(f"{number}. {text_with_links(s)}" for s, number in numbers.items())
    heads = [
        "provider", "model", "context window", "most output", "input", "reasoning",
        "reasoning_effort", "status", "released", "source",
    ]  # fmt: skip
    return f"""# Models

{NOTICE}

What is known of each model. Any other name works too: it takes the values of its family by the beginning of the name, or permissive defaults. A model that was announced to retire is sent all the same, with one `ModelWarning`.

{table(heads, rows)}

The dates of release are from {RELEASES}. The status is that of the date of each source; `-` means that none tells.

## Sources

{sources}
"""


def _status(profile: ModelProfile) -> str:
    if not profile.retirement_date:
        return profile.status or "-"
    return f"{profile.status}, retires {profile.retirement_date}"


def errors_page() -> str:
    """Return the page of failures: the providers' codes, and how every failure ends."""

    def rows(failures: Iterable[Failure]) -> Iterable[tuple[str, ...]]:
        return (
            (f"`{f.code}`", f.meaning, f"`{f.error.__name__}`", "yes" if f.retryable else "no")
            for f in failures
        )

    heads = ["code", "meaning", "error", "retried"]
    fault_heads = ["failure", "plain call", "stream", "in LangChain also", "what is kept"]
    groups = "\n\n".join(
        f"### {title}\n\n{table(fault_heads, map(_fault_row, faults))}"
        for title, faults in GROUPS.items()
    )
    return f"""# Errors

{NOTICE}

The classes are in [`mara_minimax.errors`](api/errors.md). Every error is a `MaraMiniMaxError`, which is an `openai.OpenAIError`; those below are also the `openai` class of the same meaning and carry `code`, `request_id`, `status_code`, `retry_after`, `retryable` and `partial` (what of the reply was received). A code is read from `base_resp`, from `error.code`, or from MiniMax's messages, where it stands in brackets; an HTTP status counts where there is no known code. Other 5xx statuses are a `ServerError` and are retried.

## Retries

`max_retries` (2 unless set) counts the requests after the first, whatever failed: the status, a code inside HTTP 200, or the connection. Nothing else retries: the SDK's client, with retries of its own, is not used.

- A `Retry-After` of up to a minute is waited for, in seconds, in milliseconds (`retry-after-ms`) or as a date. A longer one raises the error at once; its `retry_after` says how long. Without one, waits double from half a second to eight, less up to a quarter at random.
- With `limiter=`, a refusal for asking too much (429, 529) is waited for there instead, also where a plan is used up and the refusal says until when; the request still counts as a retry.
- A stream is retried only before its first delta, of which reasoning is one. After it, the error's `partial` holds text, reasoning and usage so far, and no tool call: half a call is never handed out as one.
- A cancelled or closed call is not sent again, and a tool that was run is not run again: a retry repeats one request.
- LangChain's `with_retry` and retry middleware repeat whole calls, each with its own retries. Set `max_retries=0` on the model to leave all of them to the framework.
- The read timeout runs from one piece of the reply to the next. Comments, blank lines and empty events do not put it off.

## Limits

What is beyond them ends in an `InvalidReplyError`. Sizes count what comes out of compression; gzip is asked for and read, in one layer.

- An answer may have {limits.MAX_ANSWER_BYTES >> 20} MiB, comments and blank lines of its stream included. A whole reply that comes before is kept.
- A JSON body, or one event of a stream, may have {limits.MAX_EVENT_BYTES >> 20} MiB, {limits.MAX_CONTAINERS:,} objects and arrays, and {MAX_DEPTH} of them inside each other.
- A reply may have {limits.MAX_PARTS:,} tool calls, as many entries in `reasoning_details`, and as many fields that nothing reads.
- Of an HTTP error, {limits.MAX_ERROR_BYTES >> 10} KiB are read, for at most {limits.MAX_ERROR_SECONDS:g} seconds. Its status decides where its body cannot be read.

## MiniMax

{table(heads, rows(MINIMAX_FAILURES))}

## MARA Cloud

{table(heads, rows(MARA_FAILURES))}

## By HTTP status

{table(["status", *heads[1:]], rows(STATUS_FAILURES))}

## Every failure

How each failure ends, with the number of requests that `max_retries=2` makes of it. `make faults` plays each row to the four forms of a call in LangChain and the four in LlamaIndex. LlamaIndex raises the error as named; in LangChain it is also the class of `langchain_core.exceptions`. `status_code` is known for each failure that a provider named: the HTTP status, or for one inside HTTP 200 that of its class.

{groups}
"""


def _fault_row(fault: Fault) -> tuple[str, ...]:
    plain, stream = fault.plain_ending, fault.stream_ending
    kinds = dict.fromkeys((_langchain_class(plain.error), _langchain_class(stream.error)))
    return (
        fault.what,
        _ending(plain),
        "the same"
        if (plain.error, plain.requests) == (stream.error, stream.requests)
        else _ending(stream),
        ", ".join(f"`{kind}`" for kind in kinds),
        _kept(plain)
        if _kept(plain) == _kept(stream)
        else f"{_kept(plain)}; stream: {_kept(stream)}",
    )


def _kept(ending: Ending) -> str:
    parts = {
        "code": ending.code is not None,
        "request id": ending.request_id is not None,
        "retry after": ending.retry_after is not None,
        "text": ending.text,
        "reasoning": ending.reasoning,
        "usage": ending.tokens,
    }
    return ", ".join(name for name, known in parts.items() if known) or "\u2013"


def _ending(ending: Ending) -> str:
    requests = "1 request" if ending.requests == 1 else f"{ending.requests} requests"
    return f"`{ending.error}`, {requests}"


def _langchain_class(error: str) -> str:
    translated = ERROR_MAP[getattr(errors, error)]
    return next(
        kind.__name__ for kind in translated.__mro__ if kind.__module__ == exceptions.__name__
    )


def emulator_page() -> str:
    """Return the page of the emulator's scenarios."""
    rows = (
        (f"`{name}`", scenario.description, ", ".join(sorted(scenario.providers)))
        for name, scenario in SCENARIOS.items()
    )
    return f"""# Emulator scenarios

{NOTICE}

The emulator speaks the providers' wire formats and is no model. What the model says comes from a few rules, or from [a function of yours](testing.md#say-what-the-model-says). Choose a form or a failure with `emulator.scenario = "name"`, with `--scenario name`, or with the request header `x-emulator-scenario`.

{table(["scenario", "what it does", "providers"], rows)}
"""


def _symbol(source: str) -> str:
    module, _, name = source.partition(":")
    return f"`{module.replace('.', '/')}.py`: `{name}`"


def conformance_rules_page() -> str:
    """Return the page of the conformance suite's rules."""
    rows = (
        (
            f"**{rule.number}** {rule.title}",
            rule.reason,
            "; ".join(map(_symbol, rule.sources)),
            ", ".join(f"`has_{ability}`" for ability in rule.needs),
        )
        for rule in sorted(RULES.values(), key=lambda rule: rule.number)
    )
    attributes = (
        (f"`{name}`", " ".join(inspect.cleandoc(given.__doc__ or "").split()))
        for name, given in vars(Conformance).items()
        if isinstance(given, property) or name in ("make_llm", "secret_header", "check_request")
    )
    return f"""# Rules of the LlamaIndex conformance suite

{NOTICE}

Each rule of the [suite](llama-index-conformance.md) is a test `test_…` of that name. Sources are files below `llama_index/core/` of llama-index-core {VERIFIED_WITH}; a test looks each symbol up. A number is never given to another rule.

{table(["rule", "why", "source", "needs"], rows)}

## What a subclass says

{table(["of the class", "meaning"], attributes)}
"""


PAGES: dict[str, Callable[[], str]] = {
    "parameters.md": parameters_page,
    "history.md": history_page,
    "api/fields.md": settings_page,
    "models.md": models_page,
    "errors.md": errors_page,
    "emulator.md": emulator_page,
    "conformance-rules.md": conformance_rules_page,
}


def main() -> None:
    """Write all pages."""
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
