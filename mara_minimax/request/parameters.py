"""Apply the table of parameters: what is sent, and what the user should know of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal

import mara_minimax
from mara_minimax.encoded_request import RequestWarning
from mara_minimax.providers.endpoints import Provider
from mara_minimax.providers.parameters import ParameterRule, find_rules
from mara_minimax.types import JSONObject

ParameterPolicy = Literal["adjust", "raise", "pass"]
"""`adjust` corrects or leaves out with a warning, `raise` refuses, `pass` sends as given."""


def apply_parameter_rules(
    parameters: JSONObject, provider: Provider, model: str, policy: ParameterPolicy
) -> tuple[JSONObject, tuple[RequestWarning, ...]]:
    """Return `parameters` as the provider takes them, and a warning for each change.

    Under `raise` the first change raises `ParameterError`. A renamed parameter, and a value in
    another spelling, keep their meaning: neither warns or raises.
    """
    adjusted = dict(parameters)
    warnings: list[RequestWarning] = []
    for rule in find_rules(provider.name, model):
        if rule.name not in adjusted:
            continue
        value = adjusted[rule.name] = _look_up(rule.spellings, adjusted[rule.name])
        if value in rule.harmless and rule.action != "renamed":
            del adjusted[rule.name]
            continue
        if rule.action == "renamed":
            adjusted.setdefault(rule.replacement, adjusted.pop(rule.name))
            continue
        if policy == "pass":
            continue
        outcome = _OUTCOMES[rule.action](rule, value)
        if outcome is _UNCHANGED:
            continue
        if outcome is _LEFT_OUT:
            del adjusted[rule.name]
        else:
            adjusted[rule.name] = outcome
        warnings.append(_announce(rule, value, outcome, provider, model, policy))
    return adjusted, tuple(warnings)


def drop_ignored(
    holders: Iterable[JSONObject],
    name: str,
    provider: Provider,
    model: str,
    policy: ParameterPolicy,
) -> tuple[RequestWarning, ...]:
    """Take a field out of tools or content parts, in place, where a rule of the table says so.

    Return one warning, however many of the `holders` have it.
    """
    rules = [rule for rule in find_rules(provider.name, model) if rule.name == name]
    if policy == "pass" or not rules:
        return ()
    given = [holder.pop(name) for holder in holders if name in holder]
    found = [value for value in given if value]
    return (_announce(rules[0], found[0], _LEFT_OUT, provider, model, policy),) if found else ()


def _announce(  # noqa: PLR0917 - in the order in which the text names them
    rule: ParameterRule,
    value: Any,
    outcome: Any,
    provider: Provider,
    model: str,
    policy: ParameterPolicy,
) -> RequestWarning:
    """Return the warning of a change; raise `ParameterError` where the policy refuses it."""
    problem = (
        f"{provider.title}: {rule.name}={value!r} for {model!r}: {rule.describe()} "
        f"(source: {rule.source}"
        f"{'; contradicted: ' + rule.contradiction if rule.contradiction else ''})."
    )
    if policy == "raise":
        raise mara_minimax.errors.ParameterError(problem)
    done = "It is left out." if outcome is _LEFT_OUT else f"{outcome!r} is sent."
    return RequestWarning(
        f"{problem} {done} Set parameter_policy to 'raise' or 'pass' to change this.",
        cause=(provider.title, model, rule.name, repr(value)),
    )


_UNCHANGED = object()
_LEFT_OUT = object()


def _fit_range(rule: ParameterRule, value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return _UNCHANGED
    if rule.lowest is not None and value <= rule.low:
        return rule.lowest
    if value < rule.low:
        return type(value)(rule.low)
    if value > rule.high:
        return type(value)(rule.high)
    return _UNCHANGED


def _look_up(pairs: Iterable[tuple[Any, Any]], value: Any) -> Any:
    """Return what `pairs` have for `value`, or `value` itself."""
    # `1 == True`, but the wire tells them apart.
    return next(
        (sent for given, sent in pairs if type(given) is type(value) and given == value), value
    )


def _replace_value(rule: ParameterRule, value: Any) -> Any:
    sent = _look_up(rule.replacements, value)
    return _UNCHANGED if sent is value else sent


_OUTCOMES: dict[str, Callable[[ParameterRule, Any], Any]] = {
    "range": _fit_range,
    "replaced": _replace_value,
    "ignored": lambda rule, value: _LEFT_OUT,  # noqa: ARG005 - the shape of an outcome
    "refused": lambda rule, value: _LEFT_OUT,  # noqa: ARG005
}
