"""Which API key a request carries: the one that was given for its host, or the variable's."""

from __future__ import annotations

from typing import Any

from pydantic import SecretStr

import mara_minimax
from mara_minimax.providers.endpoints import Provider
from mara_minimax.secrets.headers import check_sendable
from mara_minimax.secrets.hosts import host_of, owner_of
from mara_minimax.secrets.values import BoundSecret, bind, check_host, hide, read_secret


def check_key(given: Any) -> SecretStr | None:
    """Return a key, hidden; raise `ParameterError` unless it is text, without quoting it."""
    key = hide(given)
    if key is not None and not isinstance(key, SecretStr):
        raise mara_minimax.errors.ParameterError(
            f"api_key has to be text, not {type(given).__name__}."
        )
    return key


def bind_key(given: Any, host: str) -> BoundSecret | None:
    """Return a key bound to `host`, unless it is bound already; `None` for a blank one."""
    key: BoundSecret | None = bind(check_key(given), host)
    return key if key and key.get_secret_value() else None


def usable_key(given: Any, provider: Provider, url: str, title: str) -> BoundSecret | None:
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
    check_sendable(key, "The API key")
    owner = owner_of(url)
    if key.variable and owner is not None and owner.key_variable != key.variable:
        raise mara_minimax.errors.ParameterError(
            f"base_url is a host of {owner.title}, but the key in {key.variable} is for "
            f"{provider.title}. Choose the class or endpoint of {owner.title}, or pass api_key=…."
        )
    return key
