"""A subscriber's endpoint on this machine that answers as a test tells it to, well or badly."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Final, NamedTuple

CRLF: Final = b"\r\n"


class Request(NamedTuple):
    """A request as it came: `connection` counts the connections from 1."""

    target: str
    headers: dict[str, str]
    body: bytes
    connection: int


Answer = Callable[[socket.socket, threading.Event], None]
"""Writes an answer; the event is set when the endpoint is to end."""


def says(status: int, body: bytes = b"", **headers: str) -> Answer:
    """Give a whole answer at once."""
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = "\r\n".join(lines).encode() + 2 * CRLF
    return lambda link, _ended: link.sendall(head + body)


def writes(*parts: bytes) -> Answer:
    """Give these bytes, whatever they are, and close."""

    def answer(link: socket.socket, _ended: threading.Event) -> None:
        for part in parts:
            link.sendall(part)
        raise ConnectionAbortedError

    return answer


def cuts(link: socket.socket, _ended: threading.Event) -> None:
    """Close without an answer."""
    raise ConnectionAbortedError


def stalls(link: socket.socket, ended: threading.Event) -> None:
    """Say nothing for as long as anybody waits."""
    ended.wait()


def never_ends(link: socket.socket, ended: threading.Event) -> None:
    """Answer 200 with a body that has no end."""
    link.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
    while not ended.is_set():
        link.sendall(b"x" * 65_536)


def dribbles(link: socket.socket, ended: threading.Event) -> None:
    """Answer 200 one byte at a time, for ever."""
    link.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while not ended.wait(0.01):
        link.sendall(b"x")


TAKEN: Final = says(204)


@dataclass
class Endpoint:
    """What came in, and what is answered: `script` in turn, then `otherwise`."""

    url: str = ""
    port: int = 0
    otherwise: Answer = TAKEN
    script: list[Answer] = field(default_factory=list)
    received: list[Request] = field(default_factory=list)
    connections: int = 0

    @property
    def bodies(self) -> list[bytes]:
        """Give the bodies that came in, in order."""
        return [each.body for each in self.received]


class _Server:
    def __init__(self, endpoint: Endpoint, tls: ssl.SSLContext | None) -> None:
        self.endpoint, self.tls, self.ended = endpoint, tls, threading.Event()
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.links: list[socket.socket] = []
        self.threads = [threading.Thread(target=self.accept, daemon=True)]
        self.lock = threading.Lock()
        endpoint.port = self.listening.getsockname()[1]
        scheme = "http" if tls is None else "https"
        host = "127.0.0.1" if tls is None else "localhost"
        endpoint.url = f"{scheme}://{host}:{endpoint.port}/hook?for=metro"
        self.threads[0].start()

    def accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                link, _ = self.listening.accept()
                self.endpoint.connections += 1
                self.links.append(link)
                arguments = (link, self.endpoint.connections)
                thread = threading.Thread(target=self.serve, args=arguments, daemon=True)
                self.threads.append(thread)
                thread.start()

    def serve(self, link: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError, UnicodeError), contextlib.closing(link):
            if self.tls is not None:
                link = self.tls.wrap_socket(link, server_side=True)
                self.links.append(link)
            with contextlib.closing(link), link.makefile("rb") as file:
                while (request := _read(file, number)) is not None:
                    with self.lock:
                        self.endpoint.received.append(request)
                        script = self.endpoint.script
                        answer = script.pop(0) if script else self.endpoint.otherwise
                    answer(link, self.ended)

    def close(self) -> None:
        self.ended.set()
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()
        for link in self.links:
            with contextlib.suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join(5)


@contextmanager
def running(*script: Answer, otherwise: Answer = TAKEN, tls: ssl.SSLContext | None = None
            ) -> Iterator[Endpoint]:  # fmt: skip
    """Run an endpoint on a free port."""
    endpoint = Endpoint(otherwise=otherwise, script=list(script))
    server = _Server(endpoint, tls)
    try:
        yield endpoint
    finally:
        server.close()


def _read(file: IO[bytes], number: int) -> Request | None:
    line = file.readline()
    if not line:
        return None
    headers: dict[str, str] = {}
    for row in iter(file.readline, CRLF):
        if not row:
            return None
        name, _, value = row.decode().partition(":")
        assert name.lower() not in headers, "a header that came twice"
        headers[name.lower()] = value.strip()
    body = file.read(int(headers["content-length"]))
    return Request(line.split()[1].decode(), headers, body, number)
