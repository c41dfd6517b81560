"""Keep the headers of a call out of events, callbacks and spans.

LlamaIndex copies the arguments of a call into all three before the call is made.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping
from typing import Any, Final, TypeVar

from pydantic import SecretStr

_HEADERS: Final = "extra_headers"
_METHODS: Final = (
    "chat",
    "achat",
    "stream_chat",
    "astream_chat",
    "complete",
    "acomplete",
    "stream_complete",
    "astream_complete",
    "predict_and_call",
    "apredict_and_call",
    "structured_predict",
    "astructured_predict",
    "stream_structured_predict",
    "astream_structured_predict",
)
_Class = TypeVar("_Class", bound=type)


def mask_headers(cls: _Class) -> _Class:
    """Make every public call of `cls` turn header values into `SecretStr` first.

    A class decorator, so that it is applied after the framework has put its spans around the
    methods, and so stands outside of them.
    """
    for name in _METHODS:
        setattr(cls, name, _masking(inspect.getattr_static(cls, name)))
    return cls


def unmask_headers(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return `parameters` with header values as they were given."""
    headers = parameters.get(_HEADERS)
    if not headers:
        return parameters
    return {**parameters, _HEADERS: {name: _reveal(value) for name, value in headers.items()}}


def _masking(method: Any) -> Any:
    if inspect.iscoroutinefunction(method):

        @functools.wraps(method)
        async def amasked(self: Any, *args: Any, **kwargs: Any) -> Any:
            return await method.__get__(self, type(self))(*args, **_mask(kwargs))

        return amasked

    @functools.wraps(method)
    def masked(self: Any, *args: Any, **kwargs: Any) -> Any:
        return method.__get__(self, type(self))(*args, **_mask(kwargs))

    return masked


def _mask(kwargs: dict[str, Any]) -> dict[str, Any]:
    if isinstance(llm_kwargs := kwargs.get("llm_kwargs"), dict):
        kwargs = {**kwargs, "llm_kwargs": _mask(llm_kwargs)}
    headers = kwargs.get(_HEADERS)
    if not isinstance(headers, Mapping):
        return kwargs
    return {**kwargs, _HEADERS: {name: _hide(value) for name, value in headers.items()}}


def _hide(value: Any) -> Any:
    return SecretStr(value) if isinstance(value, str) else value


def _reveal(value: Any) -> Any:
    return value.get_secret_value() if isinstance(value, SecretStr) else value
