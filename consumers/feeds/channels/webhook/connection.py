"""One kept-alive HTTP/1.1 connection to an endpoint.

Invariant: an attempt takes at most `seconds` in total and reads at most `most_bytes`, whether the
other side is silent, dribbles or never ends. After anything but a whole answer the connection is
closed, so that no answer is ever taken for that of another message.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final, NamedTuple

import h11

from consumers.feeds.channels.webhook.deadline import Deadline
from consumers.feeds.channels.webhook.endpoint import Endpoint
from consumers.feeds.channels.webhook.link import Link, Links
from consumers.feeds.channels.webhook.trouble import Trouble

_CHUNK: Final = 16 * 1024
Headers = list[tuple[str, str]]


class Limits(NamedTuple):
    """How long an attempt may take, how much of its answer is read, how old a link may get."""

    seconds: float = 15.0
    most_bytes: int = 64 * 1024
    link_seconds: float = 300.0
    idle_seconds: float = 20.0


LIMITS: Final = Limits()


class Answer(NamedTuple):
    """What counts of an answer."""

    status: int
    retry_after: str | None


class Connection:
    """A link that is opened when it is first used, and again when it has to be. One thread."""

    def __init__(
        self, links: Links, limits: Limits, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._links, self._limits, self._monotonic = links, limits, monotonic
        self._link: Link | None = None
        self._endpoint: Endpoint | None = None
        self._http = h11.Connection(h11.CLIENT)
        self._opened_at = self._used_at = 0.0
        self._is_closed = False

    def post(self, headers: Headers, body: bytes) -> Answer:
        """Send one message and give its answer; raises Trouble.

        A link that the other side closed while nothing was on it is opened anew, once: then the
        message may arrive twice, under one id.
        """
        deadline = Deadline(self._limits.seconds, self._monotonic)
        try:
            if self._is_usable():
                try:
                    return self._exchange(headers, body, deadline)
                except _Stale:
                    self._let_go()
            self._open(deadline)
            return self._exchange(headers, body, deadline)
        except TimeoutError as error:
            raise Trouble("slow", "it did not answer in time") from error
        except (_Stale, OSError) as error:
            raise Trouble("cut_off", "it closed the connection without an answer") from error
        except h11.ProtocolError as error:
            raise Trouble("bad_answer", "its answer is no HTTP") from error
        finally:
            self._keep_or_close()

    def close(self) -> None:
        """Let the link go for good; safe to call twice, and while another thread waits on it."""
        self._is_closed = True
        self._let_go()

    def _let_go(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            with suppress(OSError):
                socket.socket.shutdown(link, socket.SHUT_RDWR)  # wakes who reads; TLS is left as is
            link.close()

    def _is_usable(self) -> bool:
        if self._link is None:
            return False
        now, limits = self._monotonic(), self._limits
        is_old = now - self._opened_at > limits.link_seconds
        if is_old or now - self._used_at > limits.idle_seconds or not _is_quiet(self._link):
            self._let_go()
            return False
        return True

    def _open(self, deadline: Deadline) -> None:
        if not self._is_closed:
            self._endpoint, self._link = self._links.open(deadline)
        if self._is_closed:
            raise Trouble("closed", "we are ending")
        self._http = h11.Connection(h11.CLIENT)
        self._opened_at = self._monotonic()

    def _exchange(self, headers: Headers, body: bytes, deadline: Deadline) -> Answer:
        link, endpoint = self._link, self._endpoint
        if link is None or endpoint is None:
            raise _Stale
        try:
            link.settimeout(deadline.left())
            link.sendall(self._written(endpoint, headers, body))
        except TimeoutError:
            raise
        except OSError:
            pass  # it may have answered without reading all of it, and closed
        return self._answer(link, deadline)

    def _written(self, endpoint: Endpoint, headers: Headers, body: bytes) -> bytes:
        http = self._http
        head = [("host", endpoint.authority), ("content-length", str(len(body))), *headers]
        request = h11.Request(method="POST", target=endpoint.target, headers=head)
        parts = (http.send(request), http.send(h11.Data(data=body)), http.send(h11.EndOfMessage()))
        return b"".join(part for part in parts if part)

    def _answer(self, link: Link, deadline: Deadline) -> Answer:
        http, read, found = self._http, 0, None
        while True:
            event = http.next_event()
            if event is h11.NEED_DATA:
                if read > self._limits.most_bytes:
                    raise Trouble("answer_too_long", "its answer is longer than anybody reads")
                link.settimeout(deadline.left())
                data = self._received(link, is_first=read == 0)
                read += len(data)
                http.receive_data(data)
            elif isinstance(event, h11.Response):
                found = Answer(event.status_code, _retry_after(event))
            elif isinstance(event, h11.EndOfMessage) and found is not None:
                return found
            elif event is h11.PAUSED or isinstance(event, h11.ConnectionClosed):
                raise _Stale

    def _received(self, link: Link, *, is_first: bool) -> bytes:
        """Read some bytes; raises _Stale when there was never one."""
        try:
            data = link.recv(_CHUNK)
        except TimeoutError:
            raise
        except OSError:
            if is_first:
                raise _Stale from None
            raise
        if not data and is_first:
            raise _Stale
        return data

    def _keep_or_close(self) -> None:
        """Keep the link for the next message only after a whole exchange, and nothing beyond it."""
        self._used_at, http = self._monotonic(), self._http
        is_whole = http.our_state is h11.DONE and http.their_state is h11.DONE
        if is_whole and not http.trailing_data[0]:
            http.start_next_cycle()
        else:
            self._let_go()


class _Stale(Exception):
    """The other side closed the link before it answered anything."""


def _is_quiet(link: Link) -> bool:
    """Tell whether a link is still open and nothing came on it that nobody asked for."""
    poll = select.poll()
    poll.register(link, select.POLLIN)
    return not poll.poll(0)


def _retry_after(response: h11.Response) -> str | None:
    for name, value in response.headers:
        if name == b"retry-after":
            return value.decode("ascii", "replace")
    return None
