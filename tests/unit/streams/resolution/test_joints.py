"""R-09: which decisions hold an entity together: no more than do, the strongest of all."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streams.resolution.clusters import Cluster, clusters, joints
from streams.resolution.components import Component, Member
from streams.resolution.graph import Graph
from streams.resolution.judgements import Judgement, Pair
from streams.resolution.kinds import KINDS
from streams.resolution.person.facts import PersonFacts
from streams.resolution.verdicts import NO, POSSIBLE, SAME, Verdict

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


def held(one: Component, most: int = 50) -> tuple[list[Cluster], list[Pair]]:
    found = clusters("person", one, RULES, 5.0, most)
    return found, joints(one, found)


@given(links, st.sets(pairs, max_size=2), st.sets(pairs, max_size=3), st.sampled_from((3, 50)))
def test_every_entity_is_held_together_by_one_pair_fewer_than_it_has_mentions(
    weighed: dict[Pair, tuple[int, bool]], together: set[Pair], vetoed: set[Pair], most: int
) -> None:
    one = component(weighed, together, vetoed)
    found, pairs_held = held(one, most)
    for cluster in found:
        own = [ends for ends in pairs_held if set(ends) <= set(cluster.members)]
        assert len(own) == len(cluster.members) - 1
        reached = {cluster.members[0]}
        for _ in own:
            reached |= {end for ends in own if reached & set(ends) for end in ends}
        assert reached == set(cluster.members)
    assert len(pairs_held) == len(one.members) - len(found)
    assert all(ends in together or one.links[ends].outcome == SAME for ends in pairs_held)


@given(links)
def test_no_link_within_an_entity_is_stronger_than_those_that_hold_its_ends_together(
    weighed: dict[Pair, tuple[int, bool]],
) -> None:
    one = component(weighed, set(), set())
    found, pairs_held = held(one)
    for ends, verdict in one.links.items():
        if verdict.outcome == SAME and any(set(ends) <= set(c.members) for c in found):
            reached = {ends[0]}
            strong = [e for e in pairs_held if one.links[e].bits >= verdict.bits]
            for _ in strong:
                reached |= {end for e in strong if reached & set(e) for end in e}
            assert ends[1] in reached


def test_the_strongest_links_hold_it_together() -> None:
    weighed = {("a", "b"): (20, True), ("b", "c"): (12, True), ("a", "c"): (15, True)}
    assert held(component(weighed, set(), set()))[1] == [("a", "b"), ("a", "c")]


def test_what_a_person_decided_comes_before_any_weight() -> None:
    weighed = {("a", "b"): (20, True), ("b", "c"): (12, True)}
    assert held(component(weighed, {("a", "c")}, set()))[1] == [("a", "c"), ("a", "b")]


def test_judgements_connect_and_part_who_is_near() -> None:
    graph = Graph()
    graph.add("a", "b", Verdict(SAME, 20.0, (), (), fits=True))
    graph.add("a", "c", Verdict(POSSIBLE, 9.0, (), (), fits=True))
    graph.add("a", "d", Verdict(POSSIBLE, 1.0, (), (), fits=False))
    assert sorted(graph.near("a")) == ["b", "c"]
    graph.judge(Judgement("a", "b", False, "twins", "jo"))
    graph.judge(Judgement("a", "e", True, "fingerprints", "jo"))
    assert sorted(graph.near("a")) == ["c", "e"]
    assert set(graph.of(["a"])) == {("a", "b"), ("a", "c"), ("a", "d")}


def test_what_stands_between_mentions_is_told_quickly() -> None:
    graph = Graph()
    graph.add("a", "b", Verdict(NO, 20.0, ("suffixes_differ",), (), fits=False))
    graph.add("a", "c", Verdict(POSSIBLE, 1.0, (), (), fits=False))
    assert graph.is_vetoed("a", {"b"})
    assert not graph.is_vetoed("a", {"c"})
    assert not graph.is_vetoed("x", {"a"})
    assert graph.is_alone("a")
    graph.judge(Judgement("c", "d", False, "twins", "jo"))
    assert graph.is_judged({"a", "c"})
    assert not graph.is_judged({"a", "b"})
    assert not graph.is_alone("c")
