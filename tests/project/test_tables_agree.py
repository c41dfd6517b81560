"""What the library sends under `adjust`, and what the emulator's own tables say of it.

Two people wrote the tables, so each combination of model and parameter that the emulator refuses
is a mistake on one side, which a source settles. Facts that sources give differently (the window
of MiniMax-M3 at MARA) are listed in `tests/project/test_checklists.py`. The values that are tried
are in `values.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mara_minimax.doctor.hosts import PROVIDERS
from mara_minimax.emulator import providers as emulated
from mara_minimax.emulator.checks.validation import Candidate, first_refusal
from mara_minimax.emulator.types import models as emulated_models
from mara_minimax.providers.endpoints import LLMPROVIDER, Provider
from mara_minimax.providers.models import MODELS
from mara_minimax.request.encode import encode_request
from mara_minimax.settings import MARASettings, MiniMaxSettings
from tests.project.values import TOOL, USER, VALUES


def refusals(provider: Provider) -> Iterator[str]:
    """Yield what the emulator refuses of what is sent, in words."""
    served = getattr(emulated_models, f"{provider.name.upper()}_MODELS")
    rules = emulated.PROVIDERS[provider.name].rules
    for model in sorted({*MODELS[provider.name], *served}):
        known = served.get(model)
        for name, values in VALUES.items():
            for value in values:
                given = {"tools": [TOOL], "tool_choice": value} if name == "tool_choice" else {}
                parameters = {"model": model, **given, name: value}
                body = encode_request([USER], parameters, provider=provider).body
                if known is None:
                    # The reseller serves any name.
                    if provider is not LLMPROVIDER:
                        yield f"{model}: the emulator does not serve it"
                elif refusal := first_refusal(Candidate(body, known), rules):
                    yield f"{model}: {name}={value!r} is sent as {body.get(name)!r}: {refusal}"


@pytest.mark.parametrize("name", emulated.PROVIDERS)
def test_the_emulator_takes_what_the_library_adjusts(name):
    assert list(refusals(PROVIDERS[name])) == []


@pytest.mark.parametrize(
    ("cls", "name"),
    [
        (cls, name)
        for cls in (MiniMaxSettings, MARASettings)
        for name in cls.model_fields
        if name in VALUES
    ],
)
def test_a_setting_is_sent_as_the_parameter_of_its_name(cls, name):
    value = VALUES[name][-1]
    given = cls(api_key="k", parameter_policy="pass", **{name: value})
    called = cls(api_key="k", parameter_policy="pass")
    body = given.encode([USER], stream=False).body
    assert body == called.encode([USER], stream=False, **{name: value}).body
    assert body != called.encode([USER], stream=False).body
