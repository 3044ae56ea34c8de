"""What no score may override between two organisations (pure).

Firms of one building share its address and its switchboard; branches of one firm share its name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from streams.resolution.levels import Contact, Ids, Place
from streams.resolution.organisation.fields import IDS, NAME, PHONE, PLACE, Name

Levels = Sequence[int]


def vetoes(levels: Levels) -> Iterator[str]:
    """Give the names of the vetoes on a pair."""
    if levels[IDS] in (Ids.MIXED, Ids.DIFFERENT):
        yield "numbers_differ"
    if levels[NAME] == Name.DIFFERENT and levels[IDS] != Ids.EQUAL:
        yield "names_differ"


def holds(levels: Levels) -> Iterator[str]:
    """Give the names of what keeps a pair from being *same* without a person's judgement."""
    if not levels[NAME]:
        yield "name_missing"
    at_home = levels[PLACE] in (Place.HOME, Place.BUILDING)
    numbered = levels[IDS] in (Ids.EQUAL, Ids.NEAR)
    if not (numbered or at_home or levels[PHONE] == Contact.EXACT):
        yield "name_alone"
    if levels[NAME] not in (Name.EXACT, Name.PART, Name.NEAR) and not at_home:
        yield "number_alone"
