"""What meeting partitions said of each record, and which version of it counts (pure).

The version of a record that counts is the newest of which every meeting partition that holds
something of it has spoken. A removal names that set too, and never counts towards it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import Enum
from typing import Final, NamedTuple

from streams.identify.entries import Mentioned, Told, digest_in, mentioned, start_of


class Standing(Enum):
    """Whether a record has identities now: those of its newest version, not yet, or no more."""

    LIVE = "live"
    WAITING = "waiting"
    GONE = "gone"


class Spoken(NamedTuple):
    """Everything that was said of a record, by meeting partition in order, and how it stands.

    `values` are the lists of a live record, of its version.
    """

    told: tuple[Told, ...]
    version: int
    standing: Standing
    values: tuple[bytes, ...]

    @property
    def is_live(self) -> bool:
        """Tell whether the record has identities."""
        return self.standing is Standing.LIVE

    @property
    def home_partition(self) -> int:
        """Give the partition of the record's relations."""
        return self.told[0].home_partition

    @property
    def reason(self) -> str | None:
        """Give why the record is gone."""
        reasons = [each.reason for each in self.told if each.version == self.version]
        return next((each for each in reasons if each), None)

    def of(self, meeting_partition: int) -> Told | None:
        """Give what one meeting partition said last."""
        return next((t for t in self.told if t.meeting_partition == meeting_partition), None)


UNHEARD: Final = Spoken((), 0, Standing.WAITING, ())


def with_told(spoken: Spoken, told: Told) -> Spoken:
    """Give what is known of a record once one meeting partition has said something else."""
    if told.parts == (told.meeting_partition,) and len(spoken.told) < 2:
        only = spoken.told[0].meeting_partition if spoken.told else told.meeting_partition
        if only == told.meeting_partition and told.value is not None:
            return Spoken((told,), told.version, Standing.LIVE, (told.value,))
    others = [t for t in spoken.told if t.meeting_partition != told.meeting_partition]
    return _spoken(tuple(sorted((*others, told), key=lambda t: t.meeting_partition)))


def without(spoken: Spoken, meeting_partition: int) -> Spoken:
    """Give what is known of a record if one meeting partition had said nothing."""
    return _spoken(tuple(t for t in spoken.told if t.meeting_partition != meeting_partition))


def _spoken(told: tuple[Told, ...]) -> Spoken:
    if not told:
        return UNHEARD
    newest = max(told, key=lambda t: t.version)
    version, parts = newest.version, newest.parts
    if not parts:
        return Spoken(told, version, Standing.GONE, ())
    lists = [(t.meeting_partition, t.value) for t in told if t.version == version]
    found = {partition: value for partition, value in lists if value is not None}
    if not all(part in found for part in parts):
        return Spoken(told, version, Standing.WAITING, ())
    return Spoken(told, version, Standing.LIVE, tuple(found.values()))


class Crossing:
    """Which records name a thing in their lists; a thing that one names is kept without a set."""

    def __init__(self) -> None:
        self._by: dict[bytes, str | set[str]] = {}

    def add(self, things: Iterable[bytes], record_key: str) -> None:
        """Let a record name these."""
        by = self._by
        for each in things:
            known = by.setdefault(each, record_key)
            if isinstance(known, set):
                known.add(record_key)
            elif known != record_key:
                by[each] = {known, record_key}

    def drop(self, things: Iterable[bytes], record_key: str) -> None:
        """Let a record name these no more."""
        by = self._by
        for each in things:
            known = by[each]
            if isinstance(known, set):
                known.discard(record_key)
                if len(known) == 1:
                    by[each] = known.pop()
            else:
                del by[each]

    def of(self, thing: bytes) -> Collection[str]:
        """Give the records that name a thing."""
        known = self._by.get(thing, ())
        return (known,) if isinstance(known, str) else known

    def content(self) -> dict[bytes, set[str]]:
        """Give everything, for comparison with what is derived anew."""
        return {thing: set(self.of(thing)) for thing in self._by}


class Lists:
    """The lists of all records, and which of them name a record or a value.

    `live_versions` has the version of each record that has one that counts.
    """

    def __init__(self) -> None:
        self._spoken: dict[str, Spoken] = {}
        self.live_versions: dict[str, int] = {}
        self._naming = Crossing()
        self._sharing = Crossing()

    def of(self, record_key: str) -> Spoken:
        """Give what is known of a record."""
        return self._spoken.get(record_key, UNHEARD)

    def live_version(self, record_key: str) -> int | None:
        """Give the version of a record that counts, None when there is none now."""
        return self.live_versions.get(record_key)

    def naming(self, record_key: str) -> Collection[str]:
        """Give the other records whose lists may name a record, in whatever version."""
        return self._naming.of(start_of(record_key))

    def sharing(self, value: str) -> Collection[str]:
        """Give the records whose lists may say that a value is shared."""
        return self._sharing.of(digest_in(value))

    def put(self, record_key: str, spoken: Spoken) -> None:
        """Take what is now known of a record."""
        self._follow(record_key, self.of(record_key), spoken)
        if spoken.told:
            self._spoken[record_key] = spoken
        else:
            self._spoken.pop(record_key, None)
        if spoken.is_live:
            self.live_versions[record_key] = spoken.version
        else:
            self.live_versions.pop(record_key, None)

    def _follow(self, record_key: str, old: Spoken, new: Spoken) -> None:
        now = _everything(record_key, new)
        if not old.told:
            self._naming.add(now.records, record_key)
            self._sharing.add(now.digests, record_key)
            return
        was = _everything(record_key, old)
        self._naming.drop(was.records - now.records, record_key)
        self._naming.add(now.records - was.records, record_key)
        self._sharing.drop(was.digests - now.digests, record_key)
        self._sharing.add(now.digests - was.digests, record_key)

    def content(self) -> tuple[dict[str, Spoken], dict[bytes, set[str]], dict[bytes, set[str]]]:
        """Give everything, for comparison with what is derived anew."""
        return dict(self._spoken), self._naming.content(), self._sharing.content()


def _everything(record_key: str, spoken: Spoken) -> Mentioned:
    """Give what all lists of a record name besides itself."""
    found = [mentioned(told.value) for told in spoken.told if told.value is not None]
    if not found:
        return Mentioned(set(), set())
    first, *others = found
    for each in others:
        first.records.update(each.records)
        first.digests.update(each.digests)
    first.records.discard(start_of(record_key))
    return first
