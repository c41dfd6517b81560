"""Every form of a call, over a network that is in this process."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

from mara_minimax.http_library import http_library
from mara_minimax.settings import MARASettings, MiniMaxSettings
from tests.core.calls import call
from tests.fuzz.mutations import SECRETS
from tests.secrets.callers import CLASSES, forms_of

Call = Callable[..., object]
TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Tell the weather.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}
PARAMETERS: tuple[dict[str, Any], ...] = (
    {},
    {"stop": ["4", "Observation:"]},
    {"tools": [TOOL]},
    {"tools": [TOOL], "tool_choice": "required"},
)
"""What calls ask for: each way in which an answer is read."""


class Network:
    """Gives every request the response that is set, and keeps the last request."""

    def __init__(self) -> None:
        self.response: Callable[[], Any]
        self.request: Any = None
        library = http_library()
        # A cookie of one answer would change the next request.
        cookies = CookieJar(DefaultCookiePolicy(allowed_domains=()))
        given = {"transport": library.MockTransport(self._handle), "cookies": cookies}
        self._clients = {
            "http_client": library.Client(**given),
            "http_async_client": library.AsyncClient(**given),
        }

    def model(self, cls: Any) -> Any:
        """Return a model that sends its requests here, with the secrets in them."""
        headers = {"X-Team": SECRETS["header"]}
        given = {"api_key": SECRETS["key"], "default_headers": headers, "max_retries": 0}
        return cls(**given, **self._clients)

    def _handle(self, request: Any) -> Any:
        self.request = request
        return self.response()


def _core_form(form: str) -> Call:
    return lambda model, **parameters: call(model, form, **parameters)


NETWORK = Network()
_CORE = {form: _core_form(form) for form in ("complete", "acomplete", "stream", "astream")}
CALLS: dict[str, Call] = {
    f"{cls.__name__}.{name}": partial(form, model)
    for cls in (MiniMaxSettings, MARASettings, *CLASSES)
    for model in [NETWORK.model(cls)]
    for name, form in (_CORE if cls not in CLASSES else forms_of(cls)).items()
}
"""Every form of a call: of the core, of LangChain and of LlamaIndex."""
