"""What a live record offers to associations, as intake states it in `relations.v1` (pure).

Invariant: every mention of the record is there, and each that needs no resolution has an entity.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import MAXYEAR, UTC, date, datetime, timedelta
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple

from recordbus.keyed import keyed_hash
from recordbus.normalize import dates
from recordbus.normalize.ages import least_age_years
from recordbus.normalize.text import CACHE_SIZE
from schemas.rules import clock_ends

EntityOf = Callable[[str, str], str]
"""Gives the entity of a kind and a normalised identifier."""

_BY_COURTS: Final = "disposition"
_DECEMBER: Final = 12
_DAY_PARTS: Final = 3
_RESOLVED: Final = (("vehicles", "vehicle"), ("organisations", "organisation"))
_NAMED_BY: Final = (("locations", "location", "key"), ("phones", "phone", "e164"))
_COPIED: Final = (
    "record_key", "record_kind", "department", "owner_ori", "version", "content_hash",
    "published_at", "recorded_at", "dissemination_level", "contact", "relations",
)  # fmt: skip


def entities_under(secret: bytes) -> EntityOf:
    """Give how entities are named: a phone number cannot be guessed back without the secret."""

    digest = keyed_hash(secret)

    @lru_cache(maxsize=CACHE_SIZE)
    def entity(kind: str, identifier: str) -> str:
        return digest(f"{kind}|{identifier}".encode()).hex()

    return entity


def relations_of_record(
    record: Mapping[str, Any], first_recorded_on: date, event_day: date, entity: EntityOf
) -> dict[str, Any]:
    """Give a `RecordRelations` of a live value of `records.v1`.

    `first_recorded_on` is the day of the record's first version (R-22), `event_day` the one that
    ages are counted to.
    """
    said = {name: record[name] for name in _COPIED}
    said["first_recorded_on"] = first_recorded_on.isoformat()
    disputes, reviews = record["disputes"], record["reviews"]
    said["disputes"] = [_dispute(each, record) for each in disputes] if disputes else []
    said["reviewed_at"] = [review["reviewed_at"] for review in reviews] if reviews else []
    said["ends"] = _ends(record["record_kind"], record["body"]["details"][1])
    said["mentions"] = _people(record, event_day) + _others(record, entity)
    return said


def _people(record: Mapping[str, Any], day: date) -> list[dict[str, Any]]:
    return [
        {
            "local_id": entry["local_id"],
            "kind": "person",
            "entity_id": None,
            "least_age_years": least_age_years(entry, day),
        }
        for entry in record["body"]["people"]
    ]


def _others(record: Mapping[str, Any], entity: EntityOf) -> list[dict[str, Any]]:
    normalised, key = record["normalised"], record["record_key"]
    found = [
        _mention(each["local_id"], kind, None)
        for part, kind in _RESOLVED
        for each in normalised[part]
    ]
    for part, kind, field in _NAMED_BY:
        for each in normalised[part]:
            local_id = each["local_id"]
            named = entity(kind, each[field] or f"{key}.{local_id}")
            found.append(_mention(local_id, kind, named))
    for each in normalised["matters"]:
        named = entity("matter", f"{each['type']}|{each['key']}")
        found.append(_mention(each["local_id"], "matter", named))
    return found


def _mention(local_id: str, kind: str, entity_id: str | None) -> dict[str, Any]:
    return {"local_id": local_id, "kind": kind, "entity_id": entity_id, "least_age_years": None}


def _dispute(dispute: Mapping[str, Any], record: Mapping[str, Any]) -> dict[str, Any]:
    """Give a dispute; one about an assertion is about the relation that the assertion states."""
    about, relation = dispute["about_local_id"], None
    for assertion in record["body"]["assertions"]:
        if assertion["local_id"] == about:
            about, relation = None, _relation_id(assertion, record)
    return {name: dispute[name] for name in ("dispute_id", "by", "raised_at", "resolved_at")} | {
        "about_local_id": about,
        "about_relation_id": relation,
    }


def _relation_id(assertion: Mapping[str, Any], record: Mapping[str, Any]) -> str | None:
    wanted = {assertion["from_local_id"], assertion["to_local_id"]}
    for relation in record["relations"]:
        ends = {relation["from_local_id"], relation["to_local_id"]}
        stated = (relation["type"], relation["basis"])
        if ends == wanted and stated == (assertion["relation"], assertion["basis"]):
            found: str = relation["relation_id"]
            return found
    return None


def _ends(record_kind: str, details: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give what a record's own details tell of the ends of the basis table (R-21)."""
    return [
        {
            "name": told.name,
            "has_ended": _code(details.get(told.field)) in told.ended_when,
            "ends_at": _instant(details.get(told.date_field)),
        }
        for told in _told_by(record_kind)
    ]


class _Told(NamedTuple):
    """Where a record kind tells of an end: a coded field with the codes that end it, a date."""

    name: str
    field: str
    ended_when: frozenset[str | None]
    date_field: str


@cache
def _told_by(record_kind: str) -> tuple[_Told, ...]:
    return tuple(
        _Told(
            end.name, told.get("field", ""), frozenset(told.get("ended_when", ())),
            told.get("date", ""),
        )
        for end in clock_ends().values()
        if end.name != _BY_COURTS and (told := end.read_from.get(record_kind)) is not None
    )  # fmt: skip


def _code(value: Mapping[str, Any] | str | None) -> str | None:
    """Give the code of a coded value, or an enum's own."""
    return value["code"] if isinstance(value, Mapping) else value


def _instant(value: Mapping[str, Any] | datetime | None) -> datetime | None:
    """Give an instant, or the one at which the last day of a date is over."""
    if not isinstance(value, Mapping):
        return value
    written: str | None = value["value"]
    return _end_of(written) if written and dates.is_iso(written) else None


@lru_cache(maxsize=CACHE_SIZE)
def _end_of(written: str) -> datetime | None:
    """Give the instant at which an ISO date of any precision is over; None for the year 9999.

    That year is how systems write that something has no end.
    """
    known = [int(number) for number in written.split("-")]
    if known[0] == MAXYEAR:
        return None
    year, month = known[0], known[1] if len(known) > 1 else _DECEMBER
    if len(known) == _DAY_PARTS:
        return datetime(year, month, known[2], tzinfo=UTC) + timedelta(days=1)
    year, month = (year + 1, 1) if month == _DECEMBER else (year, month + 1)
    return datetime(year, month, 1, tzinfo=UTC)
