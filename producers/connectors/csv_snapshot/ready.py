"""Is a file complete, and which snapshot is it: asked before a single row is read."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from producers.mapping.spec import Source
from recordbus.clock import Clock
from recordbus.errors import Misconfigured, Rejected

STABLE_SECONDS: Final = 2.0
_CHUNK: Final = 1 << 20

Sleep = Callable[[float], None]


def wait_until_complete(path: Path, source: Source, clock: Clock, sleep: Sleep) -> None:
    """Return when nobody writes the file any more; Rejected `file_changing` when somebody does.

    With `ready: marker` the file FILE.done must be there; with `ready: stable` the file must
    not have changed for two seconds.
    """
    if source.ready == "marker":
        marker = path.with_name(f"{path.name}.done")
        if not marker.exists():
            raise Rejected(
                "file_changing", f"{path.name} has no marker {marker.name} yet; try again later"
            )
        return
    before = _fingerprint(path)
    age_seconds = clock.now().timestamp() - before[1] / 1e9
    if age_seconds >= STABLE_SECONDS:
        return
    sleep(STABLE_SECONDS if age_seconds < 0 else STABLE_SECONDS - age_seconds)
    if _fingerprint(path) != before:
        raise Rejected(
            "file_changing", f"{path.name} is still being written; try again when it is complete"
        )


def _fingerprint(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError as error:
        raise Misconfigured(
            f"cannot read {path}: {error.strerror}", hint="check the path and who may read it"
        ) from error
    return found.st_size, found.st_mtime_ns


def snapshot_number(path: Path, source: Source) -> int | None:
    """Give the number that the department's naming gives this snapshot, or None without one."""
    if source.sequence is None:
        return None
    match = re.search(source.sequence, path.resolve().as_posix())
    if match is None or not match[1].isdigit():
        raise Rejected(
            "older_snapshot",
            f"{path.name} has no number where `sequence` of the mapping looks for it, so nobody "
            "can tell whether it is newer",
        )
    return int(match[1])


def digest_of(paths: Iterable[Path], secret: bytes) -> bytes:
    """Give a keyed digest of files: it tells files apart and tells nothing about them."""
    digest = hashlib.blake2b(key=secret[:64], digest_size=16)
    for path in paths:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
        digest.update(b"\x00file")
    return digest.digest()
