"""What must stand in the topics of associations: a plain function of the newest of every record.

It knows the rules and the catalogue of schemas, and no code of the stage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NamedTuple

from schemas.rules import basis_table, clock_ends, relation_types

Fields = Mapping[str, Any]

_OF_THE_RELATION: Final = (
    "type", "from_category", "to_category", "basis", "contact_basis", "evidence_kind", "grade",
    "first_date", "last_date",
)  # fmt: skip
_OF_THE_SOURCE: Final = (
    "record_key", "record_kind", "department", "owner_ori", "version", "content_hash",
)  # fmt: skip


class Newest(NamedTuple):
    """What is stated of a record, and who its mentions are; None where it was taken away."""

    relations: Fields | None
    identities: Fields | None


class Who(NamedTuple):
    """The entity of a mention, and the decisions that it stands on."""

    entity_id: str
    verdicts: tuple[str, ...]


class Content(NamedTuple):
    """What the topics hold: associations by id (frozen ones with their dispute), and entities.

    `fallen` says why an association of a live record does not stand.
    """

    associations: dict[str, dict[str, Any]]
    frozen: dict[str, dict[str, Any]]
    fallen: dict[str, str]
    entities: dict[str, Who]


def expected(records: Sequence[Newest], now: datetime) -> Content:
    """Give the content of the topics at a time."""
    content = Content({}, {}, {}, {})
    for relations, identities in records:
        if relations is not None and identities is not None:
            assert relations["version"] == identities["version"], "not at rest"
            _add(content, relations, identities, now)
    return content


def _add(content: Content, record: Fields, resolved: Fields, now: datetime) -> None:
    key = record["record_key"]
    entity = {m["local_id"]: m["entity_id"] for m in (*record["mentions"], *resolved["mentions"])}
    rests_on = {m["local_id"]: tuple(m["verdicts"]) for m in resolved["mentions"]}
    for local_id, entity_id in entity.items():
        content.entities[f"{key}.{local_id}"] = Who(entity_id, rests_on.get(local_id, ()))
    for relation in record["relations"]:
        end = _end(relation, record)
        court = [d for d in resolved["dispositions"] if _is_about(d, relation)]
        disputes = [d for d in record["disputes"] if _disputes(d, relation)]
        a, b = relation["from_local_id"], relation["to_local_id"]
        if end is not None and end <= now:
            content.fallen[relation["relation_id"]] = "expired"
            continue
        if _is_closed(relation, record, court):
            content.fallen[relation["relation_id"]] = "disposition"
            continue
        if entity[a] == entity[b]:
            content.fallen[relation["relation_id"]] = "merged"
            continue
        is_open = any(d["resolved_at"] is None for d in disputes)
        shelf = content.frozen if is_open else content.associations
        shelf[relation["relation_id"]] = {
            **{name: relation[name] for name in _OF_THE_RELATION},
            "ends": ((f"{key}.{a}", entity[a]), (f"{key}.{b}", entity[b])),
            "source": tuple(record[name] for name in _OF_THE_SOURCE),
            "level": record["dissemination_level"],
            "contact": record["contact"],
            "expires_at": end,
            "juvenile": any(_age(record, x) < 18 for x in (a, b)),
            "courts": sorted((d["record_key"], d["version"], d["outcome"]) for d in court),
            "disputes": sorted(
                (d["dispute_id"], d["raised_at"], repr(d["resolved_at"])) for d in disputes
            ),
            "verdicts": sorted({v for x in (a, b) for v in rests_on.get(x, ())}),
        }


def as_compared(association: Fields) -> dict[str, Any]:
    """Give what of a published association is compared with the above."""
    source = association["source"]
    ends = (
        (association["from_mention_id"], association["from_entity_id"]),
        (association["to_mention_id"], association["to_entity_id"]),
    )
    courts = association["dispositions"]
    return {
        **{name: association[name] for name in _OF_THE_RELATION},
        "ends": ends,
        "source": tuple(source[name] for name in _OF_THE_SOURCE),
        "level": association["dissemination_level"],
        "contact": association["contact"],
        "expires_at": association["expires_at"],
        "juvenile": association["juvenile"],
        "courts": sorted((d["record_key"], d["version"], d["outcome"]) for d in courts),
        "disputes": sorted(
            (d["dispute_id"], d["raised_at"], repr(d["resolved_at"]))
            for d in association["disputes"]
        ),
        "verdicts": association["verdicts"],
    }


def _age(record: Fields, local_id: str) -> int:
    ages = [m["least_age_years"] for m in record["mentions"] if m["local_id"] == local_id]
    return 99 if ages[0] is None else int(ages[0])


def _disputes(dispute: Fields, relation: Fields) -> bool:
    if dispute["about_relation_id"] is not None:
        return bool(dispute["about_relation_id"] == relation["relation_id"])
    about = dispute["about_local_id"]
    return about is None or about in (relation["from_local_id"], relation["to_local_id"])


def _is_about(court: Fields, relation: Fields) -> bool:
    """The same person; and no other matter of the kind that was decided."""
    if relation["basis"] not in ("arrest", "charge"):
        return False
    a, b = relation["from_local_id"], relation["to_local_id"]
    if court["local_id"] not in (a, b):
        return False
    kind = court["matter_local_id"].split(":")[0]
    return not any(x.split(":")[0] == kind and x != court["matter_local_id"] for x in (a, b))


def _is_closed(relation: Fields, record: Fields, court: Sequence[Fields]) -> bool:
    final = clock_ends()["disposition"].read_from["court_disposition"]["ended_when"]
    for person in (relation["from_local_id"], relation["to_local_id"]):
        closed = {
            d["matter_local_id"] for d in court if d["local_id"] == person and d["outcome"] in final
        }
        for matter in closed:
            kind = matter.split(":")[0] + ":"
            alike = {m["local_id"] for m in record["mentions"] if m["local_id"].startswith(kind)}
            if matter == relation["to_local_id"] or not alike - closed:
                return True
    return False


def _end(relation: Fields, record: Fields) -> datetime | None:
    """The earliest of: the record's own end, the clock from its source, the ceilings."""
    clock = basis_table()[relation["basis"]].clock
    day = min(relation["last_date"] or relation["first_date"], record["first_recorded_on"])
    ends: list[datetime] = []
    told = [e for e in record["ends"] if e["name"] == clock.until]
    if clock.counted_from == "end":
        ends += [
            _years(e["ends_at"].date().isoformat(), clock.amount or 0) for e in told if e["ends_at"]
        ]
    else:
        ends += [e["ends_at"] for e in told if e["ends_at"] is not None]
        ends += [datetime(1970, 1, 1, tzinfo=UTC) for e in told if e["has_ended"]]
    if clock.counted_from == "source":
        reviews = [
            r.date().isoformat() for r in record["reviewed_at"] if r <= record["published_at"]
        ]
        ends.append(_years(max([day, *reviews]), clock.amount or 0))
    if clock.ceiling_years:
        ends.append(_years(day, clock.ceiling_years))
    designation = relation_types()[relation["type"]].designation
    if designation:
        person = _age(record, relation["from_local_id"])
        ends.append(_years(day, 3 if person < 18 else 5))
    return min(ends, default=None)


def _years(day: str, years: int) -> datetime:
    start = date.fromisoformat(day)
    last = date(start.year + years, start.month, 1) + timedelta(days=start.day - 1)
    if last.month != start.month:
        last = date(start.year + years, start.month, 28)
    return datetime(last.year, last.month, last.day, tzinfo=UTC)
