"""Which relations may stand otherwise, when who is who changed and nothing else (pure).

Invariant: a relation that is left out here would be said as it was said before: its ends have the
entities, the verdicts and the decisions that they had, and it is not past its date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from streams.associate.sides import Reaching, Relation
from streams.associate.standing import View
from streams.associate.state import Said


def unsettled(before: View, after: View, said: Mapping[str, Said], now: int) -> list[Relation]:
    """Give the relations of a pair to look at again, after a pair with the same relations.

    `said` is what was last said of them. Where some are derived, it is all or none.
    """
    relations, moved = after.record.relations, _moved(before, after)
    found = [
        each
        for each in relations
        if each.from_local_id in moved
        or each.to_local_id in moved
        or _is_over(said.get(each.relation_id), now)
    ]
    if found and any(each.derived_inputs for each in relations):
        return relations
    return found


def _moved(before: View, after: View) -> set[str]:
    """Give the mentions that are somebody else, for another reason, or of whom courts spoke."""
    was = before.entities
    moved = {local_id for local_id, known in after.entities.items() if was[local_id] != known}
    if before.dispositions != after.dispositions:
        moved |= _spoken_of(before.dispositions) | _spoken_of(after.dispositions)
    return moved


def _spoken_of(dispositions: Sequence[Reaching]) -> set[str]:
    return {each.local_id for each in dispositions}


def _is_over(said: Said | None, now: int) -> bool:
    """Say whether what stands is past its date, whatever the last tick told."""
    if said is None or not said.is_live:
        return False
    return said.expires_at is not None and said.expires_at <= now
