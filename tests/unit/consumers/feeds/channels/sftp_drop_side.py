"""SFTP drop with its subscriber, for the contract suite: a real server on loopback."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from consumers.feeds.channels.numbered import CONTENT, MANIFEST
from recordbus.testing.clock import ManualClock
from recordbus.testing.sftp import SftpServer
from tests.unit.consumers.feeds.channels.made_channel import channel_of, settings_in


class SftpDropSide:
    """A folder on a server that somebody else runs."""

    def __init__(self, folder: Path, _request: pytest.FixtureRequest) -> None:
        self.server = SftpServer(folder, folder / "theirs")
        options = options_for(self.server, key_file=str(self.server.key_file))
        self.channel = channel_of("sftp_drop", options, ManualClock(), settings_in(folder))

    def arrived(self) -> list[bytes]:
        """Give the lines of the files that have a manifest."""
        names = sorted(self.server.served.glob(f"*{MANIFEST}"))
        whole = (path.with_name(path.name.removesuffix(MANIFEST) + CONTENT) for path in names)
        return [line for path in whole for line in path.read_bytes().splitlines()]

    def go_away(self) -> None:
        """Take no more connections."""
        self.server.stop()

    def come_back(self) -> None:
        """Listen again."""
        self.server.start()

    def close(self) -> None:
        """End the server."""
        self.server.close()


def options_for(server: SftpServer, **more: Any) -> dict[str, Any]:
    """Give what a subscription says of a server."""
    return {
        "host": "127.0.0.1", "port": server.port, "user": "bus", "folder": "/",
        "known_hosts": str(server.known_hosts),
    } | more  # fmt: skip
