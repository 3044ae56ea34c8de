"""What is new about a record's associations and identities: only that is said (pure).

Invariant: the updates of one association are numbered without gaps, whether a message of its
record or a tick caused them. One that was retracted is not retracted again, unless its content
still stands because a dispute froze it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from recordbus import ids
from recordbus.errors import Rejected
from streams.associate.publish import UpdateWriter, digest
from streams.associate.standing import Entities, Standing
from streams.associate.state import Said

MAX_SAID: Final = 8_000
"""Associations that one record may ever have had."""

FROZEN: Final = "dispute"
_GONE: Final = bytes(12)


class Update(NamedTuple):
    """A message about one association; `sensitive` ones go to a topic of their own (R-13).

    `reason` is empty unless the association is taken back.
    """

    association_id: str
    status: str
    reason: str
    value: bytes
    sensitive: bool


class Source(NamedTuple):
    """The record, and the version of it, that makes an update."""

    record_key: str
    version: int


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
) -> tuple[dict[str, Said], list[Update]]:
    """Give what is now said of a record's associations, and the messages that say it.

    `known` is what was said until now, `gone` the reason for those that `found` does not have.
    """
    said, new = dict(known), []
    missing = {name: each for name, each in known.items() if each.is_live}
    for standing in found:
        missing.pop(standing.association_id, None)
        update = _update(writer, source, said, standing)
        if update is not None:
            new.append(update)
    for name, each in missing.items():
        said[name] = _retracted(each)
        new.append(_retraction(writer, source, name, said[name], gone))
    if len(said) > MAX_SAID and len(said) > len(known):
        raise Rejected("too_many_items", f"a record has had more than {MAX_SAID} associations")
    return said, new


def retraction(
    writer: UpdateWriter, source: Source, name: str, sequence: int, reason: str, *, sensitive: bool
) -> Update:
    """Give the update that takes an association back, with nothing of its content."""
    head = _head(source, name, sequence, "retracted", reason)
    value = writer.write(head, None, sensitive=sensitive)
    return Update(name, "retracted", reason, value, sensitive)


def _update(
    writer: UpdateWriter, source: Source, said: dict[str, Said], standing: Standing
) -> Update | None:
    name, reason, association, expires_at, sensitive = standing
    before = said.get(name)
    if reason not in (None, FROZEN):
        if before is None or not before.is_live:
            return None
        said[name] = _retracted(before)
        return _retraction(writer, source, name, said[name], reason)
    content = writer.content(association)
    mark = digest(content)
    is_same = (True, reason is None, mark)
    if before is not None and (before.is_live, before.is_asserted, before.digest) == is_same:
        return None
    sequence = 1 if before is None else before.sequence + 1
    said[name] = Said(sequence, True, reason is None, mark, expires_at, sensitive)
    status = _status(reason, before)
    head = _head(source, name, sequence, status, reason)
    value = writer.write(head, content, sensitive=sensitive)
    return Update(name, status, reason or "", value, sensitive)


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


def _head(
    source: Source, name: str, sequence: int, status: str, reason: str | None
) -> dict[str, Any]:
    return {
        "association_id": name,
        "record_key": source.record_key,
        "version": source.version,
        "sequence": sequence,
        "status": status,
        "reason": reason,
    }


class Known(NamedTuple):
    """The identity of a mention, as it is said."""

    kind: str
    entity_id: str
    verdicts: tuple[str, ...]


def known_identities(entities: Entities | None) -> dict[str, Known]:
    """Give the identity of every mention, by local id."""
    if entities is None:
        return {}
    return {
        local_id: Known(kind, entities.ids[local_id], tuple(entities.verdicts.get(local_id, ())))
        for local_id, kind in entities.kinds.items()
    }


def identities(
    source: Source, before: Mapping[str, Known], after: Mapping[str, Known], gone: str
) -> Iterator[dict[str, Any]]:
    """Give the identities that changed, the new ones first, and then markers for those gone."""
    for local_id, known in after.items():
        was = before.get(local_id)
        if was != known:
            yield _identity(source, local_id, known, was, None)
    for local_id, was in before.items():
        if local_id not in after:
            yield _identity(source, local_id, None, was, gone)


def _identity(
    source: Source, local_id: str, known: Known | None, was: Known | None, gone: str | None
) -> dict[str, Any]:
    moved = was is not None and known is not None and was.entity_id != known.entity_id
    kind = known or was
    assert kind is not None
    return {
        "mention_id": ids.mention_id(source.record_key, local_id),
        "record_key": source.record_key,
        "version": source.version,
        "kind": kind.kind,
        "entity_id": known.entity_id if known is not None else None,
        "previous_entity_id": was.entity_id if was is not None and moved else None,
        "verdicts": known.verdicts if known is not None else (),
        "reason": gone,
    }
