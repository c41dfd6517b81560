"""nginx, configured for a test, and what it wrote in its log."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme

from tests.lifecycle.conftest import settles
from tests.network.programs import free_port, running

_NGINX = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    log_format told '$server_protocol $status "$sent_http_content_encoding" $connection';
    access_log {folder}/access.log told;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port}{listen};
{server}
    }}
}}
"""


@dataclass
class Nginx:
    """A running nginx."""

    port: int
    log: Path
    scheme: str = "http"

    def url(self, prefix: str = "", host: str = "127.0.0.1") -> str:
        """Return a base URL below one of its locations."""
        return f"{self.scheme}://{host}:{self.port}{prefix}/v1"

    def requests(self, count: int) -> list[str]:
        """Return the log's lines once there are `count`, or all that came in some seconds."""
        settles(lambda: len(self._lines()) >= count)
        return self._lines()

    def _lines(self) -> list[str]:
        return self.log.read_text("utf-8").splitlines() if self.log.exists() else []

    def clear(self) -> None:
        """Forget what was logged; nginx appends to the same file."""
        self.log.write_text("", "utf-8")


@contextmanager
def nginx(folder: Path, server: str, *, listen: str = "", scheme: str = "http") -> Iterator[Nginx]:
    """Run nginx with the directives of one server."""
    port = free_port()
    config = folder / "nginx.conf"
    config.write_text(
        _NGINX.format(folder=folder, port=port, server=server, listen=listen), "utf-8"
    )
    with running("nginx", "-c", config, "-e", folder / "error.log", port=port, folder=folder):
        yield Nginx(port, folder / "access.log", scheme)


class Authority:
    """A certificate authority that only tests trust."""

    def __init__(self, folder: Path) -> None:
        self._authority = trustme.CA()
        self._folder = folder
        self.file = folder / "authority.pem"
        self._authority.cert_pem.write_to_path(str(self.file))

    def context(self) -> ssl.SSLContext:
        """Return what a client needs to trust it."""
        context = ssl.create_default_context()
        self._authority.configure_trust(context)
        return context

    def certify(self, context: ssl.SSLContext, name: str) -> None:
        """Give a client a certificate of its own."""
        self._authority.issue_cert(name).configure_cert(context)

    def directives(self, *hosts: str, **options: object) -> str:
        """Return what nginx needs to answer as `hosts`."""
        issued = self._authority.issue_cert(*hosts, **options)
        file = self._folder / f"{abs(hash((hosts, str(options))))}.pem"
        issued.private_key_and_cert_chain_pem.write_to_path(str(file))
        return f"ssl_certificate {file}; ssl_certificate_key {file};"


@contextmanager
def secure_nginx(
    folder: Path,
    authority: Authority,
    server: str,
    *hosts: str,
    http2: bool = False,
    **options: object,
) -> Iterator[Nginx]:
    """Run nginx with TLS and a certificate for `hosts`."""
    directives = authority.directives(*hosts, **options)
    listen = " ssl http2" if http2 else " ssl"
    with nginx(folder, f"{directives}\n{server}", listen=listen, scheme="https") as running_nginx:
        yield running_nginx
