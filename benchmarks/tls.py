"""A certificate for the benchmark's server: it signs itself, and subjects are told to trust it."""

from __future__ import annotations

import os
import ssl
import subprocess
from pathlib import Path

from benchmarks.serving import Server

_OPENSSL = (
    *("openssl", "req", "-x509", "-days", "2", "-nodes", "-newkey", "ec"),
    *("-pkeyopt", "ec_paramgen_curve:P-256", "-subj", "/CN=127.0.0.1"),
    *("-addext", "subjectAltName=IP:127.0.0.1"),
)


def server_context(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """Return how the server speaks TLS, and the file of the certificate, made in `folder`."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    files = ("-out", str(certificate), "-keyout", str(key))
    subprocess.run([*_OPENSSL, *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context, certificate


def trust(server: Server) -> None:
    """Let this process, and those that it starts, trust the server; nothing was opened yet."""
    os.environ["SSL_CERT_FILE"] = server.ask("tls")["certificate"]
