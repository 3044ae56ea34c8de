"""A chain of two toy stages with every feature of the protocol, and its oracle.

`ledger` orders what two departments say by a sequence number, as intake does, counts what it saw,
sets bad input aside, waits when its dependency is away, and turns old markers into tombstones.
`groups` keeps the members of each group in an index derived from its values, as meet does.
The oracle computes the end from the history alone and shares no code with the stages.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from random import Random
from typing import Any, NamedTuple

import orjson

from recordbus.errors import Rejected, Retryable
from streams.runtime.contract import KEEP, Handled, Input, Note, Output, Quarantine, Stage
from tests.simulator.judge import Event, Expected, Published
from tests.simulator.world import Plan, World


class Names(NamedTuple):
    """What the chain's stages and topics are called: on a real broker, each test has its own."""

    ledger: str = "ledger"
    groups_stage: str = "groups"
    departments: tuple[str, ...] = ("ingest.alpha.v1", "ingest.beta.v1")
    upkeep: str = "ingest.upkeep.v1"
    records: str = "records.v1"
    seen: str = "seen.v1"
    groups: str = "groups.v1"

    @classmethod
    def of(cls, test: str) -> Names:
        """Give names that end in a test's own."""
        plain = cls()
        return cls(
            ledger=f"{plain.ledger}-{test}",
            groups_stage=f"{plain.groups_stage}-{test}",
            departments=tuple(f"{name}.{test}" for name in plain.departments),
            upkeep=f"{plain.upkeep}.{test}",
            records=f"{plain.records}.{test}",
            seen=f"{plain.seen}.{test}",
            groups=f"{plain.groups}.{test}",
        )


NAMES = Names()


class Dependency:
    """What the ledger needs to decode: away at times."""

    def __init__(self) -> None:
        self.is_away = False

    def turn(self, away: bool) -> None:
        """Take it away, or bring it back."""
        self.is_away = away


class Ledger:
    """The machine of the first stage."""

    def __init__(self, dependency: Dependency, names: Names) -> None:
        self._dependency = dependency
        self._names = names

    def state_key(self, message: Input) -> bytes:
        """Name the record, or the partition's tick."""
        return b"tick/%d" % message.partition if message.key == b"tick" else message.key or b""

    def loaded(self, key: bytes, state: bytes) -> None:
        """Derive nothing."""

    def changed(self, key: bytes, old: bytes | None, new: bytes | None) -> None:
        """Derive nothing."""

    def handle(self, message: Input, state: bytes | None) -> Handled:
        """Order one change, one tick or one tombstone request."""
        if self._dependency.is_away:
            raise Retryable("the dependency is away")
        if message.topic == self._names.upkeep:
            return _upkeep(message, state, self._names)
        if not message.value:
            raise Rejected("tombstone_from_publisher")
        change = orjson.loads(message.value)  # ValueError for garbage: `unhandled`
        if change.get("bad"):
            return Handled(quarantined=Quarantine("unknown_code", "bad"), outcome="quarantined")
        return _change(message, change, orjson.loads(state) if state else None, self._names)


def _change(
    message: Input, change: dict[str, Any], held: dict[str, Any] | None, names: Names
) -> Handled:
    seen = (held["seen"] if held else 0) + 1
    key = message.key or b""
    counted = Output(names.seen, key, b"%d" % seen, message.partition)
    if held and not _is_newer(change, held):
        return Handled(_dump({**held, "seen": seen}), [counted], outcome="superseded")
    live = change["status"] == "live"
    value = {**change, "groups": change["groups"] if live else []}
    outputs = [counted, Output(names.records, key, _dump(value), message.partition)]
    kept = {"seq": change["seq"], "status": change["status"], "seen": seen}
    kept["version"] = message.version
    return Handled(_dump(kept), outputs, notes=(Note("accepted"),))


def _is_newer(change: dict[str, Any], held: dict[str, Any]) -> bool:
    if held["status"] == "expunged":
        return False
    return bool(change["status"] == "expunged" or change["seq"] > held["seq"])


