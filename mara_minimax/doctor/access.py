"""Checks before the first answer: key, endpoint, model list, and whether the key is accepted."""

from __future__ import annotations

import difflib
import os

from mara_minimax.doctor.hosts import other_regions
from mara_minimax.doctor.probe import Answer, Listing
from mara_minimax.doctor.report import Finding
from mara_minimax.errors import (
    APIConnectionError,
    AuthenticationError,
    InsufficientBalanceError,
    PermissionDeniedError,
    ProviderError,
)
from mara_minimax.providers.endpoints import Provider
from mara_minimax.providers.models import ModelProfile
from mara_minimax.secrets.hosts import owner_of

_LONGEST_NAME = 80
_OWN_KEYS = frozenset({"base_resp", "choices"})
"""What a body of the providers has beside, or instead of, an `error` with its parts."""


def check_key(provider: Provider, key: str, variable: str = "") -> Finding:
    """Say where the key is from, of what kind it is, and what copying often adds to one.

    `variable` is the environment variable that the user names, unless it is the provider's.
    """
    variable = variable or provider.key_variable
    if not key and not variable:
        return Finding("key", "pass", "none is sent")
    if not key:
        return Finding(
            "key",
            "fail",
            f"{variable} is not set",
            advice=f"export {variable}=… with a key of {provider.title}, or name another host with "
            "--provider.",
        )
    is_variables = os.environ.get(variable, "").strip() == key
    seen, name = (f"{variable} is set", variable) if is_variables else ("given", "api_key")
    flaws = {
        "quotes around it": key[0] in "'\"" or key[-1] in "'\"",
        "the word Bearer in front": key.lower().startswith("bearer "),
        "white space inside": any(character.isspace() for character in key),
        "characters beyond ASCII": not key.isascii(),
    }
    found = [flaw for flaw, present in flaws.items() if present]
    if found:
        seen = f"{seen}, with {' and '.join(found)}"
        return Finding("key", "warn", seen, advice=f"Set {name} to the bare key.")
    if is_plan_key(provider, key):
        seen = f"{seen}, a key of a Token Plan: it begins with {provider.plan_key_prefix}"
        return Finding("key", "pass", seen, advice="--quota shows what is left of the plan.")
    return Finding("key", "pass", seen)


def is_plan_key(provider: Provider, key: str) -> bool:
    """Whether a key is one of the provider's Token Plan, by its first letters."""
    return bool(provider.plan_key_prefix) and key.startswith(provider.plan_key_prefix)


def check_endpoint(listing: Listing, base_url: str) -> Finding:
    """Any HTTP answer shows that the endpoint is there."""
    if listing.status is None:
        owner = owner_of(base_url)
        other = owner.advice_on_urls if owner else ""
        return Finding(
            "endpoint",
            "fail",
            f"no answer: {listing.reason}",
            advice=f"Check {base_url}, the network and a proxy in between. {other}".rstrip(),
        )
    seen = f"HTTP {listing.status} in {listing.seconds * 1000:.0f} ms, connecting included"
    if listing.status >= 500:
        return Finding(
            "endpoint", "warn", seen, advice="The host or a proxy in front of it fails: try later."
        )
    return Finding("endpoint", "pass", seen)


def check_models(listing: Listing, model: str, profile: ModelProfile) -> Finding:
    """Look the model up in the endpoint's own list; without a list there is nothing to say."""
    note = "" if profile.known else "The table has no row for it; values of its family are assumed."
    if listing.names is None:
        return Finding("models", "skip", _why_no_list(listing))
    if model in listing.names:
        return Finding("models", "pass", f"{model} is one of {len(listing.names)}", advice=note)
    names = {name.lower(): name for name in listing.names}
    near = names.get(model.lower()) or next(
        (names[name] for name in difflib.get_close_matches(model.lower(), names, n=1)), ""
    )
    some = ", ".join(map(_shortened, listing.names[:8])) or "-"
    advice = f"Did you mean {_shortened(near)}?" if near else f"It has: {some}."
    seen = f"{model} is not among the {len(listing.names)} models listed"
    return Finding("models", "warn", seen, advice=advice)


def check_access(answer: Answer) -> Finding:
    """Tell a wrong key from an empty account and a missing right."""
    error = answer.error
    provider = answer.request.provider
    if isinstance(error, APIConnectionError):
        return Finding("access", "skip", "no answer to a chat request")
    if isinstance(error, AuthenticationError):
        # The provider's words are not shown: some repeat a part of the key.
        seen = f"the key is refused ({_code_of(answer)})"
        return Finding("access", "fail", seen, advice=advice_on_refusal(provider))
    is_providers = _is_providers_own(error)
    if isinstance(error, InsufficientBalanceError) and is_providers:
        seen = f"the key is right, but the account has no balance ({_code_of(answer)})"
        advice = f"Add balance or a means of payment at {provider.title}."
        return Finding("access", "fail", seen, advice=advice)
    if isinstance(error, PermissionDeniedError) and is_providers:
        seen = f"the key is right, but not allowed to use {answer.request.body['model']} here"
        advice = "Choose another --model, or a plan that includes this one."
        return Finding("access", "fail", f"{seen} ({_code_of(answer)})", advice=advice)
    if answer.reply:
        return Finding("access", "pass", "yes")
    if is_providers:
        return Finding("access", "pass", "yes: the failure below is another one")
    return Finding("access", "skip", "not known: the answer is not one of the provider")


def _is_providers_own(error: ProviderError | None) -> bool:
    """Whether an error shows that the provider looked at the request, and so took the key.

    A page of HTML comes from a proxy or a login, and so may a status that says nothing of the
    request, and JSON in another form than the providers' own.
    """
    status = getattr(error and error.response, "status_code", None)
    body = error and error.body
    return (
        isinstance(body, dict)
        and (isinstance(body.get("error"), dict) or not body.keys().isdisjoint(_OWN_KEYS))
        and status in (200, 400, 402, 403, 413, 422, 429)
    )


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"


def _why_no_list(listing: Listing) -> str:
    if listing.status is None:
        return "no answer"
    if listing.status in (404, 405):
        return f"the endpoint has no list (HTTP {listing.status})"
    if listing.status in (401, 403):
        return f"the list is refused (HTTP {listing.status})"
    return f"the answer is no list of models (HTTP {listing.status})"


def _code_of(answer: Answer) -> str:
    error = answer.error
    assert error is not None  # noqa: S101 - only asked for after an error
    http = getattr(error.response, "status_code", None) or error.status_code
    return f"HTTP {http}" + (f", code {error.code}" if error.code else "")


def advice_on_refusal(provider: Provider) -> str:
    """Return what to do where the provider refuses the key."""
    if regions := other_regions(provider):
        endpoints = " or ".join(f'"{endpoint}"' for endpoint in regions.values())
        return (
            f"Check the key. If it is one of another region, use --provider "
            f"{' or '.join(regions)} here and endpoint={endpoints} in your code."
        )
    if provider.advice_on_urls:
        return f"Check the key. {provider.advice_on_urls}"
    if not provider.key_variable:
        return "Give the server's key: --api-key-env NAME here, api_key= in your code."
    return f"Check the key, or make a new one at {provider.title}."
