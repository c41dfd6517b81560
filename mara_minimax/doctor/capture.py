"""Captured exchanges in a folder: the bytes as they came, and a small JSON file beside each."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from mara_minimax._version import __version__
from mara_minimax.doctor.anonymity import Anonymizer
from mara_minimax.doctor.recording import RecordedExchange
from mara_minimax.doctor.report import Report
from mara_minimax.json_text import parse_json
from mara_minimax.secrets.hosts import owner_of
from mara_minimax.secrets.redaction import MARK
from mara_minimax.types import JSONObject

FORMAT: Final = 1
_EXCHANGE: Final = ".exchange.json"
_ANSWER: Final = re.compile(r"(.+)\.answer\.(?:json|sse|txt)")
_STREAM: Final = re.compile(rb"\s*(?:data|event|id|:)")


@dataclass(frozen=True, slots=True)
class CapturedAnswer:
    """One answer from a file, and what is known of its request."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    provider: str = ""
    """As `--provider` names it; `""` where the file does not say."""
    model: str = ""
    from_own_host: bool = False
    """Whether the provider's own host answered; another one may leave out an opening tag."""
    asked: str = ""
    """Method and path, `""` where the file does not say."""
    request: JSONObject = field(default_factory=dict)
    """The body of the request."""


def write_capture(
    folder: Path,
    exchanges: Sequence[RecordedExchange],
    report: Report,
    *,
    provider: str,
    secrets: Sequence[str],
) -> None:
    """Write exchanges into an empty folder, and the report.

    What tells who asked is taken out: `secrets` are the key and the header values that were
    sent. URLs are left out, but for the end of their path.
    """
    own_host = owner_of(report.base_url) is not None
    anonymizer = Anonymizer(secrets if own_host else (*secrets, report.base_url))
    around = {"format": FORMAT, "version": __version__, "provider": provider, "own_host": own_host}
    told = json.dumps({**report.to_dict(), "base_url": ""}, indent=2, ensure_ascii=False)
    anonymizer.learn(told.encode())
    for exchange in exchanges:
        anonymizer.learn(exchange.sent)
        anonymizer.learn(exchange.body, exchange.headers)
    for number, exchange in enumerate(exchanges, start=1):
        _write(folder, f"{number:02}", exchange, around, anonymizer)
    (folder / "report.json").write_bytes(anonymizer.remove(told.encode()) + b"\n")


def read_capture(path: Path) -> CapturedAnswer:
    """Return the answer in a file: of a capture, or a body alone.

    Raises:
        OSError: A file cannot be read.
        ValueError: The file beside an answer is not of this format.
    """
    head = _head_of(path)
    if head is None:
        return CapturedAnswer(path.read_bytes())
    said = parse_json(head.read_bytes())
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise ValueError(f"{head.name} is not a file of format {FORMAT}")
    answer, request = said.get("answer"), said.get("request")
    sent = parse_json((head.parent / Path(request).name).read_bytes()) if request else {}
    return CapturedAnswer(
        body=(head.parent / Path(answer).name).read_bytes() if answer else b"",
        status=int(said.get("status") or 0),
        headers={n: v for n, v in (said.get("headers") or {}).items() if v != MARK},
        provider=str(said.get("provider") or ""),
        model=str(said.get("model") or ""),
        from_own_host=bool(said.get("own_host")),
        asked=str(said.get("asked") or ""),
        request=sent if isinstance(sent, dict) else {},
    )


def is_stream(body: bytes) -> bool:
    """Whether a body is an event stream, as its beginning shows."""
    return _STREAM.match(body.removeprefix(b"\xef\xbb\xbf")) is not None


def _head_of(path: Path) -> Path | None:
    """Return the file that describes an exchange, `None` for a body without one."""
    if path.name.endswith(_EXCHANGE):
        return path
    match = _ANSWER.fullmatch(path.name)
    head = path.with_name(match[1] + _EXCHANGE) if match else None
    return head if head is not None and head.exists() else None


def _write(
    folder: Path, name: str, exchange: RecordedExchange, around: JSONObject, anonymizer: Anonymizer
) -> None:
    sent, body = anonymizer.remove(exchange.sent), anonymizer.remove(exchange.body)
    request = f"{name}.request.json" if sent else None
    answer = f"{name}.answer.{_ending(body)}" if body else None
    head: dict[str, Any] = {
        **around,
        "model": _model_in(exchange.sent),
        "asked": f"{exchange.method} {_path(exchange.path)}",
        "status": exchange.status,
        "headers": anonymizer.headers(exchange.headers),
        "read_to_end": exchange.read_to_end,
        "failure": exchange.failure.__name__ if exchange.failure else None,
        "request": request,
        "answer": answer,
    }
    for file, data in ((request, sent), (answer, body)):
        if file:
            (folder / file).write_bytes(data)
    text = json.dumps(head, indent=2, ensure_ascii=False) + "\n"
    (folder / (name + _EXCHANGE)).write_bytes(anonymizer.remove(text.encode()))


def _ending(body: bytes) -> str:
    if is_stream(body):
        return "sse"
    return "json" if body.lstrip().startswith(b"{") else "txt"


def _path(path: str) -> str:
    """Return the end of a path: what stands before it is the base URL's and may name an account."""
    return "/models" if path.endswith("/models") else "/chat/completions"


def _model_in(sent: bytes) -> str:
    return str(parse_json(sent).get("model") or "") if sent else ""
