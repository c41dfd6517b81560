"""nginx answers itself, with a page of HTML: errors say what the page says, and who sent it."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from mara_minimax import errors
from tests.network.conftest import assert_failed
from tests.network.gateways import nginx
from tests.network.programs import free_port


class Page(NamedTuple):
    """A location, and how a call to it ends."""

    directives: str
    kind: type[errors.ProviderError]
    status: int
    words: tuple[str, ...]
    requests: int
    """How many of the three that are allowed are sent."""


LOGIN = "<!DOCTYPE html><html><title>Sign in to Example Corp</title><body>Please sign in.</html>"
LATE = "late-upstream"
PAGES = {
    "dead-upstream": Page(
        "proxy_pass http://127.0.0.1:{closed_port};",
        errors.ServerError,
        502,
        ("502 Bad Gateway",),
        3,
    ),
    "unavailable": Page("return 503;", errors.ServerError, 503, ("503 Service", "[HTTP 503]"), 3),
    LATE: Page(
        "proxy_pass {upstream}/; proxy_read_timeout 200ms;",
        errors.ServerError,
        504,
        ("504 Gateway Time-out",),
        3,
    ),
    "not-found": Page("return 404;", errors.NotFoundError, 404, ("404 Not Found",), 1),
    "forbidden": Page("deny all;", errors.PermissionDeniedError, 403, ("403 Forbidden",), 1),
    "too-large": Page(
        "client_max_body_size 10; proxy_pass {upstream}/;",
        errors.ProviderError,
        413,
        ("413 Request Entity Too Large",),
        1,
    ),
    "moved": Page(
        "return 302 https://login.example/start;",
        errors.ProviderError,
        302,
        ("login.example",),
        1,
    ),
    "login": Page(
        f"default_type text/html; return 200 '{LOGIN}';",
        errors.InvalidReplyError,
        200,
        ("a page of HTML", "Sign in to Example Corp", "a proxy or a login page"),
        1,
    ),
}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory, upstream):
    places = {
        "upstream": upstream,
        "closed_port": free_port(),
    }
    locations = "".join(
        f"location /{name}/v1/ {{ {directives} }}\n"
        for name, page in PAGES.items()
        for directives in [page.directives.format(**places)]
    )
    with nginx(tmp_path_factory.mktemp("nginx"), locations) as gateway:
        yield gateway


@pytest.mark.parametrize("name", PAGES)
def test_a_page_ends_in_its_error(name, ask, gateway, server, waits, late_answers):
    page = PAGES[name]
    gateway.clear()
    call = ask(gateway.url(f"/{name}"))
    assert_failed(call, page.kind, *page.words)
    assert call.error.response.status_code == page.status
    assert len(gateway.requests(page.requests)) == page.requests
    assert len(waits) == page.requests - 1
