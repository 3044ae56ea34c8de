"""The one place that says how much a record may hold, and how its small texts are written.

Limits count characters or items. They are far above honest use, and keep a record below the
768 KiB that a message may have only together with that limit: a record that exhausts several of
them is refused by size before it is sent.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

LIST_ITEMS = 10_000
"""Items in any one list of a record."""
NARRATIVE_CHARACTERS = 65_536
"""Characters of a record's narrative."""
TEXT_CHARACTERS = 4_000
"""Characters of a description, a wording or a source value."""
SHORT_TEXT_CHARACTERS = 300
"""Characters of a name, an address, a number or a title."""
CODE_CHARACTERS = 64
"""Characters of a code, a role or a local id."""
RECORD_BYTES = 786_432
"""Bytes of an encoded record, 768 KiB: with them a refused one still fits into the quarantine."""

STATUS_REASON = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
"""Why a record was taken off the bus: a code of its department, such as court_order."""

Int32 = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
Int64 = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]
Sequence = Annotated[int, Field(ge=0, le=2**63 - 1)]
"""A sequence number of a source."""

Narrative = Annotated[str, StringConstraints(max_length=NARRATIVE_CHARACTERS)]
Text = Annotated[str, StringConstraints(max_length=TEXT_CHARACTERS)]
ShortText = Annotated[str, StringConstraints(max_length=SHORT_TEXT_CHARACTERS)]
Number = Annotated[str, StringConstraints(min_length=1, max_length=SHORT_TEXT_CHARACTERS)]
"""A number as a department writes it; never empty."""
Code = Annotated[str, StringConstraints(min_length=1, max_length=CODE_CHARACTERS)]
LocalId = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=CODE_CHARACTERS, pattern=r"^[A-Za-z0-9][A-Za-z0-9_:-]*$"
    ),
]
"""A role's id in its record: letters, digits, `_`, `:` and `-`. Never `@`, which marks a matter."""
Ori = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{9}$")]
"""An agency's nine-character identifier."""
Key = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""An opaque key: 64 hex digits."""
PartialDate = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$")]
"""A date as far as it is known: YYYY-MM-DD, YYYY-MM or YYYY."""
FullDate = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]


def _in_utc(instant: datetime) -> datetime:
    return instant if instant.tzinfo is UTC else instant.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""An instant with its time zone, kept in UTC so that equal instants are written alike."""
