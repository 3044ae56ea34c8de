"""R-09: which decisions hold an entity together: one for each mention but the earliest."""

from __future__ import annotations

from collections.abc import Collection
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from streams.resolution.clusters import Cluster, clusters
from streams.resolution.components import Component, Member
from streams.resolution.graph import Graph
from streams.resolution.joints import joints, parts
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


def held(one: Component, most: int = 50) -> tuple[list[Cluster], dict[str, Pair]]:
    found = clusters("person", one, RULES, 5.0, most)
    return found, joints(one, found)


def is_tree(ends: Collection[Pair], members: Collection[str]) -> bool:
    """Tell whether pairs connect members, and are as few as do."""
    reached = set(list(members)[:1])
    for _ in ends:
        reached |= {end for each in ends if reached & set(each) for end in each}
    return reached == set(members) and len(ends) == len(members) - 1


@given(links, st.sets(pairs, max_size=2), st.sets(pairs, max_size=3), st.sampled_from((3, 50)))
def test_every_mention_but_the_earliest_has_one_and_all_are_a_tree(
    weighed: dict[Pair, tuple[int, bool]], together: set[Pair], vetoed: set[Pair], most: int
) -> None:
    one = component(weighed, together, vetoed)
    found, by_mention = held(one, most)
    for cluster in found:
        own = [by_mention[each] for each in cluster.members if each in by_mention]
        assert [each for each in cluster.members if each not in by_mention] == [
            cluster.members[0]  # they are as old as their names
        ]
        assert is_tree(set(own), cluster.members)
    assert all(ends in together or one.links[ends].outcome == SAME for ends in by_mention.values())


@given(links)
def test_who_is_later_than_all_others_changes_none_of_theirs(
    weighed: dict[Pair, tuple[int, bool]],
) -> None:
    """But for the earliest of an entity that is then a part of an earlier one's."""
    one = component(weighed, set(), set())
    latest = max(one.members)
    before = component({e: w for e, w in weighed.items() if latest not in e}, set(), set())
    found, was = held(before)
    _, now = held(one)
    parts = {each.members[0] for each in found}
    assert {each for each in before.members if was.get(each) != now.get(each)} <= parts
    assert all(was[each] == now[each] for each in was)


@given(links, st.sets(pairs, max_size=2), st.permutations("abcdef"))
def test_the_order_in_which_things_are_known_is_no_matter(
    weighed: dict[Pair, tuple[int, bool]], together: set[Pair], order: list[str]
) -> None:
    one = component(weighed, together, set())
    turned = one._replace(
        members={each: one.members[each] for each in order if each in one.members},
        links=dict(sorted(one.links.items(), key=lambda link: order.index(link[0][1]))),
    )
    assert held(one)[1] == held(turned)[1]


def test_a_mention_has_its_strongest_link_to_an_earlier_one() -> None:
    weighed = {("a", "b"): (5, True), ("b", "c"): (12, True), ("a", "c"): (15, True)}
    assert held(component(weighed, set(), set()))[1] == {"b": ("a", "b"), "c": ("a", "c")}


def test_of_links_that_are_equally_strong_it_has_the_one_to_the_earliest() -> None:
    weighed = {("a", "b"): (9, True), ("b", "c"): (9, True), ("a", "c"): (9, True)}
    assert held(component(weighed, set(), set()))[1] == {"b": ("a", "b"), "c": ("a", "c")}


def test_who_joins_two_parts_has_one_link_and_the_first_of_the_later_part_the_other() -> None:
    weighed = {("a", "d"): (9, True), ("b", "c"): (9, True), ("c", "d"): (20, True)}
    assert held(component(weighed, set(), set()))[1] == {
        "b": ("a", "d"),
        "c": ("b", "c"),
        "d": ("c", "d"),
    }


def test_what_a_person_decided_comes_before_any_weight() -> None:
    weighed = {("a", "b"): (20, True), ("b", "c"): (12, True)}
    by_mention = held(component(weighed, {("a", "c")}, set()))[1]
    assert by_mention == {"b": ("a", "b"), "c": ("a", "c")}


@given(st.sets(pairs))
def test_a_part_is_all_whom_pairs_connect(ends: set[Pair]) -> None:
    found = parts("abcdef", ends)
    assert set(found) == set("abcdef")
    assert all(found[a] is found[b] for a, b in ends)
    for each in found.values():
        assert sorted(each) == sorted(name for name in "abcdef" if found[name] is each)
        own = [pair for pair in ends if pair[0] in each]
        assert any(is_tree(tree, each) for tree in combinations(own, len(each) - 1))


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
