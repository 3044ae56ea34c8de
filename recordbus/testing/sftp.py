"""A real SFTP server on loopback, which can be away, forget who we are, or lack extensions.

Needs the extra `sftp`.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

import asyncssh

_T = TypeVar("_T")
_PATIENCE_SECONDS = 20


class _Server(asyncssh.SSHServer):
    """Takes one password, where there is one."""

    password = ""

    def password_auth_supported(self) -> bool:
        """Say whether a password may be tried."""
        return bool(self.password)

    def validate_password(self, username: str, password: str) -> bool:
        """Compare it, whoever it is."""
        return bool(username) and password == self.password


class SftpServer:
    """A server for one folder, with the files by which both sides are known beside it.

    It keeps its port over stops and starts. `files` is the class that serves the folder; what a
    test changes there counts at once.
    """

    def __init__(
        self, folder: Path, served: Path, files: type[asyncssh.SFTPServer] = asyncssh.SFTPServer,
        *, password: str = "",
    ) -> None:  # fmt: skip
        """`folder` takes keys and known hosts, `served` is what clients see."""
        served.mkdir(exist_ok=True)
        self.served, self.files, self.port = served, files, 0
        self.host_key = asyncssh.generate_private_key("ssh-ed25519")
        self.key = asyncssh.generate_private_key("ssh-ed25519")
        self.key_file, self.known_hosts = folder / "key", folder / "known_hosts"
        self.key_file.write_bytes(self.key.export_private_key())
        self.key_file.chmod(0o600)
        self._password = password
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self.start()

    def start(self) -> None:
        """Listen again, and be trusted."""
        self._listener = self._do(self._listen())
        self.port = self._listener.get_port()
        self.trust(self.host_key)

    def trust(self, key: asyncssh.SSHKey) -> None:
        """Let this key be the one that clients know."""
        public = key.export_public_key().decode().strip()
        self.known_hosts.write_text(f"[127.0.0.1]:{self.port} {public}\n")

    def stop(self) -> None:
        """Take no more connections."""
        self._do(self._unlisten())

    def close(self) -> None:
        """End for good."""
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _unlisten(self) -> None:
        self._listener.close()
        await self._listener.wait_closed()

    async def _listen(self) -> Any:
        keys = asyncssh.import_authorized_keys(self.key.export_public_key().decode())
        return await asyncssh.listen(
            "127.0.0.1", self.port, server_host_keys=[self.host_key],
            server_factory=type("Server", (_Server,), {"password": self._password}),
            authorized_client_keys=keys, password_auth=bool(self._password),
            sftp_factory=lambda channel: self.files(channel, chroot=str(self.served).encode()),
        )  # fmt: skip

    def _do(self, work: Coroutine[Any, Any, _T]) -> _T:
        future: Future[_T] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result(_PATIENCE_SECONDS)
