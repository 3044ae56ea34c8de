"""The shipped mappings read the whole exports: nothing is refused but what was injected."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any

import pytest

from producers.connectors.csv_snapshot import (
    Account,
    DifferState,
    Options,
    find_exports,
    publish_snapshot,
)
from producers.publisher import Owner
from producers.publisher.record import checked_value
from producers.shipped import find_mapping
from producers.synthetic.damage import KINDS as DAMAGES
from producers.synthetic.damage import draw_damage
from producers.synthetic.departments import BY_NAME, DEPARTMENTS, SyntheticDepartment
from producers.synthetic.exports.all import ALL
from producers.synthetic.facts import Fact, Mention
from producers.synthetic.record_inputs import record_input
from producers.synthetic.world import World
from producers.synthetic.writer import folder
from recordbus.clock import SystemClock
from schemas.association_rules import association_rules

from .conftest import SNAPSHOTS, County

NAMES = [department.name for department in DEPARTMENTS]
_UNLISTED = {"model"}  # our schema has no code list for models


def owner(department: SyntheticDepartment) -> Owner:
    contact = {
        "unit": department.contact.unit,
        "phone": department.contact.phone,
        "email": department.contact.email,
    }
    topic = f"ingest.{department.name}.v1"
    return Owner(department.name, department.ori, topic, contact, b"synthetic secret".ljust(32))


def accounts(county: County, name: str, step: int) -> list[Account]:
    """Map and check a department's snapshot without sending it."""
    mapping = find_mapping(name)
    clock = SystemClock()
    options = Options(dry_run=True)
    with DifferState(None, clock) as state:
        return [
            publish_snapshot(export, path, owner(BY_NAME[name]), None, state, clock, options)
            for export, path in find_exports(mapping, folder(county.root, name, step))
        ]


@pytest.mark.parametrize("step", range(1, SNAPSHOTS + 1))
@pytest.mark.parametrize("name", NAMES)
def test_whole_exports_map_with_the_injected_refusals_alone(
    county: County, name: str, step: int
) -> None:
    expected = county.manifest["departments"][name]["snapshots"][step - 1]
    done = accounts(county, name, step)
    refused = sum((account.refused for account in done), Counter[str]())
    assert dict(refused) == expected["refused"]
    assert sum(account.read for account in done) == expected["rows"]
    assert sum(account.accepted for account in done) == expected["records"]
    assert sum(account.duplicates for account in done) == expected["duplicates"]
    assert [account.warnings for account in done] == [[]] * len(ALL[name].by_kind)


@pytest.mark.parametrize("name", NAMES)
def test_every_kind_of_damage_is_drawn(name: str) -> None:
    uniform = Random(1).random
    for export in ALL[name].by_kind.values():
        drawn = {draw_damage(export, uniform) for _ in range(20_000)} - {""}
        left_out = "unknown_value" if export.closed is None else "ragged"
        assert drawn == set(DAMAGES) - {left_out}


Body = Mapping[str, Any]


def mapped(name: str, kind: str) -> Callable[[Fact], Body]:
    """Give the way from a department's facts of one kind, through its row, to our record."""
    export = ALL[name].by_kind[kind]
    mapping = next(e for e in find_mapping(name).exports.values() if e.record_kind == kind)
    children = {
        child: next(c for c in export.children if c.file == _plain(spec.file))
        for child, spec in mapping.children().items()
    }
    mapper = mapping.bind(
        list(export.header), {child: list(c.header) for child, c in children.items()}
    )

    def body(fact: Fact) -> Body:
        rows = {
            child: [mapper.child_cells(child).clean(row) for row in c.rows(fact)]
            for child, c in children.items()
        }
        return mapper.map(mapper.cells.clean(export.row(fact)), rows).body

    return body


def _plain(pattern: str) -> str:
    return pattern.replace("*", "")


@pytest.fixture(scope="module")
def facts() -> dict[str, list[Fact]]:
    world = World(1200, 11)
    return {name: list(world.facts(department=name)) for name in NAMES}


