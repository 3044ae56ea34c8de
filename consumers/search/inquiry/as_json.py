"""Entities, ties, ways and networks for programs; times are ISO 8601, UTC (pure).

Facts and assessments never share a list (R-03), and there is no number for strength (R-06).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from consumers.search.answers import as_json as standing_as_json
from consumers.search.inquiry.entity import Entity
from consumers.search.inquiry.following import leaves_out
from consumers.search.inquiry.lines import Line
from consumers.search.inquiry.service import Heading, NetworkAnswer, Page, WaysAnswer
from consumers.search.show import VERIFY, freshness_as_json, iso, pointers_as_json
from consumers.search.statements import Statement

_OF_LINE = (
    "association_id", "sentence", "type", "basis", "contact_basis", "evidence_kind", "grade",
    "days", "ends", "disposition", "is_frozen", "disputes", "is_juvenile", "record", "department",
    "owner_ori", "contact", "rules",
)  # fmt: skip


def entity_as_json(entity: Entity) -> dict[str, Any]:
    """Give an entity with its statements and differences."""
    return {
        "entity_id": entity.entity_id,
        "kind": entity.kind,
        "caption": entity.caption,
        "mentions": entity.mentions,
        "departments": dict(entity.departments),
        "statements": [statement_as_json(each) for each in entity.statements],
        "differences": [asdict(each) for each in entity.differences],
        "pointers": pointers_as_json(entity.pointers),
    }


def page_as_json(page: Page) -> dict[str, Any]:
    """Give an entity with its ties."""
    return {
        "entity": entity_as_json(page.entity),
        **_apart([_from_here(each) for each in page.lines]),
        "more_ties": page.more_ties,
        **closing_as_json(page.heading),
    }


def ways_as_json(answer: WaysAnswer) -> dict[str, Any]:
    """Give the ways between two entities, each a row of steps with its ties."""
    found = answer.ways
    return {
        "from": _named(answer.captions, found.start),
        "to": _named(answer.captions, found.end),
        "ways": [[_step(answer, step) for step in way] for way in found.ways],
        "more": found.more,
        **_limits(found.left_out, answer.captions, found.crowded),
        "was_cut": found.was_cut,
        **closing_as_json(answer.heading),
    }


def network_as_json(answer: NetworkAnswer) -> dict[str, Any]:
    """Give the surroundings of an entity as nodes and ties."""
    found = answer.network
    ends = {tie.association_id: (tie.from_entity, tie.to_entity) for tie in found.ties}
    told = [
        tie_as_json(each) | {"from": ends[name][0], "to": ends[name][1], "leads_on": not each.way}
        for name, each in answer.lines.items()
    ]
    return {
        "centre": found.centre,
        "depth": found.depth,
        "nodes": [
            _named(answer.captions, each.entity_id) | {"kind": each.kind, "distance": each.distance}
            for each in found.nodes
        ],
        **_apart(told),
        **_limits(found.left_out, answer.captions, found.crowded),
        "entities_cut": found.entities_cut,
        "ties_cut": found.ties_cut,
        **closing_as_json(answer.heading),
    }


def tie_as_json(line: Line) -> dict[str, Any]:
    """Give a tie with all that it rests on."""
    told = {name: getattr(line, name) for name in _OF_LINE}
    told |= {"categories": list(line.categories), "disputes": list(line.disputes)}
    return told | standing_as_json(line.standing)


def _from_here(line: Line) -> dict[str, Any]:
    other = {"entity_id": line.other_entity, "kind": line.other_kind, "caption": line.other_caption}
    return tie_as_json(line) | {"other": other}


def _apart(told: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    found = list(told)
    return {
        "facts": [each for each in found if each["evidence_kind"] == "fact"],
        "assessments": [each for each in found if each["evidence_kind"] == "assessment"],
    }


def _step(answer: WaysAnswer, step: Any) -> dict[str, Any]:
    lines = [answer.lines[each.association_id] for each in step.ties
             if each.association_id in answer.lines]  # fmt: skip
    return {
        "from": _named(answer.captions, step.start),
        "to": _named(answer.captions, step.end),
        **_apart([tie_as_json(each) for each in lines]),
    }


def _named(captions: Mapping[str, str], entity: str) -> dict[str, Any]:
    return {"entity_id": entity, "caption": captions[entity]}


def _limits(
    left_out: Mapping[str, int], captions: Mapping[str, str], crowded: Iterable[str]
) -> dict[str, Any]:
    return {
        "left_out": dict(left_out),
        "left_out_says": leaves_out(left_out),
        "crowded": [_named(captions, each) for each in crowded],
    }


def closing_as_json(heading: Heading) -> dict[str, Any]:
    """Give what stands below every answer: who can look it up, how fresh it is, what to do."""
    return {
        "audit_id": heading.audit_id,
        "asked_at": heading.asked_at.isoformat().replace("+00:00", "Z"),
        "freshness": freshness_as_json(heading.freshness),
        "notice": VERIFY,
        "policy_version": heading.policy_version,
    }


def statement_as_json(statement: Statement) -> dict[str, Any]:
    """Give what one record says of a mention."""
    record = statement.record
    return {
        "mention_id": statement.mention_id,
        "kind": statement.kind,
        "verdicts": list(statement.verdicts),
        "says": dict(statement.shown),
        "record": {
            "record_key": record.record_key,
            "record_kind": record.record_kind,
            "number": record.number,
            "version": record.version,
            "department": record.department,
            "owner_ori": record.owner_ori,
            "occurred_at": iso(record.occurred_us),
            "contact": dict(record.contact),
            "is_disputed": record.is_disputed,
            **standing_as_json(record.standing),
            "rules": list(record.rules),
        },
    }  # fmt: skip
