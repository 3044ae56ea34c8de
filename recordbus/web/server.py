"""Serves an application until it is told to stop, and answers what is at work before it ends."""

from __future__ import annotations

import asyncio
import ipaddress
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import uvicorn

from recordbus.errors import Misconfigured
from recordbus.web.strict_http import StrictProtocol

_STOP_SECONDS: Final = 12
_KEEP_ALIVE_SECONDS: Final = 30
_BACKLOG: Final = 256


@dataclass(frozen=True, slots=True)
class Listening:
    """Where to listen, and how the link is protected."""

    host: str
    port: int
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    behind_tls_proxy: bool = False
    head_seconds: float = 10.0

    def checked(self) -> Listening:
        """Give it back; Misconfigured for plain HTTP beyond loopback (R-45)."""
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise Misconfigured(
                "TLS needs both a certificate and its key", hint="set tls_certificate and tls_key"
            )
        if self.tls_certificate is None and not self.behind_tls_proxy and not is_local(self.host):
            raise Misconfigured(
                f"{self.host} is not loopback, and no certificate is set",
                hint="set tls_certificate and tls_key, or behind_tls_proxy if a proxy ends TLS",
            )
        return self

    def bound(self) -> socket.socket:
        """Give a socket that is bound here; raises Misconfigured when that cannot be."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        bound = socket.socket(family, socket.SOCK_STREAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            if self.host == "::":
                bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            bound.bind((self.host, self.port))
        except OSError as error:
            bound.close()
            raise Misconfigured(
                f"cannot listen on {self.host}:{self.port}: {error.strerror or error}",
                hint="choose another port; 0 takes any free one",
            ) from error
        return bound


class Server(uvicorn.Server):
    """A server that ends with its own code after SIGTERM, not by the signal."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take SIGTERM and SIGINT as the word to stop; only the main thread can."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        numbers = (signal.SIGTERM, signal.SIGINT)
        for number in numbers:
            loop.add_signal_handler(number, self._stop)
        try:
            yield
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)

    def _stop(self) -> None:
        self.should_exit = True


def serve(app: Any, listening: Listening, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; `ready` is told the address once clients may connect.

    Raises Misconfigured when the address or the certificate cannot be used.
    """
    bound = listening.checked().bound()
    try:
        server = made(app, listening)
        bound.listen(_BACKLOG)  # who is told the address may connect at once
        scheme = "http" if listening.tls_certificate is None else "https"
        host = f"[{listening.host}]" if ":" in listening.host else listening.host
        ready(f"{scheme}://{host}:{bound.getsockname()[1]}")
        asyncio.run(server.serve(sockets=[bound]))
    finally:
        bound.close()


def made(app: Any, listening: Listening) -> Server:
    """Give a server for an application; raises Misconfigured for a certificate of no use."""
    return Server(_config(app, listening))


def _config(app: Any, listening: Listening) -> uvicorn.Config:
    protocol = type("Protocol", (StrictProtocol,), {"head_seconds": listening.head_seconds})
    config = uvicorn.Config(
        app,
        http=protocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_STOP_SECONDS,
        ssl_certfile=listening.tls_certificate,
        ssl_keyfile=listening.tls_key,
    )
    try:
        config.load()
    except (OSError, ValueError) as error:  # a certificate that cannot be read, or not be used
        raise Misconfigured(
            f"the certificate or its key cannot be used: {type(error).__name__}",
            hint="both are PEM files, and the key belongs to the certificate",
        ) from None
    return config


def is_local(host: str) -> bool:
    """Tell whether a host, by name or number, is this machine itself."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
