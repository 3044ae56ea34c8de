"""Reading `verdicts.v1`: what a message is about, and what it says (pure).

Invariant: a message says something about what its key names, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, Final, NamedTuple

from recordbus import ids
from recordbus.errors import Rejected
from streams.identify.members import Known, known_of
from streams.intake.decode import GuardedDecoder
from streams.resolution.evidence import Evidence
from streams.resolution.judgements import Pair, pair

VERDICTS: Final = "verdicts.v1"
SAYS_EVIDENCE: Final = "RecordEvidence"
SAYS_REMOVED: Final = "EvidenceRemoved"
SAYS_DEFAULT: Final = "DefaultValue"
SAYS_JUDGEMENT: Final = "Judgement"
SAYS_TIME: Final = "Tick"

_LIST_KEY: Final = re.compile(rb"[0-9a-f]{64}/[0-9]+")
_TICK_KEY: Final = re.compile(rb"tick/[0-9]+")
_REMEMBERED: Final = 1 << 13
_RECORD_KEY: Final = 64


def record_of(mention_id: str) -> str:
    """Give the key of a mention's record."""
    return mention_id[:_RECORD_KEY]


class Compared(NamedTuple):
    """A pair of mentions of two records, with its evidence; the versions are those compared."""

    ends: Pair
    other: str
    other_version: int
    kind: str
    evidence: Evidence


class Court(NamedTuple):
    """A court's decision and a record that it may reach by a matter that both name (R-26)."""

    arrest_key: str
    arrest_version: int
    matter_local_id: str
    court_key: str
    court_version: int
    outcome: str
    people: tuple[str, ...]


class Evidenced(NamedTuple):
    """What one meeting partition has on one version of a record.

    `members` are its mentions by id, None but from its home meeting partition.
    """

    members: Mapping[str, Known] | None
    pairs: tuple[Compared, ...]
    courts: tuple[Court, ...]


class Told(NamedTuple):
    """What a message about a record says of it; `value` is None once its list was removed."""

    record_key: str
    meeting_partition: int
    version: int
    home_partition: int
    parts: tuple[int, ...]
    value: bytes | None
    reason: str | None


class Mentioned(NamedTuple):
    """The records that a list names, and the values that it says are shared."""

    records: Collection[str]
    values: Collection[str]


class EntryReader:
    """Reads values of `verdicts.v1`, from the log or as the state keeps them.

    What lists say is remembered for a while: a record is mostly looked at when its neighbours
    change, and that is soon after it came or not for long.
    """

    def __init__(self, decoder: GuardedDecoder) -> None:
        self._decoder = decoder
        self._remembered: dict[bytes, Evidenced] = {}

    def read(self, key: bytes, value: bytes) -> tuple[str, dict[str, Any]]:
        """Give the short name of what is said, and what it says.

        Raises Rejected when it cannot be read, or when the key names something else.
        """
        name, said = self._decoder.decode(VERDICTS, value).value["content"]
        short = name.rpartition(".")[2]
        if not _is_about(key, short, said):
            raise Rejected("key_mismatch", f"the key is not that of a {short}")
        if short == SAYS_EVIDENCE:
            self._remember(value, evidence_of(said))
        return short, said

    def evidence(self, value: bytes) -> Evidenced:
        """Give what a list says of pairs, mentions and courts."""
        found = self._remembered.get(value)
        if found is None:
            _, said = self._decoder.decode(VERDICTS, value).value["content"]
            found = self._remember(value, evidence_of(said))
        return found

    def _remember(self, value: bytes, found: Evidenced) -> Evidenced:
        if len(self._remembered) >= _REMEMBERED:
            self._remembered.clear()
        self._remembered[value] = found
        return found

    def mentioned(self, value: bytes) -> Mentioned:
        """Give which records a list names, and which values it says are shared."""
        return mentioned(self.evidence(value))


def mentioned(said: Evidenced) -> Mentioned:
    """Give which records a list names, its own among them or not, and which values are shared."""
    records = {each.other for each in said.pairs}
    for court in said.courts:
        records |= {court.arrest_key, court.court_key}
    return Mentioned(records, {key for each in said.pairs for key, _ in each.evidence.shared})


def _is_about(key: bytes, name: str, said: Mapping[str, Any]) -> bool:
    if name in (SAYS_EVIDENCE, SAYS_REMOVED):
        return _LIST_KEY.fullmatch(key) is not None and key.startswith(said["record_key"].encode())
    if name == SAYS_DEFAULT:
        return key == f"value/{said['value']}".encode()
    if name == SAYS_JUDGEMENT:
        return said["a"] < said["b"] and key == f"judgement/{said['a']}~{said['b']}".encode()
    return _TICK_KEY.fullmatch(key) is not None


def told(key: bytes, name: str, said: Mapping[str, Any], value: bytes) -> Told:
    """Give what a message about a record says of it as a whole."""
    gone = name == SAYS_REMOVED
    return Told(
        said["record_key"],
        int(key[_RECORD_KEY + 1 :]),
        said["version"],
        said["home_partition"],
        tuple(said["parts"]),
        None if gone else value,
        said["reason"] if gone else None,
    )


def evidence_of(said: Mapping[str, Any]) -> Evidenced:
    """Give what a list says of pairs, mentions and courts."""
    key = said["record_key"]
    members = said["members"]
    return Evidenced(
        None
        if members is None
        else {ids.mention_id(key, m["local_id"]): known_of(m) for m in members},
        tuple([_compared(key, each) for each in said["pairs"]]),
        tuple([_court(each) for each in said["courts"]]),
    )


def _compared(key: str, said: Mapping[str, Any]) -> Compared:
    other = said["other"]
    return Compared(
        pair(ids.mention_id(key, said["local_id"]), other),
        record_of(other),
        said["other_version"],
        said["kind"],
        Evidence(
            tuple(said["levels"]),
            tuple(said["frequencies"]),
            tuple([(each["key"], each["level"]) for each in said["shared"]]),
        ),
    )


def _court(said: Mapping[str, Any]) -> Court:
    return Court(**{**said, "people": tuple(said["people"])})
