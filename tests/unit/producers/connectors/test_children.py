"""Normalised exports: rows of child files join the record whose key they have."""

from __future__ import annotations

from pathlib import Path

import pytest

from producers.connectors.csv_snapshot import Account, DifferState, Options, publish_snapshot
from producers.connectors.csv_snapshot.folder import find_exports
from producers.mapping import load
from producers.publisher import Publisher
from recordbus.errors import Misconfigured, Rejected

from .conftest import Department

MAPPING = """
mapping: test
title: Test
exports:
  calls:
    file: "calls.csv"
    record_kind: service_call
    key: [NO]
    recorded_at: {column: AT, dates: ["%Y-%m-%d"]}
    children:
      phones: {file: "call_phones*.csv", key: [CALL], order: [SEQ]}
    body:
      narrative: TEXT
      references: [{for_each: phones, type: =case, number: PHONE}]
  permits:
    file: "permits.csv"
    record_kind: permit
    key: [NO]
    recorded_at: {column: AT, dates: ["%Y-%m-%d"]}
    body: {narrative: TEXT}
"""


def write(department: Department, *phones: str, header: str = "CALL,SEQ,PHONE") -> Path:
    department.write({"1": "one", "2": "two"})
    path = department.folder / "call_phones.csv"
    path.write_text("\n".join([header, *phones]) + "\n")
    return department.folder


def publish(department: Department, folder: Path) -> Account:
    mapping = load(MAPPING, name="test")
    export, path = find_exports(mapping, folder)[0]
    publisher = Publisher(department.owner, department.broker, department.broker)
    with DifferState(folder / "state.sqlite", department.clock) as state:
        return publish_snapshot(
            export, path, department.owner, publisher, state, department.clock, Options()
        )


def phones(department: Department) -> dict[str, list[str]]:
    bodies = [change["body"] for change in department.broker.newest().values()]
    return {b["record_id"]: [r["number"] for r in b["references"]] for b in bodies}


def test_child_rows_come_in_the_declared_order(department: Department) -> None:
    publish(department, write(department, "1,10,j", "2,1,x", "1,2,b", "1,1,a"))
    assert phones(department) == {"1": ["a", "b", "j"], "2": ["x"]}


def test_a_changed_child_row_changes_its_record_alone(department: Department) -> None:
    publish(department, write(department, "1,1,a", "2,1,x"))
    account = publish(department, write(department, "1,1,a", "2,1,y"))
    assert (account.accepted, account.unchanged) == (1, 1)
    assert phones(department) == {"1": ["a"], "2": ["y"]}


def test_child_rows_in_another_order_change_nothing(department: Department) -> None:
    publish(department, write(department, "1,1,a", "1,2,b"))
    assert publish(department, write(department, "1,2,b", "1,1,a")).unchanged == 2


def test_a_broken_child_row_refuses_its_record(department: Department) -> None:
    account = publish(department, write(department, "1,1", "2,1,x"))
    assert account.refused == {"ragged": 1}
    assert "line 2 of `phones`" in account.refusals[0].detail
    assert phones(department) == {"2": ["x"]}


def test_a_broken_child_row_does_not_withdraw_its_record(department: Department) -> None:
    publish(department, write(department, "1,1,a", "2,1,x"))
    account = publish(department, write(department, "1,1", "2,1,x"))
    assert (account.withdrawn, account.refused.total()) == (0, 1)
    assert phones(department) == {"1": ["a"], "2": ["x"]}


def test_a_child_row_without_a_key_refuses_the_snapshot(department: Department) -> None:
    folder = write(department, "7", header="SEQ,PHONE,CALL")
    with pytest.raises(Rejected, match="lacks its key"):
        publish(department, folder)


def test_a_missing_child_column_refuses_the_snapshot(department: Department) -> None:
    folder = write(department, "1,1", header="CALL,SEQ")
    with pytest.raises(Rejected, match="child file `phones` lacks PHONE"):
        publish(department, folder)


def test_there_must_be_exactly_one_child_file(department: Department) -> None:
    folder = write(department, "1,1,a")
    (folder / "call_phones_old.csv").write_text("CALL,SEQ,PHONE\n")
    with pytest.raises(Misconfigured, match="2 files beside"):
        publish(department, folder)


def test_a_folder_holds_the_exports_that_are_there(department: Department) -> None:
    folder = write(department, "1,1,a")
    mapping = load(MAPPING, name="test")
    assert [each.export.name for each in find_exports(mapping, folder)] == ["calls"]
    (folder / "permits.csv").write_text("NO,AT,TEXT\n")
    assert [e.export.name for e in find_exports(mapping, folder)] == ["calls", "permits"]
    assert find_exports(mapping, folder / "permits.csv")[0].export.name == "permits"
    with pytest.raises(Misconfigured, match="is no export of the mapping test"):
        find_exports(mapping, folder / "call_phones.csv")
