"""Agreements as Cedar policies, and what Cedar says of questions (the one module that knows Cedar).

Default deny, forbids win, and every answer names the rules that determined it. Invariant: an
evaluation that Cedar could not finish gives nothing: the level is hidden, and the reason says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from cedarpy import (
    AuthzResult,
    Entities,
    PolicySet,
    Schema,
    is_authorized_batch,
    validate_policies,
)

from recordbus.errors import Misconfigured
from recordbus.policy.agreement import Agreement, Rule, marks_of
from recordbus.policy.decision import BUS, Item, Level, Question
from schemas.catalog import purposes

UNDECIDED = f"{BUS}/undecided"
_SCHEMA = """
entity Party;
action full, pointer appliesTo {
  principal: Party, resource: Party,
  context: {
    at: Long, use: String, purpose: String, record_kind: String, basis: String,
    evidence_kind: String, dissemination: String, marks: Set<String>
  }
};
"""
_NO_BASIS = ""


class Case(NamedTuple):
    """One thing to decide: who asks what of which item, and when."""

    question: Question
    item: Item
    at: datetime


class Verdict(NamedTuple):
    """What Cedar says: the level, and the rules that determined it."""

    level: Level
    rules: tuple[str, ...]


class CedarRules:
    """The compiled rules that can concern one recipient: those of its agreements, and the bus's."""

    def __init__(self, agreements: Iterable[Agreement]) -> None:
        """Compile; raises Misconfigured when Cedar does not accept what was compiled."""
        self.text = "\n".join((*_bus_rules(), *_rules_of(agreements)))
        accepted = validate_policies(self.text, _SCHEMA)
        if not accepted:
            raise Misconfigured(f"the agreements do not compile: {accepted.errors[:3]}")
        self._policies = PolicySet.from_str(self.text)

    def decide(self, cases: Sequence[Case]) -> list[Verdict]:
        """Decide many cases at once, in their order.

        Whatever forbids a pointer forbids all of it, so only who may have that is asked about more.
        """
        pointers = self._asked(cases, "pointer")
        more = [case for case, answer in zip(cases, pointers, strict=True) if answer.allowed]
        full = iter(self._asked(more, "full"))
        return [_verdict(each, next(full) if each.allowed else None) for each in pointers]

    def _asked(self, cases: Sequence[Case], action: str) -> list[AuthzResult]:
        requests = [_request(case, action) for case in cases]
        return is_authorized_batch(requests, self._policies, _nobody(), _schema())


@cache
def _schema() -> Schema:
    return Schema.from_str(_SCHEMA)


@cache
def _nobody() -> Entities:
    """Give the empty set of entities: everything that counts is in the context."""
    return Entities.from_json_str("[]")


def _verdict(pointer: AuthzResult, full: AuthzResult | None) -> Verdict:
    if pointer.diagnostics.errors or (full is not None and full.diagnostics.errors):
        return Verdict("hidden", (UNDECIDED,))
    if full is None:
        return Verdict("hidden", _ids(pointer))
    if full.allowed:
        return Verdict("full", _ids(full))
    return Verdict("pointer", (*_ids(pointer), *_ids(full)))


def _ids(answer: AuthzResult) -> tuple[str, ...]:
    return tuple(sorted(answer.diagnostics.id_annotations_by_reason.values()))


def _request(case: Case, action: str) -> dict[str, Any]:
    question, item, at = case
    context = {
        "at": int(at.timestamp()), "use": question.action, "purpose": question.purpose,
        "record_kind": item.record_kind, "basis": item.basis or _NO_BASIS,
        "evidence_kind": item.evidence_kind, "dissemination": item.dissemination,
        "marks": sorted(marks_of(item)),
    }  # fmt: skip
    return {
        "principal": {"type": "Party", "id": question.recipient},
        "action": {"type": "Action", "id": action},
        "resource": {"type": "Party", "id": item.owner},
        "context": context,
    }


def _bus_rules() -> Iterator[str]:
    """Give the rules that hold whatever an agreement says."""
    others = "principal != resource"
    lists = purposes()
    yield _policy("own_records", "permit", "", [
        "principal == resource", f"{_set(lists.ordinary)}.contains(context.purpose)",
    ])  # fmt: skip
    yield _policy("purpose_denied", "forbid", "", [
        f"!{_set(lists.of_agreements)}.contains(context.purpose)",
    ])  # fmt: skip
    yield _policy(
        "designation", "forbid", "full", [others, 'context.marks.contains("designation")']
    )
    yield _policy("sealed", "forbid", "full", [others, 'context.marks.contains("sealed")'])
    yield _policy("restricted", "forbid", "full", [
        others, '!["unrestricted", "law_enforcement"].contains(context.dissemination)',
    ])  # fmt: skip
    outside = _set(lists.side_doors - {"immigration_enforcement"})
    yield _policy("law_enforcement_only", "forbid", "", [
        'context.dissemination != "unrestricted"', f"{outside}.contains(context.purpose)",
    ])  # fmt: skip


def _rules_of(agreements: Iterable[Agreement]) -> Iterator[str]:
    for agreement in agreements:
        for rule in agreement.rules:
            yield _rule(agreement, rule)


def _rule(agreement: Agreement, rule: Rule) -> str:
    owners = ", ".join(f"Party::{json.dumps(owner)}" for owner in agreement.owners)
    conditions = [
        f"principal == Party::{json.dumps(agreement.recipient)}",
        f"[{owners}].contains(resource)",
        f"context.at >= {int(agreement.start.timestamp())}",
        f"context.at < {int(agreement.end.timestamp())}",
        f"{_set(rule.actions)}.contains(context.use)",
    ]
    listed = (("purpose", rule.purposes), ("record_kind", rule.record_kinds),
              ("evidence_kind", rule.evidence_kinds), ("basis", _bases(rule)))  # fmt: skip
    conditions += [f"{_set(words)}.contains(context.{n})" for n, words in listed if words]
    if rule.gives:
        conditions.append(f"{_set_or_none(rule.marks)}.containsAll(context.marks)")
    elif rule.only:
        conditions.append(f"context.marks.containsAll({_set(rule.only)})")
    actions = "" if rule.level in ("full", "hidden") else "pointer"
    effect = "permit" if rule.gives else "forbid"
    return _policy(rule.name, effect, actions, conditions, of=agreement.id)


def _bases(rule: Rule) -> frozenset[str] | None:
    """Give the bases to compare with; what gives covers a record's own document as well."""
    return rule.bases | {_NO_BASIS} if rule.bases and rule.gives else rule.bases


def _policy(name: str, effect: str, action: str, conditions: list[str], of: str = BUS) -> str:
    """Write one policy; without an action it is about both."""
    scope = f'action == Action::"{action}"' if action else "action"
    when = " && ".join(f"({condition})" for condition in conditions)
    head = f"@id({json.dumps(f'{of}/{name}')})"
    return f"{head}\n{effect}(principal, {scope}, resource) when {{ {when} }};"


def _set(words: Iterable[str]) -> str:
    return json.dumps(sorted(words))


def _set_or_none(words: frozenset[str]) -> str:
    """Write a set; Cedar has no empty one, so one word that no mark is stands for it."""
    return _set(words or {"none"})
