"""Names of settings: those of other frameworks, and one setting under two names."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import mara_minimax
from mara_minimax.types import JSONObject

if TYPE_CHECKING:
    from mara_minimax.errors import ParameterError, UnknownArgumentError

ALIASES: Final = {
    "model_name": "model",
    "api_base": "base_url",
    "request_timeout": "timeout",
    "stop_sequences": "stop",
    "max_completion_tokens": "max_tokens",
    "async_http_client": "http_async_client",
}
"""Names that users of either framework know, and the field that each one sets."""

_SAME_PARAMETER: Final = {
    "max_tokens": "max_completion_tokens",
    "max_completion_tokens": "max_tokens",
}
"""Parameters of a call that mean the same."""


def add_positional(model: Any, given: Mapping[str, Any]) -> JSONObject:
    """Return constructor arguments with the `model` that was given by position, if it was.

    A model that is `None` is left out, by name too: the default holds. Raises `ParameterError`
    where it is given by position and by name.
    """
    names = ("model", "model_name")
    kept = {name: value for name, value in given.items() if name not in names or value is not None}
    if model is None:
        return kept
    for name in names:
        if name in kept:
            raise mara_minimax.errors.ParameterError(
                f"The model is given by position and as {name!r}: pass only one of them."
            )
    return {**kept, "model": model}


def to_field_names(
    values: Mapping[Any, Any], fields: Collection[str], known: Collection[str], title: str
) -> JSONObject:
    """Return constructor arguments under the names of their fields.

    `known` are all names that the class `title` takes. Raises `UnknownArgumentError` for
    another one, and `ParameterError` for one field under two names.
    """
    given: JSONObject = {}
    names: dict[str, str] = {}
    for name, value in values.items():
        if name not in known:
            raise unknown_argument(name, sorted({*fields, *ALIASES}), title)
        field = name if name in fields else ALIASES.get(name, name)
        if value is None:
            given.setdefault(field, None)
            continue
        if names.setdefault(field, name) != name:
            raise _given_twice(names[field], name)
        given[field] = value
    return given


def merge_parameters(settings: Mapping[str, Any], call: Mapping[str, Any]) -> JSONObject:
    """Return `settings` with what a call gives, `None` apart, in their place.

    A call that gives one setting under two names raises `ParameterError`.
    """
    given = {name: value for name, value in call.items() if value is not None}
    for name, other in _SAME_PARAMETER.items():
        if name in given and other in given:
            raise _given_twice(name, other)
    replaced = {_SAME_PARAMETER.get(name, name) for name in given}
    return {**{n: value for n, value in settings.items() if n not in replaced}, **given}


def unknown_argument(
    name: str, known: Sequence[str], title: str | None = None
) -> UnknownArgumentError:
    """Return the error for a name that is not in `known`, with the most similar one that is.

    `title` names the class whose constructor was called; `None` stands for a call.
    """
    # Others put their own name in front: `sambanova_api_key`.
    ending = [one for one in known if name.endswith(f"_{one}")]
    near = ending or difflib.get_close_matches(name, known, n=1)
    advice = f" Did you mean {near[0]!r}?" if near else ""
    place = f" of {title}" if title else ""
    return mara_minimax.errors.UnknownArgumentError(
        f"Unknown argument {name!r}{place}.{advice} Other body fields go into `extra_body`."
    )


def _given_twice(name: str, other: str) -> ParameterError:
    return mara_minimax.errors.ParameterError(
        f"{name!r} and {other!r} are two names of one setting: pass only one of them."
    )
