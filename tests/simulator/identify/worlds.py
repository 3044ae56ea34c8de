"""Worlds in which identify's `handle` runs: message by message, and under faults."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from typing import Any, Final

from recordbus.canonical import canonical_json
from streams.identify import testing
from streams.identify.deciding import Deciding
from streams.identify.entries import VERDICTS
from streams.identify.held import Held
from streams.identify.publish import RELATIONS
from streams.identify.testing import Desk, framed
from streams.resolution.limits import Limits
from streams.runtime.contract import Machine, Stage
from tests.simulator.identify.oracle import Fields, Foretold, Values, foretell
from tests.simulator.identify.talk import Said, talk
from tests.simulator.judge import Event, Expected, Published, Violation
from tests.simulator.world import Faults, Plan, World

Sabotage = Callable[[Machine], Machine]
LIMITS: Final = Limits(component_mentions=4)
_SIDE: Final = "/identify"


def compared(name: str, said: Fields) -> list[Any]:
    """Give what of a message is compared; decisions of courts have no order."""
    if name == "PartRemoved":
        return [name, said["version"], said["reason"]]
    dispositions = sorted(canonical_json(each).decode() for each in said["dispositions"])
    return [name, said["version"], said["mentions"], dispositions]


def wanted(foretold: Foretold) -> dict[str, list[Any]]:
    """Give what must stand of each record that is not on its way."""
    found = {key: compared("RecordIdentities", said) for key, said in foretold.identities.items()}
    return found | {key: compared("PartRemoved", said) for key, said in foretold.gone.items()}


def holding(held: Held, record_key: str) -> tuple[Any, ...]:
    """Give everything that is held of a record."""
    mentions, verdicts, courts = held.counted(record_key)
    judged = {each: held.graph.judged(each) for each in mentions}
    said = {(a, b): held.judgement((a, b)) for a, others in judged.items() for b in others}
    return mentions, verdicts, frozenset(courts), said


class Watched:
    """One world without faults, in which everything is compared after every message."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.desk = Desk(LIMITS)
        self.most_loaded = self.random.choice((0, 1, 3, 8, 1000))
        self.values: dict[str, tuple[str, Fields]] = {}
        self.counts = {"said": 0, "waited": 0, "restarts": 0, "forgot": 0, "courts": 0}

    def run(self) -> Watched:
        """Say everything; raises Violation where it leads to anything else than foretold."""
        for each in talk(self.random):
            self._maybe_begin_anew()
            before = {key: compared(*said) for key, said in self.desk.board.items()}
            self.desk.send(each.key.encode(), framed(each.name, each.said))
            self.values[each.key] = (each.name, each.said)
            self._compare(each, before)
        return self

    def _maybe_begin_anew(self) -> None:
        roll = self.random.random()
        if roll < 0.06:
            self.desk.restart()
            self.counts["restarts"] += 1
        elif roll < 0.12:
            self.desk.machine._deciding.forget()
            self.counts["forgot"] += 1
        self.desk.machine._most_loaded = self.most_loaded

    def _compare(self, last: Said, before: dict[str, list[Any]]) -> None:
        foretold = foretell(self.values, LIMITS)
        board = {key.removesuffix(_SIDE): compared(*said) for key, said in self.desk.board.items()}
        for key, each in wanted(foretold).items():
            if board.get(key) != each:
                raise Violation(f"after {last.key}: {key} is {board.get(key)}, wanted {each}")
        for key in self.desk.heard:
            record = key.removesuffix(_SIDE)
            if record in foretold.waiting:
                raise Violation(f"after {last.key}: {record} is on its way and was spoken of")
            if before.get(key) == board[record]:
                raise Violation(f"after {last.key}: {record} was said again for nothing")
        self.counts["said"] += len(self.desk.heard)
        self.counts["waited"] += len(foretold.waiting)
        self.counts["courts"] += sum(bool(i["dispositions"]) for i in foretold.identities.values())
        self._compare_index()

    def _compare_index(self) -> None:
        anew = self.desk.stage.machine(0)
        for key, state in self.desk.states.items():
            anew.loaded(key, state)
        if anew.index != self.desk.machine.index:  # type: ignore[attr-defined]
            raise Violation("what is derived differs from what is derived anew")
        self._compare_held(anew._deciding)  # type: ignore[attr-defined]

    def _compare_held(self, anew: Deciding) -> None:
        """Compare what is held of records with what is found of them without the others."""
        known: Deciding = self.desk.machine._deciding
        for record_key in list(known.held._loaded):
            if holding(known.held, record_key) != holding(anew.held, record_key):
                raise Violation(f"of {record_key} is held what is not so")
        for mention, group in known._groups._groups.items():
            if group.resolved.keys() - known.held.known.keys():
                raise Violation(f"in the group of {mention} is somebody who is not held")
            if group.resolved != anew._groups.group(mention).resolved:
                raise Violation(f"the group of {mention} is not what it comes to")
        if any(not {*ends} & known.held.known.keys() for ends in known.held.graph.verdicts()):
            raise Violation("a verdict is held on two of whom nobody is")


def _stage(sabotage: Sabotage | None) -> Stage:
    real = testing.stage(LIMITS)
    if sabotage is None:
        return real
    return replace(real, machine=lambda partition: sabotage(real.machine(partition)))


def tidy(_topic: str, value: bytes) -> bytes | None:
    """Give what of a value is compared."""
    return canonical_json(compared(*testing.read(value)))


def world_of(seed: int, faults: Faults | None = None, *, sabotage: Sabotage | None = None) -> World:
    """Make a seed's world; `sabotage` plants a bug."""
    said = list(talk(Random(seed * 7919 + 5), length=30))
    values: Values = {each.key: (each.name, each.said) for each in said}

    def oracle(_history: Sequence[Published]) -> Expected:
        found = wanted(foretell(values, LIMITS))
        table = {f"{key}{_SIDE}".encode(): canonical_json(each) for key, each in found.items()}
        return Expected({RELATIONS: table}, {})

    plan = Plan(
        stages=(_stage(sabotage),),
        logs={VERDICTS: 1},
        tables={RELATIONS: 2},
        events=[Event(VERDICTS, s.key.encode(), framed(s.name, s.said), 0) for s in said],
        oracle=oracle,
        tidy=tidy,
    )
    return World(seed, plan, faults or Faults())
