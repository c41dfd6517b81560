"""Answers with HTTP 200 that are not a reply: empty, cut, of the wrong kind, too large, garbage."""

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
from mara_minimax.emulator.faults.fault import Ending, Fault, alike

_TOO_LARGE = 33 * 1024 * 1024
_UNREADABLE = Ending("InvalidReplyError", 3)
_REFUSED = Ending("InvalidReplyError", 1)
_CUT = Ending("IncompleteStreamError", 3)
_BROKEN = Ending("APIConnectionError", 3)
_WHOLE = to_json(good_body())
_PIECE = text_chunk()


def _nothing() -> list[Fault]:
    return [
        alike("empty-200", "HTTP 200 with an empty body", http(b""), _UNREADABLE),
        alike("http-204", "HTTP 204", http(b"", status=204), _UNREADABLE),
        alike("blank-200", "HTTP 200 with white space alone", http(b" \r\n\n"), _UNREADABLE),
        alike("empty-object", "`{}`", json_answer({}), _REFUSED),
        alike("a-list", "a JSON list", json_answer([1]), _REFUSED),
    ]


def _no_choices() -> list[Fault]:
    rows = []
    for name, choices in (("null", None), ("empty", []), ("odd", ["x"])):
        body = {**chunk({}), "choices": choices}
        rows.append(
            Fault(
                f"choices-{name}",
                f"`choices: {choices}` and no word of explanation",
                json_answer(body),
                stream_answer(events(body)),
                replace(_REFUSED, request_id=REQUEST_ID),
                replace(_CUT, request_id=REQUEST_ID),
            )
        )
    return rows


def _wrong_kind() -> list[Fault]:
    failure = to_json(mara_error("invalid_api_key", "no"))
    refused = Ending("AuthenticationError", 1, "invalid_api_key", 401, REQUEST_ID)
    page = b"<!doctype html><title>Maintenance</title>"
    return [
        alike(
            "html-200",
            "HTTP 200 with an HTML page, whose title is shown",
            http(page, kind=HTML),
            _REFUSED,
        ),
        alike("text-200", "HTTP 200 with plain text", http(b"busy", kind=TEXT), _UNREADABLE),
        alike(
            "json-as-sse", "a JSON error called an event stream", http(failure, kind=SSE), refused
        ),
        alike(
            "sse-as-json",
            "an event stream with an error, called JSON",
            http(events(mara_error("invalid_api_key", "no"), name="error"), kind=JSON),
            refused,
        ),
        alike("garbage", "bytes that are not text", http(b"\xff\xfe\x00\x9d" * 50), _UNREADABLE),
        alike(
            "invalid-utf8",
            "an event with invalid UTF-8",
            stream_answer(b'data: {"choices": [{"delta": {"content": "\xff\xfe"}}]}\n\n'),
            _REFUSED,
        ),
        Fault(
            "garbage-event",
            "an event that is not JSON, after text",
            http(b'{"id": oops}'),
            stream_answer(events(_PIECE, b"{oops}")),
            _UNREADABLE,
            replace(_REFUSED, text=KEPT_TEXT),
        ),
    ]


def _swallowed() -> list[Fault]:
    """What LiteLLM 1.106 makes of an error of the provider in a stream (tried, 2026-11)."""
    counts = {"prompt_tokens": 10, "completion_tokens": 0, "total_tokens": 10}
    body = {**good_body(""), "usage": counts}
    usage = {**chunk({}), "choices": [], "usage": counts}
    stream = events({**chunk({}), "choices": []}, chunk({}, "stop"), usage, b"[DONE]")
    ending = replace(_UNREADABLE, request_id=REQUEST_ID, tokens=10)
    return [
        Fault(
            "swallowed-error",
            "an answer that ends with `stop` and no token: a gateway swallowed the error",
            json_answer(body),
            stream_answer(stream),
            ending,
            ending,
        )
    ]


def _cut_bodies() -> list[Fault]:
    whole = events(_PIECE, chunk({}, "stop"))
    half = events(_PIECE)
    packed = gzip.compress(events(_PIECE) * 3)
    gzipped = {"content-encoding": "gzip"}
    kept = replace(_BROKEN, requests=1, text=KEPT_TEXT)
    return [
        Fault(
            "cut-json",
            "half of the body, then an orderly end",
            http(_WHOLE[:40], framing="open", end="close"),
            http(half, kind=SSE, framing="open", end="close"),
            _UNREADABLE,
            replace(_CUT, requests=1, text=KEPT_TEXT, request_id=REQUEST_ID),
        ),
        Fault(
            "length-mismatch",
            "fewer bytes than `content-length` says",
            http(_WHOLE[:40], length=len(_WHOLE), end="close"),
            http(half, kind=SSE, length=len(whole), end="close"),
            _BROKEN,
            kept,
        ),
        Fault(
            "chunked-cut",
            "a chunked body without its end mark",
            http(_WHOLE[:40], framing="chunked", end="close"),
            stream_answer(half, end="close"),
            _BROKEN,
            kept,
        ),
        alike(
            "not-compressed",
            "`content-encoding: gzip` and a body that is not",
            http(_WHOLE, headers=gzipped),
            _UNREADABLE,
        ),
        Fault(
            "cut-gzip",
            "a gzip body that ends in its middle",
            http(gzip.compress(_WHOLE)[:60], headers=gzipped),
            http(packed[: len(packed) // 2], kind=SSE, headers=gzipped),
            _UNREADABLE,
            _UNREADABLE,
        ),
    ]


def _too_large() -> list[Fault]:
    piece = b"x" * 262_144
    return [
        alike(
            "large-json",
            "a JSON body of 33 MiB",
            http(b'{"x": "', length=_TOO_LARGE, end="repeat", tail=piece),
            _REFUSED,
        ),
        alike(
            "large-event",
            "an event of 33 MiB",
            http(b'data: {"x": "', kind=SSE, length=_TOO_LARGE, end="repeat", tail=piece),
            _REFUSED,
        ),
    ]


ANSWERS = (
    *_nothing(),
    *_no_choices(),
    *_wrong_kind(),
    *_swallowed(),
    *_cut_bodies(),
    *_too_large(),
)
