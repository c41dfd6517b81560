"""Headers of answers that may be shown."""

from __future__ import annotations

import pytest

from mara_minimax.http_library import http_library
from mara_minimax.secrets.redaction import Redactor
from mara_minimax.secrets.response_headers import shown_headers
from mara_minimax.settings import MiniMaxSettings
from tests.core.calls import FORMS, call


def shown(headers, *secrets):
    return shown_headers(http_library().Response(200, headers=headers), Redactor(*secrets))


@pytest.mark.parametrize(
    "name",
    [
        "Set-Cookie",
        "Cookie",
        "WWW-Authenticate",
        "Authentication-Info",
        "X-Api-Key",
        "X_Auth_Token",
    ],
)
def test_cookies_and_authentication_are_left_out(name):
    assert shown([(name, "s"), ("X-RateLimit-Limit-Tokens", "9")]) == {
        "x-ratelimit-limit-tokens": "9"
    }


def test_repeated_headers_are_joined_and_the_key_that_was_sent_is_hidden():
    headers = [("Via", "a"), ("via", "b"), ("X-Echo", "Bearer sk-secret-0123")]
    assert shown(headers, "sk-secret-0123") == {"via": "a, b", "x-echo": "Bearer [redacted]"}


@FORMS
def test_they_are_part_of_the_reply_where_asked_for(emulator, form):
    settings = MiniMaxSettings(
        api_key="key", base_url=emulator.base_url, include_response_headers=True
    )
    assert "content-type" in call(settings, form).metadata["headers"]
    plain = settings.model_copy(update={"include_response_headers": False})
    assert "headers" not in call(plain, form).metadata