def _upkeep(message: Input, state: bytes | None, names: Names) -> Handled:
    if message.key == b"tick":
        tick = Output(names.records, b"tick/%d" % message.partition, None, message.partition)
        return Handled(message.value, [tick])
    held = orjson.loads(state) if state else {}
    if held.get("status") == "live" or held.get("version") != orjson.loads(message.value or b"0"):
        return Handled(outcome="refused")
    erased = Output(names.records, message.key or b"", None, message.partition)
    return Handled(_dump({**held, "version": None}), [erased])


class Groups:
    """The machine of the second stage; `index` is derived from its values."""

    def __init__(self, partition: int, names: Names) -> None:
        self._partition = partition
        self._names = names
        self.index: dict[str, set[bytes]] = {}

    def state_key(self, message: Input) -> bytes:
        """Name the record."""
        return message.key or b""

    def loaded(self, key: bytes, state: bytes) -> None:
        """Take a restored record into its groups."""
        self.changed(key, None, state)

    def changed(self, key: bytes, old: bytes | None, new: bytes | None) -> None:
        """Move a record from its old groups to its new ones."""
        for group in _groups(old):
            self.index[group].discard(key)
            if not self.index[group]:
                del self.index[group]
        for group in _groups(new):
            self.index.setdefault(group, set()).add(key)

    def handle(self, message: Input, state: bytes | None) -> Handled:
        """State anew every group that the record is in or was in."""
        key = message.key or b""
        if key.startswith(b"tick/"):
            return Handled(outcome="tick")
        new = _dump(orjson.loads(message.value)["groups"]) if message.value else None
        outputs = []
        for group in sorted(_groups(state) | _groups(new)):
            members = self.index.get(group, set()) - {key}
            if group in _groups(new):
                members = members | {key}
            named = sorted(member.decode() for member in members)
            outputs.append(
                Output(self._names.groups, self._name(group), _dump(named), self._partition)
            )
        return Handled(new if message.value or state else KEEP, outputs)

    def _name(self, group: str) -> bytes:
        return f"{self._partition}/{group}".encode()


def _groups(state: bytes | None) -> set[str]:
    return set(orjson.loads(state)) if state else set()


