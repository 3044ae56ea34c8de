"""Small worlds of people and ties, and what may be followed in them: said again, on its own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

from hypothesis import strategies as st

from consumers.search.statements import StoredTie
from consumers.sink import Change, Progress
from consumers.testing import MemoryIndex
from recordbus.testing.records import part
from tests.unit.consumers.told import (
    association,
    bare,
    entity_id,
    identity,
    record_key,
    stands,
    taken_back,
)

NOW = datetime(2025, 1, 1, tzinfo=UTC)
PEOPLE = [entity_id(f"person {number}") for number in range(9)]
BASES = {
    "co_arrested": "arrest", "co_defendant": "charge", "seen_with": "field_contact",
    "housed_with": "custody", "family": "self_statement", "associate": "informant",
}  # fmt: skip
ASSESSED = ("family", "associate")


class Edge(NamedTuple):
    """A tie between two people: of a type, with what may be special about it."""

    start: int
    end: int
    type: str = "co_arrested"
    category: str = "suspect"
    state: str = "plain"

    def said(self, number: int) -> dict[str, Any]:
        """Give the association, resting on the record of this number."""
        return association(
            PEOPLE[self.start], PEOPLE[self.end], self.type, BASES[self.type],
            record=record_key(number), from_category=self.category, to_category="other",
            dissemination_level="restricted" if self.state == "restricted" else "law_enforcement",
            expires_at=NOW if self.state == "past" else None,
            juvenile=self.state == "juvenile",
            disputes=[part("AssociationDispute", dispute_id="D-1", by="subject")]
            if self.state == "frozen" else [],
        )  # fmt: skip

    def change(self, number: int) -> Change[Any]:
        """Give the change by which it stands, or is frozen."""
        said = self.said(number)
        return taken_back(said, "dispute") if self.state == "frozen" else stands(said)

    def may_be_followed(self, *, with_assessments: bool) -> bool:
        """Tell by the rules themselves whether somebody is led on by this (R-04, R-07, R-19)."""
        if self.start == self.end or self.state in ("restricted", "past", "frozen"):
            return False
        if self.type in ("seen_with", "housed_with") or self.category in ("victim", "witness"):
            return False
        return with_assessments or self.type not in ASSESSED


def edges(most: int = 14) -> st.SearchStrategy[list[Edge]]:
    """Draw the ties of a small world."""
    person = st.integers(0, len(PEOPLE) - 1)
    edge = st.builds(
        Edge, person, person, st.sampled_from(sorted(BASES)),
        st.sampled_from(["suspect", "suspect", "other", "victim", "witness"]),
        st.sampled_from(["plain", "plain", "plain", "juvenile", "frozen", "restricted", "past"]),
    )  # fmt: skip
    return st.lists(edge, max_size=most)


def world(ties: list[Edge]) -> MemoryIndex:
    """Give an index of these ties, each resting on a record of its own."""
    index = MemoryIndex()
    said: list[Change[Any]] = []
    for number, edge in enumerate(ties):
        key = record_key(number)
        said.append(bare(key))
        said += [identity(f"{key}.p1", PEOPLE[edge.start]), identity(f"{key}.p2", PEOPLE[edge.end])]
        said.append(edge.change(number))
    index.apply(said, {("associations.v1", 0): Progress(1, 0)})
    return index


def edge_of(tie: StoredTie, ties: list[Edge]) -> Edge:
    """Give the edge that a tie was made from."""
    return next(e for n, e in enumerate(ties) if record_key(n) == tie.record_key)
