"""What entities are formed from, besides pairs: what each mention says that tells bearers apart.

Pure. A mention that is nobody else's is among them, as it has an entity too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from schemas.types import EvidenceMember
from schemas.types.vocabulary import MentionKind
from streams.meet.entries import Other
from streams.meet.mentions import KIND_OF, local_id_of, numbered
from streams.resolution.identifiers import is_hard
from streams.resolution.mentions import (
    Mention,
    NameForm,
    PersonMention,
    VehicleMention,
)

_NO_NAME = NameForm()


def members_of(
    mentions: Iterable[Mention], others: Iterable[Other], at: int
) -> Iterator[EvidenceMember]:
    """Give the members of a record that was recorded `at`, in the order of its bundle."""
    for mention in mentions:
        yield _member(mention)
    for local_id, kind, age_years in others:
        yield _blank(local_id, kind, at) | {"is_alone": True, "age_years": age_years}


def _member(mention: Mention) -> EvidenceMember:
    found = _blank(local_id_of(mention), KIND_OF[type(mention)], mention.recorded_at)
    if isinstance(mention, VehicleMention):
        found["vin"], found["make"] = mention.vin, mention.make
        return found
    found["numbers"] = [numbered(each) for each in mention.identifiers if is_hard(each)]
    if isinstance(mention, PersonMention):
        name = mention.names[0] if mention.names else _NO_NAME
        found["given"], found["surname"], found["suffix"] = name.given, name.surname, name.suffix
        found["births"] = [mention.date_of_birth] if mention.date_of_birth else []
        found["age_years"] = mention.age_years
    return found


def _blank(local_id: str, kind: MentionKind, recorded_at: int) -> EvidenceMember:
    return {
        "local_id": local_id,
        "kind": kind,
        "recorded_at": recorded_at,
        "is_alone": False,
        "age_years": None,
        "numbers": [],
        "births": [],
        "suffix": "",
        "given": "",
        "surname": "",
        "vin": "",
        "make": "",
    }
