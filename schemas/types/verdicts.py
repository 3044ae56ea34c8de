"""Decoded values of what `identify` decides from: evidence, default values and judgements."""

from __future__ import annotations

from typing import Literal, TypedDict

from schemas.types.judged import Judgement
from schemas.types.meetings import MeetingNumber
from schemas.types.related import Tick
from schemas.types.vocabulary import DispositionOutcome, MentionKind, RetractionReason


class EvidenceMember(TypedDict):
    """A mention with what decides whether it may be in one entity with others."""

    local_id: str
    kind: MentionKind
    recorded_at: int
    is_alone: bool
    age_years: int | None
    numbers: list[MeetingNumber]
    births: list[str]
    suffix: str
    given: str
    surname: str
    vin: str
    make: str


class SharedValue(TypedDict):
    """A value that two mentions have."""

    key: str
    level: int


class PairEvidence(TypedDict):
    """How two mentions agree, without any value of either."""

    local_id: str
    other: str
    other_version: int
    kind: MentionKind
    levels: bytes
    frequencies: list[float]
    shared: list[SharedValue]


class CourtLink(TypedDict):
    """A court's decision and a record that it may reach by a matter that both name (R-26)."""

    arrest_key: str
    arrest_version: int
    matter_local_id: str
    court_key: str
    court_version: int
    outcome: DispositionOutcome
    people: list[str]


class RecordEvidence(TypedDict):
    """Everything that one meeting partition has on one version of a record.

    It may name earlier versions of other records; a pair counts while both its versions are
    current.
    """

    record_key: str
    version: int
    home_partition: int
    parts: list[int]
    members: list[EvidenceMember] | None
    pairs: list[PairEvidence]
    courts: list[CourtLink]


class EvidenceRemoved(TypedDict):
    """Says that a meeting partition has nothing on a record any more.

    Nothing of its content is left.
    """

    record_key: str
    version: int
    home_partition: int
    parts: list[int]
    reason: RetractionReason | None


class DefaultValue(TypedDict):
    """Says whether so many names hold a value that it tells nothing about any of them."""

    value: str
    is_default: bool


class VerdictsEntry(TypedDict):
    """What identities are decided from: evidence, default values, judgements, or the time."""

    content: (
        tuple[Literal["recordbus.v1.RecordEvidence"], RecordEvidence]
        | tuple[Literal["recordbus.v1.EvidenceRemoved"], EvidenceRemoved]
        | tuple[Literal["recordbus.v1.DefaultValue"], DefaultValue]
        | tuple[Literal["recordbus.v1.Judgement"], Judgement]
        | tuple[Literal["recordbus.v1.Tick"], Tick]
    )
