"""Records arrive late, are corrected, progress, and leave; snapshots and actions agree on it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from producers.synthetic.calendar import LAST_DAY
from producers.synthetic.departments import DEPARTMENTS
from producers.synthetic.facts import Fact
from producers.synthetic.world import Told

from .conftest import SNAPSHOTS, County


def test_versions_follow_each_other_and_end_with_the_last_snapshot(told: Sequence[Told]) -> None:
    for each in told:
        spans = [(version.first_step, version.last_step) for version in each.versions]
        assert all(1 <= first <= last <= SNAPSHOTS for first, last in spans)
        assert all(before[1] < after[0] for before, after in pairwise(spans))
        leaves = {"withdraw", "seal", "expunge"} & {change.verb for change in each.changes}
        assert leaves or spans[-1][1] == SNAPSHOTS


def test_every_verb_happens(told: Sequence[Told]) -> None:
    verbs = Counter(change.verb for each in told for change in each.changes)
    assert set(verbs) >= {"arrive", "correct", "progress", "withdraw", "seal", "expunge"}
    reasons = {change.reason for each in told for change in each.changes}
    assert reasons >= {"late", "new", "case_dismissed", "court_order", "entered_in_error"}


def test_what_arrives_late_happened_long_before_it_was_entered(told: Sequence[Told]) -> None:
    late = [c for each in told for c in each.changes if c.reason == "late"]
    assert late
    for change in late:
        assert change.fact.recorded == LAST_DAY + change.step - 1
        assert change.fact.day <= LAST_DAY


def test_a_corrected_record_has_no_slip_left(told: Sequence[Told]) -> None:
    corrected = [each for each in told if any(c.verb == "correct" for c in each.changes)]
    assert corrected
    for each in corrected:
        assert each.versions[-1].fact.slips == []
    assert any(each.versions[0].fact.slips for each in corrected)


def test_pending_cases_are_decided_later_also_by_dismissal(six_days: Sequence[Told]) -> None:
    outcomes: Counter[str] = Counter()
    for each in six_days:
        if each.fact.kind == "court_disposition" and len(each.versions) == 2:
            before, after = each.versions[0].fact, each.versions[1].fact
            if before.details["outcome"] == "pending" != after.details["outcome"]:
                outcomes[after.details["outcome"]] += 1
                assert after.details["decided_day"] > LAST_DAY
    assert set(outcomes) >= {"convicted", "dismissed"}


def test_only_ended_cases_are_sealed_for_it(told: Sequence[Told]) -> None:
    cases: dict[str, Fact] = {}
    for each in told:
        if each.fact.kind == "court_disposition":
            arrest = next(r.number for r in each.fact.references if r.type == "arrest")
            cases[arrest] = each.fact
    sealed = [
        change.fact
        for each in told
        for change in each.changes
        if change.reason == "case_dismissed" and change.fact.kind == "arrest"
    ]
    assert sealed
    for fact in sealed:
        assert cases[fact.number].details["outcome"] in {"dismissed", "acquitted", "unfounded"}


def test_actions_are_the_verbs_that_snapshots_cannot_carry(
    county: County, told: Sequence[Told]
) -> None:
    expected = Counter(
        (c.step, c.verb, c.fact.department, c.fact.kind, c.fact.number, c.reason)
        for each in told
        for c in each.changes
        if c.verb in {"seal", "unseal", "expunge"}
    )
    found: Counter[tuple[int, str, str, str, str, str]] = Counter()
    for department in DEPARTMENTS:
        for step in range(1, SNAPSHOTS + 1):
            path = county.root / department.name / f"snapshot-{step:04d}" / "actions.jsonl"
            for line in path.read_text("utf-8").splitlines():
                a = json.loads(line)
                found[
                    step, a["verb"], department.name, a["record_kind"], a["record_id"], a["reason"]
                ] += 1
    assert found == expected


def test_a_sealed_or_expunged_record_is_gone_from_the_snapshot(
    county: County, told: Sequence[Told]
) -> None:
    leaving = [
        change
        for each in told
        for change in each.changes
        if change.verb in {"seal", "expunge", "withdraw"}
    ]
    assert len(leaving) > 10
    for change in leaving:
        folder = county.root / change.fact.department / f"snapshot-{change.step:04d}"
        for path in folder.glob("*.csv"):
            for line in path.read_bytes().splitlines():
                assert not line.startswith(change.fact.number.encode() + b",")
                assert not line.startswith(change.fact.number.encode() + b";")
                assert not line.startswith(change.fact.number.encode() + b"|")


def test_a_sealed_record_may_come_back(six_days: Sequence[Told]) -> None:
    unsealed = [(e, c) for e in six_days for c in e.changes if c.verb == "unseal"]
    assert unsealed
    for each, change in unsealed:
        assert each.versions[-1].first_step == change.step
        assert each.versions[0].last_step < change.step - 1
