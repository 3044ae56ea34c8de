"""What holds of each relation of a record now: asserted, frozen, or not, and why (pure).

Invariant: the answer depends on the matched pair and the time alone. Precedence: expired, then
disposed of by a court, then between one entity and itself, then disputed, then asserted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from recordbus import ids
from schemas.rules import basis_table, clock_ends, relation_types
from streams.associate.clocks import expires_at
from streams.associate.support import entity_of

MATTER: Final = "@"
DISPOSITION: Final = "disposition"
ADULT_AT: Final = max(
    kind.designation.juvenile_below_years
    for kind in relation_types().values()
    if kind.designation is not None
)


class Standing(NamedTuple):
    """One relation now. `reason` is None when it is asserted; `association` is its content.

    `expires_at` is in microseconds since 1970; `sensitive` marks a designation (R-13).
    """

    association_id: str
    reason: str | None
    association: dict[str, Any]
    expires_at: int | None
    sensitive: bool


class Entities(NamedTuple):
    """The entities of a record's mentions by local id, with the verdicts they stand on."""

    kinds: Mapping[str, str]
    ids: Mapping[str, str]
    verdicts: Mapping[str, Sequence[str]]


def entities_of(record: Mapping[str, Any], identities: Mapping[str, Any]) -> Entities:
    """Put together the entities that follow from identifiers, and those that were resolved."""
    kinds = {mention["local_id"]: mention["kind"] for mention in record["mentions"]}
    found = {m["local_id"]: m["entity_id"] for m in record["mentions"] if m["entity_id"]}
    resolved = [m for m in identities["mentions"] if m["local_id"] in kinds]
    found |= {mention["local_id"]: mention["entity_id"] for mention in resolved}
    for local_id in kinds:
        entity_of(local_id, found)
    return Entities(kinds, found, {m["local_id"]: m["verdicts"] for m in resolved})


def standings(
    record: Mapping[str, Any], identities: Mapping[str, Any], entities: Entities, now: int
) -> list[Standing]:
    """Give what holds of every relation of a record whose sides are of one version."""
    view = _View(record, identities, entities)
    found = {each["relation_id"]: view.standing(each, now) for each in record["relations"]}
    for relation in record["relations"]:
        if relation["derived_inputs"]:
            inputs = [found[each] for each in relation["derived_inputs"]]
            own = found[relation["relation_id"]]
            found[relation["relation_id"]] = _no_longer_than(own, inputs, now)
    return list(found.values())


def _no_longer_than(own: Standing, inputs: Iterable[Standing], now: int) -> Standing:
    """Let a derived relation end with the first of its inputs, and stand only on what stands."""
    ends = [each.expires_at for each in (own, *inputs) if each.expires_at is not None]
    end = min(ends, default=None)
    fallen = [each.reason for each in inputs if each.reason is not None]
    is_over = end is not None and end <= now
    return own._replace(
        expires_at=end,
        reason="expired" if is_over else own.reason or min(fallen, default=None),
        association=own.association | {"expires_at": end},
    )


