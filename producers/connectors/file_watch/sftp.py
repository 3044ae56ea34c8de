"""Pulls a department's files from its own SFTP server into the drop folder; needs the extra `sftp`.

The invariant: a file arrives by one rename, after it was read whole and the server still shows
it unchanged. Whatever is cut off leaves nothing in the drop folder, and is read anew at the next
poll. The server proves who it is by a key we know, and we by a key of ours; never by a password.
"""

from __future__ import annotations

import asyncio
import os
import stat
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncssh

from producers.connectors.file_watch.layout import MARKER, Layout, read_json, write_json
from recordbus.errors import Misconfigured, RecordbusError, Retryable
from recordbus.metrics import SFTP_PULLED_TOTAL
from recordbus.sftp import AWAY, OURS_TO_MEND, Endpoint, connected

_LEDGER: Final = "pulled.json"
_PART: Final = ".part"
_FILES: Final = 10_000
_UNFINISHED: Final = (_PART, ".tmp", ".filepart", ".partial")


@dataclass(frozen=True, slots=True)
class Server:
    """A department's server: where it is, and the keys by which both sides are known."""

    host: str
    user: str
    key_file: Path
    known_hosts: Path
    folder: str = "."
    port: int = 22
    marker: bool = True
    remove: bool = False
    largest_bytes: int = 4 << 30


class SftpSource:
    """One department's server; `pull` is called again and again, by one thread."""

    def __init__(self, department: str, server: Server, layout: Layout) -> None:
        self._endpoint = Endpoint(
            server.host, server.user, server.known_hosts, server.key_file, port=server.port
        )
        self._endpoint.check()
        self._department, self._server, self._layout = department, server, layout
        self._before: dict[str, tuple[int, int]] = {}

    def pull(self) -> Counter[str]:
        """Bring what is complete and new; gives how many files ended how.

        Without markers, a file is complete when two polls found it alike. Raises Retryable when
        the server is away or the connection was lost, Misconfigured when a key is not the one.
        """
        ended: Counter[str] = Counter()
        try:
            asyncio.run(self._pull(ended))
        except OURS_TO_MEND as error:
            raise self._explained(error, Misconfigured) from error
        except AWAY as error:
            raise self._explained(error, Retryable) from error
        finally:
            for outcome, count in ended.items():
                labels = {"department": self._department, "outcome": outcome}
                SFTP_PULLED_TOTAL.labels(**labels).inc(count)
        return ended

    async def _pull(self, ended: Counter[str]) -> None:
        async with connected(self._endpoint) as sftp:
            listed = await self._listed(sftp)
            ledger = self._ledger(listed)
            for name in self._complete(listed):
                if ledger.get(name) == list(listed[name]):
                    continue
                outcome = await self._take(sftp, name, listed[name])
                ended[outcome] += 1
                if outcome == "pulled":
                    ledger[name] = list(listed[name])
                    write_json(self._layout.root / _LEDGER, ledger)
                    await self._finish(sftp, name, listed)

    async def _listed(self, sftp: asyncssh.SFTPClient) -> dict[str, tuple[int, int]]:
        """Give plain files by name; what the server calls them is believed only if it is a name."""
        found: dict[str, tuple[int, int]] = {}
        async for entry in sftp.scandir(self._server.folder):
            name, attributes = str(entry.filename), entry.attrs
            kind = stat.S_IFMT(attributes.permissions or 0)
            if kind != stat.S_IFREG or not _is_plain(name) or attributes.size is None:
                continue
            found[name] = (attributes.size, int(attributes.mtime or 0))
            if len(found) > _FILES:
                raise Retryable(
                    f"the folder of the server has more than {_FILES} files",
                    hint="ask the department to move away what was taken, or use --remove",
                )
        return found

    def _complete(self, listed: dict[str, tuple[int, int]]) -> list[str]:
        names = [name for name in sorted(listed) if not name.endswith((MARKER, *_UNFINISHED))]
        before, self._before = self._before, listed
        if self._server.marker:
            return [name for name in names if f"{name}{MARKER}" in listed]
        return [name for name in names if before.get(name) == listed[name]]

    async def _take(self, sftp: asyncssh.SFTPClient, name: str, seen: tuple[int, int]) -> str:
        if seen[0] > self._server.largest_bytes:
            return "too_large"
        pulling = self._layout.root / "pulling"
        pulling.mkdir(exist_ok=True, mode=0o700)
        target, part = self._layout.place("incoming") / name, pulling / f"{name}{_PART}"
        if target.exists():
            return "not_taken_yet"
        marker = f"{name}{MARKER}"
        await sftp.get(self._remote(name), part)
        now = await sftp.lstat(self._remote(name))
        if (now.size, int(now.mtime or 0)) != seen or part.stat().st_size != seen[0]:
            part.unlink()
            return "changing"
        if self._server.marker:
            await sftp.get(self._remote(marker), pulling / marker)
        _durable(part)
        part.rename(target)
        if self._server.marker:
            (pulling / marker).rename(target.with_name(marker))
        return "pulled"

    async def _finish(
        self, sftp: asyncssh.SFTPClient, name: str, listed: dict[str, tuple[int, int]]
    ) -> None:
        if not self._server.remove:
            return
        for each in (f"{name}{MARKER}", name):  # the marker first: it must not vouch for the next
            if each in listed:
                await sftp.remove(self._remote(each))

    def _ledger(self, listed: dict[str, tuple[int, int]]) -> dict[str, list[int]]:
        """Give what was pulled before, as far as it still lies there."""
        known = read_json(self._layout.root / _LEDGER)
        return {name: seen for name, seen in known.items() if name in listed}

    def _remote(self, name: str) -> str:
        return f"{self._server.folder.rstrip('/')}/{name}"

    def _explained(self, error: Exception, kind: type[RecordbusError]) -> RecordbusError:
        hint = (
            "compare the known hosts file, the key and the folder with what the department says"
            if kind is Misconfigured
            else "it is tried again; what was cut off is read anew"
        )
        return kind(
            f"the SFTP server {self._server.host}:{self._server.port} cannot be used: "
            f"{type(error).__name__}",
            hint=hint,
        )


def _is_plain(name: str) -> bool:
    return (
        name.isprintable()
        and not name.startswith(".")
        and not set(name) & set("/\\:")
        and len(name.encode()) <= 200
    )


def _durable(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
