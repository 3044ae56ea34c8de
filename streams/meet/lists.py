"""A record's complete list in one partition: pairs worth keeping, and courts that reach it (pure).

Invariant: a list follows from the bundles that are live now; its order is that of local ids and
keys, never that in which records came.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from operator import itemgetter
from typing import Final, NamedTuple

from schemas.types import CourtLink, EvidenceMember, PairEvidence, RecordEvidence
from streams.meet.change import MembersOf
from streams.meet.entries import EntryReader, Head
from streams.meet.index import PLACE_BITS, number_of
from streams.meet.members import members_of
from streams.meet.mentions import KIND_OF, local_id_of
from streams.meet.shelf import Scene
from streams.meet.worth import Comparer
from streams.resolution.evidence import Evidence
from streams.resolution.mentions import Mention

_make = tuple.__new__  # a NamedTuple's own constructor takes three times as long


class Meeting(NamedTuple):
    """One mention of a record and all whom it meets."""

    mention: Mention
    partners: Collection[int]


class Pair(NamedTuple):
    """A pair worth keeping: a mention of the record, a member of another, and their evidence."""

    meeting: Meeting
    member: int
    other: Mention
    evidence: Evidence


class Court(NamedTuple):
    """A link by a matter: the numbers of both records, and the matter in the one reached."""

    arrest: int
    matter_local_id: str
    court: int


def meetings(
    number: int, head: Head, mentions: tuple[Mention, ...], members_of: MembersOf
) -> Iterator[Meeting]:
    """Give every mention of a record that meets any of other records, and whom."""
    first = number << PLACE_BITS
    own = range(first, first + len(mentions))
    for mention, each in zip(mentions, head.members, strict=True):
        blocks = [found for key in each.keys if (found := members_of(key))]
        if blocks:
            partners = set().union(*blocks)
            partners.difference_update(own)
            yield _make(Meeting, (mention, partners))


def pairs(scene: Scene, comparer: Comparer, meeting: Meeting) -> Iterator[Pair]:
    """Give the pairs of a mention that are worth keeping."""
    mention, evidence_of, mention_of = meeting.mention, comparer.evidence, scene.mention
    for member in meeting.partners:
        other = mention_of(member)
        evidence = evidence_of(mention, other)
        if evidence is not None:
            yield _make(Pair, (meeting, member, other, evidence))


def courts(scene: Scene, number: int, head: Head, members_of: MembersOf) -> list[Court]:
    """Give the links of a record with those that name one of its matters, in no order."""
    found: list[Court] = []
    for local_id, key in head.matters:
        for each in map(number_of, members_of(key) if key else ()):
            if each != number:
                found += _links(number, head, local_id, each, scene.head(each), key)
    return found


def _links(
    number: int, head: Head, local_id: str, other_number: int, other: Head, key: bytes
) -> Iterator[Court]:
    if other.decision is not None and head.reached_by_courts:
        yield Court(number, local_id, other_number)
    if head.decision is not None and other.reached_by_courts:
        theirs = next(name for name, each in other.matters if each == key)
        yield Court(other_number, theirs, number)


def own_courts(number: int, head: Head) -> list[Court]:
    """Give the links of a court's record with itself: its decision reaches its own people."""
    if not head.is_home or head.decision is None or not head.reached_by_courts:
        return []
    return [Court(number, local_id, number) for local_id, _ in head.matters]


def record_evidence(
    scene: Scene,
    reader: EntryReader,
    number: int,
    found: list[Pair],
    links: list[Court],
) -> RecordEvidence:
    """Give a record's list as it is said."""
    head = scene.head(number)
    return {
        "record_key": head.record_key,
        "version": head.version,
        "home_partition": head.home_partition,
        "parts": head.parts,
        "members": _members(scene, reader, number, head) if head.is_home else None,
        "pairs": sorted(map(_pair, found), key=_PLACE_OF_PAIR),
        "courts": sorted([_court(scene, each) for each in links], key=_place_of_link),
    }


def _pair(pair: Pair) -> PairEvidence:
    (mention, _), _, other, (levels, frequencies, shared) = pair
    return {
        "local_id": local_id_of(mention),
        "other": other.mention_id,
        "other_version": other.version,
        "kind": KIND_OF[type(mention)],
        "levels": bytes(levels),
        "frequencies": list(frequencies),
        "shared": [{"key": key, "level": level} for key, level in shared] if shared else [],
    }


_PLACE_OF_PAIR: Final = itemgetter("local_id", "other")


def _court(scene: Scene, link: Court) -> CourtLink:
    arrest, court = scene.head(link.arrest), scene.head(link.court)
    assert court.decision is not None
    return {
        "arrest_key": arrest.record_key,
        "arrest_version": arrest.version,
        "matter_local_id": link.matter_local_id,
        "court_key": court.record_key,
        "court_version": court.version,
        "outcome": court.decision.outcome,
        "people": court.decision.people,
    }


def _place_of_link(link: CourtLink) -> tuple[str, str, str]:
    return link["arrest_key"], link["matter_local_id"], link["court_key"]


def _members(scene: Scene, reader: EntryReader, number: int, head: Head) -> list[EvidenceMember]:
    others = reader.others(head)
    return list(members_of(scene.mentions(number), others, head.recorded_at))
