"""The batch program: from the newest version of every record to the content of every topic."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from recordbus import ids
from schemas.rules import basis_table
from streams.resolution.from_records import mentions_of
from streams.resolution.limits import LIMITS, Limits
from streams.resolution.mentions import (
    Mention,
    OrganisationMention,
    PersonMention,
    VehicleMention,
)
from streams.shipped_models import shipped
from tests.oracle.associations import Content, Fields, Newest, Who, expected
from tests.oracle.entities import Entities, Judged, alone, entities
from tests.oracle.statements import stated

_KINDS: Final = {
    PersonMention: "person",
    VehicleMention: "vehicle",
    OrganisationMention: "organisation",
}
_WAITS_FOR_COURTS: Final = frozenset(
    name for name, basis in basis_table().items() if basis.clock.until == "disposition"
)


class Live(NamedTuple):
    """A live record: its value in `records.v1`, and the day its first version was recorded."""

    record: Fields
    first_recorded_on: str


class Outcome(NamedTuple):
    """What the topics must hold, and what the entities rest on, by kind."""

    content: Content
    entities: Mapping[str, Entities]
    suspended_matters: frozenset[str]


def outcome(
    accepted: Sequence[Live],
    judgements: Iterable[Fields],
    now: datetime,
    secret: bytes,
    limits: Limits = LIMITS,
) -> Outcome:
    """Give what must stand at a time, when these are all the live records."""
    found = {
        kind: entities(mentions, shipped(kind), _judged(judgements, now), limits)
        for kind, mentions in _mentions(accepted).items()
    }
    who = {name: each for resolved in found.values() for name, each in resolved.who.items()}
    records = [(stated(each.record, each.first_recorded_on, secret), each) for each in accepted]
    who |= {
        mention: alone(each["kind"], mention)
        for statement, _ in records
        for each in statement["mentions"]
        for mention in [ids.mention_id(statement["record_key"], each["local_id"])]
        if each["entity_id"] is None and mention not in who
    }
    courts = Courts([s for s, _ in records], accepted, who, limits.block_members)
    newest = [
        Newest(statement, _identities(statement, who, courts.reaching(each, statement)))
        for statement, each in records
    ]
    return Outcome(expected(newest, now), found, courts.suspended)


def in_force(judgement: Fields, now: datetime) -> bool:
    """Say whether a judgement still counts."""
    return judgement["expires_at"] is None or judgement["expires_at"] > now


def _judged(judgements: Iterable[Fields], now: datetime) -> Judged:
    """Sort the last judgement on every pair by what it says."""
    counting = [each for each in judgements if in_force(each, now)]
    return Judged(
        frozenset((each["a"], each["b"]) for each in counting if each["outcome"] == "same"),
        frozenset((each["a"], each["b"]) for each in counting if each["outcome"] == "different"),
    )


def _mentions(accepted: Sequence[Live]) -> dict[str, list[Mention]]:
    found: dict[str, list[Mention]] = {kind: [] for kind in _KINDS.values()}
    for each in accepted:
        for mention in mentions_of(each.record):  # type: ignore[arg-type]
            found[_KINDS[type(mention)]].append(mention)
    return found


def _identities(statement: Fields, who: Mapping[str, Who], courts: list[Any]) -> dict[str, Any]:
    key = statement["record_key"]
    resolved = [each for each in statement["mentions"] if each["entity_id"] is None]
    return {
        "version": statement["version"],
        "dispositions": courts,
        "mentions": [
            {"local_id": each["local_id"], **who[ids.mention_id(key, each["local_id"])]._asdict()}
            for each in resolved
        ],
    }


class Courts:
    """What courts decided, by the matters that their records and others share (R-26)."""

    def __init__(
        self,
        statements: Sequence[Fields],
        accepted: Sequence[Live],
        who: Mapping[str, Who],
        most: int,
    ) -> None:
        self._who = who
        blocks: defaultdict[str, list[Fields]] = defaultdict(list)
        for statement, (record, _) in zip(statements, accepted, strict=True):
            if _waits(statement) or record["record_kind"] == "court_disposition":
                for matter in record["normalised"]["matters"]:
                    blocks[_text(matter)].append(record)
        self.suspended = frozenset(k for k, block in blocks.items() if len(block) > most)
        self._deciding = {
            text: [each for each in block if each["record_kind"] == "court_disposition"]
            for text, block in blocks.items()
        }

    def _courts(self, record: Fields, matter: str) -> list[Fields]:
        """Give the decisions on a matter; of a crowded one only the record's own."""
        found = self._deciding[matter]
        return [each for each in found if each is record] if matter in self.suspended else found

    def reaching(self, accepted: Live, statement: Fields) -> list[dict[str, Any]]:
        """Give the decisions that reach people of a record that waits for some."""
        return list(self._reaching(accepted.record)) if _waits(statement) else []

    def _reaching(self, record: Fields) -> Iterator[dict[str, Any]]:
        for matter in record["normalised"]["matters"]:
            for court in self._courts(record, _text(matter)):
                about = {
                    self._who[ids.mention_id(court["record_key"], each["local_id"])].entity_id
                    for each in court["body"]["people"]
                    if each["role"] == "defendant"
                }
                for each in record["body"]["people"]:
                    mention = ids.mention_id(record["record_key"], each["local_id"])
                    if self._who[mention].entity_id in about:
                        yield {
                            "local_id": each["local_id"],
                            "outcome": court["body"]["details"][1]["outcome"],
                            "record_key": court["record_key"],
                            "version": court["version"],
                            "matter_local_id": matter["local_id"],
                        }


def _waits(statement: Fields) -> bool:
    """Say whether a record states something that a court's decision would end."""
    return any(each["basis"] in _WAITS_FOR_COURTS for each in statement["relations"])


def _text(matter: Fields) -> str:
    return f"{matter['type']}|{matter['key']}"