class _View:
    """One matched pair, looked at relation by relation."""

    def __init__(
        self, record: Mapping[str, Any], identities: Mapping[str, Any], entities: Entities
    ) -> None:
        self._record = record
        self._entities = entities
        self._dispositions: Sequence[Mapping[str, Any]] = identities["dispositions"]
        self._ages = {m["local_id"]: m["least_age_years"] for m in record["mentions"]}
        self._matters = {m["local_id"] for m in record["mentions"] if m["kind"] == "matter"}
        self._source = {
            name: record[name]
            for name in (
                "record_key", "record_kind", "department", "owner_ori", "version", "content_hash"
            )
        }  # fmt: skip

    def standing(self, relation: Mapping[str, Any], now: int) -> Standing:
        """Say what holds of one relation."""
        juvenile = self._is_juvenile(relation)
        end = expires_at(relation, self._record, juvenile=juvenile)
        disputes = [d for d in self._record["disputes"] if _concerns(d, relation)]
        reached = self._reaching(relation)
        association = self._association(relation) | {
            "expires_at": end,
            "juvenile": juvenile,
            "disputes": disputes,
            "dispositions": reached,
        }
        reason = None
        if end is not None and end <= now:
            reason = "expired"
        elif self._is_disposed_of(relation, reached):
            reason = "disposition"
        elif association["from_entity_id"] == association["to_entity_id"]:
            reason = "merged"
        elif any(dispute["resolved_at"] is None for dispute in disputes):
            reason = "dispute"
        sensitive = not relation_types()[relation["type"]].enabled
        return Standing(relation["relation_id"], reason, association, end, sensitive)

    def _association(self, relation: Mapping[str, Any]) -> dict[str, Any]:
        """Give what an association says that neither time, courts nor disputes change."""
        found: dict[str, Any] = {
            name: relation[name]
            for name in (
                "type", "from_category", "to_category", "basis", "contact_basis", "evidence_kind",
                "grade", "first_date", "last_date", "derived_inputs",
            )
        }  # fmt: skip
        verdicts: set[str] = set()
        for end in ("from", "to"):
            local_id = relation[f"{end}_local_id"]
            found[f"{end}_mention_id"] = ids.mention_id(self._record["record_key"], local_id)
            found[f"{end}_kind"] = self._entities.kinds[local_id]
            found[f"{end}_entity_id"] = entity_of(local_id, self._entities.ids)
            verdicts.update(self._entities.verdicts.get(local_id, ()))
        found["verdicts"] = sorted(verdicts)
        found["source"] = self._source
        found["dissemination_level"] = self._record["dissemination_level"]
        found["contact"] = self._record["contact"]
        return found

    def _is_juvenile(self, relation: Mapping[str, Any]) -> bool:
        """Say whether one of its people may have been under age at the event (R-16)."""
        ages = (self._ages[relation["from_local_id"]], self._ages[relation["to_local_id"]])
        return any(age is not None and age < ADULT_AT for age in ages)

    def _reaching(self, relation: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """Give what courts said of its people, where its basis waits for a court (R-26)."""
        if basis_table()[relation["basis"]].clock.until != DISPOSITION:
            return []
        ends = (relation["from_local_id"], relation["to_local_id"])
        reached = [d for d in self._dispositions if d["local_id"] in ends]
        mine = [d for d in reached if _is_of_its_case(d["matter_local_id"], ends)]
        return sorted(mine, key=lambda d: (d["record_key"], d["local_id"], d["matter_local_id"]))

    def _is_disposed_of(
        self, relation: Mapping[str, Any], reached: Sequence[Mapping[str, Any]]
    ) -> bool:
        """Say whether a court ended the case that a relation is about, for one of its people.

        What leads to no case of its own falls once every case of that type is disposed of: an
        arrest on two dockets stands as long as one of them is open.
        """
        ends = (relation["from_local_id"], relation["to_local_id"])
        final = [d for d in reached if d["outcome"] in final_outcomes()]
        for person in {d["local_id"] for d in final}:
            disposed = {d["matter_local_id"] for d in final if d["local_id"] == person}
            for matter in disposed:
                type_ = matter_type(matter)
                siblings = {each for each in self._matters if matter_type(each) == type_}
                if matter in ends or siblings <= disposed:
                    return True
        return False


def final_outcomes() -> frozenset[str]:
    """Give the outcomes of a case that end arrest and charge associations (R-26)."""
    told = clock_ends()[DISPOSITION].read_from["court_disposition"]
    return frozenset(told["ended_when"])


def matter_type(local_id: str) -> str:
    """Give the type of a matter by its local id: `case` for `@case:1`, empty for no matter."""
    return local_id[1:].partition(":")[0] if local_id.startswith(MATTER) else ""


def _is_of_its_case(matter: str, ends: tuple[str, str]) -> bool:
    """Say whether a decision about a matter is about a relation that may lead to another one."""
    return all(
        end == matter or matter_type(end) != matter_type(matter) or not matter_type(end)
        for end in ends
    )


def _concerns(dispute: Mapping[str, Any], relation: Mapping[str, Any]) -> bool:
    """Say whether a dispute is about a relation, one of its mentions or the whole record (R-19)."""
    local_id, relation_id = dispute["about_local_id"], dispute["about_relation_id"]
    if local_id is None and relation_id is None:
        return True
    ends = (relation["from_local_id"], relation["to_local_id"])
    return local_id in ends or relation_id == relation["relation_id"]
