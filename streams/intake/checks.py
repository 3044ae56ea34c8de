"""Whether a decoded change is one that its department may say and that makes sense (pure).

Every refusal names the rule by a reason code and the field by its path, and never the content.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, Final

from recordbus import ids
from recordbus.errors import Rejected
from recordbus.normalize import dates, placeholders
from schemas import catalog
from schemas.association_rules import RecordKindRules
from schemas.limits import STATUS_REASON

_LONGEST_LOCAL_ID: Final = 64
_LOCAL_ID: Final = re.compile(r"[A-Za-z0-9][\w:-]{0,63}")
OLDEST_YEARS: Final = 100
EVENT_TIME_FLAG: Final = catalog.flag("implausible_event_time")
RECORDED_TIME_FLAG: Final = catalog.flag("implausible_recorded_time")
EARLIEST_EVENT: Final = datetime(1910, 1, 1, tzinfo=UTC)
AHEAD: Final = timedelta(days=1)
ROLES: Final = (
    ("people", "person"),
    ("vehicles", "vehicle"),
    ("organisations", "organisation"),
    ("locations", "location"),
    ("phones", "phone"),
)
"""The lists of a body that hold roles, with the kind of mention in each."""


def check_envelope(change: Mapping[str, Any], key: bytes, owner_ori: str) -> None:
    """Check that the message is about the record of its key, by the owner of its topic."""
    if change["record_key"].encode() != key:
        raise Rejected("key_mismatch", "the message key is not the record_key")
    if change["owner_ori"] != owner_ori:
        raise Rejected("origin_mismatch", "owner_ori is not the ORI of the topic's department")
    if change["source_seq"] < 0:
        raise Rejected("bad_value", "source_seq is negative")
    reason = change["status_reason"]
    if reason is not None and not STATUS_REASON.fullmatch(reason):
        raise Rejected("bad_value", "status_reason is not a code of small letters and underscores")


def check_presence(change: Mapping[str, Any]) -> None:
    """Check that a body is there when the record is live, and only then."""
    if change["status"] == "live":
        if change["body"] is None:
            raise Rejected("body_missing", "a live record has no body")
    elif change["body"] is not None:
        raise Rejected("body_on_removed_record", f"a record that is {change['status']} has a body")


def check_event_id(change: Mapping[str, Any], content_hash: str) -> None:
    """Check the event id against the one that key, sequence, status and content give."""
    asked = ids.event_id(change["record_key"], change["source_seq"], change["status"], content_hash)
    if change["event_id"] != asked:
        raise Rejected("event_id_mismatch", "event_id is not the one that the content gives")


def check_kind(record_kind: str, body: Mapping[str, Any]) -> None:
    """Check that the details are those of the record kind."""
    if body["details"][0] != catalog.details_type(record_kind):
        found = body["details"][0].rpartition(".")[2]
        raise Rejected("kind_mismatch", f"a record of kind {record_kind} has {found}")


def check_roles(body: Mapping[str, Any], rules: RecordKindRules) -> None:
    """Check each role against those of the record kind, and each person's category against it."""
    known = rules.roles
    for part, kind in ROLES:
        for at, entry in enumerate(body[part]):
            role = known.get(entry["role"])
            if role is None or role.mention_kind != kind:
                where = f"body.{part}.{at}.role"
                raise Rejected(
                    "unknown_role", f"{where} is no {kind}'s role of {rules.record_kind}"
                )
            if kind == "person" and entry["subject_category"] not in role.subject_categories:
                where = f"body.{part}.{at}.subject_category"
                raise Rejected("bad_subject_category", f"{where} is not one of role {role.name}")


def check_local_ids(change: Mapping[str, Any], body: Mapping[str, Any]) -> None:
    """Check that local ids are unique in the record and that every reference finds one."""
    known: set[str] = set()
    for part in ("people", "vehicles", "organisations", "locations", "phones", "offences",
                 "assertions"):  # fmt: skip
        for at, entry in enumerate(body[part]):
            local_id = entry["local_id"]
            if local_id in known:
                raise Rejected("duplicate_local_id", f"body.{part}.{at}.local_id was used before")
            if not _is_local_id(local_id):
                raise Rejected("bad_value", f"body.{part}.{at}.local_id is no plain local id")
            known.add(local_id)
    for where, local_id in _references(change, body):
        if local_id not in known:
            raise Rejected("dangling_reference", f"{where} names a local id that is not there")


