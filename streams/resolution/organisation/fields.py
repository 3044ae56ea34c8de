"""The fields that are compared of two organisations, and their levels from best to worst (pure)."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from streams.resolution.levels import Contact, Ids, Locality, Place, field


class Name(IntEnum):
    """How two names agree: the same words, one name's words within the other's, or close words."""

    MISSING = 0
    EXACT = 1
    PART = 2
    NEAR = 3
    DIFFERENT = 4


FIELDS: Final = (
    field("name", Name),
    field("identifier", Ids),
    field("phone", Contact),
    field("address", Place),
    field("locality", Locality),
)
NAME, IDS, PHONE, PLACE, LOCALITY = range(len(FIELDS))
