"""Rows 47-58 as a department meets them: what is sent, what is refused, what is held."""

from __future__ import annotations

from pathlib import Path

import pytest

from producers.connectors.csv_snapshot import RecordVerbs, find_record
from recordbus.errors import Rejected, Retryable
from recordbus.metrics import sample
from schemas.events import Dispute

from .conftest import Department

THREE = {"1": "one", "2": "two", "3": "three"}


def many(count: int, *, without: int = 0) -> dict[str, str]:
    return {str(n): f"text {n}" for n in range(without, count)}


def test_the_first_snapshot_publishes_everything(department: Department) -> None:
    account = department.publish(department.write(THREE))
    assert (account.ending, account.read, account.accepted) == ("published", 3, 3)
    assert department.broker.live_texts() == THREE


def test_only_changes_are_sent(department: Department) -> None:
    department.publish(department.write(many(100)))
    department.broker.held.clear()
    account = department.publish(department.write(many(100) | {"5": "new text", "200": "new"}))
    assert (account.accepted, account.unchanged, account.withdrawn) == (2, 99, 0)
    assert department.broker.live_texts() == {"5": "new text", "200": "new"}


def test_the_same_snapshot_again_sends_nothing(department: Department) -> None:
    path = department.write(THREE)
    department.publish(path)
    sent = len(department.broker.held)
    account = department.publish(path)
    assert (account.accepted, account.unchanged) == (0, 3)
    assert len(department.broker.held) == sent


def test_reordered_columns_change_nothing(department: Department) -> None:
    department.publish(department.write(THREE))
    path = department.folder / "calls.csv"
    lines = [f"{text},{number},2020-01-02" for number, text in THREE.items()]
    path.write_text("\n".join(["TEXT,NO,AT", *lines]) + "\n")
    assert department.publish(path).unchanged == 3


def test_a_changed_mapping_sends_everything_again(department: Department) -> None:
    path = department.write(THREE)
    department.publish(path)
    department.settings = "ignored_columns: [OLD]\n    optional_columns: [PRIORITY]"
    assert department.publish(path).accepted == 3


def test_a_vanished_row_is_withdrawn_and_may_come_back(department: Department) -> None:
    department.publish(department.write(many(100)))
    account = department.publish(department.write(many(100, without=1)))
    assert account.withdrawn == 1
    assert "0" not in department.broker.live_texts()
    path = department.write(many(100))
    with pytest.raises(Rejected, match="older_snapshot"):
        department.publish(path)
    assert department.publish(path, approve=True).accepted == 1
    assert department.broker.live_texts() == many(100)


def test_an_export_of_changes_withdraws_nothing(department: Department) -> None:
    department.source = "completeness: changes"
    department.publish(department.write(many(100)))
    account = department.publish(department.write({"7": "new"}))
    assert (account.ending, account.accepted, account.withdrawn) == ("published", 1, 0)
    assert len(department.broker.live_texts()) == 100


@pytest.mark.parametrize(
    ("before", "gone", "held"),
    [(100, 2, False), (100, 3, True), (900, 10, False), (900, 11, True)],
)
def test_row_55_a_shrunken_snapshot_is_held(
    department: Department, before: int, gone: int, held: bool
) -> None:
    department.source = "withdraw_count: 10"
    department.publish(department.write(many(before)))
    sent = len(department.broker.held)
    account = department.publish(department.write(many(before, without=gone)))
    assert (account.ending == "held") is held
    assert len(department.broker.held) == sent + (0 if held else gone)
    assert sample("recordbus_snapshot_rows_held", department="test-pd") == (
        before - gone if held else 0
    )


def test_row_55_a_held_snapshot_accounts_for_every_row(department: Department) -> None:
    department.publish(department.write(many(100)))
    account = department.publish(department.write(many(50) | {"1": "changed", "x": "new"}))
    assert account.ending == "held"
    assert account.refused == {"suspicious_delete_ratio": 2}
    assert (account.read, account.unchanged, account.adds_up) == (51, 49, True)
    assert account.held_because == "50 of 100 records vanished, more than 2.0%"


def test_row_55_an_empty_snapshot_is_held_until_it_is_approved(department: Department) -> None:
    department.publish(department.write(THREE))
    empty = department.write([])
    assert department.publish(empty).ending == "held"
    assert department.publish(empty).ending == "held"
    account = department.publish(empty, approve=True)
    assert (account.ending, account.read, account.withdrawn) == ("published", 0, 3)
    assert department.broker.live_texts() == {}


def test_row_56_one_key_with_two_contents_refuses_both(department: Department) -> None:
    path = department.write(["1,2020-01-02,a", "2,2020-01-02,b", "1,2020-01-02,c"])
    account = department.publish(path)
    assert account.refused == {"duplicate_key_in_snapshot": 2}
    assert [refusal.line for refusal in account.refusals] == [2, 4]
    assert department.broker.live_texts() == {"2": "b"}


