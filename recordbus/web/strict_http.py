"""HTTP/1.1 as strictly as it is written: uvicorn's own protocol, with the doubtful cases closed.

What it adds: a head that does not arrive in time ends with 408, one that is too large with 431,
what is no HTTP with 400 or 501, each as a problem; and every such connection is closed. It relies
on the names of uvicorn's h11 protocol, which the tests over real sockets would miss at once.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from recordbus.web.door import SECURITY_HEADERS
from recordbus.web.problems import Problem

HEAD_BYTES: Final = 64 * 1024
_CODES: Final = {408: "too_slow", 431: "headers_too_large", 501: "not_implemented"}


class _Connection(h11.Connection):
    """Remembers with which status a client's fault is best answered."""

    hint = 400

    def next_event(self) -> Any:
        """Give the next event; raises RemoteProtocolError."""
        try:
            return super().next_event()
        except h11.RemoteProtocolError as error:
            self.hint = error.error_status_hint
            raise


class StrictProtocol(H11Protocol):
    """One connection of a client."""

    head_seconds = 10.0

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.conn = _Connection(h11.SERVER, HEAD_BYTES)
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._head_arrived()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes; the first ones after an answer begin a head."""
        before = self.cycle
        if self._at_work() is None:
            self._await_head()
        super().data_received(data)
        if self.cycle is not before:
            self._head_arrived()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the base class's signature
        """Answer what is no HTTP, if nothing was answered yet, and close."""
        self._end_with(getattr(self.conn, "hint", 400))

    def handle_websocket_upgrade(self, event: h11.Request) -> None:  # noqa: ARG002 - as above
        """Refuse it: nothing here speaks anything but HTTP."""
        self._end_with(501)

    def _at_work(self) -> RequestResponseCycle | None:
        """Give the request that is not answered yet; the base class begins with none."""
        cycle: RequestResponseCycle | None = self.cycle
        return None if cycle is None or cycle.response_complete else cycle

    def _await_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(self.head_seconds, self._too_slow)

    def _head_arrived(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _too_slow(self) -> None:
        self._head_timer = None
        self._end_with(408)

    def _end_with(self, status: int) -> None:
        self._head_arrived()
        if (cycle := self._at_work()) is not None:
            cycle.disconnected = True
            cycle.message_event.set()
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE, h11.ERROR):
            self.transport.write(_answer(Problem(_CODES.get(status, "bad_request"))))
        self.transport.close()


def _answer(problem: Problem) -> bytes:
    """Give a whole answer; written by hand, since the parser may be in no state to write one."""
    body = problem.body()
    headers = {
        **SECURITY_HEADERS,
        **problem.headers(),
        "content-length": str(len(body)),
        "connection": "close",
    }
    lines = [f"HTTP/1.1 {problem.status} {problem.code.replace('_', ' ')}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body
