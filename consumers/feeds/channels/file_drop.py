"""Deliveries as numbered files in a folder: `ORI_YYYYMMDD_HHMM_NNNN.jsonl` and a manifest beside.

Invariant: numbers are unbroken, and a file that has its manifest is whole and never changes. The
manifest comes last, so a recipient that waits for it never reads a file half; what a crash left
without one is given one, and its deliveries come again under their ids in the next file.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from consumers.feeds.channels.interface import DELIVERED, Outcome, Parcel, Result
from consumers.feeds.channels.surroundings import Surroundings
from consumers.feeds.subscription import Subscription
from recordbus.clock import Clock

MANIFEST: Final = ".manifest.json"
CONTENT: Final = ".jsonl"
_LAST: Final = ".last"
_NAME: Final = re.compile(r"^(?P<ori>.+)_\d{8}_\d{4}_(?P<number>\d{4,})\.jsonl$")


class Options(BaseModel):
    """What a subscription says of its folder."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: Path
    most_records: Annotated[int, Field(ge=1, le=100_000)] = 1000


class FileDrop:
    """The channel into one folder. One at a time per folder."""

    kind = "file_drop"

    def __init__(self, options: Options, agency_ori: str, clock: Clock) -> None:
        """`agency_ori` begins the names of the files."""
        self._folder, self._ori, self._clock = options.folder, agency_ori, clock
        self.most_parcels = options.most_records

    def deliver(self, parcels: Sequence[Parcel]) -> list[Outcome]:
        """Put all parcels into one new file; all of them are delivered, or none is."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            number = self._finish_what_was_begun() + 1
            self._write(number, parcels)
        except OSError as error:
            code = "disk_full" if error.errno == errno.ENOSPC else "folder_unusable"
            return [Outcome(Result.LATER, code)] * len(parcels)
        return [DELIVERED] * len(parcels)

    def close(self) -> None:
        """Nothing is open between two files."""

    def _write(self, number: int, parcels: Sequence[Parcel]) -> None:
        stem = f"{self._ori}_{self._clock.now():%Y%m%d_%H%M}_{number:04d}"
        lines = [each.body for parcel in parcels for each in parcel.deliveries]
        self._place(stem + CONTENT, b"".join(line + b"\n" for line in lines))
        self._complete(stem)

    def _complete(self, stem: str) -> None:
        """Put the manifest beside a file, and note its number even if the recipient moves both."""
        content = (self._folder / (stem + CONTENT)).read_bytes()
        number = _number(stem + CONTENT)
        told: dict[str, Any] = {
            "file": stem + CONTENT,
            "number": number,
            "deliveries": content.count(b"\n"),
            "bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        self._place(stem + MANIFEST, json.dumps(told, sort_keys=True).encode() + b"\n")
        self._place(_LAST, str(number).encode())

    def _finish_what_was_begun(self) -> int:
        """Give the last number that is complete, after completing one that a crash cut short."""
        noted = self._folder / _LAST
        last = int(noted.read_text()) if noted.exists() else 0
        for name in sorted(path.name for path in self._folder.glob(f"*{CONTENT}")):
            found = _NAME.match(name)
            if found and found["ori"] == self._ori and _number(name) > last:
                self._complete(name.removesuffix(CONTENT))
                last = _number(name)
        return last

    def _place(self, name: str, content: bytes) -> None:
        """Make a file appear whole and durable under its name."""
        part = self._folder / f".{name}.part"
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.rename(self._folder / name)
        directory = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


def make(options: Options, subscription: Subscription, around: Surroundings) -> FileDrop:
    """Make the channel of a subscription."""
    return FileDrop(options, subscription.agency_ori, around.clock)


def _number(name: str) -> int:
    found = _NAME.match(name)
    return int(found["number"]) if found else 0
