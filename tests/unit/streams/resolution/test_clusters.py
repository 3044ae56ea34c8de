"""Clusters: the strongest joins first, vetoes hold between all members, limits and alarms."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.resolution.clusters import Cluster, clusters, entity_id
from streams.resolution.components import Component, Member
from streams.resolution.judgements import Pair
from streams.resolution.kinds import KINDS
from streams.resolution.person.facts import PersonFacts
from streams.resolution.verdicts import POSSIBLE, SAME, Verdict
from tests.unit.streams.resolution.made import MAPLE, person, resolver

NOTHING = PersonFacts((), (), (), ())
RULES = KINDS["person"].rules


def link(bits: float, outcome: str = SAME) -> Verdict:
    """Give a verdict that fits."""
    return Verdict(outcome, bits, (), (), fits=True)


def formed(
    links: dict[Pair, Verdict],
    *,
    vetoed: set[Pair] = frozenset(),  # type: ignore[assignment]
    together: set[Pair] = frozenset(),  # type: ignore[assignment]
    apart: set[Pair] = frozenset(),  # type: ignore[assignment]
    facts: dict[str, PersonFacts] | None = None,
    most: int = 50,
) -> list[Cluster]:
    """Give the clusters of the mentions that pairs name."""
    names = {each for ends in (*links, *vetoed, *together, *apart) for each in ends}
    members = {each: Member(ord(each[-1]), (facts or {}).get(each, NOTHING)) for each in names}
    component = Component(members, links, frozenset(vetoed), frozenset(together), frozenset(apart))
    return clusters("person", component, RULES, 5.0, most)


def members(found: list[Cluster]) -> set[str]:
    """Give each cluster's members as one text."""
    return {"".join(cluster.members) for cluster in found}


def test_the_strongest_link_wins_where_a_veto_allows_one_only() -> None:
    links = {("a", "b"): link(20.0), ("b", "c"): link(12.0)}

    assert members(formed(links)) == {"abc"}
    assert members(formed(links, vetoed={("a", "c")})) == {"ab", "c"}


def test_who_fits_two_that_exclude_each_other_joins_neither() -> None:
    links = {("a", "b"): link(14.0), ("b", "c"): link(10.0)}

    assert members(formed(links, vetoed={("a", "c")})) == {"a", "b", "c"}
    assert members(formed(links, apart={("a", "c")})) == {"a", "b", "c"}


def test_a_lead_is_a_rival_but_never_a_link() -> None:
    links = {("a", "b"): link(14.0), ("b", "c"): link(10.0, POSSIBLE)}

    assert members(formed(links)) == {"ab", "c"}
    assert members(formed(links, vetoed={("a", "c")})) == {"a", "b", "c"}


def test_a_veto_that_no_pair_states_is_found_in_what_members_say() -> None:
    links = {("a", "b"): link(25.0), ("b", "c"): link(15.0)}
    senior = {"a": PersonFacts((), (), ("SR",), ()), "c": PersonFacts((), (), ("JR",), ())}

    assert members(formed(links, facts=senior)) == {"ab", "c"}


def test_judgements_outrank_vetoes_and_links() -> None:
    links = {("a", "b"): link(20.0)}

    assert members(formed(links, together={("a", "c")}, vetoed={("a", "c")})) == {"abc"}
    assert members(formed({}, together={("a", "b"), ("b", "c")}, apart={("a", "c")})) == {"ab", "c"}


def test_what_is_too_large_is_joined_by_judgements_only() -> None:
    links = {("a", "b"): link(20.0), ("b", "c"): link(20.0), ("c", "d"): link(12.0)}

    veto = {("a", "d")}
    found = formed(links, together={("a", "b")}, vetoed=veto, most=3)

    assert members(found) == {"ab", "c", "d"}
    assert {cluster.alarms for cluster in found} == {("component_over_cap",)}
    assert members(formed(links, vetoed=veto, most=4)) != members(found)


