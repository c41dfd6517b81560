"""Failures below HTTP or beside it: connections, certificates, timeouts, waits, endless bodies."""

from __future__ import annotations

from dataclasses import replace

from mara_minimax.emulator.faults.bodies import (
    HTML,
    KEPT_TEXT,
    REQUEST_ID,
    SSE,
    chunk,
    events,
    good_body,
    http,
    json_answer,
    minimax_error,
    stream_answer,
    text_chunk,
    to_json,
)
from mara_minimax.emulator.faults.fault import Ending, Fault, Place, RawAnswer, alike

_BROKEN = Ending("APIConnectionError", 3)
_LATE = Ending("APITimeoutError", 3)
_WHOLE = to_json(good_body())
_NOWHERE = RawAnswer()


def _unreachable(name: Place, what: str, ending: Ending, *, impatient: bool = False) -> Fault:
    return alike(f"no-host-{name}", what, _NOWHERE, ending, place=name, impatient=impatient)


def _connections() -> list[Fault]:
    once = replace(_BROKEN, requests=1)
    return [
        _unreachable("refused", "the connection is refused", _BROKEN),
        _unreachable("dns", "the name does not resolve", _BROKEN),
        _unreachable("full", "no answer to the attempt to connect", _LATE, impatient=True),
        _unreachable("tls", "a certificate that nobody vouches for", once),
        _unreachable("plain-as-tls", "a host that does not speak TLS", _BROKEN),
        alike("closed", "closed before the status line", RawAnswer(end="close"), _BROKEN),
        alike("reset", "reset before the status line", RawAnswer(end="reset"), _BROKEN),
        alike("no-http", "bytes that are not HTTP", RawAnswer(b"hello\r\n\r\n", "close"), _BROKEN),
        alike(
            "cut-headers",
            "closed inside the headers",
            RawAnswer(b"HTTP/1.1 200 OK\r\ncontent-ty", "close"),
            _BROKEN,
        ),
        alike(
            "endless-headers",
            "headers that never end",
            RawAnswer(b"HTTP/1.1 200 OK\r\n", "repeat", b"x-more: " + b"x" * 8192 + b"\r\n"),
            _BROKEN,
        ),
    ]


def _silences() -> list[Fault]:
    role = events(chunk({"role": "assistant", "content": ""}))
    half = events(text_chunk())
    return [
        alike(
            "silent",
            "no status line in time",
            RawAnswer(end="hold"),
            _LATE,
            impatient=True,
        ),
        Fault(
            "stalled-before-token",
            "silence before the first token",
            http(b"", framing="chunked", end="hold"),
            stream_answer(role, end="hold"),
            _LATE,
            _LATE,
            impatient=True,
        ),
        Fault(
            "stalled-after-text",
            "silence after text",
            http(_WHOLE[:60], length=len(_WHOLE), end="hold"),
            stream_answer(half, end="hold"),
            _LATE,
            replace(_LATE, requests=1, text=KEPT_TEXT),
            impatient=True,
        ),
    ]


def _endless() -> list[Fault]:
    flood = b"x" * 65_536
    half = events(text_chunk())
    kept = replace(_LATE, requests=1, text=KEPT_TEXT)
    too_large = Ending("InvalidReplyError", 1)

    def sse(body: bytes, tail: bytes) -> RawAnswer:
        return stream_answer(body, end="repeat", tail=tail)

    rows = [
        alike(
            "endless-line",
            "bytes without end and without a line break",
            sse(b"data: ", flood * 4),
            too_large,
        ),
        alike(
            "endless-json",
            "a JSON body without end",
            http(b'{"x": "', framing="chunked", end="repeat", tail=flood * 4),
            too_large,
        ),
    ]
    for name, what, tail in (
        ("comments", "keep-alive comments", b": keep-alive\n\n"),
        ("blank-lines", "blank lines", b"\n\n"),
        ("empty-events", "events without content", events({})),
    ):
        rows += [
            alike(
                f"endless-{name}",
                f"{what} without end, before the first token",
                sse(b"", tail),
                _LATE,
                impatient=True,
            ),
            Fault(
                f"endless-{name}-after-text",
                f"{what} without end, after text",
                sse(b"", tail),
                sse(half, tail),
                _LATE,
                kept,
                impatient=True,
            ),
        ]
    page = b"<html><p>Bad gateway</p>"
    failure = to_json(minimax_error(429, "rate_limit_error", "rate limit (1002)"))
    gateway = Ending("ServerError", 3, status=502)
    return [
        *rows,
        alike(
            "endless-error",
            "HTTP 502 whose body never ends",
            http(page, status=502, kind=HTML, framing="chunked", end="repeat", tail=flood),
            gateway,
        ),
        alike(
            "silent-error",
            "HTTP 502 whose body stops and never ends",
            http(page, status=502, kind=HTML, framing="chunked", end="hold"),
            gateway,
            impatient=True,
        ),
        alike(
            "unended-error",
            "HTTP 429 whose words arrive and whose body never ends",
            http(failure, status=429, framing="chunked", end="hold"),
            Ending("RateLimitError", 3, "1002", 429, REQUEST_ID),
            impatient=True,
        ),
        alike(
            "reset-error",
            "HTTP 502 whose connection breaks inside its body",
            http(page, status=502, kind=HTML, length=500, end="close"),
            gateway,
        ),
        alike(
            "never-ends-json",
            "half a JSON body, then silence",
            http(_WHOLE[:40], kind=SSE, framing="open", end="hold"),
            _LATE,
            impatient=True,
        ),
    ]


def _waits() -> list[Fault]:
    def limited(headers: dict[str, str]) -> RawAnswer:
        failure = minimax_error(429, "rate_limit_error", "rate limit (1002)")
        return json_answer(failure, 429, headers=headers)

    ending = Ending("RateLimitError", 3, "1002", 429, REQUEST_ID)
    cases = (
        ("seconds", "`Retry-After: 7`", {"retry-after": "7"}, 3, 7.0),
        ("fraction", "`Retry-After: 0.5`", {"retry-after": "0.5"}, 3, 0.5),
        ("milliseconds", "`retry-after-ms: 250`", {"retry-after-ms": "250"}, 3, 0.25),
        ("long", "`Retry-After: 61`, longer than is waited", {"retry-after": "61"}, 1, 61.0),
        ("day", "`Retry-After: 86400`", {"retry-after": "86400"}, 1, 86_400.0),
        ("huge", "`Retry-After: 1e300`", {"retry-after": "1e300"}, 1, 1e300),
        ("negative", "`Retry-After: -5`, which says nothing", {"retry-after": "-5"}, 3, None),
        ("nan", "`Retry-After: nan`, which says nothing", {"retry-after": "nan"}, 3, None),
        ("inf", "`Retry-After: inf`, which says nothing", {"retry-after": "inf"}, 3, None),
        (
            "past",
            "`Retry-After` with a date in the past, which says nothing",
            {"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"},
            3,
            None,
        ),
        ("words", "`Retry-After: soon`, which says nothing", {"retry-after": "soon"}, 3, None),
    )
    return [
        alike(
            f"wait-{name}",
            f"HTTP 429 with {what}",
            limited(headers),
            replace(ending, requests=requests, retry_after=wait),
        )
        for name, what, headers, requests, wait in cases
    ]


CONNECTIONS = (*_connections(), *_silences(), *_endless())
WAITS = tuple(_waits())
