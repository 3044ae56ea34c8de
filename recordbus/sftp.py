"""Connections to the SFTP servers of others; needs the extra `sftp`.

Invariant: a server is spoken to only when it proves who it is by a key that we know. No setting of
the user's own SSH client, and no agent, has a say in it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncssh

from recordbus.errors import Misconfigured
from recordbus.secret_files import read_password

OURS_TO_MEND: Final = (
    asyncssh.HostKeyNotVerifiable,
    asyncssh.PermissionDenied,
    asyncssh.KeyImportError,
    asyncssh.SFTPNoSuchPath,
    asyncssh.SFTPNoSuchFile,
    asyncssh.SFTPPermissionDenied,
)
"""What does not go away by itself: a key, a name or a folder is not the one."""
AWAY: Final = (asyncssh.Error, OSError, TimeoutError)
"""What may go away: the server, or the way to it. Covers `OURS_TO_MEND` too: ask that first."""
_CONNECT_SECONDS: Final = 20
_ALIVE_SECONDS: Final = 15


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server and how both sides are known: it by `known_hosts`, we by a key or a password."""

    host: str
    user: str
    known_hosts: Path
    key_file: Path | None = None
    password_file: Path | None = None
    port: int = 22

    def check(self) -> None:
        """Check that the files there must be are there; raises Misconfigured."""
        for path in filter(None, (self.key_file, self.password_file, self.known_hosts)):
            if not path.is_file():
                raise Misconfigured(
                    f"there is no file {path}",
                    hint="the known hosts and a key are needed: ssh-keyscan gives a line to "
                    "compare with what the other side tells",
                )


@asynccontextmanager
async def connected(endpoint: Endpoint) -> AsyncIterator[asyncssh.SFTPClient]:
    """Connect for the length of a block; raises what `OURS_TO_MEND` and `AWAY` name."""
    key, password = endpoint.key_file, endpoint.password_file
    async with (
        asyncssh.connect(
            endpoint.host,
            endpoint.port,
            config=None,
            username=endpoint.user,
            client_keys=None if key is None else [str(key)],
            password=None if password is None else read_password(password),
            known_hosts=str(endpoint.known_hosts),
            agent_path=None,
            preferred_auth="password" if key is None else "publickey",
            connect_timeout=_CONNECT_SECONDS,
            login_timeout=_CONNECT_SECONDS,
            keepalive_interval=_ALIVE_SECONDS,
        ) as connection,
        connection.start_sftp_client() as sftp,
    ):
        yield sftp
