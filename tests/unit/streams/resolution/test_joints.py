"""R-09: which decisions formed an entity: as many as join its mentions, the strongest first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streams.resolution import clusters as module
from streams.resolution.clusters import Formed, clusters, formed
from streams.resolution.components import Component, Member, is_plainly_one
from streams.resolution.judgements import Pair
from streams.resolution.kinds import KINDS
from streams.resolution.person.facts import PersonFacts
from streams.resolution.verdicts import POSSIBLE, SAME, Verdict

RULES = KINDS["person"].rules
NOTHING = PersonFacts((), (), (), ())
pairs = st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")).filter(
    lambda ends: ends[0] < ends[1]
)
links = st.dictionaries(pairs, st.tuples(st.integers(4, 30), st.booleans()))


def component(
    weighed: dict[Pair, tuple[int, bool]], together: set[Pair], vetoed: set[Pair]
) -> Component:
    """Give a component of six mentions at most."""
    names = {each for ends in (*weighed, *together) for each in ends} or {"a"}
    verdicts = {
        ends: Verdict(SAME if same else POSSIBLE, float(bits), (), (), fits=True)
        for ends, (bits, same) in weighed.items()
    }
    known = frozenset(ends for ends in vetoed if names.issuperset(ends))
    members = {each: Member(ord(each), NOTHING) for each in names}
    return Component(members, verdicts, known, frozenset(together))


def of(one: Component, most: int = 50) -> list[Formed]:
    return formed("person", one, RULES, 5.0, most)


@given(links, st.sets(pairs, max_size=2), st.sets(pairs, max_size=3), st.sampled_from((3, 50)))
def test_every_entity_is_joined_by_one_pair_fewer_than_it_has_mentions(
    weighed: dict[Pair, tuple[int, bool]], together: set[Pair], vetoed: set[Pair], most: int
) -> None:
    one = component(weighed, together, vetoed)
    found = of(one, most)
    assert {each.cluster for each in found} == set(clusters("person", one, RULES, 5.0, most))
    for cluster, joints in found:
        assert len(joints) == len(cluster.members) - 1
        assert {end for ends in joints for end in ends} <= set(cluster.members)
        reached = {cluster.members[0]}
        for _ in joints:
            reached |= {end for ends in joints if reached & set(ends) for end in ends}
        assert reached == set(cluster.members)
        for ends in joints:
            assert ends in together or one.links[ends].outcome == SAME


@given(links, st.sets(pairs, max_size=2))
def test_what_is_plainly_one_is_joined_as_if_it_were_not(
    weighed: dict[Pair, tuple[int, bool]], together: set[Pair]
) -> None:
    one = component(weighed, together, set())
    if len(one.members) > 1 and is_plainly_one(one, RULES):
        assert of(one) == module._joined("person", one, RULES, 5.0, 50)


def test_the_strongest_links_are_those_that_formed_it() -> None:
    weighed = {("a", "b"): (20, True), ("b", "c"): (12, True), ("a", "c"): (15, True)}
    assert of(component(weighed, set(), set()))[0].joints == (("a", "b"), ("a", "c"))


def test_what_a_person_decided_comes_before_any_weight() -> None:
    weighed = {("a", "b"): (20, True), ("b", "c"): (12, True)}
    assert of(component(weighed, {("a", "c")}, set()))[0].joints == (("a", "c"), ("a", "b"))
