"""What is taken back leaves nothing behind: topics hold again what they held (R-09, R-25).

A property of the topics alone, without the batch program.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from recordbus import ids
from tests.oracle.accepted import Change
from tests.simulator.bus.content import Held, content_of
from tests.simulator.bus.talk import Said, Talk
from tests.simulator.bus.worlds import BusWorld, world_of

pytestmark = pytest.mark.no_cover  # tracing would double the time, and shows nothing new

SEEDS = range(300_000, 300_040)


class After:
    """A world at rest to which more is said; each word runs until it is at rest again."""

    def __init__(self, seed: int) -> None:
        self.world: BusWorld = world_of(seed)
        self.world.run()
        self.random = Random(seed)
        self.live = self._live()

    def _live(self) -> list[Change]:
        held = self.world.ending().held.values()
        return [each.newest for each in held if each.newest.status == "live"]

    def say(self, said: Said) -> None:
        world = self.world
        world.said = [*world.said, said]
        world.plan = replace(world.plan, events=[said.event])
        world.run()

    def content(self, *without_version_of: str) -> dict[str, Any]:
        return content_of(Held(self.world.readers), frozenset(without_version_of))


def mentions(changes: Sequence[Change]) -> list[str]:
    return [
        ids.mention_id(change.key, each["local_id"])
        for change in changes
        for each in change.fields["body"]["people"]
    ]


def test_link_then_unlink_gives_back_every_public_topic() -> None:
    changed = 0
    for seed in SEEDS:
        after = After(seed)
        talk = Talk(after.random, 1)
        people = mentions(after.live)
        pairs = [(a, b) for a in people for b in people if a < b and a[:64] != b[:64]]
        judged = after.world.ending().judged
        free = [(a, b) for a, b in pairs if f"{a}~{b}" not in judged]
        if not free:
            continue
        before = after.content()
        a, b = after.random.choice(free)
        after.say(talk.judgement(a, b, after.random.choice(("same", "different"))))
        changed += after.content() != before
        after.say(talk.judgement(a, b, "revoked"))
        assert after.content() == before, f"seed {seed}"
    assert changed > 5


def test_insert_then_expunge_gives_back_every_public_topic() -> None:
    changed = 0
    for seed in SEEDS:
        after = After(seed)
        before = after.content()
        talk = Talk(after.random, 1, 50)
        after.say(talk.publication(40, "live", 1))
        changed += after.content() != before
        after.say(talk.publication(40, "expunged", 1))
        assert after.content() == before, f"seed {seed}"
    assert changed == len(SEEDS)


def test_seal_then_unseal_gives_back_every_public_topic() -> None:
    changed = 0
    for seed in SEEDS:
        after = After(seed)
        if not after.live:
            continue
        change = after.random.choice(after.live)
        before = after.content(change.key)
        talk = Talk(after.random, 1)
        sequence = after.world.ending().held[change.key].source_seq
        after.say(talk.removal_of(change, "sealed", sequence + 1))
        changed += after.content(change.key) != before
        after.say(talk.again(change, sequence + 2))
        assert after.content(change.key) == before, f"seed {seed}"
    assert changed > 20
