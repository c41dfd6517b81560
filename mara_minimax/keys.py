"""API keys that know which provider and host they are for."""

from __future__ import annotations

import os
from typing import Any

from pydantic import SecretStr

import mara_minimax
from mara_minimax.hosts import host_of, owner_of
from mara_minimax.masking import check_sendable
from mara_minimax.providers import Provider


class ProviderKey(SecretStr):
    """A key with its origin, which copies, configured models and pickles keep.

    `owner` is the variable that keys of its provider come from, `host` where the model that
    got it sends requests, `from_variable` whether it was read from the environment.
    """

    def __init__(self, value: str, *, owner: str, host: str, from_variable: bool) -> None:
        """Hold `value`, unseen."""
        super().__init__(value)
        self.owner = owner
        self.host = host
        self.from_variable = from_variable

    def is_for(self, provider: Provider, url: str) -> bool:
        """Whether requests to `url` may carry this key."""
        return self.owner == provider.key_variable or self.host == host_of(url)

    def __eq__(self, other: Any) -> bool:
        """Keys are equal when their text is."""
        return isinstance(other, SecretStr) and (
            self.get_secret_value() == other.get_secret_value()
        )

    def __hash__(self) -> int:
        """Return the hash of the text."""
        return hash(self.get_secret_value())


def usable_key(given: SecretStr | None, provider: Provider, url: str, title: str) -> ProviderKey:
    """Return the key for requests to `url`: the given one, or the provider's variable's.

    A key that was given for another provider at another host does not count. `title` names the
    class for the message of `MissingAPIKeyError`.
    """
    key = _own_key(given, provider, url) or key_of_environment(provider, url)
    if key is None:
        raise mara_minimax.errors.MissingAPIKeyError(
            f"No API key for {provider.title}: pass api_key=… to {title}, or "
            f"set the environment variable {provider.key_variable}."
        )
    check_sendable(key, "The API key")
    owner = owner_of(url)
    if key.from_variable and owner is not None and owner.key_variable != key.owner:
        raise mara_minimax.errors.ParameterError(
            f"base_url is a host of {owner.title}, but the key in {key.owner} is for "
            f"{provider.title}. Choose the class or endpoint of {owner.title}, or pass api_key=…."
        )
    return key


def key_of_environment(provider: Provider, url: str) -> ProviderKey | None:
    """Return the key in the provider's variable, `None` if it is unset or blank."""
    return _bind(os.environ.get(provider.key_variable, ""), provider, url, from_variable=True)


def _own_key(given: SecretStr | None, provider: Provider, url: str) -> ProviderKey | None:
    if isinstance(given, ProviderKey):
        return given if given.is_for(provider, url) else None
    text = given.get_secret_value() if isinstance(given, SecretStr) else str(given or "")
    return _bind(text, provider, url, from_variable=False)


def _bind(text: str, provider: Provider, url: str, *, from_variable: bool) -> ProviderKey | None:
    text = text.strip()
    return (
        ProviderKey(
            text, owner=provider.key_variable, host=host_of(url), from_variable=from_variable
        )
        if text
        else None
    )
