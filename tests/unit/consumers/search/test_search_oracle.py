"""R-31, R-32: a search tells what a second, plain working-out of the agreements allows, no more.

The other side shares no code with the search: see `tests.search_oracle.evaluator`.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from consumers.search import sights, visible
from consumers.search import tokens as t
from consumers.search.engines.sqlite.reader import SqliteSearch
from consumers.search.engines.sqlite.writer import SqliteIndex
from consumers.search.sight import View
from consumers.sink import Progress
from recordbus.testing.clock import EPOCH
from tests.search_oracle import cases, evaluator
from tests.search_oracle.evaluator import may_find

WORLDS, REAL_WORLDS, WORLDS_TO_NOTICE = 400, 25, 150
Break = Callable[[pytest.MonkeyPatch], None]


def first_difference(seeds: range) -> cases.Difference | None:
    """Give the first question that is answered otherwise than worked out, on the memory index."""
    for seed in seeds:
        made = cases.world(seed)
        found = next(cases.differences(made, cases.memory(made.changes), seed), None)
        if found is not None:
            return found
    return None


@pytest.mark.parametrize("shard", range(2))
def test_r31_a_search_finds_what_agreements_let_it_and_nothing_else(shard: int) -> None:
    assert first_difference(range(shard * WORLDS // 2, (shard + 1) * WORLDS // 2)) is None


def test_r31_the_real_index_finds_the_same(tmp_path: Path) -> None:
    for seed in range(WORLDS, WORLDS + REAL_WORLDS):
        made = cases.world(seed)
        path = tmp_path / f"{seed}.sqlite"
        index = SqliteIndex(path)
        index.apply(made.changes, {("records.v1", 0): Progress(99, 0)})
        engine = SqliteSearch(path)
        try:
            assert next(cases.differences(made, engine, seed), None) is None
        finally:
            engine.close()
            index.close()


def test_the_cases_reach_everything_that_there_is_to_be_told() -> None:
    seen: Counter[str] = Counter()
    for seed in range(60):
        made = cases.world(seed)
        for question in made.questions:
            told = may_find(made.agreements, made.records, made.request, EPOCH, question)
            seen["found"] += bool(told.page)
            seen["found with a mask"] += any(masks for _, masks in told.page)
            seen["not the first page"] += bool(told.page) and question.page > 1
            seen["pointed at"] += bool(told.owners_to_ask)
            seen["nothing"] += told.may_see_nothing
            seen["known but not found"] += bool(told.departments_known) and not told.page
            seen["for another"] += made.request.on_behalf_of is not None and bool(told.page)
            seen["with a basis"] += bool(told.page) and bool(question.basis)
    assert all(count >= 2 for count in seen.values()), seen
    assert seen["found"] >= 50, seen


def masks_are_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sights, "_of_records", lambda _: frozenset())


def what_is_pointed_at_is_shown(patch: pytest.MonkeyPatch) -> None:
    made = sights.sight_by

    def shown(decisions: Any, *others: Any) -> Any:
        full = {text: replace(each, level="full") if each.shows else each
                for text, each in decisions.items()}  # fmt: skip
        return made(full, *others)

    patch.setattr(sights, "sight_by", shown)


def one_part_of_a_record_is_enough(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sights, "least", lambda decided: decided[-1])


def counts_know_of_masked_parts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(View, "sees_relations", property(lambda view: not view.is_pointer))


def a_pointer_is_found_by_a_street(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(visible, "POINTED_AT_BY", visible.POINTED_AT_BY | {t.STREET_WORD})


def an_agreement_that_ended_still_counts(patch: pytest.MonkeyPatch) -> None:
    made = sights.sight_of

    def late(policies: Any, request: Any, at: Any, classes: Any) -> Any:
        return made(policies, request, at - timedelta(days=2), classes)

    patch.setattr(sights, "sight_of", late)


def whoever_may_ask_for_one_owner_may_for_all(patch: pytest.MonkeyPatch) -> None:
    made = sights.sight_of

    def loose(policies: Any, request: Any, at: Any, classes: Any) -> Any:
        return made(policies, replace(request, agency=request.recipient), at, classes)

    patch.setattr(sights, "sight_of", loose)


@pytest.mark.parametrize(
    "broken",
    [
        masks_are_forgotten, what_is_pointed_at_is_shown, one_part_of_a_record_is_enough,
        counts_know_of_masked_parts, a_pointer_is_found_by_a_street,
        an_agreement_that_ended_still_counts, whoever_may_ask_for_one_owner_may_for_all,
    ],
)  # fmt: skip
def test_a_leak_is_seen(broken: Break, monkeypatch: pytest.MonkeyPatch) -> None:
    broken(monkeypatch)
    assert first_difference(range(WORLDS_TO_NOTICE)) is not None


def test_the_other_side_shares_no_code_with_the_search() -> None:
    ours = ("consumers", "streams", "producers", "schemas", "recordbus", "tests")
    values = {"recordbus.policy.agreement", "recordbus.policy.decision",
              "tests.policy_oracle.evaluator"}  # fmt: skip
    parsed = ast.parse(Path(evaluator.__file__).read_text(encoding="utf-8"))
    imported = {each.module or "" for each in ast.walk(parsed) if isinstance(each, ast.ImportFrom)}
    assert {each for each in imported if each.partition(".")[0] in ours} == values
