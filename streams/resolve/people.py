"""All records of some files as mentions, in the files' order, with what could not be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from sys import intern
from typing import Final

from streams.resolution.mentions import PersonMention
from streams.resolve.files import PeopleFile, rejected
from streams.resolve.mention import read

_WHAT_TO_DO: Final = {
    "date_of_birth": "; name their form with --date-format, such as %m/%d/%Y",
}


class People:
    """The mentions of some files; rows pass one by one, mentions stay.

    `names` has (source, record id) of every mention, at the mention's place.
    """

    def __init__(self, date_form: str | None = None) -> None:
        self.mentions: list[PersonMention] = []
        self.names: list[tuple[str, str]] = []
        self._date_form = date_form
        self._known: set[str] = set()
        self._unreadable: Counter[str] = Counter()
        self._first: dict[str, str] = {}

    def add(self, file: PeopleFile) -> None:
        """Add a file's records; raises Rejected at the first line that cannot be taken."""
        for line, row in file.rows():
            mention, unreadable = read(row, len(self.mentions), self._date_form)
            if mention.mention_id in self._known:
                what = "another line has this record_id and source already"
                raise rejected(file.path, line, "duplicate_key_in_snapshot", what)
            self._known.add(mention.mention_id)
            self.mentions.append(mention)
            self.names.append((intern(row.source), row.record_id))
            for column in unreadable:
                self._unreadable[column] += 1
                self._first.setdefault(column, f"{file.path} line {line}")

    def warnings(self) -> Iterator[str]:
        """Say of each column how many cells could not be read, and where the first one is."""
        for column, count in sorted(self._unreadable.items()):
            many = "1 value" if count == 1 else f"{count:,} values"
            hint = _WHAT_TO_DO.get(column, "")
            yield (
                f"{many} of {column} could not be read and count as empty,"
                f" the first at {self._first[column]}{hint}"
            )
