"""What associate, meet and people say, as the index reads it; made by hand, with no stage."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from consumers.search.answers import ANSWERS, Answers, answers
from consumers.search.classes import written
from consumers.search.document import Document, Mention, MentionType
from consumers.search.ties import DEFAULT_VALUES, IDENTITIES, TIES, DefaultValue, Identity, Tie, tie
from consumers.sink import Change, Removal
from recordbus import ids
from recordbus.policy import Item
from recordbus.testing import records
from recordbus.testing.records import part
from schemas.rules import basis_table, relation_types

DAY = datetime(2024, 3, 5, tzinfo=UTC)


def record_key(number: int) -> str:
    """Give the key of the record of this number."""
    return hashlib.sha256(f"record {number}".encode()).hexdigest()


def entity_id(name: str) -> str:
    """Give an entity's id from a name that tests can read."""
    return hashlib.sha256(f"entity {name}".encode()).hexdigest()


def bare(key: str, *items: Item, version: int = 1) -> Change[Document]:
    """Give the change by which a record is there that says next to nothing of its own."""
    about = items or (Item("harbor-city-pd", "arrest", "fact"),)
    own = Mention(MentionType.RECORD, "dp:harbor-city-pd kd:arrest xr:1",
                  b'{"source_seq":3}')  # fmt: skip
    found = Document(
        bytes.fromhex(key), "arrest", about[0].owner, "MA0130100", 0, 0, "", "", written(about),
        "", "", (own,), (),
    )  # fmt: skip
    return Change(found.record_key, "intake/0", version, found, about[0].owner, 0, place=(0, 0))


def answer(
    key: str, outcome: str = "verified", *, subject: str = "", source_seq: int = 3,
    version: int = 1,
) -> Change[Answers]:  # fmt: skip
    """Give the change by which an owner answered about a record, or about what rests on it."""
    reply = part("VerificationReply", outcome=outcome, source_seq=source_seq, answered_at=DAY)
    question = part("Verification", subject=subject or f"record/{key}", answer=reply)
    said: Any = part("RecordVerifications", record_key=key, verifications=[question])
    kept = answers(said)
    assert kept is not None
    return Change(key.encode(), "intake/0", version, kept, None, None, ANSWERS)


def identity(mention_id: str, entity: str, kind: str = "person", version: int = 1,
             origin: str = "associate/0") -> Change[Identity]:  # fmt: skip
    """Give the change by which a mention becomes an entity's."""
    key, _, local_id = mention_id.partition(".")
    payload = Identity(bytes.fromhex(key), local_id, kind, entity, ())
    return Change(mention_id.encode(), origin, version, payload, None, None, IDENTITIES)


def no_identity(mention_id: str, version: int = 2) -> Change[Identity]:
    """Give the change by which a mention is gone."""
    return Change(
        mention_id.encode(), "associate/0", version, Removal.MARKER, None, None, IDENTITIES
    )


def association(
    start: str, end: str, type_: str = "co_arrested", basis: str = "arrest", *,
    record: str = record_key(1), locals_: tuple[str, str] = ("p1", "p2"), **fields: Any,
) -> dict[str, Any]:  # fmt: skip
    """Give an association between two entities, as associate states it."""
    contact_basis = fields.get("contact_basis")
    evidence = basis_table()[basis].evidence_for(contact_basis)
    kinds = relation_types()[type_]
    grade = part("Grade", source="not_assessed", information="not_assessed", handling="P")
    stated = {
        "type": type_, "basis": basis, "evidence_kind": evidence.kind,
        "from_mention_id": ids.mention_id(record, locals_[0]),
        "to_mention_id": ids.mention_id(record, locals_[1]),
        "from_kind": min(kinds.from_kinds), "to_kind": min(kinds.to_kinds),
        "from_entity_id": start, "to_entity_id": end,
        "grade": grade if evidence.grade_required else None,
        "source": part(
            "SourceRecord", record_key=record, record_kind="arrest", department=records.DEPARTMENT,
            owner_ori=records.ORI, version=1, content_hash="ab" * 32,
        ),
        "first_date": "2024-03-05", "dissemination_level": "law_enforcement",
        "contact": part("Contact", unit="Records desk", phone="617-555-0100"),
    }  # fmt: skip
    return part("Association", **(stated | fields))


def update(said: dict[str, Any], sequence: int = 1, **fields: Any) -> dict[str, Any]:
    """Give the update that asserts an association, or what the fields say."""
    text = f"{said['source']['record_key']}{said['from_mention_id']}{said['to_mention_id']}"
    name = hashlib.sha256(f"{text}{said['type']}{said['basis']}".encode()).hexdigest()
    stated = {
        "association_id": name, "record_key": said["source"]["record_key"], "version": 1,
        "sequence": sequence, "status": "asserted", "association": said,
    }  # fmt: skip
    return part("AssociationUpdate", **(stated | fields))


def stands(said: dict[str, Any], version: int = 1, **fields: Any) -> Change[Tie]:
    """Give the change by which an association stands, or is taken back when the fields say so."""
    message: Any = update(said, **fields)
    payload = tie(message)
    return Change(
        bytes.fromhex(message["association_id"]), "associate/0", version,
        Removal.MARKER if payload is None else payload, None, None, TIES,
        within=bytes.fromhex(message["record_key"]),
    )  # fmt: skip


def taken_back(said: dict[str, Any], reason: str, version: int = 2) -> Change[Tie]:
    """Give the change by which an association is taken back; a dispute leaves its content."""
    content = said if reason == "dispute" else None
    return stands(
        said, version, sequence=version, status="retracted", reason=reason, association=content
    )


def default(value: str, version: int = 1, *, is_default: bool = True) -> Change[DefaultValue]:
    """Give the change by which a value is or is not a default."""
    payload = DefaultValue(value, is_default)
    return Change(value.encode(), "meet/0", version, payload, None, None, DEFAULT_VALUES)
