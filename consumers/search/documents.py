"""Turns a record of `records.v1` into the document that the index holds of it (pure).

Invariant: the document of a record follows from that record alone and from nothing remembered,
so a rebuilt index equals one that was kept up to date. Normalised parts are taken from the
record; only text that a person typed is folded here, as a search folds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from consumers.search import tokens as t
from consumers.search.classes import written
from consumers.search.document import MAX_MENTIONS, Document, Mention, MentionType
from consumers.search.people import person_row
from consumers.search.things import location_row, organisation_row, phone_row, vehicle_row
from consumers.search.words import compact, fold, words
from recordbus.errors import Rejected
from recordbus.policy.items import items_of_record
from schemas import catalog
from schemas.types import Matter, NormalisedRecord, Record, RecordBody, Relation

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NUMBER_FIELDS = (
    "arrest_number", "booking_number", "call_number", "citation_number", "docket_number",
    "permit_number", "registration_number", "report_number", "warrant_number",
)  # fmt: skip
_make = tuple.__new__  # a NamedTuple's own constructor takes three times as long
IMPLAUSIBLE_TIME = catalog.flag("implausible_event_time")


def document(record: Record) -> Document:
    """Give the document of a live record.

    Raises Rejected `body_missing` when the record has no content, and `dangling_reference`
    when a mention was not normalised.
    """
    body, normal = record["body"], record["normalised"]
    if body is None or normal is None:
        raise Rejected("body_missing", "a live record without body or normalised part")
    when = _event_time(record)
    common = _common_tokens(record)
    assembled = _Rows(common, _relation_tokens(record["relations"]), when.toordinal())
    try:
        assembled.add(body, normal)
    except KeyError:
        raise Rejected("dangling_reference", "a role without its normalised mention") from None
    if len(assembled.rows) > MAX_MENTIONS:
        raise Rejected("too_many_items", f"more than {MAX_MENTIONS} mentions")
    grounds = _grounds(record["relations"])
    first, numbers = _record_row(record, body, common, grounds, normal["matters"])
    return _assemble(record, body, when, (first, *assembled.rows), numbers, assembled, grounds)


def microseconds(instant: datetime) -> int:
    """Give an aware instant as whole microseconds since 1970."""
    passed = instant - _EPOCH
    return (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds


class _Rows:
    """Collects the rows of a record's mentions, and the words they can be found by."""

    def __init__(self, common: str, of_mention: Mapping[str, str], event_day: int) -> None:
        self.rows: list[Mention] = []
        self.words: list[str] = []
        self.names: dict[str, None] = {}
        self._common = common
        self._of_mention = of_mention
        self._event_day = event_day

    def add(self, body: RecordBody, normal: NormalisedRecord) -> None:
        people = {each["local_id"]: each for each in normal["people"]}
        for role in body["people"]:
            local_id = role["local_id"]
            row, names, others = person_row(
                role, people[local_id], self._tokens(local_id), self._event_day
            )
            self.names.update(dict.fromkeys(names))
            self._keep(local_id, row, others)
        self._add_things(body, normal)

    def _add_things(self, body: RecordBody, normal: NormalisedRecord) -> None:
        vehicles = {each["local_id"]: each for each in normal["vehicles"]}
        for vehicle in body["vehicles"]:
            key = vehicle["local_id"]
            self._keep(key, *vehicle_row(vehicle, vehicles[key], self._tokens(key)))
        organisations = {each["local_id"]: each for each in normal["organisations"]}
        for organisation in body["organisations"]:
            key = organisation["local_id"]
            self._keep(key, *organisation_row(organisation, organisations[key], self._tokens(key)))
        locations = {each["local_id"]: each for each in normal["locations"]}
        for location in body["locations"]:
            key = location["local_id"]
            self._keep(key, *location_row(location, locations[key], self._tokens(key)))
        phones = {each["local_id"]: each for each in normal["phones"]}
        for phone in body["phones"]:
            key = phone["local_id"]
            self._keep(key, *phone_row(phone, phones[key], self._tokens(key)))

    def _tokens(self, local_id: str) -> str:
        own = self._of_mention.get(local_id)
        return f"{self._common} {own}" if own else self._common

    def _keep(self, local_id: str, row: Mention, others: list[str]) -> None:
        self.rows.append(_make(Mention, (*row[:-1], local_id)))
        self.words += others


def _event_time(record: Record) -> datetime:
    """Give when the event was, or when it was recorded if that is unknown or not credible."""
    occurred = record["occurred_at"]
    if occurred is None or IMPLAUSIBLE_TIME in record["flags"]:
        return record["recorded_at"]
    return occurred


