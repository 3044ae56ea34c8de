"""A world of bundles: records come, change and go, and after each message all lists are looked at.

Each meeting partition has its own pace; what it must have said follows from what reached it.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any, Final

from recordbus import ids
from streams.meet.digests import Digests
from streams.meet.offer import bundles_of_record, removal
from streams.meet.testing import Desk
from streams.resolution.limits import Limits
from tests.simulator.judge import Violation
from tests.simulator.meet.oracle import Fact, Foretold, Partition, foretell
from tests.simulator.meet.people import record

SMALL: Final = Limits(block_members=4, value_names=2)
_SECRET: Final = b"identifier secret of the bus 32b"
_HOME: Final = 5

Removed = tuple[list[int], str | None]


class MeetWorld:
    """One seed's world; `limits` are those the oracle goes by, `told` those the stage is told."""

    def __init__(
        self,
        seed: int,
        limits: Limits = SMALL,
        told: Limits | None = None,
        partitions: int = 0,
    ) -> None:
        self.random = Random(seed)
        self.pace = Random(seed)  # so that records do not depend on partitions
        self.partitions = partitions or Random(seed).choice((1, 1, 4))
        self.limits = limits
        self.digests = Digests(_SECRET)
        self.desks = [Desk(told or limits, place) for place in range(self.partitions)]
        self.keys = [f"{number:064x}" for number in range(self.random.choice((3, 6, 10)))]
        self.version = 0
        self.parts: dict[str, list[int]] = {}
        self.queues: list[deque[tuple[str, dict[str, Any] | None, Any]]] = [
            deque() for _ in self.desks
        ]
        self.live: list[dict[str, dict[str, Any]]] = [{} for _ in self.desks]
        self.gone: list[dict[str, Removed]] = [{} for _ in self.desks]
        self.counts: Counter[str] = Counter()

    def run(self, steps: int = 25) -> MeetWorld:
        """Let records change and messages arrive, and look after each; raises Violation."""
        for _ in range(steps):
            self._publish()
            for _ in range(self.pace.randint(0, 2 * self.partitions)):
                self._deliver(self.pace.randrange(self.partitions))
        for place, queue in enumerate(self.queues):
            while queue:
                self._deliver(place)
        return self

    def _publish(self) -> None:
        key = self.random.choice(self.keys)
        self.version += 1
        before = self.parts.pop(key, [])
        if before and self.random.random() < 0.25:
            self._take_away(key, before, [], self.random.choice(("withdrawn", "expunged")))
            return
        said = record(self.random, key, self.version)
        bundles = bundles_of_record(said, _HOME, self.digests, self.partitions)  # type: ignore[arg-type]
        self.parts[key] = list(bundles)
        for place, bundle in bundles.items():
            self.queues[place].append((key, said, bundle))
        self._take_away(key, [p for p in before if p not in bundles], list(bundles), None)

    def _take_away(self, key: str, places: list[int], parts: list[int], reason: Any) -> None:
        for place in places:
            said = removal(key, self.version, _HOME, parts, reason)
            self.queues[place].append((key, None, said))

    def _deliver(self, place: int) -> None:
        if not self.queues[place]:
            return
        desk = self.desks[place]
        key, said, entry = self.queues[place].popleft()
        value = desk.writer.removed(entry) if said is None else desk.writer.bundle(entry)
        self._check_purity(desk, key, value)
        handled = desk.send(key.encode(), value)
        self.counts.update(f"{note.name} {note.labels[0]}" for note in handled.notes)
        self.live[place].pop(key, None)
        self.gone[place].pop(key, None)
        if said is None:
            self.gone[place][key] = (entry["parts"], entry["reason"])
        else:
            self.live[place][key] = said
        if self.pace.random() < 0.2:
            self._restart(desk)
        self.check(place)

    def _check_purity(self, desk: Desk, key: str, value: bytes) -> None:
        """Handling changes nothing and says the same again."""
        if self.pace.random() < 0.3:
            before = desk.machine.index
            message, state = desk.message(key.encode(), value), desk.states.get(key.encode())
            if desk.machine.handle(message, state) != desk.machine.handle(message, state):
                raise Violation("the same message from the same state says something else")
            if desk.machine.index != before:
                raise Violation("handling a message changed the index")

    def _restart(self, desk: Desk) -> None:
        before = desk.machine.index
        desk.restart()
        if desk.machine.index != before:
            raise Violation("the index is not what the values come to")

    def foretold(self, place: int) -> Foretold:
        """Give what a partition must have said by now."""
        here = Partition(place, self.partitions, self.digests)
        return foretell(self.live[place].values(), here, self.limits)

    def check(self, place: int) -> None:
        """Compare everything that a partition last said with the oracle; raises Violation."""
        desk, live = self.desks[place], self.live[place]
        wanted = self.foretold(place)
        self._check_kinds(place)
        lists = {key: desk.evidence(key) for key in live}
        for key, said in lists.items():
            self._check_head(place, key, said)
            _check_pairs(key, said, live, wanted)
        _check_all_said(lists, live, wanted)
        _check_links(lists, wanted)
        if desk.defaults() != wanted.defaults:
            raise Violation(f"{desk.defaults() ^ wanted.defaults} are default values, or are not")
        self.counts["pairs"] += len(wanted.pairs)
        self.counts["links"] += len(wanted.links)
        self.counts["suspended"] += len(wanted.suspended)

    def _check_kinds(self, place: int) -> None:
        """Every record that is live here has a list, and nothing of any other is left."""
        for name, (kind, said) in self.desks[place].board.items():
            key, _, part = name.partition("/")
            if key == "value":
                continue
            if part != str(place) or (kind == "RecordEvidence") != (key in self.live[place]):
                raise Violation(f"{name} is {kind}")
            gone = self.gone[place].get(key)
            if gone is not None and (said["parts"], said["reason"]) != gone:
                raise Violation(f"{name} went otherwise")

    def _check_head(self, place: int, key: str, said: Mapping[str, Any]) -> None:
        record = self.live[place][key]
        if (said["version"], said["home_partition"]) != (record["version"], _HOME):
            raise Violation(f"{key} is said of version {said['version']}")
        if place not in said["parts"]:
            raise Violation(f"{key} has no part here")
        is_home = Partition(place, self.partitions, self.digests).is_home(key)
        if (said["members"] is not None) != is_home:
            raise Violation(f"{key} has members in the wrong place")
        if is_home and {m["local_id"] for m in said["members"]} != set(_local_ids(record)):
            raise Violation(f"{key} has other mentions")

    def stated(self) -> set[tuple[tuple[str, str], bytes]]:
        """Give the pairs that count now, over all partitions, with their levels."""
        versions = {key: each["version"] for live in self.live for key, each in live.items()}
        return {
            (_ends(key, pair), pair["levels"])
            for place, desk in enumerate(self.desks)
            for key in self.live[place]
            for pair in desk.evidence(key)["pairs"]
            if versions[pair["other"].partition(".")[0]] == pair["other_version"]
        }


