"""The three emulated providers: wire, models and rules of each, in one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mara_minimax.emulator.checks import llmprovider, mara, minimax
from mara_minimax.emulator.checks.validation import Rule
from mara_minimax.emulator.types.models import (
    LLMPROVIDER_MODELS,
    MARA_MODELS,
    MINIMAX_MODELS,
    Model,
)
from mara_minimax.emulator.types.refusal import Refusal
from mara_minimax.emulator.wire.llmprovider import LLMProviderWire
from mara_minimax.emulator.wire.mara import MaraWire
from mara_minimax.emulator.wire.minimax import MinimaxWire
from mara_minimax.emulator.wire.wire import Wire

# MiniMax matches names without regard to case (inferred from its error texts, 2026).
_MINIMAX_BY_LOWER_NAME = {name.lower(): model for name, model in MINIMAX_MODELS.items()}

# What a body above 64 MiB gets is known of MiniMax alone; this is the usual code of HTTP 413.
_TOO_LARGE = Refusal(413, "request_too_large", "The request body is larger than 64 MiB.")
_NOT_FOUND = Refusal(404, "not_found", "Not found")


@dataclass(frozen=True)
class Provider:
    """Everything in which one provider differs from another."""

    name: str
    wire: type[Wire]
    find_model: Callable[[str], Model | None]
    rules: tuple[Rule, ...]
    unknown_model: Callable[[object], Refusal]
    unreadable_body: Refusal
    wrong_key: Refusal
    body_too_large: Refusal = _TOO_LARGE
    not_found: Refusal = _NOT_FOUND
    tells_remains: bool = False
    """Whether it has a Token Plan, and tells what is left of it."""


PROVIDERS = {
    provider.name: provider
    for provider in (
        Provider(
            name="minimax",
            wire=MinimaxWire,
            find_model=lambda name: _MINIMAX_BY_LOWER_NAME.get(name.lower()),
            rules=minimax.MINIMAX_RULES,
            unknown_model=minimax.unknown_model,
            unreadable_body=minimax.UNREADABLE_BODY,
            wrong_key=minimax.WRONG_KEY,
            body_too_large=Refusal(413, 2013, "invalid params, request body exceeds 64 MB"),
            not_found=Refusal(404, 404, "page not found"),
            tells_remains=True,
        ),
        Provider(
            name="mara",
            wire=MaraWire,
            find_model=MARA_MODELS.get,
            rules=mara.MARA_RULES,
            unknown_model=mara.unknown_model,
            unreadable_body=mara.UNREADABLE_BODY,
            wrong_key=mara.WRONG_KEY,
        ),
        Provider(
            name="llmprovider",
            wire=LLMProviderWire,
            find_model=lambda name: (
                LLMPROVIDER_MODELS.get(name) or (Model(name, 204_800) if name else None)
            ),
            rules=llmprovider.LLMPROVIDER_RULES,
            unknown_model=lambda _: llmprovider.MISSING_MODEL,
            unreadable_body=llmprovider.UNREADABLE_BODY,
            wrong_key=llmprovider.WRONG_KEY,
        ),
    )
}
