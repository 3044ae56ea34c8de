"""What is new about a record's associations and identities: only that is said (pure).

Invariant: the updates of one association are numbered without gaps, whether a message of its
record or a tick caused them. One that was retracted is not retracted again, unless its content
still stands because a dispute froze it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from recordbus import ids
from recordbus.errors import Rejected
from streams.associate.publish import Source, UpdateWriter, digest
from streams.associate.sides import Known
from streams.associate.standing import FROZEN, Standing
from streams.associate.state import Said

MAX_SAID: Final = 8_000
"""Associations that one record may ever have had."""

_GONE: Final = bytes(12)

_make = tuple.__new__  # a NamedTuple's own constructor takes three times as long


class Update(NamedTuple):
    """A message about one association; `sensitive` ones go to a topic of their own (R-13).

    `reason` is empty unless the association is taken back.
    """

    association_id: str
    status: str
    reason: str
    value: bytes
    sensitive: bool


def by_tick(said: Said, now: int) -> Said:
    """Give what was last said of an association, by its record's messages or by a tick since."""
    if said.is_live and said.expires_at is not None and said.expires_at <= now:
        return _retracted(said)
    return said


def updates(
    writer: UpdateWriter,
    source: Source,
    known: Mapping[str, Said],
    found: Iterable[Standing],
    gone: str,
    settled: Container[str] = (),
) -> tuple[dict[str, Said], list[Update]]:
    """Give what is now said of a record's associations, and the messages that say it.

    `known` is what was said until now; of those that are `settled` nothing else is to be said.
    `gone` is the reason for all others that `found` does not have.
    """
    said, new, there = dict(known), [], set()
    for standing in found:
        there.add(standing.association_id)
        update = _update(writer, source, said, standing)
        if update is not None:
            new.append(update)
    for name, each in known.items():
        if each.is_live and name not in there and name not in settled:
            said[name] = _retracted(each)
            new.append(_retraction(writer, source, name, said[name], gone))
    if len(said) > MAX_SAID and len(said) > len(known):
        raise Rejected("too_many_items", f"a record has had more than {MAX_SAID} associations")
    return said, new


def retraction(
    writer: UpdateWriter, source: Source, name: str, sequence: int, reason: str, *, sensitive: bool
) -> Update:
    """Give the update that takes an association back, with nothing of its content."""
    value = writer.write(source, name, sequence, "retracted", reason, None, sensitive=sensitive)
    return Update(name, "retracted", reason, value, sensitive)


def _update(
    writer: UpdateWriter, source: Source, said: dict[str, Said], standing: Standing
) -> Update | None:
    name, reason, content, expires_at, sensitive = standing
    before = said.get(name)
    if reason not in (None, FROZEN):
        if before is None or not before.is_live:
            return None
        said[name] = _retracted(before)
        return _retraction(writer, source, name, said[name], reason)
    mark = digest(content)
    is_same = (True, reason is None, mark)
    if before is not None and (before.is_live, before.is_asserted, before.digest) == is_same:
        return None
    sequence = 1 if before is None else before.sequence + 1
    said[name] = _make(Said, (sequence, True, reason is None, mark, expires_at, sensitive))
    status = _status(reason, before)
    value = writer.write(source, name, sequence, status, reason, content, sensitive=sensitive)
    return _make(Update, (name, status, reason or "", value, sensitive))


def _status(reason: str | None, before: Said | None) -> str:
    if reason is not None:
        return "retracted"
    return "changed" if before is not None and before.is_asserted else "asserted"


def _retracted(said: Said) -> Said:
    return said._replace(
        sequence=said.sequence + 1, is_live=False, is_asserted=False, digest=_GONE, expires_at=None
    )


def _retraction(writer: UpdateWriter, source: Source, name: str, said: Said, reason: str) -> Update:
    return retraction(writer, source, name, said.sequence, reason, sensitive=said.sensitive)


class Change(NamedTuple):
    """What changed of a mention's identity: before and after, None where there is none."""

    mention_id: str
    was: Known | None
    known: Known | None

    @property
    def previous(self) -> str | None:
        """Give the entity it belonged to before, when it now belongs to another."""
        if self.was is None or self.known is None or self.was.entity_id == self.known.entity_id:
            return None
        return self.was.entity_id


def identities(
    record_key: str, before: Mapping[str, Known], after: Mapping[str, Known]
) -> Iterator[Change]:
    """Give the identities that changed, the new ones first, and then those that are gone."""
    for local_id, known in after.items():
        was = before.get(local_id)
        if was != known:
            yield _make(Change, (ids.mention_id(record_key, local_id), was, known))
    for local_id, was in before.items():
        if local_id not in after:
            yield Change(ids.mention_id(record_key, local_id), was, None)