def _dump(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def ledger(dependency: Dependency, names: Names = NAMES) -> Stage:
    """Make the first stage."""
    return Stage(
        names.ledger, (*names.departments, names.upkeep), lambda _p: Ledger(dependency, names)
    )


def groups(names: Names = NAMES) -> Stage:
    """Make the second stage."""
    tables = frozenset({names.records})
    return Stage(names.groups_stage, (names.records,), lambda p: Groups(p, names), tables=tables)


def plan(seed: int, size: int | None = None) -> Plan:
    """Make a seed's plan: partition counts and a history of changes, good and bad."""
    random = Random(seed * 7919 + 1)
    partitions = random.choice((1, 1, 2, 3))
    dependency = Dependency()
    return Plan(
        stages=(ledger(dependency), groups()),
        logs=dict.fromkeys((*NAMES.departments, NAMES.upkeep), partitions),
        tables=dict.fromkeys((NAMES.records, NAMES.seen, NAMES.groups), partitions),
        events=events(random, partitions, size),
        oracle=oracle,
        upkeep=ask_for_tombstones,
        tidy=tidy,
        outage=dependency.turn,
    )


def rebuild_plan(original: Plan, expected: Expected) -> Plan:
    """Make the plan that rebuilds `groups`, in a new epoch, from what `records.v1` still holds."""
    tables = {topic: original.tables[topic] for topic in (NAMES.records, NAMES.groups)}
    wanted = Expected({NAMES.groups: expected.tables[NAMES.groups]}, {})
    return Plan(
        stages=original.stages[1:],
        logs={},
        tables=tables,
        events=(),
        oracle=lambda _history: wanted,
        tidy=tidy,
        epoch=1,
    )


def events(
    random: Random,
    partitions: int,
    size: int | None = None,
    names: Names = NAMES,
    first: int = 0,
) -> list[Event]:
    """Make up what departments say of the records `first` on, with all that goes wrong there."""
    size = size or random.choice((2, 3, 5, 8))
    keys = [f"r{first + i}" for i in range(size)]
    topics = {key: names.departments[int(key[1:]) % 2] for key in keys}
    sequence: Counter[str] = Counter()
    said: list[Event] = []
    for _ in range(len(keys) * random.choice((2, 4, 6))):
        key, dice = random.choice(keys), random.random()
        if dice < 0.1:
            said += [Event(names.upkeep, b"tick", b"1", p) for p in range(partitions)]
        elif dice < 0.2 and said:
            said.append(random.choice(said))  # a publisher repeats itself, at any age
        elif dice < 0.3:
            said.append(Event(topics[key], key.encode(), _bad_value(random)))
        else:
            late = random.random() < 0.25
            sequence[key] += 0 if late else random.randint(1, 2)
            change = _change_event(random, max(0, sequence[key] - late * random.randint(0, 2)))
            said.append(Event(topics[key], key.encode(), change))
    return said


def _bad_value(random: Random) -> bytes | None:
    return random.choice((b"\xff", None, _dump({"bad": True})))


def _change_event(random: Random, sequence: int) -> bytes:
    status = random.choice(("live",) * 10 + ("withdrawn", "sealed", "expunged"))
    groups = sorted(random.sample(("a", "b", "c"), random.randint(0, 2)))
    return _dump({"seq": sequence, "status": status, "groups": groups if status == "live" else []})


def ask_for_tombstones(world: World) -> list[Event]:
    """Ask the ledger to erase the markers that every reader has passed."""
    asked = []
    for partition in range(world.broker.partitions(NAMES.records)):
        passed = world.passed(NAMES.records, partition)
        newest = {
            message.key: message
            for message in world.broker.log(NAMES.records, partition).committed()
        }
        for key, message in newest.items():
            if message.value is None or message.offset >= passed:
                continue
            if orjson.loads(message.value)["status"] != "live":
                version = int.from_bytes(dict(message.headers)["version"], "big")
                asked.append(Event(NAMES.upkeep, key, _dump(version), partition))
    return asked


def tidy(_topic: str, value: bytes) -> bytes | None:
    """Take a marker and an empty group for absent."""
    said = orjson.loads(value)
    if isinstance(said, dict):
        return value if said["status"] == "live" else None
    return value if said != [] else None


def oracle(history: Sequence[Published], names: Names = NAMES) -> Expected:
    """Say how it ends, from the history alone."""
    seen: Counter[bytes] = Counter()
    newest: dict[bytes, dict[str, Any]] = {}
    home: dict[bytes, int] = {}
    quarantined: dict[str, str] = {}
    for event, partition, offset in ((p.event, p.partition, p.offset) for p in history):
        if event.topic == names.upkeep:
            continue
        reason, change = _judge(event.value)
        key = event.key or b""
        if reason:
            quarantined[f"{event.topic}/{partition}/{offset}"] = reason
            continue
        seen[key] += 1
        home[key] = partition
        before = newest.get(key, {"seq": -1, "status": "new"})
        final = before["status"] == "expunged"
        if not final and (change["status"] == "expunged" or change["seq"] > before["seq"]):
            newest[key] = change
    live = {key: change for key, change in newest.items() if change["status"] == "live"}
    members: defaultdict[bytes, list[str]] = defaultdict(list)
    for key in sorted(live):
        for group in live[key]["groups"]:
            members[f"{home[key]}/{group}".encode()].append(key.decode())
    return Expected(
        tables={
            names.records: {key: _dump(change) for key, change in live.items()},
            names.seen: {key: b"%d" % count for key, count in seen.items()},
            names.groups: {group: _dump(names) for group, names in members.items()},
        },
        quarantined=quarantined,
    )


def _judge(value: bytes | None) -> tuple[str, dict[str, Any]]:
    if not value:
        return "tombstone_from_publisher", {}
    try:
        change: dict[str, Any] = orjson.loads(value)
    except ValueError:
        return ("decoder_crash" if value == b"lethal" else "unhandled"), {}
    return ("unknown_code", {}) if change.get("bad") else ("", change)
