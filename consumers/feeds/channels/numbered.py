"""Deliveries as numbered files in a folder: `ORI_YYYYMMDD_HHMM_NNNN.jsonl` and a manifest beside.

Invariant: numbers are unbroken, and a file that has its manifest is whole and never changes. The
manifest comes last, so a recipient that waits for it never reads a file half; what a crash left
without one is given one, and its deliveries come again under their ids in the next file. So does
whatever is asked for again: a number is never used twice.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Sequence
from typing import Any, Final
from weakref import WeakValueDictionary

from consumers.feeds.channels.folder import Files, Folder, FolderTrouble
from consumers.feeds.channels.interface import DELIVERED, Outcome, Parcel, Result
from consumers.feeds.formats import Format
from consumers.feeds.subscription import Subscription
from recordbus.clock import Clock
from recordbus.errors import Misconfigured

MANIFEST: Final = ".manifest.json"
CONTENT: Final = ".jsonl"
MOST_RECORDS: Final = 1000
_LAST: Final = ".last"
_NAME: Final = re.compile(r"(?P<ori>.+)_\d{8}_\d{4}_(?P<number>\d{4,18})\.jsonl")
_ORI: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}")
_LOCKS: Final[WeakValueDictionary[str, _Lock]] = WeakValueDictionary()


class NumberedFiles:
    """The channel into one folder; several may share one folder, within this process."""

    def __init__(
        self, kind: str, folder: Folder, agency_ori: str, form: Format, clock: Clock, most: int
    ) -> None:
        """`agency_ori` begins the names of the files, `most` is how many records one may hold."""
        self.kind, self.most_parcels = kind, most
        self._folder, self._ori, self._form, self._clock = folder, agency_ori, form, clock
        self._lock = _LOCKS.setdefault(folder.place, _Lock())

    def deliver(self, parcels: Sequence[Parcel]) -> list[Outcome]:
        """Put all parcels into one new file; all of them are delivered, or none is."""
        if not parcels:
            return []
        lines = [self._form(each.body) for parcel in parcels for each in parcel.deliveries]
        try:
            with self._lock.held, self._folder.reach() as files:
                self._write(files, b"".join(line + b"\n" for line in lines))
        except FolderTrouble as trouble:
            return [Outcome(Result.LATER, trouble.code)] * len(parcels)
        return [DELIVERED] * len(parcels)

    def close(self) -> None:
        """Nothing is open between two files."""

    def _write(self, files: Files, content: bytes) -> None:
        number = self._finish_what_was_begun(files) + 1
        stem = f"{self._ori}_{self._clock.now():%Y%m%d_%H%M}_{number:04d}"
        files.place(stem + CONTENT, content)
        _complete(files, stem, content)

    def _finish_what_was_begun(self, files: Files) -> int:
        """Give the last number that is complete, after completing one that a crash cut short."""
        noted = files.read(_LAST)
        last = int(noted) if noted else 0
        begun = {number_of(name, self._ori): name for name in files.names()}
        for number in sorted(each for each in begun if each > last):
            content = files.read(begun[number])
            if content is not None:
                _complete(files, begun[number].removesuffix(CONTENT), content)
                last = number
        return last


class _Lock:
    """A lock that goes with the last channel into its folder."""

    def __init__(self) -> None:
        self.held = threading.Lock()


def number_of(name: str, agency_ori: str) -> int:
    """Give the number of a file of an agency's; 0 for any other name."""
    found = _NAME.fullmatch(name)
    return int(found["number"]) if found and found["ori"] == agency_ori else 0


def checked_ori(subscription: Subscription) -> str:
    """Give an agency's ORI where it may begin the name of a file; raises Misconfigured."""
    if not _ORI.fullmatch(subscription.agency_ori):
        raise Misconfigured(
            f"agency_ori: {subscription.agency_ori!r} cannot begin the name of a file",
            hint="an ORI is letters and digits, such as MA0130000",
        )
    return subscription.agency_ori


def _complete(files: Files, stem: str, content: bytes) -> None:
    """Put the manifest beside a file, and note its number even if the recipient moves both."""
    number = int(stem.rpartition("_")[2])
    told: dict[str, Any] = {
        "file": stem + CONTENT,
        "number": number,
        "deliveries": content.count(b"\n"),
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    files.place(stem + MANIFEST, json.dumps(told, sort_keys=True).encode() + b"\n")
    files.place(_LAST, str(number).encode())
