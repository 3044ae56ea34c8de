"""Runs many seeds: `python -m tests.simulator --seeds 20000`, or one again: `--seed 4711`.

`--of chain` are the worlds of two toy stages, `--of intake` and `--of associate` those of one real
stage, `--of bus` those of all of them, `--of rebuild` such as are rebuilt by the command; all are
tried when none is named.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence

from tests.simulator.associate import worlds as associate_worlds
from tests.simulator.bus import worlds as bus_worlds
from tests.simulator.bus.rebuild import rebuilt
from tests.simulator.bus.rebuilding import OFTEN_KILLED, left_in_the_middle
from tests.simulator.bus.rebuilding import rebuilt as rebuilt_in_place
from tests.simulator.identify import worlds as identify_worlds
from tests.simulator.intake.worlds import world_of
from tests.simulator.judge import Violation
from tests.simulator.meet.worlds import MeetWorld
from tests.simulator.toy import NAMES, oracle, plan, rebuild_plan
from tests.simulator.world import Faults, World


def try_seed(seed: int, faults: Faults | None = None) -> World:
    """Run and check one seed's world, then rebuild its second stage; raises Violation."""
    faults = faults or Faults()
    world = World(seed, plan(seed), faults).run().check()
    again = rebuild_plan(world.plan, oracle(world.history))
    World(seed, again, faults, earlier=world.content(NAMES.records)).run().check()
    return world


def say(line: str) -> None:
    """Write a line for whoever watches, at once: a run that is cut short has said what failed."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def try_intake(seed: int) -> World:
    """Run and check one seed's world of intake; raises Violation."""
    return world_of(seed).run().check()


def try_identify(seed: int) -> World:
    """Run and check one seed's worlds of identify, without faults and with; raises Violation."""
    identify_worlds.Watched(seed).run()
    return identify_worlds.world_of(seed).run().check()


def try_meet(seed: int) -> MeetWorld:
    """Run one seed's world of meet, looking after every message; raises Violation."""
    return MeetWorld(seed).run()


def try_associate(seed: int) -> World:
    """Run and check one seed's world of associate; raises Violation."""
    return associate_worlds.world_of(seed).run().check()


def try_bus(seed: int) -> World:
    """Run and check one seed's world of all stages, then rebuild it; raises Violation."""
    world = bus_worlds.world_of(seed).run().check()
    again = rebuilt(world, bus_worlds.FAULTS).run().check()
    world.counts.update(again.counts)
    return world


def try_rebuild(seed: int) -> World:
    """Rebuild one seed's world in the middle of its work, killed often; raises Violation."""
    world = left_in_the_middle(seed, bus_worlds.FAULTS)
    return rebuilt_in_place(world, OFTEN_KILLED, seed).run().check()


def main() -> int:
    """Try the seeds asked for; print each failing one and how to run it again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000, help="how many worlds to try of each")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seed", type=int, help="try this one seed only")
    parser.add_argument(
        "--of",
        choices=("chain", "intake", "meet", "identify", "associate", "bus", "rebuild"),
        help="try these worlds only",
    )
    asked = parser.parse_args()
    one = asked.seed is not None
    seeds = [asked.seed] if one else range(asked.first, asked.first + asked.seeds)
    kinds: dict[str, Callable[[int], World | MeetWorld]] = {
        "chain": try_seed,
        "intake": try_intake,
        "meet": try_meet,
        "identify": try_identify,
        "associate": try_associate,
        "bus": try_bus,
        "rebuild": try_rebuild,
    }
    chosen = [asked.of] if asked.of else list(kinds)
    failed = [try_all(name, kinds[name], seeds) for name in chosen]
    return 1 if any(failed) else 0


def try_all(name: str, try_one: Callable[[int], World | MeetWorld], seeds: Sequence[int]) -> int:
    """Try the seeds of one kind of worlds, say how it went, and count those that failed."""
    counts: Counter[str] = Counter()
    failed = 0
    began = time.monotonic()
    for seed in seeds:
        try:
            counts.update(try_one(seed).counts)
        except Violation as violation:
            failed += 1
            say(f"{name} seed {seed}: {violation}")
            say(f"  again: python -m tests.simulator --of {name} --seed {seed}")
    seconds = time.monotonic() - began
    for point, count in sorted(counts.items()):
        say(f"  {point:32} {count}")
    say(f"{len(seeds)} worlds of {name} in {seconds:.1f} s, {failed} failed")
    return failed


if __name__ == "__main__":
    sys.exit(main())