def _local_ids(record: Mapping[str, Any]) -> Iterator[str]:
    for part in ("people", "vehicles", "organisations"):
        yield from (each["local_id"] for each in record["normalised"][part])


def _check_pairs(
    key: str, said: Mapping[str, Any], live: Mapping[str, Any], wanted: Foretold
) -> None:
    """A list names only what is live, meets now and is worth keeping now; versions may be old."""
    named = set()
    for pair in said["pairs"]:
        ends = _ends(key, pair)
        if ends in named:
            raise Violation(f"{ends} stands twice in one list")
        named.add(ends)
        fact = wanted.pairs.get(ends)
        if fact is None:
            raise Violation(f"{ends} stands in the list of {key}, and should not")
        current = live[pair["other"].partition(".")[0]]["version"]
        if current == pair["other_version"] and not _is(pair, fact):
            raise Violation(f"{ends} agree otherwise")


def _ends(key: str, pair: Mapping[str, Any]) -> tuple[str, str]:
    first, second = sorted((ids.mention_id(key, pair["local_id"]), pair["other"]))
    return first, second


def _is(pair: Mapping[str, Any], fact: Fact) -> bool:
    shared = frozenset((each["key"], each["level"]) for each in pair["shared"])
    return Fact(pair["kind"], pair["levels"], tuple(pair["frequencies"]), shared) == fact


def _check_all_said(
    lists: Mapping[str, Mapping[str, Any]], live: Mapping[str, Any], wanted: Foretold
) -> None:
    """One side's list at least names each pair at the present versions of both."""
    said = {
        _ends(key, pair)
        for key, each in lists.items()
        for pair in each["pairs"]
        if live[pair["other"].partition(".")[0]]["version"] == pair["other_version"]
    }
    if wanted.pairs.keys() - said:
        raise Violation(f"nobody names {wanted.pairs.keys() - said}")


def _check_links(lists: Mapping[str, Mapping[str, Any]], wanted: Foretold) -> None:
    """Lists name the links there are; each at its present versions in one of both lists."""
    there = {link[0] for link in wanted.links | wanted.own_links}
    current = set()
    for key, said in lists.items():
        for each in said["courts"]:
            link = _link(each)
            if link[0] not in there or key not in (link[0][0], link[0][2]):
                raise Violation(f"{link[0]} stands in the list of {key}, and should not")
            current.add(link)
    by_place = {link[:2]: link for link in wanted.links | wanted.own_links}
    for link in current:
        if by_place.get(link[:2], link) != link:
            raise Violation(f"{link} is decided otherwise")
    if (wanted.links | wanted.own_links) - current:
        raise Violation(f"nobody names {(wanted.links | wanted.own_links) - current}")


def _link(said: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        (said["arrest_key"], said["matter_local_id"], said["court_key"]),
        (said["arrest_version"], said["court_version"]),
        (said["outcome"], tuple(said["people"])),
    )