@pytest.fixture(scope="module")
def bodies(facts: dict[str, list[Fact]]) -> dict[str, list[tuple[Fact, Body]]]:
    """Map the undamaged facts of every department from the rows it would export."""
    ways = {(name, kind): mapped(name, kind) for name in NAMES for kind in ALL[name].by_kind}
    return {name: [(f, ways[name, f.kind](f)) for f in facts[name]] for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_roles_and_slots_survive_the_mapping(
    name: str, bodies: dict[str, list[tuple[Fact, Body]]]
) -> None:
    rules = association_rules()
    for fact, body in bodies[name]:
        people = {(p["local_id"], p["role"], p["subject_category"]) for p in body["people"]}
        assert people == {(m.slot, m.role, m.category) for m in fact.people}
        assert {v["local_id"] for v in body["vehicles"]} == {m.slot for m in fact.vehicles}
        for person in body["people"]:
            allowed = rules[fact.kind].roles[person["role"]].subject_categories
            assert person["subject_category"] in allowed


@pytest.mark.parametrize("name", NAMES)
def test_every_code_column_has_a_code_and_keeps_its_source(
    name: str, bodies: dict[str, list[tuple[Fact, Body]]]
) -> None:
    seen = 0
    for fact, body in bodies[name]:
        for path, coded in coded_values(body, ()):
            seen += 1
            if path[-1] not in _UNLISTED:
                assert coded["code"] is not None, (fact.kind, path, coded)
    assert seen > 100


def coded_values(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Give every coded value below, with where it stands."""
    if isinstance(value, dict):
        if value.keys() == {"code", "source"}:
            yield path, value
            return
        for key, inner in value.items():
            yield from coded_values(inner, (*path, key))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from coded_values(inner, path)


def test_a_mapped_person_is_the_one_that_was_written(
    bodies: dict[str, list[tuple[Fact, Body]]],
) -> None:
    for fact, body in bodies["harbor-city-pd"]:
        by_slot = {p["local_id"]: p["person"] for p in body["people"]}
        for m in fact.people:
            assert_same(m, by_slot[m.slot], record_input(fact, 1))


def assert_same(m: Mention, mapped: Mapping[str, Any], direct: Mapping[str, Any]) -> None:
    """Compare what came through file and mapping with what came straight from the fact."""
    people = {p["local_id"]: p["person"] for p in direct["body"]["people"]}
    straight = people[m.slot]
    assert mapped["names"] == straight["names"]
    assert value_of(mapped["date_of_birth"]) == value_of(straight["date_of_birth"])
    for field in ("sex", "race", "hair_colour", "eye_colour", "complexion", "build"):
        assert code_of(mapped[field]) == code_of(straight[field]), field
    marks = [mark["code"]["code"] for mark in mapped["marks"]]
    assert marks == [mark["code"]["code"] for mark in straight["marks"]]
    if straight["height_inches"] is not None and straight["height_inches"] > 35:
        assert mapped["height_inches"] == straight["height_inches"]


def value_of(dated: Mapping[str, Any] | None) -> str | None:
    return dated["value"] if dated else None


def code_of(coded: Mapping[str, Any] | None) -> str | None:
    return coded["code"] if coded else None


@pytest.mark.parametrize("name", NAMES)
def test_facts_are_valid_records_without_a_file_in_between(
    name: str, facts: dict[str, list[Fact]]
) -> None:
    for number, fact in enumerate(facts[name], 1):
        value = checked_value(record_input(fact, number))
        assert value["body"]["record_id"] == fact.number


def test_the_mappings_are_shipped_under_their_departments_names() -> None:
    for name in NAMES:
        mapping = find_mapping(name)
        assert mapping.name == name
        assert not mapping.warnings
        assert {e.record_kind for e in mapping.exports.values()} == set(ALL[name].by_kind)


def test_departments_can_be_told_apart() -> None:
    assert len({d.ori for d in DEPARTMENTS}) == len(DEPARTMENTS)
    assert all(len(d.ori) == 9 and d.ori.isupper() for d in DEPARTMENTS)
    assert all(re.fullmatch("[a-z0-9-]+", name) for name in NAMES)
