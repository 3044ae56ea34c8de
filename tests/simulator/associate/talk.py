"""What intake and identify say to associate in a world made up at random.

Each side of a record speaks in the order of its versions; how the sides and the records take
turns is left to chance, and so is what is said again. In the end both sides of the newest version
of every record have spoken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final, NamedTuple

from streams.associate.testing import (
    DAY,
    disposition,
    dispute,
    mention,
    part,
    record_key,
    relation,
)
from tests.oracle.associations import Newest

PEOPLE: Final = ("p1", "p2", "p3")
LATEST: Final = DAY + timedelta(days=365 * 12)
_KINDS: Final = {
    "arrest": (("co_arrested", "arrest"), ("subject_of", "arrest"), ("used_vehicle", "arrest")),
    "booking": (("co_defendant", "charge"), ("subject_of", "charge"), ("co_arrested", "arrest")),
    "court_disposition": (("co_defendant", "conviction"), ("subject_of", "conviction")),
    "field_contact": (("seen_with", "field_contact"), ("seen_at", "field_contact")),
    "custody": (("housed_with", "custody"),),
    "warrant": (("subject_of", "warrant"),),
    "citation": (("drives", "citation"),),
    "incident": (("victim_of", "victim_or_witness_report"), ("associate", "officer_assessment")),
    "intelligence_report": (("associate", "informant"), ("family", "self_statement")),
}
_ENDS: Final = {
    "warrant": "warrant_inactive",
    "custody": "custody_ended",
    "incident": "case_closed",
}
_TO: Final = {
    "subject_of": "@", "victim_of": "@", "used_vehicle": "v1", "drives": "v1", "seen_at": "l1",
}  # fmt: skip


class Said(NamedTuple):
    """A message: its record's number, the side that says it, the name of its type, and it."""

    number: int
    side: str
    name: str
    said: Mapping[str, Any]


class Tick(NamedTuple):
    """The time is told to everybody."""

    at: datetime


def talk(random: Random) -> list[Said | Tick]:
    """Make up a whole talk; the last word is a tick after everything."""
    sides = [
        side
        for number in range(1, random.choice((2, 3, 4)))
        for side in _sides(random, number, random.choice((1, 2, 3, 5)))
    ]
    said: list[Said | Tick] = []
    now = DAY
    while any(sides):
        dice = random.random()
        if dice < 0.15:
            now = min(LATEST, now + timedelta(days=random.choice((1, 200, 400, 1500))))
            said.append(Tick(now))
        elif dice < 0.25 and said:
            said.append(random.choice(said))  # said again, at any age
        else:
            said.append(random.choice([side for side in sides if side]).pop(0))
    return [*said, Tick(min(LATEST, now + timedelta(days=1)))]


def newest(said: list[Said | Tick]) -> tuple[list[Newest], datetime]:
    """Give the last of what was said of every record, and the last time told."""
    found: dict[int, dict[str, Said]] = {}
    at = DAY
    for each in said:
        if isinstance(each, Tick):
            at = max(at, each.at)
            continue
        sides = found.setdefault(each.number, {})
        before = sides.get(each.side)
        if before is None or each.said["version"] >= before.said["version"]:
            sides[each.side] = each
    return [_newest(sides) for sides in found.values()], at


def _newest(sides: Mapping[str, Said]) -> Newest:
    content = [
        None if sides[side].name == "PartRemoved" else sides[side].said
        for side in ("intake", "identify")
    ]
    return Newest(*content)


def _sides(random: Random, number: int, versions: int) -> Iterator[list[Said | Tick]]:
    """Give what each side says of a record, version by version."""
    kind = random.choice(list(_KINDS))
    intake: list[Said | Tick] = []
    identify: list[Said | Tick] = []
    for version in range(1, versions + 1):
        if random.random() < 0.2:
            reason = random.choice(("withdrawn", "sealed", "expunged"))
            gone = {"record_key": record_key(number), "version": version, "reason": reason}
            intake.append(Said(number, "intake", "PartRemoved", gone))
            identify.append(Said(number, "identify", "PartRemoved", gone))
            continue
        record = _record(random, number, version, kind)
        intake.append(Said(number, "intake", "RecordRelations", record))
        for _ in range(random.choice((1, 1, 2))):
            resolved = _identities(random, record)
            identify.append(Said(number, "identify", "RecordIdentities", resolved))
        if random.random() < 0.1:
            gone = {"record_key": record_key(number), "version": version, "reason": "split"}
            identify.insert(-1, Said(number, "identify", "PartRemoved", gone))
    yield intake
    yield identify


