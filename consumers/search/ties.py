"""What the index holds of entities: who a mention is, and the ties between entities (pure).

Invariant: a tie rests on one record and is shown with it; the index keeps what associate said and
adds nothing, above all no number for how strong a tie is (R-06).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import orjson

from consumers.search.classes import NOTHING, written
from recordbus.policy.items import item_of_association
from schemas.rules import NEVER_ASSOCIATES
from schemas.types import AssociationUpdate

IDENTITIES: Final = "identity"
TIES: Final = "association"
DEFAULT_VALUES: Final = "default value"
JUDGEMENTS: Final = "judgement"
CO_PRESENCE: Final = frozenset({"seen_with", "seen_in", "seen_at"})
"""Being at one field contact, or meeting there, and nothing more (R-07)."""
SUFFERED_OR_SAW: Final = frozenset({"victim_of", "witness_of"})
NOT_THEIR_CHOICE: Final = frozenset({"housed_with", "supervised_by"})
"""Where an authority put people; it ties nobody to the others whom it put there."""
_FROZEN: Final = "dispute"
_KEPT: Final = (
    "type", "from_kind", "to_kind", "from_category", "to_category", "basis", "contact_basis",
    "evidence_kind", "grade", "first_date", "last_date", "expires_at", "juvenile",
    "dissemination_level", "contact", "disputes", "dispositions", "derived_inputs",
)  # fmt: skip


class Identity(NamedTuple):
    """Whom a mention stands for; `verdicts` are the decisions that this rests on (R-09)."""

    record_key: bytes
    local_id: str
    kind: str
    entity_id: str
    verdicts: tuple[str, ...]


class Tie(NamedTuple):
    """An association as it is stored, between two mentions of one record (R-02).

    The entities are those of the moment it was said; who the mentions are now, their identities
    tell. `told` is JSON of what is shown of it, `items` what a decision about it depends on.
    """

    association_id: bytes
    record_key: bytes
    from_local: str
    to_local: str
    from_entity: str
    to_entity: str
    told: bytes
    items: str = NOTHING


class DefaultValue(NamedTuple):
    """Whether a value is one that very many share, and so tells of nobody."""

    value: str
    is_default: bool


class Judged(NamedTuple):
    """What somebody decided of two mentions; `told` is JSON."""

    pair: str
    told: bytes


def tie(update: AssociationUpdate) -> Tie | None:
    """Give the tie that an update leaves standing, None for a retraction that leaves nothing.

    What a dispute froze stays, marked as frozen (R-19). Raises KeyError, TypeError or ValueError
    for an association that is not whole.
    """
    association = update["association"]
    if association is None or (update["status"] == "retracted" and update["reason"] != _FROZEN):
        return None
    source = association["source"]
    told: dict[str, Any] = {name: said for name in _KEPT if (said := association.get(name))}
    told["frozen"] = update["status"] == "retracted"
    told["source"] = {name: said for name, said in source.items() if name != "record_key"}
    return Tie(
        bytes.fromhex(update["association_id"]), bytes.fromhex(source["record_key"]),
        _local(association["from_mention_id"], update["record_key"]),
        _local(association["to_mention_id"], update["record_key"]),
        association["from_entity_id"], association["to_entity_id"], orjson.dumps(told),
        _items(update),
    )  # fmt: skip


def _items(update: AssociationUpdate) -> str:
    item = item_of_association(update)
    return NOTHING if item is None else written([item])


def _local(mention_id: str, record_key: str) -> str:
    key, _, local_id = mention_id.partition(".")
    if key != record_key or not local_id:
        raise ValueError("an association between mentions of another record")
    return local_id


def makes_no_way(told: Mapping[str, Any]) -> str | None:
    """Say why a tie is never followed from one entity to another; None when it may be.

    Nobody becomes somebody's associate for having been a victim, a witness, or in one place with
    others, by chance or by order (R-04, R-07, the basis table's custody). What a dispute froze
    holds for nothing until it is resolved (R-19).
    """
    if told["type"] in SUFFERED_OR_SAW or _categories(told) & NEVER_ASSOCIATES:
        return "victim or witness"
    if told["type"] in CO_PRESENCE:
        return "seen together or there"
    if told["type"] in NOT_THEIR_CHOICE:
        return "held or supervised"
    return "frozen by a dispute" if told["frozen"] else None


def _categories(told: Mapping[str, Any]) -> set[Any]:
    return {told.get("from_category"), told.get("to_category")}
