"""Read a captured answer with the client that calls use, and tell what it made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from mara_minimax.doctor.capture import CapturedAnswer, is_stream
from mara_minimax.doctor.whereabouts import Piece, account
from mara_minimax.encoded_request import EncodedRequest
from mara_minimax.errors import ProviderError
from mara_minimax.http_library import http_library
from mara_minimax.providers.endpoints import Provider
from mara_minimax.providers.models import find_profile
from mara_minimax.transport.client import ChatClient
from mara_minimax.transport.connection import Connection
from mara_minimax.types import Delta, JSONObject, Reply

_NOWHERE = "https://captured.invalid/v1"
_NO_KEY = "-"


@dataclass(slots=True)
class Reading:
    """What the library reads in one answer."""

    reply: Reply | None = None
    error: ProviderError | None = None
    deltas: list[Delta] = field(default_factory=list)
    """What a stream gives out on its way."""
    pieces: list[Piece] = field(default_factory=list)
    """What was received, and where each piece of it went."""

    @property
    def shown(self) -> Reply | None:
        """The reply, or what an error keeps of it."""
        return self.reply or (self.error.partial if self.error else None)

    def to_dict(self) -> JSONObject:
        """Return the reading as plain JSON values."""
        plain: JSONObject = {"reply": None, "error": None}
        if reply := self.shown:
            usage = reply.usage
            plain["reply"] = {
                "text": reply.text,
                "reasoning": reply.reasoning and reply.reasoning.text,
                "reasoning_form": reply.reasoning and reply.reasoning.form,
                "tool_calls": [
                    {
                        "id": call.id,
                        "name": call.name,
                        "arguments": call.arguments,
                        "valid": call.parsed_arguments() is not None,
                    }
                    for call in reply.tool_calls
                ],
                "finish_reason": reply.finish_reason,
                "refusal": reply.refusal,
                "usage": usage and usage.raw,
                "id": reply.id,
                "model": reply.model,
            }
        if error := self.error:
            plain["error"] = {
                "class": type(error).__name__,
                "message": str(error),
                "code": error.code,
                "status": error.status_code,
                "request_id": error.request_id,
            }
        plain["pieces"] = [
            {"event": p.event, "source": p.source, "text": p.text, "went": p.went}
            for p in self.pieces
        ]
        return plain


def read_answer(
    answer: CapturedAnswer,
    provider: Provider,
    *,
    model: str = "",
    stop: Sequence[str] = (),
    starts_in_reasoning: bool = False,
) -> Reading:
    """Read an answer as a call reads it, without retries; nothing is sent anywhere."""
    request = _request(answer, provider, model, stop, starts_in_reasoning=starts_in_reasoning)
    reading = Reading()
    http = http_library()
    response = (answer.status, answer.headers, answer.body)
    with http.Client(transport=http.MockTransport(lambda _: _response(*response))) as client:
        connection = Connection(
            provider=provider,
            base_url=_NOWHERE,
            api_key=SecretStr(_NO_KEY),
            max_retries=0,
            http_client=client,
        )
        try:
            for delta in ChatClient(connection).stream(request):
                reading.deltas.append(delta)
                reading.reply = delta.reply or reading.reply
        except ProviderError as error:
            reading.error = error
    if reply := reading.shown:
        reading.pieces = account(answer.body, reply, stop=request.stop)
    return reading


def _request(
    answer: CapturedAnswer,
    provider: Provider,
    model: str,
    stop: Sequence[str],
    *,
    starts_in_reasoning: bool,
) -> EncodedRequest:
    """Return as much of the request as decides how its answer is read."""
    body = answer.request
    name = model or answer.model or provider.default_model
    given = body.get("stop") or []
    profile = find_profile(provider.name, name)
    template = body.get("chat_template_kwargs")
    thinks = isinstance(template, dict) and template.get("enable_thinking") is True
    return EncodedRequest(
        # A name, because calls ask the host for one where there is none.
        body={"model": name or "unknown", **body},
        provider=provider,
        profile=profile,
        stream=bool(body.get("stream", is_stream(answer.body))),
        stop=(*([given] if isinstance(given, str) else given), *stop),
        starts_in_reasoning=starts_in_reasoning or (thinks and profile.closes_reasoning_only),
        closer_ends_reasoning=profile.closes_reasoning_only or not answer.from_own_host,
    )


def _response(status: int, headers: dict[str, str], body: bytes) -> Any:
    return http_library().Response(status, headers=headers, content=body)
