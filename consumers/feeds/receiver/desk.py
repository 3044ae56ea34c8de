"""Takes requests in: checks, keeps, tells somebody, and only then answers (an ASGI application).

2xx means that a message is on disk; a message that is not believed gets 401, one that is not
understood 422, and while nothing can be kept the answer is 503.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from consumers.feeds.receiver.inbox import Inbox, Taken
from consumers.feeds.receiver.message import Message, Unreadable, read_message
from consumers.feeds.receiver.verifying import Forged, Verifier
from recordbus.clock import Clock

MOST_BYTES: Final = 16 * 1024 * 1024
_PAUSE_SECONDS: Final = 5
_ASGI = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_ASGI]]
_Send = Callable[[_ASGI], Awaitable[None]]


class Desk:
    """Where messages come in.

    `taken` is told of each message that was believed, after it was kept and before it is
    answered: it shows it, or receipts it. `refused` is told the code of each other request.
    """

    def __init__(
        self, verifier: Verifier, inbox: Inbox, clock: Clock,
        taken: Callable[[Message, Taken], None], refused: Callable[[str], None],
    ) -> None:  # fmt: skip
        self._verifier, self._inbox, self._clock = verifier, inbox, clock
        self._taken, self._refused = taken, refused

    async def __call__(self, scope: _ASGI, receive: _Receive, send: _Send) -> None:
        """Serve one request, or the beginning and end of the server."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        if scope["method"] != "POST":
            await _answer(send, 405, {"allow": "POST"})
            return
        body = await _read(receive)
        if body is None:
            self._refused("too_large")
            await _answer(send, 413, {"connection": "close"})
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in
                   scope["headers"]}  # fmt: skip
        status = self.take(headers, body)
        await _answer(send, status, {"retry-after": str(_PAUSE_SECONDS)} if status == 503 else {})

    def take(self, headers: dict[str, str], body: bytes) -> int:
        """Take one request in; give the status of its answer."""
        now = self._clock.epoch_ms() / 1000
        try:
            message = read_message(self._verifier.check(headers, body, now), body)
            taken = self._inbox.take(message, now)
        except Forged as error:
            self._refused(error.code)
            return 401
        except Unreadable:
            self._refused("unreadable")
            return 422
        except sqlite3.Error:
            self._refused("cannot_be_kept")
            return 503
        self._taken(message, taken)
        return 204


async def _live(receive: _Receive, send: _Send) -> None:
    while True:
        kind = (await receive())["type"]
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return


async def _read(receive: _Receive) -> bytes | None:
    """Read a body; None when it is larger than anything a feed sends."""
    parts, size = [], 0
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MOST_BYTES:
            return None
        if not message.get("more_body", False):
            return b"".join(parts)


async def _answer(send: _Send, status: int, headers: dict[str, str]) -> None:
    told = [(name.encode(), value.encode()) for name, value in headers.items()]
    told += [] if status == 204 else [(b"content-length", b"0")]
    await send({"type": "http.response.start", "status": status, "headers": told})
    await send({"type": "http.response.body", "body": b"", "more_body": False})
