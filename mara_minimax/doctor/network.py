"""Say why a connection fails: the name, the port, the certificate or a proxy."""

from __future__ import annotations

import socket
import ssl
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

_LONGEST_STEP = 5.0


def explain_connection(url: str, timeout: float) -> str:
    """Return what fails on the way to `url`, found by going there step by step.

    For after an HTTP client failed, which tells these apart badly. It sends nothing.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    timeout = min(timeout, _LONGEST_STEP)
    proxied = parts.scheme in (proxies := getproxies()) or "all" in proxies
    if proxied and not proxy_bypass(host):
        return "a proxy is set in the environment, and the way through it failed"
    try:
        socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return f"the name {host!r} is not known to DNS"
    try:
        with socket.create_connection((host, port), timeout) as connection:
            if secure:
                context = ssl.create_default_context()
                with context.wrap_socket(connection, server_hostname=host):
                    pass
    except ssl.SSLCertVerificationError as error:
        return f"the certificate of {host} is not trusted ({error.verify_message})"
    except ssl.SSLError as error:
        return f"{host}:{port} does not speak TLS ({error.reason})"
    except TimeoutError:
        return f"{host}:{port} did not answer within {timeout:g} s"
    except OSError as error:
        return f"{host}:{port} refuses connections ({error.strerror or type(error).__name__})"
    return f"{host}:{port} takes connections, but the HTTP exchange failed"
