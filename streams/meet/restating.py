"""Whose lists must be said again because another record changed (pure).

Everything follows from the bundles before and after: what was really said of a record may name
less than is looked for here, never more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import combinations

from streams.meet.change import Change
from streams.meet.entries import Head
from streams.meet.index import is_matter, number_of, place_of
from streams.meet.lists import Court, Meeting, Pair
from streams.meet.shelf import Scene
from streams.meet.worth import Comparer
from streams.resolution.mentions import Mention


def left_behind(
    scene: Scene,
    comparer: Comparer,
    before: Iterable[Meeting],
    after: Iterable[Meeting],
    kept: Iterable[Pair],
) -> set[int]:
    """Give the records that had a pair with this one and have it no more.

    `before` are the meetings that its mentions had, `after` those they have, and `kept` the pairs
    of these that are worth keeping.
    """
    now = {meeting.mention.mention_id: meeting for meeting in after}
    kept_now: dict[str, set[int]] = {}
    for pair in kept:
        kept_now.setdefault(pair.meeting.mention.mention_id, set()).add(pair.member)
    found: set[int] = set()
    for meeting in before:
        name = meeting.mention.mention_id
        lost = set(meeting.partners) - kept_now.get(name, set())
        if name in now and is_same(meeting.mention, now[name].mention):
            lost.difference_update(now[name].partners)
        for member in lost:
            if number_of(member) not in found:
                other = scene.mention(member)
                if comparer.evidence(meeting.mention, other) is not None:
                    found.add(number_of(member))
    return found


def is_same(a: Mention, b: Mention) -> bool:
    """Tell whether two versions of a mention compare alike with everybody."""
    return type(a) is type(b) and a._replace(recorded_at=0, version=0) == b._replace(
        recorded_at=0, version=0
    )


def unlinked(number: int, before: Iterable[Court], after: Iterable[Court]) -> set[int]:
    """Give the records that had a court's link with this one and have it no more."""
    lost = set(before).difference(after)
    return {each.arrest if each.court == number else each.court for each in lost}


def parted_by_flips(scene: Scene, comparer: Comparer, change: Change) -> set[int]:
    """Give the records other than the changed one that meet, or cease to, as a block flipped."""
    found: set[int] = set()
    flipped = change.flipped_blocks()
    for key in flipped:
        members = change.blocks[key].others
        if len(members) > 1:
            if is_matter(next(iter(members))):
                found |= _linked(scene, members)
            else:
                _part(scene, comparer, change, members, found)
    return found


def _linked(scene: Scene, members: Collection[int]) -> set[int]:
    """Give the records of a matter's block that its courts' decisions link."""
    heads = {number: scene.head(number) for number in map(number_of, members)}
    deciding = {number for number, head in heads.items() if head.decision is not None}
    reached = {number for number, head in heads.items() if head.reached_by_courts}
    linked = {(a, b) for a in deciding for b in reached if a != b}
    return {number for ends in linked for number in ends}


def _part(
    scene: Scene,
    comparer: Comparer,
    change: Change,
    members: Collection[int],
    found: set[int],
) -> None:
    """Add the records of a flipped block of which a pair meets now and did not, or the reverse."""
    steady = {each: _steady_keys(scene, change, each) for each in members}
    for a, b in combinations(sorted(members), 2):
        x, y = number_of(a), number_of(b)
        if x == y or (x in found and y in found) or not steady[a].isdisjoint(steady[b]):
            continue
        if not _meet_anew(scene, change, a, b):
            continue
        if comparer.evidence(scene.mention(a), scene.mention(b)) is not None:
            found |= {x, y}


def _keys_of(scene: Scene, member: int) -> tuple[bytes, ...]:
    head: Head = scene.head(number_of(member))
    return head.members[place_of(member)].keys


def _steady_keys(scene: Scene, change: Change, member: int) -> frozenset[bytes]:
    """Give the keys at which a mention meets others before and after."""
    keys = _keys_of(scene, member)
    return frozenset(key for key in keys if change.was_active(key) and change.is_active(key))


def _meet_anew(scene: Scene, change: Change, a: int, b: int) -> bool:
    """Tell whether two mentions without a steady key meet now and did not, or the reverse."""
    common = set(_keys_of(scene, a)).intersection(_keys_of(scene, b))
    met = any(change.was_active(key) for key in common)
    return met != any(change.is_active(key) for key in common)
