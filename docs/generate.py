"""Write the tables of the documentation from the tables of the code.

Run `make tables` after changing a table; a test fails while a page is stale.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from mara_minimax.emulator import SCENARIOS
from mara_minimax.failures import MARA_FAILURES, MINIMAX_FAILURES, STATUS_FAILURES, Failure
from mara_minimax.models import MODELS
from mara_minimax.parameters import PARAMETER_RULES, ParameterRule
from mara_minimax.repairs import REPAIRS

FOLDER = Path(__file__).resolve().parent
NOTICE = "<!-- Generated from the code by docs/generate.py; change the code instead. -->"


def table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Return a Markdown table."""
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *([str(cell) for cell in row] for row in rows)]
    escaped = ([cell.replace("|", "\\|").replace("\n", " ") for cell in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in escaped)


def _models_of(rule: ParameterRule) -> str:
    models = ", ".join(filter(None, rule.models)) or "all"
    return f"{models} but {', '.join(rule.excluded_models)}" if rule.excluded_models else models


def parameters_page() -> str:
    """Return the page of parameters."""
    rows = (
        (
            rule.provider,
            f"`{rule.name}`",
            _models_of(rule),
            rule.describe(),
            rule.source,
        )
        for rule in PARAMETER_RULES
    )
    return f"""# Parameters

{NOTICE}

What each provider does with a parameter that it does not simply take as OpenAI does. A parameter without a row is sent as given, and nothing is sent that was not set.

`parameter_policy` decides about values outside a range and about what is ignored or refused: `"adjust"` (default) corrects the value or leaves it out, with one warning that names the rule and its source; `"raise"` raises `ParameterError` before any request; `"pass"` sends what was given. A value that means the same as leaving the parameter out, such as `n=1`, is left out silently. Renaming does not depend on the policy.

{table(["provider", "parameter", "models that begin with", "what happens", "source"], rows)}
"""


def history_page() -> str:
    """Return the page of history repairs."""
    rows = (
        (
            repair.text.replace("{{}}", "{}"),
            repair.refusal,
            "MiniMax models" if repair.strict_only else "all",
            repair.source,
        )
        for repair in REPAIRS
    )
    return f"""# History repair

{NOTICE}

Frameworks produce histories that providers refuse: two system messages, calls without results, arguments cut off in the middle. Each is mended before the request, only as far as needed. `EncodedRequest.changes` says what was changed.

{table(["what is changed", "what happens without it", "for", "source"], rows)}
"""


def models_page() -> str:
    """Return the page of models."""
    rows = (
        (
            provider,
            f"`{name}`",
            f"{profile.context_window:,}",
            f"{profile.max_output_tokens:,}" if profile.max_output_tokens else "not published",
            ", ".join(profile.inputs),
            "yes" if profile.reasoning else "no",
            profile.source,
        )
        for provider, models in MODELS.items()
        for name, profile in models.items()
    )
    heads = ["provider", "model", "context window", "most output", "input", "reasoning", "source"]
    return f"""# Models

{NOTICE}

What is known of each model. Any other name works too: it takes the values of its family by the beginning of the name, or permissive defaults.

{table(heads, rows)}
"""


def errors_page() -> str:
    """Return the page of provider failures."""

    def rows(failures: Iterable[Failure]) -> Iterable[tuple[str, ...]]:
        return (
            (f"`{f.code}`", f.meaning, f"`{f.error.__name__}`", "yes" if f.retryable else "no")
            for f in failures
        )

    heads = ["code", "meaning", "error", "retried"]
    return f"""# Errors

{NOTICE}

Every error is an `openai.OpenAIError`; those below are also the `openai` class of the same meaning and carry `code`, `request_id`, `status_code`, `retryable` and `partial` (what of the reply was received). A code is read from `base_resp`, from `error.code`, or from the end of MiniMax's messages; an HTTP status counts where there is no known code. Other 5xx statuses are a `ServerError` and are retried.

## MiniMax

{table(heads, rows(MINIMAX_FAILURES))}

## MARA Cloud

{table(heads, rows(MARA_FAILURES))}

## By HTTP status

{table(["status", *heads[1:]], rows(STATUS_FAILURES))}
"""


def emulator_page() -> str:
    """Return the page of the emulator's scenarios."""
    rows = (
        (f"`{name}`", scenario.description, ", ".join(sorted(scenario.providers)))
        for name, scenario in SCENARIOS.items()
    )
    return f"""# Emulator scenarios

{NOTICE}

The emulator speaks the providers' wire formats and is no model. Choose a form or a failure with `emulator.scenario = "name"`, with `--scenario name`, or with the request header `x-emulator-scenario`.

{table(["scenario", "what it does", "providers"], rows)}
"""


PAGES: dict[str, Callable[[], str]] = {
    "parameters.md": parameters_page,
    "history.md": history_page,
    "models.md": models_page,
    "errors.md": errors_page,
    "emulator.md": emulator_page,
}


def main() -> None:
    """Write all pages."""
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