def test_who_is_known_very_often_stays_one_and_is_reported() -> None:
    links = {(a, b): link(20.0) for a in "abcd" for b in "abcd" if a < b}

    (found,) = formed(links, most=3)

    assert found.members == ("a", "b", "c", "d")
    assert found.alarms == ("component_over_cap",)


def test_one_record_with_a_slip_does_not_scatter_who_is_known_very_often() -> None:
    links = {(a, b): link(20.0) for a in "abcde" for b in "abcde" if a < b}
    links |= {(a, "f"): link(12.0) for a in "bcde"} | {("f", "g"): link(20.0)}

    found = formed(links, vetoed={("a", "f")}, most=4)

    assert members(found) == {"abcde", "f", "g"}
    assert {cluster.alarms for cluster in found if len(cluster.members) > 1} == {
        ("component_over_cap",)
    }


def test_rivals_of_a_frequent_name_do_not_count_for_the_limit() -> None:
    links = {("a", "b"): link(20.0), ("c", "d"): link(20.0), ("b", "c"): link(6.0, POSSIBLE)}

    found = formed(links, vetoed={("a", "d")}, most=2)

    assert members(found) == {"ab", "cd"}
    assert {cluster.alarms for cluster in found} == {()}


def test_a_component_beyond_all_measure_is_not_looked_at() -> None:
    names = [f"{n:02}" for n in range(45)]
    links = {(a, b): link(20.0, POSSIBLE) for a in names for b in names if a < b}
    links["00", "01"] = link(20.0)

    assert len(formed(links, most=2)) == 45


def test_the_anchor_is_the_earliest_mention_and_among_equals_the_smallest() -> None:
    (found,) = formed({("x1", "b9"): link(20.0), ("a1", "x1"): link(20.0)})

    assert found.entity_id == entity_id("person", "a1")
    assert entity_id("person", "a1") != entity_id("vehicle", "a1")


def test_many_birth_dates_and_small_children_raise_an_alarm() -> None:
    known = {"phone": "617-555-0142", "home": MAPLE, "ssn": "219-09-9999"}
    dates = ("1990-05-12", "1990-05-13", "1990-05-15", "1990-05-17")
    four = [person(day, "Ana", "Reyes", born=day, **known) for day in dates]
    found = resolver(*four)
    child = resolver(*[each._replace(age_years=9) for each in four[:2]])

    assert [c.alarms for c in found.clusters.values()] == [("more_than_3_dates_of_birth",)]
    assert [c.alarms for c in child.clusters.values()] == [("age_under_10_at_event",)]
    assert [c.alarms for c in resolver(four[0]._replace(age_years=9)).clusters.values()] == [()]


pairs = st.tuples(st.sampled_from("abcdefg"), st.sampled_from("abcdefg")).filter(
    lambda ends: ends[0] < ends[1]
)


@given(
    st.dictionaries(pairs, st.tuples(st.integers(4, 30), st.booleans()), min_size=1),
    st.sets(pairs, max_size=5),
    st.integers(),
)
def test_no_cluster_holds_a_vetoed_pair_and_order_changes_nothing(
    drawn: dict[Pair, tuple[int, bool]], refused: set[Pair], seed: int
) -> None:
    vetoed = refused - drawn.keys()
    links = {ends: link(bits, SAME if same else POSSIBLE) for ends, (bits, same) in drawn.items()}
    shuffled = dict(Random(seed).sample(sorted(links.items()), len(links)))

    found = formed(links, vetoed=vetoed)

    assert members(found) == members(formed(shuffled, vetoed=vetoed))
    for cluster in found:
        assert not any({a, b} <= set(cluster.members) for a, b in vetoed)


@pytest.mark.parametrize("size", [2, 5, 20])
def test_a_clique_is_one_entity(size: int) -> None:
    names = [chr(97 + n) for n in range(size)]

    assert len(formed({(a, b): link(20.0) for a in names for b in names if a < b})) == 1