def _is_local_id(text: str) -> bool:
    """Tell whether a text may be a local id; a short word of letters and digits is at a glance."""
    if text.isalnum() and text.isascii() and len(text) <= _LONGEST_LOCAL_ID:
        return True
    return _LOCAL_ID.fullmatch(text) is not None


def _references(change: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for at, offence in enumerate(body["offences"]):
        for local_id in offence["person_local_ids"]:
            yield f"body.offences.{at}.person_local_ids", local_id
    for at, assertion in enumerate(body["assertions"]):
        yield f"body.assertions.{at}.from_local_id", assertion["from_local_id"]
        yield f"body.assertions.{at}.to_local_id", assertion["to_local_id"]
    for at, dispute in enumerate(change["disputes"]):
        if dispute["about_local_id"] is not None:
            yield f"disputes.{at}.about_local_id", dispute["about_local_id"]
    yield from _in_details(*body["details"])


@cache
def _naming(details_type: str) -> tuple[str, ...]:
    """Give the fields of a type of details that hold a local id."""
    fields = catalog.avro_schema(details_type)["fields"]
    return tuple(each["name"] for each in fields if each["name"].endswith("_local_id"))


def _in_details(details_type: str, details: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in _naming(details_type):
        if details[name] is not None:
            yield f"body.details.{name}", details[name]
    for at, pair in enumerate(details.get("victim_relationships", ())):
        for name in ("victim_local_id", "offender_local_id"):
            yield f"body.details.victim_relationships.{at}.{name}", pair[name]


def event_flags(change: Mapping[str, Any], published_at: datetime) -> list[str]:
    """Give flags for instants that cannot be right; they stay as data and order nothing."""
    latest = published_at + AHEAD
    occurred_at, recorded_at = change["occurred_at"], change["recorded_at"]
    flags = []
    if occurred_at is not None and not EARLIEST_EVENT <= occurred_at <= latest:
        flags.append(EVENT_TIME_FLAG)
    if not EARLIEST_EVENT <= recorded_at <= latest:
        flags.append(RECORDED_TIME_FLAG)
    return flags


def event_day(change: Mapping[str, Any], flags: list[str], published_at: datetime) -> date:
    """Give the day that ages are counted to: of the event, else of recording, else of arrival."""
    if change["occurred_at"] is not None and EVENT_TIME_FLAG not in flags:
        day: date = change["occurred_at"].date()
        return day
    return recorded_day(change, flags, published_at)


def recorded_day(change: Mapping[str, Any], flags: list[str], published_at: datetime) -> date:
    """Give the day on which this state was recorded; that of its arrival when it cannot be."""
    recorded: datetime = change["recorded_at"]
    return published_at.date() if RECORDED_TIME_FLAG in flags else recorded.date()


def check_people(body: Mapping[str, Any], on: date) -> None:
    """Check what is said of people's age, birth and measures (R-16)."""
    for at, entry in enumerate(body["people"]):
        if entry["age_years"] is not None and not 0 <= entry["age_years"] <= OLDEST_YEARS:
            raise _implausible(f"body.people.{at}.age_years")
        span = entry["age_range"]
        if span is not None and not 0 <= span["low"] <= span["high"] <= OLDEST_YEARS:
            raise _implausible(f"body.people.{at}.age_range")
        born = entry["person"]["date_of_birth"]
        if born is not None and born["value"] is not None:
            _check_birth(at, born["value"], on)


def _check_birth(at: int, born: str, on: date) -> None:
    if not dates.is_iso(born):
        where = f"body.people.{at}.person.date_of_birth.value"
        raise Rejected("logical_type", f"{where} is no date of the calendar")
    if placeholders.is_date(born):
        return
    age = dates.age_years(born, on)
    slack = 0 if len(born) == 10 else 1
    if not -slack <= age <= OLDEST_YEARS:
        raise _implausible(f"body.people.{at}.person.date_of_birth")


def check_coordinates(body: Mapping[str, Any]) -> None:
    """Check that every coordinate is one of the globe."""
    for at, entry in enumerate(body["locations"]):
        for name, limit in (("latitude", 90.0), ("longitude", 180.0)):
            degrees = entry["location"][name]
            if degrees is not None and not -limit <= degrees <= limit:
                raise Rejected("bad_value", f"body.locations.{at}.location.{name} is off the globe")


def _implausible(where: str) -> Rejected:
    return Rejected("implausible_age", f"{where} is below 0 or above {OLDEST_YEARS} years")
