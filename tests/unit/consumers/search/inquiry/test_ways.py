"""The ways between two entities, held against networkx on small worlds (R-04, R-07, R-19, R-31)."""

from __future__ import annotations

import networkx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.search.inquiry import ways as module
from consumers.search.inquiry.following import Following
from consumers.search.inquiry.ways import MOST_STEPS, MOST_WAYS, Ways, ways
from consumers.testing import seen_whole
from tests.unit.consumers.search.inquiry.worlds import NOW, PEOPLE, Edge, edge_of, edges, world

PAIRS = st.tuples(st.integers(0, 8), st.integers(0, 8)).filter(lambda pair: pair[0] != pair[1])


def found(ties: list[Edge], pair: tuple[int, int], *, with_assessments: bool = False) -> Ways:
    return ways(
        seen_whole(world(ties)).graph,
        PEOPLE[pair[0]],
        PEOPLE[pair[1]],
        Following(NOW, with_assessments),
    )


def rows(answer: Ways) -> list[tuple[str, ...]]:
    return [(answer.start, *(step.end for step in way)) for way in answer.ways]


def oracle(ties: list[Edge], pair: tuple[int, int], with_assessments: bool) -> set[tuple[str, ...]]:
    graph: networkx.Graph[str] = networkx.Graph()
    graph.add_nodes_from(PEOPLE)
    graph.add_edges_from(
        (PEOPLE[e.start], PEOPLE[e.end])
        for e in ties
        if e.may_be_followed(with_assessments=with_assessments)
    )
    ends = PEOPLE[pair[0]], PEOPLE[pair[1]]
    if not networkx.has_path(graph, *ends):
        return set()
    shortest = {tuple(way) for way in networkx.all_shortest_paths(graph, *ends)}
    return {way for way in shortest if len(way) - 1 <= MOST_STEPS}


@settings(max_examples=400, deadline=None)
@given(edges(), PAIRS, st.booleans())
def test_the_ways_are_the_shortest_there_are(
    ties: list[Edge], pair: tuple[int, int], judged: bool
) -> None:
    answer = found(ties, pair, with_assessments=judged)
    wanted = oracle(ties, pair, judged)

    assert set(rows(answer)) <= wanted
    assert len(answer.ways) == min(len(wanted), MOST_WAYS)
    assert answer.more is (len(wanted) > MOST_WAYS)
    assert not answer.was_cut


@settings(max_examples=200, deadline=None)
@given(edges(), PAIRS, st.booleans())
def test_every_tie_of_a_step_may_be_followed_and_none_is_missing(
    ties: list[Edge], pair: tuple[int, int], judged: bool
) -> None:
    """R-06: a step is every tie between its two ends, each on its own."""
    for way in found(ties, pair, with_assessments=judged).ways:
        for step in way:
            made_of = [edge_of(tie, ties) for tie in step.ties]
            assert all(each.may_be_followed(with_assessments=judged) for each in made_of)
            between = {step.start, step.end}
            wanted = [
                e for e in ties
                if {PEOPLE[e.start], PEOPLE[e.end]} == between
                and e.may_be_followed(with_assessments=judged)
            ]  # fmt: skip
            assert sorted(made_of) == sorted(wanted)


@settings(max_examples=200, deadline=None)
@given(edges(), PAIRS)
def test_the_way_back_is_the_way_there(ties: list[Edge], pair: tuple[int, int]) -> None:
    there, back = found(ties, pair), found(ties, pair[::-1])

    assert [tuple(reversed(row)) for row in rows(back)] == rows(there)
    assert (there.left_out, there.more) == (back.left_out, back.more)


@settings(max_examples=200, deadline=None)
@given(edges(), PAIRS, st.integers(0, 20))
def test_taking_a_tie_back_never_makes_a_way_shorter(
    ties: list[Edge], pair: tuple[int, int], which: int
) -> None:
    """R-23: a retraction takes away, and adds nothing."""
    less = [e for n, e in enumerate(ties) if n != which % max(len(ties), 1)]
    before, after = rows(found(ties, pair)), rows(found(less, pair))

    if after:
        assert before
        assert len(after[0]) >= len(before[0])


@settings(max_examples=100, deadline=None)
@given(edges(), PAIRS)
def test_what_leads_nowhere_changes_no_way(ties: list[Edge], pair: tuple[int, int]) -> None:
    """R-04, R-07: victims, witnesses and people seen together might as well not be there."""
    only = [e for e in ties if e.may_be_followed(with_assessments=False)]

    assert rows(found(ties, pair)) == rows(found(only, pair))


@pytest.mark.parametrize(
    ("edge", "reason"),
    [
        (Edge(0, 1, "seen_with"), "seen together or there"),
        (Edge(0, 1, "housed_with"), "held or supervised"),
        (Edge(0, 1, category="victim"), "victim or witness"),
        (Edge(0, 1, category="witness"), "victim or witness"),
        (Edge(0, 1, "family", "victim"), "victim or witness"),
        (Edge(0, 1, state="frozen"), "frozen by a dispute"),
        (Edge(0, 1, state="restricted"), "restricted by its owner"),
        (Edge(0, 1, state="past"), "past its end"),
        (Edge(0, 1, "associate"), "assessment"),
    ],
)
def test_what_is_left_out_is_counted_by_its_reason(edge: Edge, reason: str) -> None:
    answer = found([edge], (0, 1))

    assert (answer.ways, answer.left_out) == ((), {reason: 1})


def test_nobody_is_led_on_through_what_very_many_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_TIES", 3)
    ties = [Edge(0, 4), Edge(1, 4), Edge(2, 4), Edge(3, 4), Edge(0, 5), Edge(5, 6), Edge(6, 1)]

    answer = found(ties, (0, 1))

    assert len(rows(answer)[0]) == 4
    assert answer.crowded == (PEOPLE[4],)
    assert rows(found(ties, (0, 4))) == [(PEOPLE[0], PEOPLE[4])]


def test_a_search_that_gives_up_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_LOOKED_AT", 2)

    assert found([Edge(0, 1), Edge(1, 2), Edge(2, 3), Edge(3, 4)], (0, 4)).was_cut
