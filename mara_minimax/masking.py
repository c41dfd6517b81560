"""Keep keys and header values out of whatever shows the arguments of a call.

Frameworks copy the arguments of a call into events, traces, spans and cache keys, and a
traceback with locals shows them in every frame. Values are therefore hidden where they come
in and revealed where a request is built.
"""

from __future__ import annotations

import functools
import hashlib
import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, SupportsIndex, TypeVar

from pydantic import SecretStr

import mara_minimax
from mara_minimax.owned import Owned

if TYPE_CHECKING:
    from mara_minimax.errors import ParameterError

_HEADERS: Final = ("extra_headers", "default_headers", "headers")
_TEXTS: Final = ("api_key",)
_NESTED: Final = "llm_kwargs"
"""LlamaIndex's structured calls hand the arguments of the call on in this one."""
_SHOWN: Final = "'**********'"
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_|~0-9A-Za-z`-]+")
_UNSENDABLE: Final = re.compile(r"[^\t -~]")
_Class = TypeVar("_Class", bound=type)
_Args = tuple[Any, ...]
_Hider = Callable[[_Args, dict[str, Any]], tuple[_Args, dict[str, Any]]]
"""Takes the arguments of a call, by position and by name, and hides the secrets in them."""


class HiddenText(str):
    """Text that a request can carry as it is and that no `repr` shows."""

    __slots__ = ()

    def __repr__(self) -> str:
        return _SHOWN

    def __getitem__(self, key: SupportsIndex | slice[Any, Any, Any]) -> HiddenText:
        """Hide parts too: displays that shorten long values slice them first."""
        return HiddenText(super().__getitem__(key))


def hide_arguments(arguments: Mapping[str, Any], *, also: Iterable[str] = ()) -> dict[str, Any]:
    """Return `arguments` with keys and header values as `SecretStr`; `also` names more texts."""
    hidden = dict(arguments)
    for name in _HEADERS:
        if isinstance(headers := hidden.get(name), Mapping):
            hidden[name] = {header: _hide(value) for header, value in headers.items()}
    for name in (*_HEADERS, *_TEXTS, *also):
        if name in hidden:
            hidden[name] = _hide(hidden[name])
    if isinstance(nested := hidden.get(_NESTED), Mapping):
        hidden[_NESTED] = hide_arguments(nested)
    return hidden


def reveal_headers(
    headers: Mapping[str, Any] | None, what: str = "extra_headers"
) -> dict[str, Any]:
    """Return `headers` as a request takes them; raises `ParameterError` for what HTTP cannot carry.

    Their values still hide from `repr`: the HTTP library keeps them in the locals of its frames.
    No message quotes a value.
    """
    if headers is not None and not isinstance(headers, Mapping):
        raise mara_minimax.errors.ParameterError(
            f"{what} has to be a mapping of names and values, not {type(headers).__name__}."
        )
    revealed: dict[str, Any] = {}
    for name, value in (headers or {}).items():
        if not isinstance(name, str) or not _HEADER_NAME.fullmatch(name):
            raise mara_minimax.errors.ParameterError(f"{name!r} is no name of a header.")
        hidden = _hide(value)
        if isinstance(hidden, SecretStr):
            check_sendable(hidden, f"The value of the header {name!r}")
            revealed[name] = HiddenText(hidden.get_secret_value().strip())
        elif isinstance(value, (bytes, int, float)):
            raise _not_text(name, value, what)
        else:
            # Such as the SDK's mark for a header that is not to be sent.
            revealed[name] = value
    return revealed


def check_headers(headers: Any, what: str) -> dict[str, str] | None:
    """Return a mapping of header names and texts; anything else raises `ParameterError`."""
    if headers is None:
        return None
    revealed = reveal_headers(headers, what)
    for name, value in revealed.items():
        if not isinstance(value, str):
            raise _not_text(name, value, what)
    return revealed


def check_sendable(secret: SecretStr, what: str) -> None:
    """Raise `ParameterError` for text that no HTTP header can carry, without quoting it.

    The HTTP library would quote it in a `UnicodeEncodeError` or a protocol error.
    """
    place = _first_unsendable(secret)
    if place is not None:
        raise mara_minimax.errors.ParameterError(
            f"{what} has a character at position {place} that HTTP cannot carry: only "
            "printable ASCII can be sent."
        )


def fingerprint(headers: Mapping[str, Any]) -> str:
    """Return a digest that tells header mappings apart and shows no value."""
    lines = sorted(f"{name.lower()}:{value}" for name, value in reveal_headers(headers).items())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def mask_arguments(methods: Iterable[str]) -> Callable[[_Class], _Class]:
    """Make these public methods of a class hide what `hide_arguments` hides before they run.

    A class decorator, so that it is applied after a framework has put its spans around the
    methods, and so stands outside of them. A generator function stays one, sync or async.
    """
    return _mask_each(methods, lambda _: _hide_named)


def mask_nested_arguments(methods: Iterable[str]) -> Callable[[_Class], _Class]:
    """Make methods whose own keywords fill a template hide secrets in their `llm_kwargs` alone.

    Whatever a variable of a template is called, it is text for the prompt.
    """
    return _mask_each(methods, _nested_hider)


def _mask_each(
    methods: Iterable[str], hider_of: Callable[[Any], _Hider]
) -> Callable[[_Class], _Class]:
    def decorate(cls: _Class) -> _Class:
        for name in methods:
            method = inspect.getattr_static(cls, name)
            setattr(cls, name, _masking(method, hider_of(method)))
        return cls

    return decorate


def _hide_named(args: _Args, kwargs: dict[str, Any]) -> tuple[_Args, dict[str, Any]]:
    return args, hide_arguments(kwargs)


def _nested_hider(method: Any) -> _Hider:
    # Without `self`.
    place = list(inspect.signature(method).parameters).index(_NESTED) - 1

    def hide(args: _Args, kwargs: dict[str, Any]) -> tuple[_Args, dict[str, Any]]:
        if len(args) > place and isinstance(given := args[place], Mapping):
            args = (*args[:place], hide_arguments(given), *args[place + 1 :])
        if isinstance(named := kwargs.get(_NESTED), Mapping):
            kwargs = {**kwargs, _NESTED: hide_arguments(named)}
        return args, kwargs

    return hide


def _masking(method: Any, hide: _Hider) -> Any:
    if inspect.isgeneratorfunction(method) or inspect.isasyncgenfunction(method):
        return _masking_generator(method, hide)
    if inspect.iscoroutinefunction(method):

        @functools.wraps(method)
        async def amasked(self: Any, *args: Any, **kwargs: Any) -> Any:
            args, kwargs = hide(args, kwargs)
            return await method.__get__(self, type(self))(*args, **kwargs)

        return amasked

    @functools.wraps(method)
    def masked(self: Any, *args: Any, **kwargs: Any) -> Any:
        args, kwargs = hide(args, kwargs)
        return method.__get__(self, type(self))(*args, **kwargs)

    return masked


def _masking_generator(method: Any, hide: _Hider) -> Any:
    """Frameworks look at what a function is, to tell streams from single results."""
    if inspect.isgeneratorfunction(method):

        @functools.wraps(method)
        def masked(self: Any, *args: Any, **kwargs: Any) -> Any:
            args, kwargs = hide(args, kwargs)
            return (yield from method.__get__(self, type(self))(*args, **kwargs))

        return masked

    @functools.wraps(method)
    async def amasked(self: Any, *args: Any, **kwargs: Any) -> Any:
        args, kwargs = hide(args, kwargs)
        # The framework leaves what it reads from to the event loop.
        async with Owned(method.__get__(self, type(self))(*args, **kwargs), alone=True) as items:
            async for item in items:
                yield item

    return amasked


def _not_text(name: str, value: Any, what: str) -> ParameterError:
    return mara_minimax.errors.ParameterError(
        f"The value of the header {name!r} in {what} has to be text, not {type(value).__name__}."
    )


def _hide(value: Any) -> Any:
    return SecretStr(value) if isinstance(value, str) else value


def _first_unsendable(secret: SecretStr) -> int | None:
    found = _UNSENDABLE.search(secret.get_secret_value())
    return found.start() + 1 if found else None
