"""Whatever happened before, the resolver holds what a batch makes of what is there now (R-09).

The operations are publish, correct, expunge, publish again, judge and revoke, over a town of traps
and under small limits, so that blocks are suspended and values become defaults all the time.
RECORDBUS_TEST_OPERATIONS raises the number of operations.
"""

from __future__ import annotations

import os
from random import Random

import pytest

from streams.resolution.batch import Resolution, resolve
from streams.resolution.judgements import Judgement, Pair
from streams.resolution.limits import Limits
from streams.resolution.mentions import PersonMention
from streams.resolution.model import Model
from streams.resolution.resolver import Changes, Resolver
from streams.resolution.verdicts import Verdict
from streams.shipped_models import shipped
from tests.unit.streams.resolution.crowd import Town

OPERATIONS = int(os.environ.get("RECORDBUS_TEST_OPERATIONS", "60000"))
SEEDS = range(8)
TIGHT = Limits(block_members=7, value_names=2, component_mentions=3)
ROOMY = Limits(block_members=60, value_names=4, component_mentions=50)
MUST_MEET = {
    TIGHT: {"defaults", "suspended", "rivals", "alarms", "large"},
    ROOMY: {"defaults", "vetoes", "rivals", "alarms"},
}
"""What a town has to make happen: a test that meets no trap shows nothing."""


class Replica:
    """A subscriber that knows only the differences, and what is there."""

    def __init__(self, model: Model, limits: Limits) -> None:
        self.resolver = Resolver(model, limits)
        self.mentions: dict[str, PersonMention] = {}
        self.judgements: dict[Pair, Judgement] = {}
        self.entities: dict[str, str] = {}
        self.verdicts: dict[Pair, Verdict] = {}

    def take(self, changes: Changes) -> None:
        """Apply a difference; its `before` must be what was known."""
        for mention, (before, after) in changes.entities.items():
            assert self.entities.get(mention) == before
            assert before != after
            if after is None:
                del self.entities[mention]
            else:
                self.entities[mention] = after
        for ends, verdict in changes.verdicts.items():
            if verdict is None:
                self.verdicts.pop(ends, None)
            else:
                self.verdicts[ends] = verdict

    def step(self, town: Town) -> None:
        """Do one random thing."""
        draw = town.random.random()
        a, b = sorted((town.name(), town.name()))
        if draw < 0.62:
            mention = town.mention()
            self.mentions[mention.mention_id] = mention
            self.take(self.resolver.publish(mention))
        elif draw < 0.94:
            self.mentions.pop(a, None)
            self.take(self.resolver.remove(a))
        elif draw < 0.97 and a != b:
            said = Judgement(b, a, town.random.random() < 0.5, "seen both", "officer 4711")
            self.judgements[a, b] = said
            self.take(self.resolver.judge(said))
        elif self.judgements:
            ends = town.random.choice(sorted(self.judgements))
            del self.judgements[ends]
            self.take(self.resolver.revoke(*ends))

    def clear(self) -> None:
        """Take everything back."""
        for mention in list(self.mentions):
            self.take(self.resolver.remove(mention))
        for ends in list(self.judgements):
            self.take(self.resolver.revoke(*ends))


def assert_equal(replica: Replica, batch: Resolution) -> None:
    """Hold state, differences and explanations against a batch."""
    resolver = replica.resolver
    assert replica.entities == dict(resolver.entities) == batch.entities
    assert replica.verdicts == resolver.verdicts == batch.verdicts
    assert dict(resolver.clusters) == batch.clusters
    assert resolver.defaults == batch.defaults
    assert resolver.suspended == batch.suspended


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("limits", [TIGHT, ROOMY], ids=["tight", "roomy"])
def test_state_differences_and_explanations_equal_a_batch(seed: int, limits: Limits) -> None:
    model = shipped("person")
    town = Town(Random(seed), 64 if limits is TIGHT else 48)
    replica = Replica(model, limits)
    seen = {"defaults": 0, "suspended": 0, "vetoes": 0, "rivals": 0, "alarms": 0, "large": 0}

    operations = OPERATIONS // (2 * len(SEEDS))
    for number in range(operations):
        replica.step(town)
        if number % 75 == 0 or number == operations - 1:
            mentions, said = list(replica.mentions.values()), replica.judgements.values()
            town.random.shuffle(mentions)
            batch = resolve(mentions, model, said, limits)
            assert_equal(replica, batch)
            told = [replica.resolver.explain(a, b) for a, b in sorted(batch.verdicts)]
            assert told == list(batch.explanations())
            _count(batch, told, seen)

    met = {name for name, count in seen.items() if count}
    assert met >= MUST_MEET[limits]
    replica.clear()
    assert replica.resolver.is_empty()
    assert (replica.entities, replica.verdicts) == ({}, {})


def _count(batch: Resolution, told: list[str], seen: dict[str, int]) -> None:
    """Count what the town made happen."""
    seen["defaults"] += len(batch.defaults)
    seen["suspended"] += len(batch.suspended)
    seen["vetoes"] += sum(bool(verdict.vetoes) for verdict in batch.verdicts.values())
    seen["rivals"] += sum('"rivals"' in text for text in told)
    seen["alarms"] += sum(bool(cluster.alarms) for cluster in batch.clusters.values())
    seen["large"] += sum("component_over_cap" in c.alarms for c in batch.clusters.values())
