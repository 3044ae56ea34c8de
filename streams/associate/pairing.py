"""Which two sides of a record belong together (pure).

Invariant: a pair is of one version of the record. The last one stays in force until both sides of
a newer version are there; a removal ends it at once, whichever side says so first, and takes the
other side's content of that version or an earlier one with it.
"""

from __future__ import annotations

from streams.associate.state import NOBODY, Pair, RecordState, Side


def is_superseded(known: RecordState, side: str, version: int) -> bool:
    """Say whether a side has already told of a later version of its record."""
    return version < (known.relations if side == "intake" else known.identities).version


def take_relations(known: RecordState, version: int, value: bytes) -> RecordState:
    """Take in what intake says of a live record."""
    return _paired(RecordState(Side(version, value), *known[1:]))


def take_identities(known: RecordState, version: int, value: bytes) -> RecordState:
    """Take in what identify says; nothing of it is kept when the record is gone by then.

    Who the mentions of the last pair are may still change while a newer version is waited for.
    """
    is_gone = not known.relations.value and version <= known.relations.version
    side, matched = Side(version, NOBODY if is_gone else value), known.matched
    if matched is None or matched.version != version or is_gone:
        return _paired(RecordState(known.relations, side, *known[2:]))
    same = Pair(version, matched.relations, value)
    return RecordState(known.relations, side, same, *known[3:])


def take_removal(known: RecordState, side: str, version: int) -> RecordState:
    """Take a side away, and the pair with it unless that is of a later version."""
    gone = Side(version, NOBODY)
    if side == "identify":
        known = known._replace(identities=gone)
    else:
        known = known._replace(relations=gone)
        if known.identities.version <= version:
            known = known._replace(identities=known.identities._replace(value=NOBODY))
    if known.matched is not None and known.matched.version <= version:
        known = known._replace(matched=None)
    return known


def _paired(known: RecordState) -> RecordState:
    relations, identities = known.relations, known.identities
    if relations.version != identities.version or not (relations.value and identities.value):
        return known
    pair = Pair(relations.version, relations.value, identities.value)
    return RecordState(relations, identities, pair, *known[3:])
