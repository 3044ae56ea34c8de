"""The fields that are compared of two organisations, and their levels from best to worst (pure)."""

from __future__ import annotations

from typing import Final

from streams.resolution.levels import Contact, Ids, Levels, Locality, Place, field


class Name(Levels):
    """How two names agree: the same words, one name's words within the other's, or close words."""

    MISSING: Final = 0
    EXACT: Final = 1
    PART: Final = 2
    NEAR: Final = 3
    DIFFERENT: Final = 4


FIELDS: Final = (
    field("name", Name),
    field("identifier", Ids),
    field("phone", Contact),
    field("address", Place),
    field("locality", Locality),
)
NAME, IDS, PHONE, PLACE, LOCALITY = range(len(FIELDS))
