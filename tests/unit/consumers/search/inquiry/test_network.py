"""What is around an entity, held against networkx on small worlds (R-04, R-07)."""

from __future__ import annotations

import networkx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.search.inquiry import network as module
from consumers.search.inquiry.following import Following
from consumers.search.inquiry.network import Network, network
from consumers.testing import seen_whole
from tests.unit.consumers.search.inquiry.worlds import NOW, PEOPLE, Edge, edge_of, edges, world


def around(ties: list[Edge], depth: int, *, with_assessments: bool = False) -> Network:
    following = Following(NOW, with_assessments)
    return network(seen_whole(world(ties)).graph, PEOPLE[0], "person", depth, following)


def led_to(ties: list[Edge], depth: int) -> dict[str, int]:
    graph: networkx.Graph[str] = networkx.Graph()
    graph.add_node(PEOPLE[0])
    graph.add_edges_from(
        (PEOPLE[e.start], PEOPLE[e.end]) for e in ties if e.may_be_followed(with_assessments=False)
    )
    return dict(networkx.single_source_shortest_path_length(graph, PEOPLE[0], depth))


def stands_at_the_middle(edge: Edge) -> bool:
    """Tell whether a tie that leads nowhere is drawn all the same: at the one asked for."""
    is_hidden = edge.state in ("restricted", "past") or edge.type in ("family", "associate")
    return 0 in (edge.start, edge.end) and edge.start != edge.end and not is_hidden


@settings(max_examples=300, deadline=None)
@given(edges(), st.integers(1, 4))
def test_only_what_may_be_followed_leads_on(ties: list[Edge], depth: int) -> None:
    found = around(ties, depth)
    wanted = led_to(ties, depth)
    at_the_middle = {
        PEOPLE[each]
        for e in ties
        if stands_at_the_middle(e)
        for each in (e.start, e.end)
    }  # fmt: skip

    assert {node.entity_id for node in found.nodes} == wanted.keys() | at_the_middle
    for node in found.nodes:
        if node.entity_id in wanted and node.entity_id not in at_the_middle:
            assert node.distance == wanted[node.entity_id]


@settings(max_examples=300, deadline=None)
@given(edges(), st.integers(1, 4))
def test_the_ties_drawn_are_those_among_what_is_drawn(ties: list[Edge], depth: int) -> None:
    found = around(ties, depth)
    drawn = {node.entity_id for node in found.nodes}
    led = led_to(ties, depth)
    for tie in found.ties:
        edge = edge_of(tie, ties)
        assert edge.may_be_followed(with_assessments=False) or stands_at_the_middle(edge)
        assert {tie.from_entity, tie.to_entity} <= drawn
    wanted = {
        n for n, e in enumerate(ties)
        if (e.may_be_followed(with_assessments=False) and PEOPLE[e.start] in led
            and PEOPLE[e.end] in led) or stands_at_the_middle(e)
    }  # fmt: skip
    assert sorted(map(ties.index, (edge_of(tie, ties) for tie in found.ties))) == sorted(
        ties.index(ties[n]) for n in wanted
    )


@settings(max_examples=150, deadline=None)
@given(edges(), st.integers(1, 3), st.integers(0, 20))
def test_taking_a_tie_back_never_adds_one(ties: list[Edge], depth: int, which: int) -> None:
    """R-23: what is drawn after a retraction was drawn before."""
    if not ties:
        return
    frozen = [e._replace(state="frozen") if n == which % len(ties) else e
              for n, e in enumerate(ties)]  # fmt: skip
    gone = [e._replace(state="past") if n == which % len(ties) else e for n, e in enumerate(ties)]
    before = {tie.association_id for tie in around(ties, depth).ties}

    assert {tie.association_id for tie in around(gone, depth).ties} <= before
    if ties[which % len(ties)].state == "plain":
        assert {tie.association_id for tie in around(frozen, depth).ties} <= before


@settings(max_examples=100, deadline=None)
@given(edges())
def test_assessments_are_drawn_only_when_asked_for(ties: list[Edge]) -> None:
    """R-03: by default facts only, and the number of hidden assessments is said."""
    plain, judged = around(ties, 2), around(ties, 2, with_assessments=True)

    assert all(tie.told["evidence_kind"] == "fact" for tie in plain.ties)
    assert {t.association_id for t in plain.ties} <= {t.association_id for t in judged.ties}
    assert "assessment" not in judged.left_out


def test_what_does_not_fit_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    ties = [Edge(0, other) for other in range(1, 9)]
    monkeypatch.setattr(module, "MOST_ENTITIES", 4)
    monkeypatch.setattr(module, "MOST_DRAWN_TIES", 2)

    found = around(ties, 1)

    assert (len(found.nodes), found.entities_cut) == (4, 5)
    assert (len(found.ties), found.ties_cut) == (2, 1)


def test_what_very_many_share_is_not_drawn_around(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_TIES", 3)
    ties = [Edge(0, 1), *(Edge(1, other) for other in range(2, 7))]

    found = around(ties, 2)

    assert found.crowded == (PEOPLE[1],)
    assert len(found.nodes) == 2
