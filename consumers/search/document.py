"""What the index holds of a record: one document with a row for each of its mentions (pure).

Invariant: a mention's tokens say only what the record says of that one mention, so that a search
for several features of a person is answered by one person, never by two people of one record.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

MAX_MENTIONS = 65_535


class MentionType(IntEnum):
    """What a row stands for; the record itself is the first row of its document."""

    RECORD = 0
    PERSON = 1
    VEHICLE = 2
    ORGANISATION = 3
    LOCATION = 4
    PHONE = 5


class Span(NamedTuple):
    """A closed range of whole numbers; an estimate is wider than a measurement."""

    low: int
    high: int


class Mention(NamedTuple):
    """One row. `tokens` are separated by spaces; `shown` is JSON for people to read.

    `born` is in days of the proleptic Gregorian calendar, `age` in years at the event,
    `height` in inches, `weight` in pounds; None where the record does not say. `local_id` is the
    record's own name of the mention, empty for the record itself.
    """

    type: MentionType
    tokens: str
    shown: bytes
    born: Span | None = None
    age: Span | None = None
    height: Span | None = None
    weight: Span | None = None
    plate: str | None = None
    local_id: str = ""


class Document(NamedTuple):
    """One record as the index holds it; times are microseconds since 1970, UTC.

    `mentions[0]` is the record itself. `narrative` and `words` are folded text: what the record
    tells, and every other word it can be found by. `names` are the words of people's names. `items`
    is what a decision about the record depends on, as `consumers.search.classes` writes it.
    """

    record_key: bytes
    record_kind: str
    department: str
    owner_ori: str
    occurred_us: int
    published_us: int
    bases: str
    evidence: str
    items: str
    narrative: str
    words: str
    mentions: tuple[Mention, ...]
    names: tuple[str, ...]
