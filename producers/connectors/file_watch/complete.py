"""Is a drop complete: by its marker, or because nobody has written it for a while."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any, Final

from producers.connectors.file_watch.layout import MARKER, Drop
from recordbus.clock import Clock
from recordbus.errors import Rejected

_LINE: Final = re.compile(r"([0-9a-fA-F]{64})(?:[ *]+(\S.*))?")


class Completeness:
    """Remembers since when each drop has looked as it does now.

    With `marker` a drop is complete once NAME.done lies beside it. Without, once its files have
    kept their sizes and times for `quiet_seconds`, by the watcher's own clock.
    """

    def __init__(self, clock: Clock, quiet_seconds: float, *, marker: bool) -> None:
        self._clock, self._quiet_seconds, self._marker = clock, quiet_seconds, marker
        self._seen: dict[Path, tuple[Any, float]] = {}

    def of(self, drop: Drop) -> bool:
        """Say whether a drop may be taken now."""
        if self._marker:
            return drop.marker.is_file()
        try:
            found = drop.fingerprint()
        except FileNotFoundError:  # renamed or taken back while it was looked at
            return False
        now = self._clock.monotonic()
        before = self._seen.get(drop.path)
        if before is None or before[0] != found:
            self._seen[drop.path] = (found, now)
            return False
        return bool(found) and now - before[1] >= self._quiet_seconds

    def forget(self, present: list[Drop]) -> None:
        """Keep in mind only what is still there."""
        paths = {drop.path for drop in present}
        self._seen = {path: seen for path, seen in self._seen.items() if path in paths}


def check_digests(drop: Drop) -> None:
    """Compare the drop with the SHA-256 its marker may hold; Rejected `checksum_mismatch`.

    The marker is empty, or one digest, or lines of digest and file name as sha256sum writes them.
    """
    if not drop.marker.is_file():
        return
    text = drop.marker.read_text(encoding="utf-8", errors="replace")
    for line in filter(None, map(str.strip, text.splitlines())):
        found = _LINE.fullmatch(line)
        if found is None:
            raise Rejected("checksum_mismatch", f"the marker {drop.marker.name} holds no digests")
        name = Path(found[2]).name if found[2] else drop.path.name
        path = drop.path / name if drop.path.is_dir() else drop.path
        if not path.is_file() or path.name != name or _digest(path) != found[1].lower():
            raise Rejected("checksum_mismatch", f"{name} is not what its marker says")


def vouch(path: Path) -> None:
    """Mark every file of a complete drop, for connectors that look for a marker of each."""
    files = path.rglob("*") if path.is_dir() else [path]
    for file in [each for each in files if each.is_file() and each.suffix != MARKER]:
        file.with_name(f"{file.name}{MARKER}").touch()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