def _record(random: Random, number: int, version: int, kind: str) -> dict[str, Any]:
    key = record_key(number)
    people = PEOPLE[: random.choice((2, 2, 3))]
    matters = ("@case:1", "@case:2", "@incident:1")[: random.choice((1, 2, 3))]
    mentions = [mention(p, least_age_years=random.choice((None, 15, 30))) for p in people]
    mentions += [mention(m, "matter", entity_id=f"e {m}") for m in matters]
    mentions += [mention("v1", "vehicle"), mention("l1", "location", entity_id="e l1")]
    pairs = {
        (p, _TO[t].replace("@", random.choice(matters)) if t in _TO else _next(p, people), t, b)
        for p in people
        for t, b in _KINDS[kind]
        if random.random() < 0.7
    }
    contact = random.choice(("encounter", "intel")) if kind == "field_contact" else None
    days = [DAY + timedelta(days=random.choice((-900, -400, -30, 0, 30))) for _ in range(4)]
    relations = [
        relation(
            a, b, type_, basis, key, contact_basis=contact,
            first_date=min(days).date().isoformat(),
            last_date=random.choice((None, max(days).date().isoformat())),
        )
        for a, b, type_, basis in sorted(pairs)
    ]  # fmt: skip
    return part(
        "RecordRelations",
        record_key=key,
        record_kind=kind,
        department="harbor-city-pd",
        owner_ori="MA0130100",
        version=version,
        content_hash=f"{version:064}",
        published_at=DAY,
        recorded_at=DAY + timedelta(days=version),
        first_recorded_on=DAY.date().isoformat(),
        dissemination_level="law_enforcement",
        contact=part("Contact", unit="Records desk"),
        disputes=list(_disputes(random, people, relations)),
        reviewed_at=[d for d in days if random.random() < 0.3],
        ends=list(_ends(random, kind)),
        mentions=mentions,
        relations=relations,
    )


def _next(person: str, people: tuple[str, ...]) -> str:
    return people[(people.index(person) + 1) % len(people)]


def _disputes(
    random: Random, people: tuple[str, ...], relations: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    while random.random() < 0.2:
        about = random.choice(("", "person", "relation"))
        yield dispute(
            dispute_id=f"D-{random.randint(1, 9)}",
            resolved_at=random.choice((None, DAY)),
            about_local_id=random.choice(people) if about == "person" else None,
            about_relation_id=(
                random.choice(relations)["relation_id"]
                if about == "relation" and relations
                else None
            ),
        )


def _ends(random: Random, kind: str) -> Iterator[dict[str, Any]]:
    if kind in _ENDS and random.random() < 0.6:
        at = random.choice((None, DAY + timedelta(days=random.choice((-10, 50, 1000)))))
        # Where a date is counted from, the record names it.
        ended = random.random() < 0.3 and kind != "custody"
        yield part("RecordEnd", name=_ENDS[kind], has_ended=ended, ends_at=at)


def _identities(random: Random, record: Mapping[str, Any]) -> dict[str, Any]:
    pool = [f"ent-{n}" for n in range(1, 6)]
    verdicts = sorted(random.sample(("v-1", "v-2", "v-3"), random.choice((0, 1, 2))))
    mentions = [
        part(
            "ResolvedMention",
            local_id=each["local_id"],
            entity_id=random.choice(pool),
            verdicts=verdicts,
        )
        for each in record["mentions"]
        if each["entity_id"] is None
    ]
    people = [m["local_id"] for m in mentions if m["local_id"] in PEOPLE]
    matters = [m["local_id"] for m in record["mentions"] if m["kind"] == "matter"]
    courts = {
        (random.choice(people), random.choice(matters)): random.choice(
            ("dismissed", "acquitted", "unfounded", "pending", "convicted")
        )
        for _ in range(random.choice((0, 0, 1, 2, 3)))
    }
    return part(
        "RecordIdentities",
        record_key=record["record_key"],
        version=record["version"],
        mentions=mentions,
        dispositions=[
            disposition(person, outcome, matter_local_id=matter)
            for (person, matter), outcome in sorted(courts.items())
        ],
    )