def test_row_56_a_key_in_conflict_keeps_what_was_accepted(department: Department) -> None:
    department.publish(department.write({"1": "a", "2": "b"}))
    department.publish(department.write(["1,2020-01-02,x", "1,2020-01-02,y", "2,2020-01-02,b"]))
    assert department.broker.live_texts() == {"1": "a", "2": "b"}


def test_the_same_row_again_is_a_duplicate(department: Department) -> None:
    path = department.write(["1,2020-01-02,a", "1,2020-01-02,a ", "1,2020-01-02,b"])
    account = department.publish(path)
    assert (account.duplicates, account.refused) == (1, {"duplicate_key_in_snapshot": 2})
    account = department.publish(department.write(["1,2020-01-02,a", "1,2020-01-02,a"]))
    assert (account.accepted, account.duplicates) == (1, 1)


def test_row_57_an_earlier_snapshot_is_refused(department: Department) -> None:
    first = department.write(THREE, "a.csv")
    second = department.write(THREE | {"1": "newer"}, "b.csv")
    department.publish(first)
    department.publish(second)
    with pytest.raises(Rejected, match="older_snapshot"):
        department.publish(first)
    assert department.broker.live_texts()["1"] == "newer"


def test_row_57_a_lower_number_is_refused(department: Department) -> None:
    department.source = r"sequence: '-(\d+)\.csv'"
    department.publish(department.write(THREE, "calls-7.csv"))
    department.publish(department.write(THREE | {"1": "newer"}, "calls-9.csv"))
    with pytest.raises(Rejected, match="is number 8, the last one was 9"):
        department.publish(department.write(THREE | {"1": "between"}, "calls-8.csv"))


def test_a_numbered_snapshot_may_say_what_an_earlier_one_said(department: Department) -> None:
    department.source = r"sequence: '-(\d+)\.csv'"
    for number, text in enumerate(("first", "second", "first"), start=1):
        department.publish(department.write({"1": text}, f"calls-{number}.csv"))
    assert department.broker.live_texts() == {"1": "first"}


def test_row_51_a_missing_column_refuses_the_file_and_a_new_one_warns(
    department: Department,
) -> None:
    path = department.folder / "calls.csv"
    path.write_text("NO,AT\n1,2020-01-02\n")
    with pytest.raises(Rejected, match="missing_column: the header lacks TEXT"):
        department.publish(path)
    path.write_text("NO,AT,TEXT,NEW\n1,2020-01-02,a,b\n")
    account = department.publish(path)
    assert len(account.warnings) == 1
    assert "`NEW`" in account.warnings[0]


def test_a_faulty_row_neither_stops_the_others_nor_withdraws_its_record(
    department: Department,
) -> None:
    department.publish(department.write(many(3)))
    account = department.publish(
        department.write(["0,2020-01-02", "1,soon,text 1", "2,2020-01-02,c"])
    )
    assert account.refused == {"ragged": 1, "ambiguous_date": 1}
    assert (account.accepted, account.withdrawn, account.ending) == (1, 0, "published")
    assert department.broker.live_texts() == {"0": "text 0", "1": "text 1", "2": "c"}


def test_rows_that_nobody_can_place_keep_withdrawals_waiting(department: Department) -> None:
    department.publish(department.write(many(100)))
    rows = [f"{n},2020-01-02,text {n}" for n in range(1, 100)]
    path = department.write([*rows, "broken"])
    account = department.publish(path)
    assert (account.withdrawn, account.withdrawals_held) == (0, 1)
    assert "0" in department.broker.live_texts()
    account = department.publish(path, approve=True)
    assert (account.withdrawn, account.withdrawals_held) == (1, 0)


def test_refused_values_name_line_and_column_and_never_the_value(department: Department) -> None:
    account = department.publish(department.write(["1,CANARY-31-FEB,text"]))
    refusal = account.refusals[0]
    assert (refusal.line, refusal.reason) == (2, "ambiguous_date")
    assert "column AT" in refusal.detail
    assert "CANARY" not in refusal.detail


def test_what_the_schema_refuses_is_refused_by_name(department: Department) -> None:
    account = department.publish(department.write({"1": "x" * 70_000, "2": "fine"}))
    assert account.refused == {"invalid_record": 1}
    assert account.accepted == 1


def test_a_dry_run_sends_nothing_and_remembers_nothing(department: Department) -> None:
    path = department.write(THREE)
    account = department.publish(path, dry_run=True)
    assert (account.ending, account.accepted) == ("dry_run", 3)
    assert department.broker.held == []
    assert department.publish(path).accepted == 3


