"""Messages of `identities.v1` and `associations.v1` as associate makes them, for the index.

Of each record three mentions and four associations, each of entities that several records share.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from typing import Any, Final

from recordbus import ids
from recordbus.testing import records
from recordbus.testing.records import part

IDENTITIES: Final = "identities.v1"
ASSOCIATIONS: Final = "associations.v1"
PER_RECORD: Final = 7
_MENTIONS: Final = (("p1", "person"), ("p2", "person"), ("v1", "vehicle"))
_TIES: Final = (
    ("p1", "p2", "co_arrested"), ("p1", "@case:1", "subject_of"), ("p2", "@case:1", "subject_of"),
    ("p1", "v1", "used_vehicle"),
)  # fmt: skip
Said = tuple[str, bytes, dict[str, Any]]
"""Topic, key and value of a message."""


def said_of(record_keys: list[str], seed: int = 3) -> Iterator[Said]:
    """Yield what associate says of these records, record by record."""
    draw = random.Random(seed)
    many = max(len(record_keys) // 2, 1)
    for record_key in record_keys:
        entities = {"@case:1": _entity(record_key)}
        for local_id, kind in _MENTIONS:
            entities[local_id] = _entity(f"{kind} {draw.randrange(many)}")
            yield _identity(record_key, local_id, kind, entities[local_id])
        for tie in _TIES:
            yield _update(record_key, tie, entities)


def _entity(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _identity(record_key: str, local_id: str, kind: str, entity: str) -> Said:
    mention = ids.mention_id(record_key, local_id)
    said = part("Identity", mention_id=mention, record_key=record_key, version=1, kind=kind,
                entity_id=entity, verdicts=["0123456789abcdef"])  # fmt: skip
    return IDENTITIES, mention.encode(), said


def _update(record_key: str, tie: tuple[str, str, str], entities: dict[str, str]) -> Said:
    start, end, type_ = tie
    mentions = ids.mention_id(record_key, start), ids.mention_id(record_key, end)
    name = ids.association_id(record_key, *mentions, type_, "arrest", symmetric=False)
    source = part("SourceRecord", record_key=record_key, record_kind="arrest", version=1,
                  department=records.DEPARTMENT, owner_ori=records.ORI,
                  content_hash="ab" * 32)  # fmt: skip
    association = part(
        "Association", type=type_, from_mention_id=mentions[0], to_mention_id=mentions[1],
        from_entity_id=entities[start], to_entity_id=entities[end], basis="arrest",
        from_category="suspect", evidence_kind="fact", source=source, first_date="2024-03-05",
        expires_at=records.MOMENT, dissemination_level="law_enforcement",
        contact=part("Contact", unit="Records desk", phone="617-555-0100"),
    )  # fmt: skip
    update = part("AssociationUpdate", association_id=name, record_key=record_key, version=1,
                  sequence=1, status="asserted", association=association)  # fmt: skip
    return ASSOCIATIONS, name.encode(), update
