"""A tie as a line for people and programs, seen from one entity (pure).

Invariant: each line names its basis, whether it is a fact or an assessment, the record and owner it
rests on, its end, what its owner answered about it, and the rules by which it is shown (R-01..R-03,
R-21, R-34). Ties that the policy does not show in full never come here (R-13, R-31).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from consumers.search.answers import Standings
from consumers.search.inquiry import sentences
from consumers.search.inquiry.following import is_past
from consumers.search.statements import StoredTie
from consumers.search.ties import makes_no_way
from recordbus.verification import Standing
from schemas.rules import basis_table


@dataclass(frozen=True, slots=True)
class Line:
    """One tie.

    `way` says why nobody is led on by this tie, None when it may be followed.
    """

    association_id: str
    sentence: str
    type: str
    other_entity: str
    other_kind: str
    other_caption: str
    basis: str
    contact_basis: str | None
    evidence_kind: str
    categories: tuple[str | None, str | None]
    grade: str | None
    days: str
    ends: str
    disposition: str | None
    is_frozen: bool
    disputes: tuple[Mapping[str, Any], ...]
    is_juvenile: bool
    record: Mapping[str, Any]
    department: str
    owner_ori: str
    contact: Mapping[str, str]
    standing: Standing
    way: str | None
    rules: tuple[str, ...]


def line(
    tie: StoredTie, entity: str, caption_of: Callable[[str], str], now: datetime,
    standings: Standings,
) -> Line | None:  # fmt: skip
    """Give a tie as seen from one of its entities, None when it has come to its end.

    So it has when both its ends have become one entity.
    """
    told, source = tie.told, tie.told["source"]
    if is_past(told, now) or tie.from_entity == tie.to_entity:
        return None
    other = tie.other_end(entity)
    return Line(
        tie.association_id, sentences.sentence(tie, caption_of), told["type"], other,
        tie.kind_of(other), caption_of(other), told["basis"], told.get("contact_basis"),
        told["evidence_kind"], (told.get("from_category"), told.get("to_category")),
        sentences.grade(told), sentences.days(told), sentences.ends(told),
        sentences.disposition(told), told["frozen"], tuple(told.get("disputes", ())),
        bool(told.get("juvenile")), _record(tie), source["department"], source["owner_ori"],
        _contact(told), _standing(tie, standings), makes_no_way(told), tie.rules,
    )  # fmt: skip


def _standing(tie: StoredTie, standings: Standings) -> Standing:
    """Give how a tie stands with its owner (R-34)."""
    version = tie.told["source"]["version"]
    return standings.of_association(tie.association_id, tie.record_key, version)


def _record(tie: StoredTie) -> Mapping[str, Any]:
    """Give the record that a tie rests on (R-02)."""
    source = tie.told["source"]
    return {
        "record_key": tie.record_key,
        "record_kind": source["record_kind"],
        "number": tie.number,
        "version": source["version"],
        "content_hash": source.get("content_hash"),
    }


def _contact(told: Mapping[str, Any]) -> Mapping[str, str]:
    return {name: value for name, value in told["contact"].items() if value}


def by_basis(lines: Iterable[Line], evidence_kind: str) -> Mapping[str, Sequence[Line]]:
    """Group the lines of one kind of evidence by basis, the strongest first (R-03, R-06)."""
    wanted = [each for each in lines if each.evidence_kind == evidence_kind]
    grouped = {
        basis: sorted(
            (each for each in wanted if each.basis == basis),
            key=lambda each: (each.type, each.other_caption, each.days, each.association_id),
        )
        for basis in basis_table()
    }
    return {basis: found for basis, found in grouped.items() if found}
