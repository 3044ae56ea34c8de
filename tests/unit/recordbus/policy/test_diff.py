"""Who gains and who loses by a change: every class, none by chance (threat: quiet changes)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from recordbus.policy.agreement import Agreement
from recordbus.policy.decision import Item, Request
from recordbus.policy.diff import Change, Gives, changes
from recordbus.policy.items import is_possible
from recordbus.policy.read import read_agreement
from tests.policy_oracle import cases
from tests.policy_oracle.evaluator import expected

MUTATIONS = 50
TRIES = 150


def agreements_of(chance: random.Random) -> list[dict[str, Any]]:
    return [cases.agreement(chance, at) for at in range(chance.randint(1, 2))]


def read(contents: list[dict[str, Any]]) -> list[Agreement]:
    return [read_agreement(cases.as_yaml(each)).agreement for each in contents]


def mutated(chance: random.Random, contents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Change one thing of one agreement, as somebody who edits it would."""
    chosen = chance.randrange(len(contents))
    content = {**contents[chosen], "rules": dict(contents[chosen]["rules"])}
    name = chance.choice(sorted(content["rules"]))
    kind = chance.choice(("replace", "drop", "add", "level", "masks", "end", "owners"))
    if kind == "drop" and len(content["rules"]) > 1:
        del content["rules"][name]
    elif kind == "add":
        content["rules"]["added"] = cases.rule(chance)
    elif kind == "end":
        content["end"] = max("2026-06-20", content["start"])
    elif kind == "owners":
        content["owners"] = cases.some(chance, ("alder-county-so", "state-registry"))
    elif kind == "masks" and content["rules"][name]["level"] == "full":
        content["rules"][name] = content["rules"][name] | {"masks": cases.some(chance, cases.MASKS)}
    else:
        content["rules"][name] = cases.rule(chance)
    return [content if at == chosen else each for at, each in enumerate(contents)]


def tried(
    chance: random.Random, agreements: list[Agreement]
) -> Iterator[tuple[Request, Item, Any]]:
    """Give cases near the agreements that the basis table knows."""
    for _ in range(TRIES):
        near = chance.choice(agreements)
        item = cases.item(chance, near)
        known = item.record_kind in cases.KINDS and item.basis in (None, *cases.BASES)
        levels = ("unrestricted", "law_enforcement", "restricted")
        if not known or item.dissemination not in levels:
            continue
        if is_possible(item.record_kind, item.basis, item.evidence_kind):
            asked = cases.asked(chance, near)
            themselves = replace(asked, agency=asked.recipient, on_behalf_of=None)
            yield themselves, item, cases.moment(chance, near)


@pytest.mark.parametrize("seed", range(MUTATIONS))
def test_the_report_of_a_mutation_is_what_the_oracle_says(seed: int) -> None:
    chance = random.Random(seed)
    before = agreements_of(chance)
    old, new = read(before), read(mutated(chance, before))
    reported = changes(old, new)

    for request, item, at in tried(chance, [*old, *new]):
        was = Gives(*expected(old, request, item, at))  # type: ignore[arg-type]
        now = Gives(*expected(new, request, item, at))  # type: ignore[arg-type]
        told = [each for each in reported if each.covers(request.question(), item, at)]
        assert len(told) == (was != now), (request, item, at, was, now)
        assert all((each.before, each.after) == (was, now) for each in told)


def test_the_mutations_change_something() -> None:
    both: set[str] = set()
    for seed in range(8):
        chance = random.Random(seed)
        before = agreements_of(chance)
        both |= {each.direction for each in changes(read(before), read(mutated(chance, before)))}

    assert both >= {"gains", "loses"}


def test_nothing_is_reported_when_a_rule_is_only_renamed() -> None:
    content = cases.agreement(random.Random(5), 0)
    renamed = content | {"rules": {f"new-{name}": r for name, r in content["rules"].items()}}

    assert changes(read([content]), read([renamed])) == []


def test_a_wider_purpose_is_a_gain_for_that_purpose_alone() -> None:
    rule = {
        "level": "full", "purposes": ["missing_person"], "record_kinds": ["arrest"],
        "bases": ["arrest"], "evidence_kinds": ["fact"],
    }  # fmt: skip
    content = cases.agreement(random.Random(5), 0) | {"rules": {"facts": rule}}
    wider = content | {"rules": {"facts": rule | {"purposes": ["missing_person", "prosecution"]}}}

    reported = changes(read([content]), read([wider]))

    assert {each.purposes for each in reported} == {("prosecution",)}
    assert {each.direction for each in reported} == {"gains"}
    assert {each.actions for each in reported} == {("search", "feed")}
    assert {kind.basis for each in reported for kind in each.whats} == {None, "arrest"}


def test_what_follows_in_time_is_told_as_one_stretch() -> None:
    """Another agreement that begins in between, and is about something else, cuts nothing."""
    facts = {
        "level": "full", "purposes": ["missing_person"], "record_kinds": ["arrest"],
        "bases": ["arrest"], "evidence_kinds": ["fact"],
    }  # fmt: skip
    content = cases.agreement(random.Random(5), 0) | {
        "start": "2026-01-01", "end": "2026-12-31", "rules": {"facts": facts},
    }  # fmt: skip
    other = content | {
        "agreement": "other", "start": "2026-05-01", "end": "2026-06-30",
        "rules": {"facts": facts | {"purposes": ["training"]}},
    }  # fmt: skip

    found: list[Change] = changes(read([other]), read([other, content]))

    assert {(each.until - each.since).days for each in found} == {365}
