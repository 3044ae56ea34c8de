"""Runs many seeds: `python -m tests.simulator --seeds 20000`, or one again: `--seed 4711`."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from tests.simulator.judge import Violation
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
    """Write a line for whoever watches."""
    sys.stdout.write(line + "\n")


def main() -> int:
    """Try the seeds asked for; print each failing one and how to run it again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000, help="how many worlds to try")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seed", type=int, help="try this one seed only")
    asked = parser.parse_args()
    one = asked.seed is not None
    seeds = [asked.seed] if one else range(asked.first, asked.first + asked.seeds)
    counts: Counter[str] = Counter()
    failed = []
    began = time.monotonic()
    for seed in seeds:
        try:
            counts.update(try_seed(seed).counts)
        except Violation as violation:
            failed.append(seed)
            say(f"seed {seed}: {violation}")
            say(f"  again: python -m tests.simulator --seed {seed}")
    seconds = time.monotonic() - began
    for name, count in sorted(counts.items()):
        say(f"  {name:32} {count}")
    say(f"{len(seeds)} worlds in {seconds:.1f} s, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
