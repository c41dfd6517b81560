"""Which API key a request carries: the one that was given for its host, or the variable's."""

from __future__ import annotations

from collections.abc import Coroutine
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, Final

from pydantic import SecretStr

import mara_minimax
from mara_minimax.providers.endpoints import Provider
from mara_minimax.secrets.headers import check_sendable
from mara_minimax.secrets.hosts import host_of, owner_of
from mara_minimax.secrets.key_functions import KeyFunction
from mara_minimax.secrets.values import BoundSecret, bind, check_host, hide, read_secret

if TYPE_CHECKING:
    from mara_minimax.errors import MissingAPIKeyError


Key = BoundSecret | KeyFunction
"""A key for one host, or the function that gives it."""

_QUOTES: Final = "\"'`"


def hide_key(given: Any) -> Any:
    """Return a key, or the function that gives it, as a value that hides itself."""
    if callable(given) and not isinstance(given, (SecretStr, KeyFunction)):
        return KeyFunction(given)
    return hide(given)


def check_key(given: Any) -> SecretStr | KeyFunction | None:
    """Return `hide_key(given)`; raise `ParameterError` for other types, without quoting it."""
    key = hide_key(given)
    if key is not None and not isinstance(key, (SecretStr, KeyFunction)):
        raise mara_minimax.errors.ParameterError(
            f"api_key has to be text, or a function that returns it, not {type(given).__name__}."
        )
    return key


def bind_key(given: Any, host: str) -> Key | None:
    """Return a key bound to `host`, unless it is bound already; `None` for a blank one."""
    checked = check_key(given)
    if isinstance(checked, KeyFunction):
        return checked.bind(host)
    key: BoundSecret | None = bind(checked, host)
    return key if key and key.get_secret_value() else None


def call_key(key: KeyFunction) -> BoundSecret:
    """Return the key that a function gives for a sync request.

    Raises:
        MissingAPIKeyError: It gives none, or raises an error, which is the cause.
        ParameterError: It is async, or gives what cannot be sent.
    """
    given = _call(key)
    if isawaitable(given):
        if isinstance(given, Coroutine):
            # Or Python warns that nobody has awaited it.
            given.close()
        raise mara_minimax.errors.ParameterError(
            "api_key is an async function, for which a sync call cannot wait: call the model's "
            "async methods, or pass a function that returns the key."
        )
    return _given_key(given, key.host)


async def acall_key(key: KeyFunction) -> BoundSecret:
    """Do what `call_key` does for an async request, in which the function may be async too."""
    given = _call(key)
    if isawaitable(given):
        try:
            given = hide(await given)
        except Exception as error:
            raise _failed(error) from error
    return _given_key(given, key.host)


def _call(key: KeyFunction) -> Any:
    try:
        return hide(key())
    except Exception as error:
        raise _failed(error) from error


def _failed(error: Exception) -> MissingAPIKeyError:
    return mara_minimax.errors.MissingAPIKeyError(
        f"The function given as api_key raised {type(error).__name__}."
    )


def _given_key(given: Any, host: str) -> BoundSecret:
    if not isinstance(given, SecretStr) or not given.get_secret_value().strip():
        what = "an empty key" if isinstance(given, SecretStr) else type(given).__name__
        raise mara_minimax.errors.MissingAPIKeyError(
            f"The function given as api_key has to return the key as text; it returned {what}."
        )
    key: BoundSecret = bind(given, host)
    _check_text(key)
    return key


def _check_text(key: SecretStr) -> None:
    """Raise `ParameterError` for a key that cannot be sent, or that more than a key was pasted of.

    Hosts answer both with "invalid key", which sends people to look for another one.
    """
    if problem := _flaw_of(key):
        raise mara_minimax.errors.ParameterError(f"The API key {problem}.")
    check_sendable(key, "The API key")


def _flaw_of(key: SecretStr) -> str:
    """Return what is wrong with a key's text, apart from the frame that raises."""
    text = key.get_secret_value()
    if text.endswith("…"):
        return "ends in '…', as in an example or where it is shown in part: pass the whole key"
    if text.lower().startswith("bearer "):
        return "begins with 'Bearer', which requests add themselves: pass the key alone"
    if text[0] == text[-1] and text[0] in _QUOTES:
        return "stands in quotation marks: pass the key alone"
    return ""


def usable_key(given: Any, provider: Provider, url: str, title: str) -> Key | None:
    """Return the key for requests to `url`: the given one, or the provider's variable's.

    `None` where the provider needs none. `title` names the class for messages.

    Raises:
        MissingAPIKeyError: There is none, or the given one is for another host.
        ParameterError: It cannot be sent, or the variable's is for another provider.
    """
    host = host_of(url)
    key = bind_key(given, host)
    if key is None or (
        # A key from a variable is dropped where a constructor would read another variable.
        key.variable and (key.variable, key.host) != (provider.key_variable, host)
    ):
        key = read_secret(provider.key_variable, host)
    if key is None and not provider.key_variable:
        return None
    if key is None:
        raise mara_minimax.errors.MissingAPIKeyError(
            f"No API key for {provider.title}: pass api_key=… to {title}, or "
            f"set the environment variable {provider.key_variable}."
        )
    advice = f"Pass api_key=…, or api_key=None to read {provider.key_variable}"
    check_host(key, url, "The API key", advice)
    if isinstance(key, BoundSecret):
        _check_text(key)
    owner = owner_of(url)
    if key.variable and owner is not None and owner.key_variable != key.variable:
        raise mara_minimax.errors.ParameterError(
            f"base_url is a host of {owner.title}, but the key in {key.variable} is for "
            f"{provider.title}. Choose the class or endpoint of {owner.title}, or pass api_key=…."
        )
    return key
