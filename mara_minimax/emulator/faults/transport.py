"""Failures below HTTP or beside it: connections, certificates, timeouts, waits, endless bodies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mara_minimax.emulator.faults.bodies import (
    HTML,
    KEPT_TEXT,
    REQUEST_ID,
    SSE,
    WHOLE,
    chunk,
    events,
    http,
    json_answer,
    minimax_error,
    stream_answer,
    text_chunk,
    to_json,
)
from mara_minimax.emulator.faults.fault import Ending, Fault, RawAnswer, fault

_BROKEN = Ending("APIConnectionError", 3)
_LATE = Ending("APITimeoutError", 3)
_LATE_WITH_TEXT = replace(_LATE, requests=1, text=KEPT_TEXT)
_TOO_LARGE = Ending("InvalidReplyError", 1)
_GATEWAY = Ending("ServerError", 3, status=502)
_RATE_LIMIT = Ending("RateLimitError", 3, "1002", 429, REQUEST_ID)
_LIMITED = minimax_error(429, "rate_limit_error", "rate limit (1002)")
_ROLE = events(chunk({"role": "assistant", "content": ""}))
_HALF = events(text_chunk())
_PAGE = b"<html><p>Bad gateway</p>"
_FLOOD = b"x" * 65_536
_MORE_HEADERS = b"x-more: " + b"x" * 8192 + b"\r\n"

_CONNECTIONS = (
    fault("no-host-refused", "the connection is refused", RawAnswer(), _BROKEN, place="refused"),
    fault("no-host-dns", "the name does not resolve", RawAnswer(),
          replace(_BROKEN, requests=1), place="dns"),
    fault("no-host-full", "no answer to the attempt to connect", RawAnswer(), _LATE,
          place="full", impatient=True),
    fault("no-host-tls", "a certificate that nobody vouches for", RawAnswer(),
          replace(_BROKEN, requests=1), place="tls"),
    fault("no-host-plain-as-tls", "a host that does not speak TLS", RawAnswer(), _BROKEN,
          place="plain-as-tls"),
    fault("closed", "closed before the status line", RawAnswer(end="close"), _BROKEN),
    fault("reset", "reset before the status line", RawAnswer(end="reset"), _BROKEN),
    fault("no-http", "bytes that are not HTTP", RawAnswer(b"hello\r\n\r\n", "close"), _BROKEN),
    fault("cut-headers", "closed inside the headers",
          RawAnswer(b"HTTP/1.1 200 OK\r\ncontent-ty", "close"), _BROKEN),
    fault("endless-headers", "headers that never end",
          RawAnswer(b"HTTP/1.1 200 OK\r\n", "repeat", _MORE_HEADERS), _BROKEN),
)  # fmt: skip

_SILENCES = (
    fault("silent", "no status line in time", RawAnswer(end="hold"), _LATE, impatient=True),
    fault("stalled-before-token", "silence before the first token",
          http(b"", framing="chunked", end="hold"), _LATE,
          stream_answer(_ROLE, end="hold"), impatient=True),
    fault("stalled-after-text", "silence after text",
          http(WHOLE[:60], length=len(WHOLE), end="hold"), _LATE,
          stream_answer(_HALF, end="hold"), _LATE_WITH_TEXT, impatient=True),
)  # fmt: skip


def _without_content() -> Iterator[Fault]:
    for name, what, tail in (
        ("comments", "keep-alive comments", b": keep-alive\n\n"),
        ("blank-lines", "blank lines", b"\n\n"),
        ("empty-events", "events without content", events({})),
    ):
        early = stream_answer(b"", end="repeat", tail=tail)
        late = stream_answer(_HALF, end="repeat", tail=tail)
        title, words = f"endless-{name}", f"{what} without end"
        yield fault(title, f"{words}, before the first token", early, _LATE, impatient=True)
        title, words = f"{title}-after-text", f"{words}, after text"
        yield fault(title, words, early, _LATE, late, _LATE_WITH_TEXT, impatient=True)


_ENDLESS = (
    fault("endless-line", "bytes without end and without a line break",
          stream_answer(b"data: ", end="repeat", tail=_FLOOD * 4), _TOO_LARGE),
    fault("endless-json", "a JSON body without end",
          http(b'{"x": "', framing="chunked", end="repeat", tail=_FLOOD * 4), _TOO_LARGE),
    *_without_content(),
    fault("endless-error", "HTTP 502 whose body never ends",
          http(_PAGE, status=502, kind=HTML, framing="chunked", end="repeat", tail=_FLOOD),
          _GATEWAY),
    fault("silent-error", "HTTP 502 whose body stops and never ends",
          http(_PAGE, status=502, kind=HTML, framing="chunked", end="hold"), _GATEWAY,
          impatient=True),
    fault("unended-error", "HTTP 429 whose words arrive and whose body never ends",
          http(to_json(_LIMITED), status=429, framing="chunked", end="hold"), _RATE_LIMIT,
          impatient=True),
    fault("reset-error", "HTTP 502 whose connection breaks inside its body",
          http(_PAGE, status=502, kind=HTML, length=500, end="close"), _GATEWAY),
    fault("never-ends-json", "half a JSON body, then silence",
          http(WHOLE[:40], kind=SSE, framing="open", end="hold"), _LATE, impatient=True),
)  # fmt: skip

# Name, what, header, value, requests, wait in seconds.
_WAITS = (
    ("seconds", "`Retry-After: 7`", "retry-after", "7", 3, 7.0),
    ("fraction", "`Retry-After: 0.5`", "retry-after", "0.5", 3, 0.5),
    ("milliseconds", "`retry-after-ms: 250`", "retry-after-ms", "250", 3, 0.25),
    ("long", "`Retry-After: 61`, longer than is waited", "retry-after", "61", 1, 61.0),
    ("day", "`Retry-After: 86400`", "retry-after", "86400", 1, 86_400.0),
    ("huge", "`Retry-After: 1e300`", "retry-after", "1e300", 1, 1e300),
    ("negative", "`Retry-After: -5`, which says nothing", "retry-after", "-5", 3, None),
    ("nan", "`Retry-After: nan`, which says nothing", "retry-after", "nan", 3, None),
    ("inf", "`Retry-After: inf`, which says nothing", "retry-after", "inf", 3, None),
    ("past", "`Retry-After` with a date in the past, which says nothing", "retry-after",
     "Wed, 21 Oct 2015 07:28:00 GMT", 3, None),
    ("words", "`Retry-After: soon`, which says nothing", "retry-after", "soon", 3, None),
)  # fmt: skip

CONNECTIONS = (*_CONNECTIONS, *_SILENCES, *_ENDLESS)
WAITS = tuple(
    fault(
        f"wait-{name}",
        f"HTTP 429 with {what}",
        json_answer(_LIMITED, 429, headers={header: value}),
        replace(_RATE_LIMIT, requests=requests, retry_after=wait),
    )
    for name, what, header, value, requests, wait in _WAITS
)
