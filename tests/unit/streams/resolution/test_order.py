"""The order in which mentions come changes nothing, and what goes leaves nothing (R-09)."""

from __future__ import annotations

from random import Random

import pytest

from streams.resolution.judgements import Judgement
from streams.resolution.mentions import PersonMention
from streams.resolution.resolver import Resolver
from streams.shipped_models import shipped
from tests.unit.streams.resolution.made import MAPLE, person
from tests.unit.streams.resolution.worlds import people

WORLD = [mention for mention, _ in people(250, seed=4242)]
TRUTH = {mention.mention_id: true for mention, true in people(250, seed=4242)}


def told(mentions: list[PersonMention]) -> Resolver:
    """Give a resolver after mentions came in this order."""
    resolver = Resolver(shipped("person"))
    for mention in mentions:
        resolver.publish(mention)
    return resolver


def shuffled(seed: int) -> list[PersonMention]:
    """Give the world's mentions in another order."""
    return Random(seed).sample(WORLD, len(WORLD))


def test_three_arrival_orders_give_identical_entities_and_verdicts() -> None:
    first, second, third = told(WORLD), told(WORLD[::-1]), told(shuffled(1))

    assert first.entities == second.entities == third.entities
    assert first.verdicts == second.verdicts == third.verdicts
    assert first.clusters == second.clusters == third.clusters
    for a, b in sorted(first.verdicts)[:50]:
        assert first.explain(b, a) == second.explain(a, b) == third.explain(a, b)


def test_most_of_a_world_is_found_and_nobody_is_taken_for_another() -> None:
    clusters = told(WORLD).clusters.values()

    for cluster in clusters:
        assert len({TRUTH[each] for each in cluster.members}) == 1
    assert len(clusters) < 1.5 * len(set(TRUTH.values()))


def test_a_world_that_was_deleted_leaves_nothing() -> None:
    resolver = told(WORLD)
    for mention in shuffled(2):
        resolver.remove(mention.mention_id)

    assert resolver.is_empty()
    assert resolver.verdicts == {}


def test_publishing_the_same_again_changes_nothing() -> None:
    resolver = told(WORLD)

    for mention in WORLD[:50]:
        changes = resolver.publish(mention)
        assert (changes.entities, changes.verdicts) == ({}, {})


def test_insert_then_expunge_gives_back_the_identical_state() -> None:
    resolver = told(WORLD[1:])
    entities, verdicts = dict(resolver.entities), resolver.verdicts

    resolver.publish(WORLD[0])
    resolver.remove(WORLD[0].mention_id)

    assert dict(resolver.entities) == entities
    assert resolver.verdicts == verdicts


@pytest.mark.parametrize("is_same", [True, False])
def test_link_then_unlink_gives_back_the_identical_state(*, is_same: bool) -> None:
    resolver = told(WORLD)
    before = dict(resolver.entities)
    linked = next(c.members for c in resolver.clusters.values() if len(c.members) == 2)
    a, b = (WORLD[0].mention_id, WORLD[-1].mention_id) if is_same else linked

    resolver.judge(Judgement(a, b, is_same, "photographs compared", "detective 12"))
    assert (resolver.entities[a] == resolver.entities[b]) is is_same
    resolver.revoke(b, a)

    assert dict(resolver.entities) == before


def test_a_judgement_waits_for_its_mentions() -> None:
    resolver = Resolver(shipped("person"))
    resolver.judge(Judgement("b", "a", True, "fingerprints", "lab"))
    resolver.publish(person("a", "Ana", "Reyes", born="1990-05-12", home=MAPLE))
    changes = resolver.publish(person("b", "Otto", "Lind", born="1950-01-30"))

    assert changes.entities["b"] == (None, resolver.entities["a"])
    assert '"judgement":["same","lab","fingerprints"]' in resolver.explain("a", "b")
    resolver.remove("a")
    resolver.revoke("a", "b")
    assert set(resolver.entities) == {"b"}


def test_an_entity_keeps_its_id_when_a_later_record_joins_it() -> None:
    known = {"born": "1990-05-12", "home": MAPLE, "phone": "617-555-0142"}
    ana = person("first", "Ana", "Reyes", **known)._replace(recorded_at=5)
    resolver = told([ana])
    entity = resolver.entities["first"]

    joined = resolver.publish(ana._replace(mention_id="second", recorded_at=6))
    assert joined.entities == {"second": (None, entity)}
    earlier = resolver.publish(ana._replace(mention_id="third", recorded_at=4))
    assert set(earlier.entities) == {"first", "second", "third"}
    resolver.remove("third")
    assert resolver.entities == {"first": entity, "second": entity}
