"""squid and tinyproxy, which ask for a password, and what they wrote in their logs."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.lifecycle.conftest import settles
from tests.network.programs import free_port, running

USER, PASSWORD = "someone", "some-password"
HOST = "api.minimax.example"
"""A name that squid alone knows: it is this machine."""
FORBIDDEN = "forbidden.example"
"""A host that squid lets nobody reach."""

_CHECK = f"""#!/bin/sh
while read -r user password; do
    if [ "$user $password" = "{USER} {PASSWORD}" ]; then echo OK; else echo ERR; fi
done
"""
_SQUID = """
http_port 127.0.0.1:{port}
cache_effective_user nobody
hosts_file {folder}/hosts
auth_param basic program {folder}/check
auth_param basic children 1 startup=1
acl known proxy_auth REQUIRED
acl forbidden dstdomain {forbidden}
http_access deny !known
http_access deny forbidden
http_access allow known
cache deny all
access_log stdio:{log}
cache_log {folder}/cache.log
pid_filename {folder}/squid.pid
coredump_dir {folder}
pinger_enable off
shutdown_lifetime 0 seconds
"""
_TINYPROXY = """
Port {port}
Listen 127.0.0.1
Allow 127.0.0.1
BasicAuth {user} {password}
Timeout 60
LogLevel Connect
LogFile "{log}"
PidFile "{folder}/tinyproxy.pid"
"""


@dataclass
class ForwardProxy:
    """A running forward proxy."""

    port: int
    log: Path
    mark: str
    """What each request leaves in the log."""
    _forgotten: int = 0

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, password: str = PASSWORD) -> str:
        """Return what a client takes as proxy; `""` as password leaves out who asks."""
        who = f"{USER}:{password}@" if password else ""
        return f"http://{who}{self.address}"

    def requests(self, count: int) -> int:
        """Return how many requests came, once there are `count`, or after some seconds."""
        settles(lambda: self._count() >= count)
        return self._count()

    def _count(self) -> int:
        text = self.log.read_text("utf-8") if self.log.exists() else ""
        return text.count(self.mark) - self._forgotten

    def clear(self) -> None:
        """Forget the requests so far."""
        self._forgotten = 0
        self._forgotten = self._count()


@contextmanager
def squid() -> Iterator[ForwardProxy]:
    """Run squid, as nobody where root runs the tests: it needs a folder that is open to all."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        with _squid_in(folder) as proxy:
            yield proxy


@contextmanager
def _squid_in(folder: Path) -> Iterator[ForwardProxy]:
    port, log = free_port(), folder / "access.log"
    (folder / "hosts").write_text(f"127.0.0.1 {HOST} {FORBIDDEN}\n", "utf-8")
    check = folder / "check"
    check.write_text(_CHECK, "utf-8")
    check.chmod(0o755)
    config = folder / "squid.conf"
    config.write_text(
        _SQUID.format(port=port, folder=folder, log=log, forbidden=FORBIDDEN),
        "utf-8",
    )
    # Its shared memory has the name of the service, of which several run at once.
    with running("squid", "-N", "-n", f"t{port}", "-f", config, port=port, folder=folder):
        yield ForwardProxy(port, log, " CONNECT ")


@contextmanager
def tinyproxy(folder: Path) -> Iterator[ForwardProxy]:
    """Run tinyproxy."""
    port, log = free_port(), folder / "tinyproxy.log"
    config = folder / "tinyproxy.conf"
    config.write_text(
        _TINYPROXY.format(port=port, folder=folder, log=log, user=USER, password=PASSWORD), "utf-8"
    )
    with running("tinyproxy", "-d", "-c", config, port=port, folder=folder):
        yield ForwardProxy(port, log, "Request (")
