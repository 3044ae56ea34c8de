"""What meeting partitions, intake and people say in a world, in an order in which it may come.

Each meeting partition lives at its own pace: it lists what it knows by then, so lists name versions
that are past or not yet known elsewhere. How two mentions agree depends on them alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any, NamedTuple

from streams.identify import testing
from streams.identify.testing import LEAD, STRONG, VETOED, WITH_PHONE

Fields = dict[str, Any]
VALUES = ("phone:AAAAAAAAAAA", "phone:BBBBBBBBBBB", "phone:CCCCCCCCCCC")
VIN_AGREES = {"vin": 1, "make": 1}
_AGREEMENTS = (STRONG, STRONG, WITH_PHONE, WITH_PHONE, VETOED, VETOED, LEAD, {"given_name": 1})


class Said(NamedTuple):
    """A message of `verdicts.v1`."""

    key: str
    name: str
    said: Fields


class _Version(NamedTuple):
    """A version of a record: where something of it lives, and its mentions; none when gone."""

    number: int
    version: int
    parts: tuple[int, ...]
    members: tuple[Fields, ...]
    reason: str | None


class _Town:
    """Records as they change, and partitions that hear of it one after the other."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.partitions = random.choice((1, 1, 2, 3))
        self.records = random.randint(2, 8)
        self.latest: dict[int, _Version] = {}
        self.known: list[dict[int, _Version]] = [{} for _ in range(self.partitions)]
        self.coming: list[deque[tuple[_Version, bool]]] = [deque() for _ in range(self.partitions)]
        self.defaults = dict.fromkeys(VALUES, False)
        self.day = 0
        self.courts = set(random.sample(range(self.records), self.records // 3))
        self.dense = random.random()

    # ------------------------------------------------------------------ records
    def change(self) -> None:
        """Publish a version of a record, or remove one, to whoever holds something of it."""
        random, number = self.random, self.random.randrange(self.records)
        before = self.latest.get(number)
        version = (before.version if before else 0) + random.randint(1, 2)
        gone = before is not None and random.random() < 0.2
        parts = () if gone else self._parts()
        reason = random.choice(("withdrawn", "sealed", "expunged")) if gone else None
        members = () if gone else tuple(self._members(number))
        new = _Version(number, version, parts, members, reason)
        self.latest[number] = new
        for part in sorted({*parts, *(before.parts if before else ())}):
            self.coming[part].append((new, part in parts))

    def _parts(self) -> tuple[int, ...]:
        count = self.random.randint(1, self.partitions)
        return tuple(sorted(self.random.sample(range(self.partitions), count)))

    def _members(self, number: int) -> Iterator[Fields]:
        random = self.random
        for place in range(random.choice((1, 1, 2, 3))):
            births = random.choice(([], [], ["1980-01-01"], ["1990-07-07"]))
            yield testing.member(
                f"p{place}",
                recorded_at=random.randint(1, 4),
                births=births,
                suffix=random.choice(("", "", "", "JR")),
                is_alone=random.random() < 0.05,
                age_years=random.choice((None, 30, 9)),
            )
        if random.random() < 0.3:
            yield testing.member("v0", "vehicle", recorded_at=random.randint(1, 4), make="FORD")

    # ------------------------------------------------------------------ what partitions say
    def hear(self, part: int) -> list[Said]:
        """Let a partition take the next change in and speak of it."""
        if not self.coming[part]:
            return []
        new, holds = self.coming[part].popleft()
        if not holds:
            self.known[part].pop(new.number, None)
            return [self._removed(new, part)]
        self.known[part][new.number] = new
        return [self._list(new, part)]

    def again(self, part: int) -> list[Said]:
        """Let a partition state a list anew, with what it knows by now."""
        if not self.known[part]:
            return []
        number = self.random.choice(sorted(self.known[part]))
        return [self._list(self.known[part][number], part)]

    def _removed(self, new: _Version, part: int) -> Said:
        said = testing.part(
            "EvidenceRemoved",
            record_key=testing.record_key(new.number),
            version=new.version,
            home_partition=new.number % 2,
            parts=list(new.parts),
            reason=new.reason,
        )
        return Said(f"{said['record_key']}/{part}", "EvidenceRemoved", said)

    def _list(self, mine: _Version, part: int) -> Said:
        key = testing.record_key(mine.number)
        said = testing.part(
            "RecordEvidence",
            record_key=key,
            version=mine.version,
            home_partition=mine.number % 2,
            parts=list(mine.parts),
            members=list(mine.members) if part == mine.parts[0] else None,
            pairs=[each for other in self._others(mine, part) for each in self._pairs(mine, other)],
            courts=list(self._courts(mine, part)),
        )
        return Said(f"{key}/{part}", "RecordEvidence", said)

    def _others(self, mine: _Version, part: int) -> list[_Version]:
        """Whom a list names: of those who are known here, most."""
        others = [each for n, each in sorted(self.known[part].items()) if n != mine.number]
        return [each for each in others if self.random.random() < 0.8]

    def _pairs(self, mine: _Version, other: _Version) -> Iterator[Fields]:
        for one in mine.members:
            for two in other.members:
                alone = one["is_alone"] or two["is_alone"]
                if one["kind"] == two["kind"] and not alone:
                    agreed = self._agreement(mine, one, other, two)
                    if agreed is not None:
                        yield testing.pair(
                            f"{testing.record_key(other.number)}.{two['local_id']}",
                            version=other.version,
                            local_id=one["local_id"],
                            **agreed,
                        )

    def _agreement(
        self, mine: _Version, one: Fields, other: _Version, two: Fields
    ) -> Fields | None:
        """How two mentions agree, whichever side asks and whenever."""
        ends = sorted(
            (each.number, each.version, said["local_id"])
            for each, said in ((mine, one), (other, two))
        )
        random = Random(f"{ends}")
        if random.random() > 0.3 + 0.7 * self.dense:
            return None
        if one["kind"] == "vehicle":
            return {"agreed": VIN_AGREES, "kind": "vehicle"}
        agreed = random.choice(_AGREEMENTS)
        found: Fields = {"agreed": agreed, "frequencies": [random.choice((0.0, 0.001)), 0.0]}
        if agreed is WITH_PHONE:
            found["shared"] = testing.shared(random.choice(VALUES))
        return found

    def _courts(self, mine: _Version, part: int) -> Iterator[Fields]:
        """Decisions of and about a record: in a court's list, in the arrest's, or in both."""
        for _, other in sorted(self.known[part].items()):
            sides = [(mine, other)] if other is mine else [(mine, other), (other, mine)]
            for court, arrest in sides:
                concerns = Random(f"{court.number}{arrest.number}").random() < 0.5
                states = court is mine or self.random.random() < 0.5
                if court.number in self.courts and concerns and states:
                    yield self._court(court, arrest)

    @staticmethod
    def _court(court: _Version, arrest: _Version) -> Fields:
        people = [each["local_id"] for each in court.members if each["kind"] == "person"][:1]
        return testing.court(
            arrest.number,
            court.number,
            arrest_version=arrest.version,
            court_version=court.version,
            outcome=Random(f"{court.number}{court.version}").choice(("dismissed", "pending")),
            people=people,
        )

    # ------------------------------------------------------------------ what others say
    def flip(self) -> list[Said]:
        """Let a value become a default value, or cease to be one."""
        value = self.random.choice(VALUES)
        self.defaults[value] = not self.defaults[value]
        said = {"value": value, "is_default": self.defaults[value]}
        return [Said(f"value/{value}", "DefaultValue", said)]

    def judge(self) -> list[Said]:
        """Let somebody judge two mentions, of which one or both may not be there."""
        random = self.random
        a, b = random.sample(range(self.records), 2)
        kind = random.choice(("p0", "p0", "p0", "p1", "v0"))
        ends = random.choice((None, None, 1, 3))
        said = testing.judgement(
            testing.mention(a, kind),
            testing.mention(b, random.choice((kind, kind, kind, "p0"))),
            random.choice(("same", "same", "different", "revoked")),
            expires_at=None if ends is None else testing.DAY + timedelta(days=self.day + ends),
        )
        return [Said(f"judgement/{said['a']}~{said['b']}", "Judgement", said)]

    def tick(self) -> list[Said]:
        """Let the time go on, or be told once more, or in another partition of intake."""
        self.day += self.random.choice((0, 1, 1, 2))
        at = testing.DAY + timedelta(days=self.day)
        return [Said(f"tick/{self.random.randrange(2)}", "Tick", {"at": at})]


def talk(random: Random, length: int = 40) -> Iterator[Said]:
    """Give what is said in one world; the last messages let every partition catch up."""
    town = _Town(random)
    for _ in range(length):
        part = random.randrange(town.partitions)
        roll = random.random()
        if roll < 0.35:
            town.change()
        elif roll < 0.7:
            yield from town.hear(part)
        elif roll < 0.8:
            yield from town.again(part)
        elif roll < 0.87:
            yield from town.flip()
        elif roll < 0.95:
            yield from town.judge()
        else:
            yield from town.tick()
    for part in range(town.partitions):
        while town.coming[part]:
            yield from town.hear(part)
