"""The endpoints of many agencies in one process: each message is answered at once and noted.

    python -m bench.feeds_receiver --port PORT --output FILE

A path is an agency. FILE gets a line for each message about a record: agency, record key, status,
and when it was here (nanoseconds since 1970). `POST /stall/AGENCY` lets that agency answer nothing
from then on, `POST /resume/AGENCY` lets it answer again. It checks no signature: what a receiver
does with a message is not what is measured.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import time
from pathlib import Path
from typing import Final, TextIO

_LENGTH: Final = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
_OK: Final = b"HTTP/1.1 204 No Content\r\n\r\n"
_HEAD_END: Final = b"\r\n\r\n"


class Endpoints:
    """What all connections share."""

    def __init__(self, output: TextIO) -> None:
        self._output = output
        self._stalled: set[str] = set()

    def take(self, path: str, body: bytes) -> bool:
        """Take a request in; False when it must not be answered."""
        here = time.time_ns()
        verb, _, agency = path.strip("/").rpartition("/")
        if verb:
            (self._stalled.add if verb == "stall" else self._stalled.discard)(agency)
            return True
        if agency in self._stalled:
            return False
        message = json.loads(body)
        kind, _, key = message["subject"].partition("/")
        if kind == "record":
            self._output.write(f"{agency} {key} {message['data']['status']} {here}\n")
        return True


class Connection(asyncio.Protocol):
    """One connection that stays open; requests come one after the other."""

    def __init__(self, endpoints: Endpoints) -> None:
        self._endpoints, self._held = endpoints, b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what answers are written to."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that is whole."""
        self._held += data
        while (end := self._held.find(_HEAD_END)) >= 0:
            head = self._held[:end]
            found = _LENGTH.search(head)
            whole = end + len(_HEAD_END) + (int(found[1]) if found else 0)
            if len(self._held) < whole:
                return
            body, self._held = self._held[end + len(_HEAD_END) : whole], self._held[whole:]
            path = head.split(b" ", 2)[1].decode()
            if self._endpoints.take(path, body) and self._transport is not None:
                self._transport.write(_OK)


async def main() -> None:
    """Receive until killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--output", type=Path, required=True)
    asked = parser.parse_args()
    with asked.output.open("w", buffering=1) as output:
        endpoints = Endpoints(output)
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Connection(endpoints), "127.0.0.1", asked.port)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
