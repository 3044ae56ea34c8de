"""Random agreements with questions and items that come close to them, from a seed."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from recordbus.policy.agreement import Agreement
from recordbus.policy.decision import Item, Request
from recordbus.policy.policies import Policies
from recordbus.policy.read import read_agreement
from tests.policy_oracle.evaluator import Expected, expected

OWNERS = ("harbor-city-pd", "millbrook-pd", "alder-county-so")
PARTIES = ("metro-task-force", "state-missing-persons", "millbrook-pd", "housing-office")
PURPOSES = ("criminal_investigation", "missing_person", "housing", "immigration_enforcement",
            "training")  # fmt: skip
ASKED = (*PURPOSES, "audit", "curiosity", "prosecution")
KINDS = ("arrest", "incident", "field_contact", "intelligence_report")
BASES = ("arrest", "field_contact", "informant", "officer_assessment")
MASKS = ("body.narrative", "body.people.person.race", "body.people.person.date_of_birth",
         "association.verdicts")  # fmt: skip
FLAGS = ("juveniles", "designations", "derived", "disputed", "sealed")
MARKS = ("juvenile", "designation", "derived", "disputed", "sealed")
MOMENT = datetime(2026, 6, 1, tzinfo=UTC)
QUESTIONS, ITEMS = 5, 20


class Difference(NamedTuple):
    """One case on which the two do not agree."""

    seed: int
    request: Request
    item: Item
    at: datetime
    says: str


Oracle = Callable[[list[Agreement], Request, Item, datetime], Expected]


def differences(seeds: range, oracle: Oracle = expected) -> Iterator[Difference]:
    """Compare Cedar with the oracle over the worlds of some seeds; 100 cases each."""
    for seed in seeds:
        chance = random.Random(seed)
        agreements = [read_agreement(text).agreement for text in texts(chance)]
        policies = Policies(agreements)
        for _ in range(QUESTIONS):
            near = chance.choice(agreements)
            at, request = moment(chance, near), asked(chance, near)
            items = [
                item(chance, chance.choice((near, chance.choice(agreements)))) for _ in range(ITEMS)
            ]
            decided = policies.decide_each(request, items, at)
            for each, decision in zip(items, decided, strict=True):
                wanted = oracle(agreements, request, each, at)
                if (decision.level, decision.masked) != wanted or not decision.reasons:
                    says = f"{decision} but expected {wanted}"
                    yield Difference(seed, request, each, at, says)


def texts(chance: random.Random) -> list[bytes]:
    """Give the files of one to four agreements."""
    return [as_yaml(agreement(chance, at)) for at in range(chance.randint(1, 4))]


def as_yaml(content: dict[str, Any]) -> bytes:
    """Write an agreement's file; JSON is YAML, once every scalar is text."""
    return json.dumps(content, indent=1).encode()


def agreement(chance: random.Random, at: int) -> dict[str, Any]:
    """Give what one agreement says, with a number for its id."""
    recipient = chance.choice(PARTIES)
    owners = [name for name in some(chance, OWNERS) if name != recipient] or ["state-registry"]
    start = MOMENT + timedelta(days=chance.randint(-40, 10))
    others = [name for name in PARTIES if name != recipient]
    through = {"asked_through": some(chance, tuple(others))} if chance.random() < 0.6 else {}
    return {
        **through,
        "agreement": f"agreement-{at}", "version": "1", "title": "Random", "owners": owners,
        "legal_authority": "Section 1", "recipient": recipient,
        "start": start.date().isoformat(),
        "end": (start + timedelta(days=chance.randint(0, 40))).date().isoformat(),
        "rules": {f"rule-{n}": rule(chance) for n in range(chance.randint(1, 4))},
    }  # fmt: skip


def rule(chance: random.Random) -> dict[str, Any]:
    """Give one rule that reads without a mistake."""
    level = chance.choice(("full", "full", "pointer", "hidden"))
    words: dict[str, Any] = {"level": level}
    lists = {"purposes": PURPOSES, "record_kinds": KINDS, "bases": BASES,
             "evidence_kinds": ("fact", "assessment")}  # fmt: skip
    for word, known in lists.items():
        if level != "hidden" or chance.random() < 0.5:
            words[word] = some(chance, known)
    if chance.random() < 0.3:
        words["actions"] = [chance.choice(("search", "feed"))]
    if level == "hidden":
        if chance.random() < 0.6:
            words["only"] = some(chance, MARKS, most=2)
        return words
    words |= {flag: "true" for flag in FLAGS if chance.random() < 0.5}
    if chance.random() < 0.2:
        words["disputed"] = "false"
    if level == "full" and chance.random() < 0.6:
        words["masks"] = some(chance, MASKS)
    words["legal_authority"] = "Section 2"
    return words


def some(chance: random.Random, known: tuple[str, ...], most: int | None = None) -> list[str]:
    """Give one or more of some words, in no order."""
    return chance.sample(known, chance.randint(1, most or len(known)))


def asked(chance: random.Random, near: Agreement) -> Request:
    """Give a request that most often fits an agreement, in one of five on behalf of another."""
    rule = chance.choice(near.rules)
    recipient = _one(chance, [near.recipient], (*PARTIES, *OWNERS, "nobody"))
    is_on_behalf = chance.random() < 0.2
    return Request(
        action=chance.choice(sorted(rule.actions)) if chance.random() < 0.9 else "feed",
        agency=chance.choice(PARTIES) if is_on_behalf else recipient,
        purpose=_one(chance, rule.purposes, ASKED),
        on_behalf_of=recipient if is_on_behalf else None,
    )


def item(chance: random.Random, near: Agreement) -> Item:
    """Give an item that most often comes close to what a rule is about."""
    rule = chance.choice(near.rules)
    likely = rule.marks if rule.gives else rule.only
    marked = {mark: chance.random() < (0.4 if mark in likely else 0.04) for mark in MARKS}
    return Item(
        owner=_one(chance, near.owners, (*OWNERS, "millbrook", "state-registry")),
        record_kind=_one(chance, rule.record_kinds, (*KINDS, "warrant", "rumour")),
        evidence_kind=_one(chance, rule.evidence_kinds, ("fact", "assessment", "guess")),
        basis=_one(chance, rule.bases, (*BASES, "hearsay")) if chance.random() < 0.8 else None,
        dissemination=_one(
            chance, ("unrestricted", "law_enforcement"), ("law_enforcement", "restricted", "secret")
        ),
        **marked,
    )


def moment(chance: random.Random, near: Agreement) -> datetime:
    """Give an instant in or just outside of an agreement's time, some exactly on its edges."""
    edge = chance.choice((near.start, near.end))
    if chance.random() < 0.3:
        return edge + timedelta(seconds=chance.choice((-1, 0, 1)))
    return near.start + (near.end - near.start) * chance.random()


def _one(chance: random.Random, likely: Collection[str] | None, known: tuple[str, ...]) -> str:
    return chance.choice(sorted(likely) if likely and chance.random() < 0.93 else known)
