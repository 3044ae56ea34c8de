"""What each owner is told of the uses of its records, and nothing of others' (R-41)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordbus.audit.entry import owners_of
from recordbus.audit.uses import Use, uses_of
from tests.unit.recordbus.audit.conftest import entry

DEPARTMENTS = ("harbor-city-pd", "millbrook-pd", "alder-county-so")
OWNERS = ["harbor-city-pd", "millbrook-pd", "harbor-city-pd"]


def said(**fields: Any) -> dict[str, Any]:
    entry = {"entry_id": "id-1", "sequence": 4, "at": "2026-11-01T00:00:00.00Z",
             "operation": "consultation", "command": "search", "outcome": "answered",
             "requester": "det. Alvarez", "purpose": "prosecution", "case_number": "2026-1",
             "asked": {"name": "committed:1"}, "owners": OWNERS,
             "records": ["h1@3", "m7@1", "h2@1"]}  # fmt: skip
    return entry | fields


def test_each_owner_learns_of_its_own_records() -> None:
    harbor, millbrook = uses_of(said(agency_ori="ZZ0010100"))

    assert harbor == Use(
        "harbor-city-pd", "id-1", 4, "2026-11-01T00:00:00.00Z", "consultation", "search",
        "answered", "det. Alvarez", None, "ZZ0010100", "prosecution", "2026-1", ("h1@3", "h2@1"),
    )  # fmt: skip
    assert (millbrook.department, millbrook.records) == ("millbrook-pd", ("m7@1",))


@pytest.mark.parametrize(
    "fields",
    [{"outcome": "refused"}, {"outcome": "rejected"}, {"operation": "erasure"},
     {"records": [], "owners": []}, {"owners": []}],
    ids=str,
)  # fmt: skip
def test_what_used_no_record_of_an_owner_is_told_to_nobody(fields: dict[str, Any]) -> None:
    assert list(uses_of(said(**fields))) == []


def test_one_owner_stands_for_all_records() -> None:
    (use,) = uses_of(said(owners=["millbrook-pd"]))

    assert (use.department, use.records) == ("millbrook-pd", ("h1@3", "m7@1", "h2@1"))


@given(st.lists(st.tuples(st.sampled_from(["h1@1", "h2", "m1@2"]), st.sampled_from(DEPARTMENTS))))
def test_every_record_is_told_to_its_owner_and_to_nobody_else(
    owned: list[tuple[str, str]],
) -> None:
    owners = list(owners_of([owner for _, owner in owned]))
    found = list(uses_of(said(records=[key for key, _ in owned], owners=owners)))

    assert [(each.department, each.records) for each in found] == [
        (department, tuple(key for key, owner in owned if owner == department))
        for department in sorted({owner for _, owner in owned})
    ]
    assert all("committed" not in repr(each) for each in found)


def test_an_entry_says_whose_each_record_is() -> None:
    entry(records=("a", "b"), owners=("x", "y"))
    with pytest.raises(ValueError, match="audit entry"):
        entry(records=("a", "b", "c"), owners=("x", "y"))
