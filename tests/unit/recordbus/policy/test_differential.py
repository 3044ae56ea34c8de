"""Cedar and an evaluator that shares no code with it agree on random cases (R-29, R-31)."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from recordbus.policy.policies import Policies
from tests.policy_oracle.cases import ITEMS, QUESTIONS, differences
from tests.policy_oracle.evaluator import Expected, expected

CASES = 20_000
SHARDS = 4
WORLDS = CASES // (QUESTIONS * ITEMS)


@pytest.mark.parametrize("shard", range(SHARDS))
def test_r31_cedar_and_the_oracle_agree_on_20_000_cases(shard: int) -> None:
    assert list(differences(range(shard * WORLDS // SHARDS, (shard + 1) * WORLDS // SHARDS))) == []


def test_the_cases_reach_every_level(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: Counter[str] = Counter()
    decide = Policies.decide_each

    def counted(self: Policies, *asked: object) -> object:
        decided = decide(self, *asked)  # type: ignore[arg-type]
        seen.update(each.level for each in decided)
        seen["masked"] += sum(bool(each.masked) for each in decided)
        return decided

    monkeypatch.setattr(Policies, "decide_each", counted)
    assert list(differences(range(1000, 1020))) == []

    assert min(seen[name] for name in ("full", "pointer", "hidden", "masked")) >= 50, seen


def test_a_decision_that_is_wrong_is_found() -> None:
    def careless(*case: Any) -> Expected:
        said = expected(*case)
        return said._replace(level="full") if said.level == "pointer" else said

    assert list(differences(range(2000, 2020), careless))