def test_the_same_state_is_not_opened_twice(department: Department) -> None:
    with department.state(), pytest.raises(Retryable, match="another process"):
        department.state()


def test_a_file_that_changes_while_it_is_read_is_refused(department: Department) -> None:
    path = department.write(THREE)

    def rewrite(step: str) -> None:
        if step == "planned":
            department.write(THREE | {"2": "other"})

    with pytest.raises(Rejected, match="file_changing"):
        department.publish(path, step=rewrite)
    department.publish(path)
    assert department.broker.live_texts() == THREE | {"2": "other"}


# --- the department's own version numbers ------------------------------------------------


def versioned(department: Department) -> None:
    department.settings = "source_seq: {column: PRIORITY}"


def version_rows(*rows: tuple[str, str, int]) -> list[str]:
    return [f"{number},2020-01-02,{text},{version}" for number, text, version in rows]


def write_versions(department: Department, *rows: tuple[str, str, int]) -> Path:
    path = department.write(version_rows(*rows))
    text = path.read_text().replace("NO,AT,TEXT\n", "NO,AT,TEXT,PRIORITY\n")
    path.write_text(text)
    return path


def test_an_older_version_of_a_row_is_superseded(department: Department) -> None:
    versioned(department)
    department.publish(write_versions(department, ("1", "new", 5)))
    account = department.publish(write_versions(department, ("1", "old", 4)))
    assert account.refused == {"superseded": 1}
    assert department.broker.live_texts() == {"1": "new"}


def test_versions_rise_across_withdrawal_and_return(department: Department) -> None:
    versioned(department)
    department.publish(write_versions(department, ("1", "a", 5), ("2", "b", 1)))
    department.publish(write_versions(department, ("2", "b", 1)), approve=True)
    department.publish(write_versions(department, ("2", "b", 1), ("1", "a", 5)))
    assert department.broker.live_texts() == {"1": "a", "2": "b"}
    account = department.publish(write_versions(department, ("1", "c", 6), ("2", "b", 1)))
    assert account.accepted == 1
    assert department.broker.live_texts() == {"1": "c", "2": "b"}


# --- verbs -------------------------------------------------------------------------------


def test_a_sealed_record_stays_sealed_until_it_is_unsealed(department: Department) -> None:
    path = department.write(THREE)
    department.publish(path)
    with department.state() as state:
        RecordVerbs(department.publisher(), state).seal("service_call", "2", "court_order")
    account = department.publish(department.write(THREE | {"2": "changed"}))
    assert (account.unchanged, account.sealed) == (3, 1)
    assert "2" not in department.broker.live_texts()
    with department.state() as state:
        found = find_record(department.export, department.owner, path, "2")
        RecordVerbs(department.publisher(), state).unseal(found)
    assert department.broker.live_texts() == THREE | {"2": "changed"}
    assert department.publish(path).unchanged == 3


def test_an_expunged_record_is_refused_by_name_and_leaves_no_trace(
    department: Department,
) -> None:
    """O3: the differ's file holds nothing of the record, not even its number."""
    path = department.write(THREE | {"CANARY-4711": "CANARY text"})
    department.publish(path)
    with department.state() as state:
        verbs = RecordVerbs(department.publisher(), state)
        verbs.expunge("service_call", "CANARY-4711", "court_order")
    account = department.publish(path)
    assert account.refused == {"resurrection_attempt": 1}
    assert "CANARY-4711" not in department.broker.live_texts()
    for file in department.folder.iterdir():
        if file != path:
            assert b"CANARY" not in file.read_bytes()


def test_a_disputed_record_carries_its_dispute_through_every_change(
    department: Department,
) -> None:
    path = department.write(THREE)
    department.publish(path)
    now = department.clock.now()
    dispute = Dispute(dispute_id="d1", raised_at=now, by="subject", statement_reference="S-1")
    with department.state() as state:
        found = find_record(department.export, department.owner, path, "1")
        RecordVerbs(department.publisher(), state).dispute(found, dispute)
    path = department.write(THREE | {"1": "corrected"})
    assert department.publish(path).accepted == 1
    newest = {c["body"]["record_id"]: c for c in department.broker.newest().values()}["1"]
    assert newest["body"]["narrative"] == "corrected"
    assert newest["disputes"][0]["dispute_id"] == "d1"
    assert newest["disputes"][0]["raised_at"] == now
    with department.state() as state:
        found = find_record(department.export, department.owner, path, "1")
        verbs = RecordVerbs(department.publisher(), state)
        verbs.resolve_dispute(found, "d1", department.clock.now())
        with pytest.raises(Rejected, match="no dispute"):
            verbs.resolve_dispute(found, "d2", department.clock.now())
    newest = {c["body"]["record_id"]: c for c in department.broker.newest().values()}["1"]
    assert newest["disputes"][0]["resolved_at"] is not None
