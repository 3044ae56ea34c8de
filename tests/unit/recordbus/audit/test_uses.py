"""What each owner is told of the uses of its records, and nothing of others' (R-41)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordbus.audit.entry import keyed, owners_of
from recordbus.audit.uses import Use, Used, uses_of
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


def keys(use: Use) -> tuple[str, ...]:
    return tuple(keyed(each.record_key, each.version) for each in use.records)


def test_each_owner_learns_of_its_own_records() -> None:
    harbor, millbrook = uses_of(said(agency_ori="ZZ0010100"))

    assert harbor == Use(
        "harbor-city-pd", "id-1", 4, "2026-11-01T00:00:00.00Z", "consultation", "search",
        "answered", "det. Alvarez", None, "ZZ0010100", "prosecution", "2026-1", False,
        (Used("h1", 3, None), Used("h2", 1, None)),
    )  # fmt: skip
    assert (millbrook.department, keys(millbrook)) == ("millbrook-pd", ("m7@1",))


@pytest.mark.parametrize(
    "fields",
    [{"outcome": "rejected"}, {"operation": "erasure"}, {"operation": "collection"},
     {"records": [], "owners": []}, {"owners": []}],
    ids=str,
)  # fmt: skip
def test_what_used_no_record_of_an_owner_is_told_to_nobody(fields: dict[str, Any]) -> None:
    assert list(uses_of(said(**fields))) == []


def test_one_owner_stands_for_all_records() -> None:
    (use,) = uses_of(said(owners=["millbrook-pd"]))

    assert (use.department, keys(use)) == ("millbrook-pd", ("h1@3", "m7@1", "h2@1"))


def test_a_denial_is_told_with_its_rules() -> None:
    (use,) = uses_of(said(outcome="refused", owners=["millbrook-pd"], reasons=["deny/1"],
                          levels=["none"], records=["m7@1"], policy_version="v7"))  # fmt: skip

    assert (use.outcome, use.reasons, use.policy_version) == ("refused", ("deny/1",), "v7")
    assert use.records == (Used("m7", 1, "none"),)


def test_a_denial_that_names_an_owner_only_is_told_to_it() -> None:
    (use,) = uses_of(said(outcome="refused", owners=["millbrook-pd"], records=[]))

    assert (use.department, use.records) == ("millbrook-pd", ())


def test_an_owner_learns_how_much_was_given_of_each_of_its_records() -> None:
    harbor, millbrook = uses_of(said(levels=["full", "pointer", "pointer"]))

    assert [each.level for each in harbor.records] == ["full", "pointer"]
    assert [each.level for each in millbrook.records] == ["pointer"]
    assert {each.level for use in uses_of(said(levels=["full"])) for each in use.records} == {
        "full"
    }


def test_the_rules_of_several_owners_are_told_to_none_of_them() -> None:
    """Which agreement opened another owner's records is that owner's matter."""
    assert [use.reasons for use in uses_of(said(reasons=["a/1", "b/2"]))] == [(), ()]


@pytest.mark.parametrize(
    ("key", "used"),
    [("k@7", Used("k", 7, None)), ("k", Used("k", None, None)), ("k@", Used("k@", None, None)),
     ("@7", Used("@7", None, None)), ("a@b@7", Used("a@b", 7, None)),
     (f"k@{'9' * 19}", Used(f"k@{'9' * 19}", None, None))],
)  # fmt: skip
def test_a_key_is_read_with_its_version_and_without(key: str, used: Used) -> None:
    (use,) = uses_of(said(records=[key], owners=["x"]))

    assert use.records == (used,)


@given(st.lists(st.tuples(st.sampled_from(["h1@1", "h2", "m1@2"]), st.sampled_from(DEPARTMENTS))))
def test_every_record_is_told_to_its_owner_and_to_nobody_else(
    owned: list[tuple[str, str]],
) -> None:
    owners = list(owners_of([owner for _, owner in owned]))
    found = list(uses_of(said(records=[key for key, _ in owned], owners=owners)))

    assert [(each.department, keys(each)) for each in found] == [
        (department, tuple(key for key, owner in owned if owner == department))
        for department in sorted({owner for _, owner in owned})
    ]
    assert all("committed" not in repr(each) for each in found)


@pytest.mark.parametrize("name", ["owners", "levels"])
def test_an_entry_says_whose_each_record_is_and_how_much_of_it(name: str) -> None:
    said: dict[str, Any] = {name: ("full", "pointer")}
    entry(records=("a", "b"), **said)
    with pytest.raises(ValueError, match="audit entry"):
        entry(records=("a", "b", "c"), **said)


def test_a_level_is_one_of_three() -> None:
    with pytest.raises(ValueError, match="audit entry"):
        entry(records=("a",), levels=("hidden",))
