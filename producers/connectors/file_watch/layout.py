"""The folders of a watched place, and moving drops between them.

A claim is a folder of its own that holds one drop and its marker. It lies in exactly one of
`working`, `done`, `refused` and `held`, and every move is one rename. Its name has no digit of
ours, since a snapshot's number is looked for in the path.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from recordbus.errors import Retryable

MARKER: Final = ".done"
REPORT: Final = "report.json"
APPROVED: Final = "approved.json"
_PLACES: Final = ("incoming", "working", "done", "refused", "held")
_UNFINISHED: Final = (".part", ".tmp", ".filepart", ".partial", ".crdownload")
_OURS: Final = frozenset((REPORT, APPROVED))
_LETTERS: Final = str.maketrans("0123456789", "abcdefghij")


class Drop(NamedTuple):
    """Something in the drop folder: a file, a zip, or a folder with one snapshot."""

    path: Path

    @property
    def marker(self) -> Path:
        """Where the department says that the drop is complete."""
        return self.path.with_name(f"{self.path.name}{MARKER}")

    def files(self) -> list[Path]:
        """Give every file of the drop."""
        if not self.path.is_dir():
            return [self.path]
        return sorted(path for path in self.path.rglob("*") if not path.is_dir())

    def fingerprint(self) -> tuple[tuple[str, int, int], ...]:
        """Give what changes while somebody writes it."""
        stats = [(str(path), path.lstat()) for path in self.files()]
        return tuple((name, found.st_size, found.st_mtime_ns) for name, found in stats)


class Layout:
    """One watched place: `incoming` is where the department writes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in _PLACES:
            (root / name).mkdir(parents=True, exist_ok=True, mode=0o700)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Be the one watch of this place; raises Retryable while another one is."""
        lock = os.open(self.root / ".watch.lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            _lock(lock, self.root)
            yield
        finally:
            os.close(lock)

    def place(self, name: str) -> Path:
        """Give one of the folders."""
        return self.root / name

    def drops(self) -> list[Drop]:
        """Give what lies in `incoming`, by name; what is hidden or unfinished is not there."""
        return [
            Drop(path)
            for path in sorted(self.place("incoming").iterdir())
            if not path.name.startswith(".") and not path.name.endswith((*_UNFINISHED, MARKER))
        ]

    def claims(self, place: str) -> list[Path]:
        """Give the claims that lie in a place, oldest first."""
        return sorted(path for path in self.place(place).iterdir() if path.is_dir())

    def claim(self, drop: Drop, at: datetime) -> Path:
        """Take a drop, its marker first: a marker without its drop would vouch for the next."""
        stamp = at.astimezone(UTC).strftime("%Y%m%d%H%M%S%f").translate(_LETTERS)
        claim = self.place("working") / f"{stamp}_{drop.path.name}"
        claim.mkdir()
        if drop.marker.exists():
            drop.marker.rename(claim / drop.marker.name)
        drop.path.rename(claim / drop.path.name)
        return claim

    def give_back(self, claim: Path) -> None:
        """Undo a claim that was cut off before it had its drop."""
        for left in claim.iterdir():
            left.rename(self.place("incoming") / left.name)
        claim.rmdir()

    def move(self, claim: Path, place: str) -> Path:
        """Move a claim to another place."""
        moved = self.place(place) / claim.name
        claim.rename(moved)
        return moved

    def trim(self, before: datetime) -> int:
        """Delete claims that were done or refused before an instant; gives how many."""
        count = 0
        for claim in (*self.claims("done"), *self.claims("refused")):
            if claim.stat().st_mtime < before.timestamp():
                shutil.rmtree(claim)
                count += 1
        return count


def _lock(lock: int, root: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Retryable(
            f"another watch has {root}", hint="one is enough; stop the other first"
        ) from None


def content_of(claim: Path) -> Drop | None:
    """Give the drop in a claim; None when it was cut off before it got there."""
    for path in sorted(claim.iterdir()):
        if path.name not in _OURS and not path.name.startswith(".") and path.suffix != MARKER:
            return Drop(path)
    return None


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a small file in one step, durably."""
    written = path.with_name(f".{path.name}.new")
    with written.open("w", encoding="utf-8") as file:
        json.dump(content, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    written.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    """Read such a file; empty when there is none."""
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return found
