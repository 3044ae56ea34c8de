"""A folder on an SFTP server, as a folder that files are dropped into.

Invariant: what `place` has placed is whole. Servers without `posix-rename@openssh.com` replace
nothing by a rename, so there the old file goes first; `read` then finds the new one by the name
that it was written under. Where the server has `fsync@openssh.com`, it is durable as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from typing import Final

import asyncssh

from consumers.feeds.channels.folder import PART, Files, FolderTrouble
from recordbus.errors import Misconfigured
from recordbus.sftp import AWAY, Endpoint, connected

_MOST_FILES: Final = 100_000
_MOST_BYTES: Final = 1 << 30
_CODES: Final[tuple[tuple[type[Exception], str], ...]] = (
    (asyncssh.HostKeyNotVerifiable, "host_key_unknown"),
    (asyncssh.PermissionDenied, "login_refused"),
    (asyncssh.KeyImportError, "key_unusable"),
    (asyncssh.SFTPNoSpaceOnFilesystem, "disk_full"),
    (asyncssh.SFTPQuotaExceeded, "disk_full"),
    (asyncssh.SFTPConnectionLost, "server_away"),
    (asyncssh.SFTPNoConnection, "server_away"),
    (asyncssh.SFTPError, "folder_unusable"),
)


class SftpFolder:
    """A folder on a server; each reach is a connection of its own."""

    def __init__(self, endpoint: Endpoint, path: str) -> None:
        self._endpoint, self._path = endpoint, path
        self.place = f"sftp://{endpoint.user}@{endpoint.host}:{endpoint.port}/{path}"

    @contextmanager
    def reach(self) -> Iterator[Files]:
        """Connect, and disconnect at the end."""
        try:
            with asyncio.Runner() as runner:
                opened = AsyncExitStack()
                sftp = runner.run(opened.enter_async_context(connected(self._endpoint)))
                try:
                    yield SftpFiles(runner, sftp, self._path)
                finally:
                    runner.run(opened.aclose())
        except AWAY as error:
            raise FolderTrouble(_code(error)) from error
        except Misconfigured as error:
            raise FolderTrouble("password_unusable") from error


class SftpFiles:
    """The files of a folder on a server, while there is a connection."""

    def __init__(self, runner: asyncio.Runner, sftp: asyncssh.SFTPClient, path: str) -> None:
        self._runner, self._sftp, self._path = runner, sftp, path

    def names(self) -> list[str]:
        """Give the names of what is in it, which are the server's word."""
        return self._runner.run(self._names())

    def read(self, name: str) -> bytes | None:
        """Give a whole file, or what was to replace it."""
        return self._runner.run(self._read(name))

    def place(self, name: str, content: bytes) -> None:
        """Write beside it, sync where the server can, and rename."""
        self._runner.run(self._place(name, content))

    async def _names(self) -> list[str]:
        found: list[str] = []
        async for entry in self._sftp.scandir(self._path):
            found.append(str(entry.filename))
            if len(found) > _MOST_FILES:
                raise FolderTrouble("too_many_files")
        return found

    async def _read(self, name: str) -> bytes | None:
        for each in (name, _part(name)):
            try:
                async with self._sftp.open(self._at(each), "rb") as file:
                    content: bytes = await file.read(_MOST_BYTES)
                    return content
            except asyncssh.SFTPNoSuchFile:
                continue
        return None

    async def _place(self, name: str, content: bytes) -> None:
        part, whole = self._at(_part(name)), self._at(name)
        async with self._sftp.open(part, "wb") as file:
            await file.write(content)
            with suppress(asyncssh.SFTPOpUnsupported):  # then it promises no more than to have it
                await file.fsync()
        try:
            await self._sftp.posix_rename(part, whole)
        except asyncssh.SFTPOpUnsupported:
            if await self._sftp.exists(whole):
                await self._sftp.remove(whole)
            await self._sftp.rename(part, whole)

    def _at(self, name: str) -> str:
        return f"{self._path.rstrip('/')}/{name}"


def _part(name: str) -> str:
    return f".{name}{PART}"


def _code(error: Exception) -> str:
    found = (code for kind, code in _CODES if isinstance(error, kind))
    return next(found, "server_away")
