"""What a pickle of a chat class holds of its secrets."""

from __future__ import annotations

import base64
import pickle
from collections.abc import Iterable
from typing import Any, Final

from mara_minimax.keys import ProviderKey

_SEALED: Final = "sealed_secrets"


def seal(state: dict[Any, Any], names: Iterable[str]) -> dict[Any, Any]:
    """Return a model's state with the fields `names` encoded, so that none stands there plainly.

    A key that was read from the environment is left out: a worker has its own environment.
    """
    fields = dict(state["__dict__"])
    secrets = {name: fields.pop(name) for name in names if name in fields}
    key = secrets.get("api_key")
    if isinstance(key, ProviderKey) and key.from_variable:
        secrets["api_key"] = None
    fields[_SEALED] = base64.b64encode(pickle.dumps(secrets))
    return {**state, "__dict__": fields}


def unseal(state: dict[Any, Any]) -> dict[Any, Any]:
    """Return the state that `seal` was given, but for the key that it leaves out."""
    fields = dict(state["__dict__"])
    # Part of a pickle that is being loaded: whoever could change it could change the rest.
    secrets = pickle.loads(base64.b64decode(fields.pop(_SEALED)))  # noqa: S301
    return {**state, "__dict__": {**fields, **secrets}}
