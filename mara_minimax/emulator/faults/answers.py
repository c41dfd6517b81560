"""Answers that are no reply: empty, cut, of the wrong kind, too large, garbage, made to exhaust."""

from __future__ import annotations

import gzip
from dataclasses import replace

from mara_minimax.emulator.faults.bodies import (
    HTML,
    JSON,
    KEPT_TEXT,
    REQUEST_ID,
    SSE,
    TEXT,
    WHOLE,
    chunk,
    events,
    good_body,
    http,
    json_answer,
    mara_error,
    stream_answer,
    text_chunk,
    to_json,
)
from mara_minimax.emulator.faults.fault import Ending, fault

_TOO_LARGE = 33 * 1024 * 1024
_FLOOD = b"x" * 262_144
_UNREADABLE = Ending("InvalidReplyError", 3)
_REFUSED = Ending("InvalidReplyError", 1)
_CUT = Ending("IncompleteStreamError", 3)
_BROKEN = Ending("APIConnectionError", 3)
_UNAUTHORIZED = Ending("AuthenticationError", 1, "invalid_api_key", 401, REQUEST_ID)
_PIECE = text_chunk()
_HALF = events(_PIECE)
_PACKED = gzip.compress(_HALF * 3)
_GZIPPED = {"content-encoding": "gzip"}
_FAILURE = mara_error("invalid_api_key", "no")

_NOTHING = (
    fault("empty-200", "HTTP 200 with an empty body", http(b""), _UNREADABLE),
    fault("http-204", "HTTP 204", http(b"", status=204), _UNREADABLE),
    fault("blank-200", "HTTP 200 with white space alone", http(b" \r\n\n"), _UNREADABLE),
    fault("empty-object", "`{}`", json_answer({}), _REFUSED),
    fault("a-list", "a JSON list", json_answer([1]), _REFUSED),
)

_NO_CHOICES = tuple(
    fault(
        f"choices-{name}",
        f"`choices: {choices}` and no word of explanation",
        json_answer({**chunk({}), "choices": choices}),
        replace(_REFUSED, request_id=REQUEST_ID),
        stream_answer(events({**chunk({}), "choices": choices})),
        replace(_CUT, request_id=REQUEST_ID),
    )
    for name, choices in (("null", None), ("empty", []), ("odd", ["x"]))
)

_WRONG_KIND = (
    fault("html-200", "HTTP 200 with an HTML page, whose title is shown",
          http(b"<!doctype html><title>Maintenance</title>", kind=HTML), _REFUSED),
    fault("text-200", "HTTP 200 with plain text", http(b"busy", kind=TEXT), _UNREADABLE),
    fault("json-as-sse", "a JSON error called an event stream",
          http(to_json(_FAILURE), kind=SSE), _UNAUTHORIZED),
    fault("sse-as-json", "an event stream with an error, called JSON",
          http(events(_FAILURE, name="error"), kind=JSON), _UNAUTHORIZED),
    fault("garbage", "bytes that are not text", http(b"\xff\xfe\x00\x9d" * 50), _UNREADABLE),
    fault("invalid-utf8", "an event with invalid UTF-8",
          stream_answer(b'data: {"choices": [{"delta": {"content": "\xff\xfe"}}]}\n\n'), _REFUSED),
    fault("garbage-event", "an event that is not JSON, after text",
          http(b'{"id": oops}'), _UNREADABLE,
          stream_answer(events(_PIECE, b"{oops}")), replace(_REFUSED, text=KEPT_TEXT)),
)  # fmt: skip

# What LiteLLM 1.106 makes of an error of the provider in a stream (tried, 2026-11).
_NO_TOKENS = {"prompt_tokens": 10, "completion_tokens": 0, "total_tokens": 10}
_SWALLOWED = (
    fault("swallowed-error",
          "an answer that ends with `stop` and no token: a gateway swallowed the error",
          json_answer({**good_body(""), "usage": _NO_TOKENS}),
          replace(_UNREADABLE, request_id=REQUEST_ID, tokens=10),
          stream_answer(events({**chunk({}), "choices": []}, chunk({}, "stop"),
                               {**chunk({}), "choices": [], "usage": _NO_TOKENS}, b"[DONE]"))),
)  # fmt: skip

