"""What one live record states, read from its value in `records.v1` by the rules of `schemas`.

It is put in the shape in which intake tells associate, so that both may be compared.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from recordbus import ids
from recordbus.normalize import dates
from schemas.association_rules import RelationRule, association_rules
from schemas.rules import Condition, basis_table, clock_ends
from tests.oracle.associations import Fields

EARLIEST: Final = datetime(1910, 1, 1, tzinfo=UTC)
_PERIODS: Final = {
    "arrest": ("arrested_at", None),
    "booking": ("booked_at", "released_at"),
    "citation": ("issued_at", None),
    "court_disposition": ("decided_at", None),
    "custody": ("admitted_at", "released_at"),
    "missing_person": ("last_seen_at", None),
    "permit": ("valid_from", "valid_to"),
    "supervision": ("starts_at", "ends_at"),
    "vehicle_registration": ("valid_from", "valid_to"),
    "warrant": ("issued_at", None),
}
_COPIED: Final = (
    "record_key", "record_kind", "department", "owner_ori", "version", "content_hash",
    "published_at", "recorded_at", "dissemination_level", "contact",
)  # fmt: skip


def stated(record: Fields, first_recorded_on: str, secret: bytes) -> dict[str, Any]:
    """Give what a live record states; ids of what identifiers tell are digests under `secret`."""
    relations = list(_relations(record))
    return {name: record[name] for name in _COPIED} | {
        "first_recorded_on": first_recorded_on,
        "disputes": [_dispute(each, record, relations) for each in record["disputes"]],
        "reviewed_at": [each["reviewed_at"] for each in record["reviews"]],
        "ends": list(_ends(record)),
        "mentions": list(_mentions(record, secret)),
        "relations": relations,
    }


def _relations(record: Fields) -> Iterator[dict[str, Any]]:
    """Every pair that a rule allows and nothing forbids, once for each type and basis."""
    found: dict[str, dict[str, Any]] = {}
    for rule in association_rules()[record["record_kind"]].relations:
        if rule.enabled:
            for each in _asserted(record, rule) if rule.asserted else _derived(record, rule):
                known = found.setdefault(each["relation_id"], each)
                days = sorted(
                    day
                    for one in (known, each)
                    for day in (one["first_date"], one["last_date"])
                    if day is not None
                )
                known["first_date"] = days[0]
                known["last_date"] = days[-1] if days[-1] != days[0] else None
    yield from found.values()


def _derived(record: Fields, rule: RelationRule) -> Iterator[dict[str, Any]]:
    for a in _ends_of(record, rule.from_roles, rule.from_categories):
        for b in _ends_of(record, rule.to_roles, rule.to_categories):
            if a["local_id"] != b["local_id"] and _applies(rule.condition, record, a, b):
                yield _relation(record, rule, a, b, _period(record), None)


def _asserted(record: Fields, rule: RelationRule) -> Iterator[dict[str, Any]]:
    for said in record["body"]["assertions"]:
        if (said["relation"], said["basis"]) != (rule.type, rule.basis):
            continue
        for a in _ends_of(record, rule.from_roles, rule.from_categories):
            for b in _ends_of(record, rule.to_roles, rule.to_categories):
                if (a["local_id"], b["local_id"]) == (said["from_local_id"], said["to_local_id"]):
                    day = said["made_at"].date().isoformat()
                    yield _relation(record, rule, a, b, (day, None), said["grade"])


def _ends_of(record: Fields, roles: Any, categories: Any) -> Iterator[Fields]:
    """Everything in one of these roles, people only with one of these categories."""
    body = record["body"]
    for part in ("people", "vehicles", "organisations", "locations", "phones"):
        for entry in body[part]:
            category = entry.get("subject_category")
            if entry["role"] in roles and (category is None or category in (categories or ())):
                yield {"local_id": entry["local_id"], "category": category}
    for matter in record["normalised"]["matters"]:
        if "@" + matter["type"] in roles:
            yield {"local_id": matter["local_id"], "category": None}


def _applies(condition: Condition | None, record: Fields, a: Fields, b: Fields) -> bool:
    if condition is None:
        return True
    body = record["body"]
    if condition.details_field:
        return body["details"][1][condition.details_field] in condition.values
    people = {each["local_id"] for each in (a, b) if each["category"]}
    return any(people <= set(offence["person_local_ids"]) for offence in body["offences"])


def _relation(
    record: Fields, rule: RelationRule, a: Fields, b: Fields, days: Any, grade: Any
) -> dict[str, Any]:
    if rule.symmetric and b["local_id"] < a["local_id"]:
        a, b = b, a
    details = record["body"]["details"][1]
    basis = basis_table()[rule.basis]
    contact_basis = details["contact_basis"] if basis.by_contact_basis else None
    evidence = basis.evidence_for(contact_basis)
    grade = grade or details.get("grade") or evidence.when_none_given
    key = record["record_key"]
    start, end = (ids.mention_id(key, each["local_id"]) for each in (a, b))
    return {
        "relation_id": ids.association_id(key, start, end, rule.type, rule.basis, symmetric=False),
        "type": rule.type,
        "basis": rule.basis,
        "contact_basis": contact_basis,
        "evidence_kind": evidence.kind,
        "grade": grade if evidence.grade_required else None,
        "from_local_id": a["local_id"],
        "to_local_id": b["local_id"],
        "from_category": a["category"],
        "to_category": b["category"],
        "first_date": days[0],
        "last_date": days[1],
    }


def _period(record: Fields) -> tuple[str, str | None]:
    begin, end = _PERIODS.get(record["record_kind"], (None, None))
    details = record["body"]["details"][1]
    first = _first_day(details.get(begin)) or event_day(record).isoformat()
    last = _first_day(details.get(end))
    return first, last if last is not None and last > first else None


def _first_day(value: Any) -> str | None:
    if isinstance(value, datetime):
        return value.date().isoformat()
    text: str = (value or {}).get("value") or ""
    return (text + "-01-01"[len(text) - 10 :])[:10] if dates.is_iso(text) else None


def event_day(record: Fields) -> date:
    """Give the day to which ages are counted; times that cannot be right do not count."""
    latest = record["published_at"] + timedelta(days=1)
    for name in ("occurred_at", "recorded_at"):
        instant = record[name]
        if instant is not None and EARLIEST <= instant <= latest:
            day: date = instant.date()
            return day
    published: date = record["published_at"].date()
    return published


def _ends(record: Fields) -> Iterator[dict[str, Any]]:
    details = record["body"]["details"][1]
    for end in clock_ends().values():
        told = end.read_from.get(record["record_kind"])
        if told and end.name != "disposition":
            state = details[told["field"]] if "field" in told else None
            code = state["code"] if isinstance(state, dict) else state
            yield {
                "name": end.name,
                "has_ended": code in told.get("ended_when", ()),
                "ends_at": _when_over(details[told["date"]]) if "date" in told else None,
            }


def _when_over(value: Any) -> datetime | None:
    """An instant as it is; a day, month or year when it is over."""
    if value is None or isinstance(value, datetime):
        return value
    text = value["value"] or ""
    if not dates.is_iso(text) or text.startswith("9999"):  # how systems write "without an end"
        return None
    start = datetime.fromisoformat(text + "-01-01"[len(text) - 10 :] if len(text) < 10 else text)
    days = {10: 1, 7: 31, 4: 366}[len(text)]
    after = start + timedelta(days=days)
    if len(text) < 10:
        after = after.replace(day=1)
    return after.replace(tzinfo=UTC)


def _mentions(record: Fields, secret: bytes) -> Iterator[dict[str, Any]]:
    day, key = event_day(record), record["record_key"]
    body, normalised = record["body"], record["normalised"]
    for entry in body["people"]:
        yield _mention(entry["local_id"], "person", None, _least_age(entry, day))
    for part, kind in (("vehicles", "vehicle"), ("organisations", "organisation")):
        yield from (_mention(each["local_id"], kind, None) for each in body[part])
    told = [("location", m["local_id"], m["key"]) for m in normalised["locations"]]
    told += [("phone", m["local_id"], m["e164"]) for m in normalised["phones"]]
    told += [("matter", m["local_id"], f"{m['type']}|{m['key']}") for m in normalised["matters"]]
    for kind, local_id, text in told:
        plain = f"{kind}|{text or ids.mention_id(key, local_id)}"
        entity = hmac.new(secret, plain.encode(), hashlib.sha256).hexdigest()
        yield _mention(local_id, kind, entity)


def _mention(
    local_id: str, kind: str, entity_id: str | None, age: int | None = None
) -> dict[str, Any]:
    return {
        "local_id": local_id,
        "kind": kind,
        "entity_id": entity_id,
        "least_age_years": age,
    }


def _least_age(entry: Fields, day: date) -> int | None:
    ages = [entry["age_years"], (entry["age_range"] or {}).get("low")]
    born = (entry["person"]["date_of_birth"] or {}).get("value")
    ages.append(dates.age_years(born, day) if born and dates.is_iso(born) else None)
    return min((age for age in ages if age is not None), default=None)


def _dispute(dispute: Fields, record: Fields, relations: list[dict[str, Any]]) -> dict[str, Any]:
    """A dispute about an assertion is about the relation that it states."""
    found = {
        "dispute_id": dispute["dispute_id"],
        "raised_at": dispute["raised_at"],
        "resolved_at": dispute["resolved_at"],
        "about_local_id": dispute["about_local_id"],
        "about_relation_id": None,
    }
    for said in record["body"]["assertions"]:
        if said["local_id"] == dispute["about_local_id"]:
            pair = {said["from_local_id"], said["to_local_id"]}
            found["about_local_id"] = None
            found["about_relation_id"] = next(
                (
                    each["relation_id"]
                    for each in relations
                    if {each["from_local_id"], each["to_local_id"]} == pair
                    and (each["type"], each["basis"]) == (said["relation"], said["basis"])
                ),
                None,
            )
    return found
