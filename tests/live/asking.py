"""Requests as bytes, so that an answer is seen as it is and not as a library reads it."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any

import httpx

from mara_minimax.providers.endpoints import MARA, MINIMAX

_PROVIDERS = {"minimax": MINIMAX, "mara": MARA}


@dataclass(frozen=True)
class Answer:
    """One HTTP answer."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def body(self) -> Any:
        """The body as JSON, or its text."""
        try:
            return json.loads(self.text)
        except ValueError:
            return self.text

    @property
    def events(self) -> list[Any]:
        """The JSON events of a stream."""
        lines = (line.removeprefix("data:").strip() for line in self.text.splitlines())
        return [json.loads(line) for line in lines if line.startswith("{")]

    def deltas(self) -> list[dict[str, Any]]:
        """The deltas of the first choice."""
        choices = [(event.get("choices") or [{}])[0] for event in self.events]
        return [choice.get("delta") or {} for choice in choices]

    def refusal(self) -> str:
        """What was refused, in the provider's words; `""` for an answer."""
        body = self.body
        if isinstance(body, dict) and self.status == 200 and body.get("choices"):
            return ""
        return self.text[:400]


@dataclass(frozen=True)
class Host:
    """A provider that can be asked."""

    name: str
    base_url: str
    api_key: str
    model: str

    def ask(self, prompt: str = "What is 6*7?", **body: Any) -> Answer:
        """Return the answer to a chat request; `body` adds and replaces fields."""
        messages = [{"role": "user", "content": prompt}]
        return self._send(
            "POST", "/chat/completions", {"model": self.model, "messages": messages, **body}
        )

    def stream(self, prompt: str = "What is 6*7?", **body: Any) -> Answer:
        return self.ask(prompt, stream=True, **body)

    def get(self, path: str) -> Answer:
        return self._send("GET", path, None)

    def post(self, path: str, body: dict[str, Any]) -> Answer:
        return self._send("POST", path, body)

    def _send(self, method: str, path: str, body: dict[str, Any] | None) -> Answer:
        headers = {"authorization": f"Bearer {self.api_key}"}
        with httpx.Client(timeout=120) as client:
            response = client.request(method, self.base_url + path, json=body, headers=headers)
            return Answer(response.status_code, dict(response.headers), response.text)


def host_of(name: str) -> Host | None:
    """Return the provider whose key is set, `None` without."""
    provider = _PROVIDERS[name]
    key = os.environ.get(provider.key_variable)
    if not key:
        return None
    url = os.environ.get(provider.url_variable) or provider.base_url
    return Host(name, url, key, provider.default_model)