_CUT_BODIES = (
    fault("cut-json", "half of the body, then an orderly end",
          http(WHOLE[:40], framing="open", end="close"), _UNREADABLE,
          http(_HALF, kind=SSE, framing="open", end="close"),
          replace(_CUT, requests=1, text=KEPT_TEXT, request_id=REQUEST_ID)),
    fault("length-mismatch", "fewer bytes than `content-length` says",
          http(WHOLE[:40], length=len(WHOLE), end="close"), _BROKEN,
          http(_HALF, kind=SSE, length=len(events(_PIECE, chunk({}, "stop"))), end="close"),
          replace(_BROKEN, requests=1, text=KEPT_TEXT)),
    fault("chunked-cut", "a chunked body without its end mark",
          http(WHOLE[:40], framing="chunked", end="close"), _BROKEN,
          stream_answer(_HALF, end="close"), replace(_BROKEN, requests=1, text=KEPT_TEXT)),
    fault("not-compressed", "`content-encoding: gzip` and a body that is not",
          http(WHOLE, headers=_GZIPPED), _UNREADABLE),
    fault("cut-gzip", "a gzip body that ends in its middle",
          http(gzip.compress(WHOLE)[:60], headers=_GZIPPED), _UNREADABLE,
          http(_PACKED[: len(_PACKED) // 2], kind=SSE, headers=_GZIPPED)),
)  # fmt: skip

_LARGE = (
    fault("large-json", "a JSON body of 33 MiB",
          http(b'{"x": "', length=_TOO_LARGE, end="repeat", tail=_FLOOD), _REFUSED),
    fault("large-event", "an event of 33 MiB",
          http(b'data: {"x": "', kind=SSE, length=_TOO_LARGE, end="repeat", tail=_FLOOD), _REFUSED),
)  # fmt: skip

ANSWERS = (*_NOTHING, *_NO_CHOICES, *_WRONG_KIND, *_SWALLOWED, *_CUT_BODIES, *_LARGE)

# Answers that are made to exhaust: nested deeply, packed tightly, or of nothing but brackets.
_MIB = 1024 * 1024
_DEPTH = 700
"""More than readers by recursion stand, and less than the json module refuses."""
_NESTED = b'{"error": {"message": "no", "x": %s%s}}' % (b"[" * _DEPTH, b"]" * _DEPTH)
_PACKED = gzip.compress(b'{"x": "' + b" " * (40 * _MIB))
_PACKED_TWICE = gzip.compress(_PACKED)
_BRACKETS = b'{"choices": [' + b"{}," * _MIB + b"{}]}"
_ONCE = {"content-encoding": "gzip"}
_TWICE = {"content-encoding": "gzip, gzip"}

_DENIED = Ending("AuthenticationError", 1, status=401)

HOSTILE = (
    fault("nested-error", "HTTP 401, nested 700 deep", http(_NESTED, status=401), _DENIED),
    fault("nested-json", "a JSON body nested 700 deep", http(_NESTED), _UNREADABLE),
    fault("nested-event", "an event nested 700 deep",
          stream_answer(b"data: " + _NESTED + b"\n\n"), _REFUSED),
    fault("bomb-error", "HTTP 401 of 40 MiB, compressed to 40 KiB",
          http(_PACKED, status=401, headers=_ONCE), _DENIED),
    fault("double-bomb-error", "HTTP 401 of 40 MiB, compressed twice",
          http(_PACKED_TWICE, status=401, headers=_TWICE), _DENIED),
    fault("bomb", "40 MiB, compressed to 40 KiB", http(_PACKED, headers=_ONCE), _REFUSED),
    fault("double-bomb", "40 MiB, compressed twice", http(_PACKED_TWICE, headers=_TWICE), _REFUSED),
    fault("brackets", "a JSON body of more than a million empty objects",
          http(_BRACKETS), _REFUSED),
)  # fmt: skip