def _common_tokens(record: Record) -> str:
    department, kind = t.code(record["department"]), t.code(record["record_kind"])
    return f"{t.DEPARTMENT}{department} {t.RECORD_KIND}{kind}"


def _relation_tokens(relations: list[Relation]) -> dict[str, str]:
    """Give each mention the bases and evidence kinds of the relations it takes part in."""
    found: dict[str, dict[str, None]] = {}
    for relation in relations:
        told = _told(relation["basis"], relation["evidence_kind"])
        for end in (relation["from_local_id"], relation["to_local_id"]):
            found.setdefault(end, {})[told] = None
    return {local_id: _once(told) for local_id, told in found.items()}


@lru_cache(maxsize=1024)
def _told(basis: str, evidence_kind: str) -> str:
    return f"{t.BASIS}{basis} {t.EVIDENCE}{evidence_kind}"


def _once(told: Mapping[str, None]) -> str:
    """Give the tokens of some texts, each once; nearly always there is one text."""
    if len(told) == 1:
        return next(iter(told))
    return " ".join(dict.fromkeys(" ".join(told).split()))


class _Grounds(NamedTuple):
    """The bases and kinds of evidence of a record's relations, sorted: the same every time."""

    bases: list[str]
    evidence: list[str]


def _grounds(relations: list[Relation]) -> _Grounds:
    return _Grounds(
        sorted({relation["basis"] for relation in relations}),
        sorted({relation["evidence_kind"] for relation in relations}),
    )


def _record_row(
    record: Record, body: RecordBody, common: str, grounds: _Grounds, matters: list[Matter]
) -> tuple[Mention, list[str]]:
    spelt = {compact(number): number for number in _numbers(body)}
    numbers = [number for number in spelt if number]
    made = [common, t.RECORD_ROW, *(t.NUMBER + number for number in numbers)]
    made += [t.BASIS + basis for basis in grounds.bases]
    made += [t.EVIDENCE + kind for kind in grounds.evidence]
    codes = (offence["code"]["code"] for offence in body["offences"])
    made += [t.OFFENCE + t.code(code) for code in codes if code]
    shown: dict[str, Any] = {
        "number": body["record_id"],
        "contact": {k: v for k, v in record["contact"].items() if v},
        "source_seq": record["source_seq"],
    }
    if any(dispute["resolved_at"] is None for dispute in record["disputes"]):
        shown["disputed"] = True
    if record["flags"]:
        shown["flags"] = record["flags"]
    grades = _grades(record["relations"])
    if grades:
        shown["grades"] = grades
    if matters:
        shown["matters"] = {each["local_id"]: _matter(each, spelt) for each in matters}
    if body["offences"]:
        shown["offences"] = [
            offence["description"] or offence["code"]["code"] for offence in body["offences"]
        ]
    return Mention(MentionType.RECORD, " ".join(made), orjson.dumps(shown)), numbers


def _matter(matter: Matter, spelt: Mapping[str, str]) -> str:
    """Give a matter as people call it: its sort, and its number as the record writes it."""
    plain = matter["key"].rpartition("|")[2]
    return f"{matter['type'].replace('_', ' ')} {spelt.get(compact(plain), plain)}"


def _grades(relations: list[Relation]) -> list[str]:
    grades = (relation["grade"] for relation in relations)
    told = (f"{g['source']}{g['information']}{g['handling']}" for g in grades if g)
    return list(dict.fromkeys(told))


def _numbers(body: RecordBody) -> Iterator[str]:
    yield body["record_id"]
    for reference in body["references"]:
        yield reference["number"]
    details: Any = body["details"]
    if isinstance(details, tuple):  # the name of the union's branch may come with it
        details = details[1]
    for field in NUMBER_FIELDS:
        if details.get(field):
            yield str(details[field])


def _assemble(
    record: Record, body: RecordBody, when: datetime, mentions: tuple[Mention, ...],
    numbers: list[str], rows: _Rows, grounds: _Grounds,
) -> Document:  # fmt: skip
    offences = (offence["description"] for offence in body["offences"])
    others = [*rows.names, *rows.words, *numbers, *(w for o in offences if o for w in words(o))]
    return Document(
        bytes.fromhex(record["record_key"]),
        record["record_kind"],
        record["department"],
        record["owner_ori"],
        microseconds(when),
        microseconds(record["published_at"]),
        " ".join(grounds.bases),
        " ".join(grounds.evidence),
        written(items_of_record(record)),
        fold(body["narrative"]) if body["narrative"] else "",
        " ".join(dict.fromkeys(others)),
        mentions,
        tuple(rows.names),
    )
