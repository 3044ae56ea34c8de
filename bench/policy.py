"""How fast decisions about agreements are, and whether a second evaluator agrees with them.

    python -m bench.policy [--decisions N]
    python -m bench.policy --differential 1000000 [--first-seed SEED]

The decisions are those of a feed: one agency with twenty agreements, the items of a county's
records and associations as they come. Measured is CPU time of this process, with every item made
anew, its metric included; the uncached rate is what Cedar takes for the same questions.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from datetime import UTC, datetime
from typing import Any, Final

from recordbus.policy import counting
from recordbus.policy.decision import Item, Request
from recordbus.policy.policies import Policies
from recordbus.policy.read import read_agreement
from schemas.catalog import basis_table, record_kinds
from tests.policy_oracle.cases import ITEMS, QUESTIONS, as_yaml, differences

_AT: Final = datetime(2026, 6, 1, tzinfo=UTC)
_AGENCY: Final = "metro-task-force"
_OWNERS: Final = 20
_UNCACHED: Final = 2_000
_TURNS: Final = 3


def main() -> None:
    """Measure, or compare with the second evaluator; prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decisions", type=int, default=400_000)
    parser.add_argument("--differential", type=int, metavar="CASES")
    parser.add_argument("--first-seed", type=int, default=1_000_000)
    asked = parser.parse_args()
    if asked.differential is None:
        found = measure(asked.decisions)
    else:
        found = compare(asked.differential, asked.first_seed)
    sys.stdout.write(json.dumps(found) + "\n")
    sys.exit(1 if found.get("differences") else 0)


def measure(decisions: int) -> dict[str, Any]:
    """Decide with and without the cache in turns; the best of each counts."""
    cached = [_rate(_policies(), decisions, is_warm=True) for _ in range(_TURNS)]
    uncached = [_rate(_policies(), _UNCACHED, is_warm=False) for _ in range(_TURNS)]
    return {
        "cached_per_second": round(max(cached)),
        "uncached_per_second": round(max(uncached)),
        "times_faster": round(max(cached) / max(uncached)),
        "classes": len({*_items(decisions)}),
    }


def compare(cases: int, first_seed: int) -> dict[str, Any]:
    """Compare Cedar with the second evaluator on that many random cases."""
    worlds = -(-cases // (QUESTIONS * ITEMS))
    began = time.process_time()
    found = list(differences(range(first_seed, first_seed + worlds)))
    for each in found[:10]:
        sys.stderr.write(f"{each}\n")
    return {
        "cases": worlds * QUESTIONS * ITEMS,
        "differences": len(found),
        "cpu_seconds": round(time.process_time() - began, 1),
        "first_seed": first_seed,
    }


def _rate(policies: Policies, decisions: int, *, is_warm: bool) -> float:
    """Give decisions a second; a cold cache is kept cold by asking nothing twice."""
    decider = policies.decider(Request("feed", _AGENCY, "criminal_investigation", "B-1"))
    items = _items(decisions)
    if is_warm:
        for item in {*items}:
            decider.decide(item, _AT)
    else:
        items = list(dict.fromkeys(items))
    began = time.process_time()
    for item in items:
        decider.decide(item, _AT)
    return len(items) / (time.process_time() - began)


def _items(count: int) -> list[Item]:
    """Give items as a feed meets them, each an object of its own."""
    chance = random.Random(1)
    kinds, bases = sorted(record_kinds()), sorted(basis_table())
    owners = [f"department-{at}" for at in range(_OWNERS)]
    return [
        Item(
            owner=chance.choice(owners), record_kind=chance.choice(kinds),
            evidence_kind=chance.choice(("fact", "assessment")),
            basis=chance.choice((None, *bases)), juvenile=chance.random() < 0.1,
            disputed=chance.random() < 0.02,
        )
        for _ in range(count)
    ]  # fmt: skip


def _policies() -> Policies:
    texts = (as_yaml(_agreement(f"department-{at}")) for at in range(_OWNERS))
    return Policies((read_agreement(text).agreement for text in texts), heard=counting.count)


def _agreement(owner: str) -> dict[str, Any]:
    facts = {
        "level": "full", "purposes": ["criminal_investigation"],
        "record_kinds": sorted(record_kinds()), "bases": ["arrest", "charge", "conviction"],
        "evidence_kinds": ["fact"], "masks": ["body.narrative"],
    }  # fmt: skip
    pointers = facts | {
        "level": "pointer", "bases": sorted(basis_table()),
        "evidence_kinds": ["fact", "assessment"], "juveniles": "true",
    }  # fmt: skip
    del pointers["masks"]
    return {
        "agreement": f"{owner}-to-{_AGENCY}", "version": "1", "title": "Bench",
        "legal_authority": "Section 1", "owners": [owner], "recipient": _AGENCY,
        "start": "2026-01-01", "end": "2026-12-31",
        "rules": {"facts": facts, "pointers": pointers,
                  "never": {"level": "hidden", "bases": ["informant"]}},
    }  # fmt: skip


if __name__ == "__main__":
    main()
