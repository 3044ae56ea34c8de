"""What agreements allow, worked out a second time, in the plainest way there is.

Nothing is shared with what it checks but the agreements as values: no Cedar, no cache, no helper.
It reads like the page on agreements, and is slow.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from recordbus.policy.agreement import Agreement, Rule
from recordbus.policy.decision import Item, Request

ORDINARY = {
    "criminal_investigation", "missing_person", "unidentified_remains", "identity_check",
    "officer_safety", "victim_service", "prosecution", "court_order", "supervision",
    "warrant_service", "subject_access", "record_quality", "training",
}  # fmt: skip
SIDE_DOORS = {"immigration_enforcement", "employment", "housing", "public_release"}
NOT_FOR_POLICE_EYES_ONLY = {"employment", "housing", "public_release"}


class Expected(NamedTuple):
    """The answer: how much, and what of it is masked."""

    level: str
    masked: frozenset[str]


def expected(agreements: list[Agreement], request: Request, item: Item, at: datetime) -> Expected:
    """Work out what the end recipient may have."""
    recipient = request.on_behalf_of or request.agency
    if request.purpose not in ORDINARY | SIDE_DOORS:
        return Expected("hidden", frozenset())
    if item.dissemination != "unrestricted" and request.purpose in NOT_FOR_POLICE_EYES_ONLY:
        return Expected("hidden", frozenset())
    is_said = any(
        each.recipient == recipient
        and item.owner in each.owners
        and each.start <= at < each.end
        and request.agency in each.asked_through
        for each in agreements
    )
    if recipient != request.agency and not is_said:
        return Expected("hidden", frozenset())
    fitting = []
    for agreement in agreements:
        if agreement.recipient != recipient or item.owner not in agreement.owners:
            continue
        if at < agreement.start or at >= agreement.end:
            continue
        fitting += [rule for rule in agreement.rules if _asks_for(rule, request)]
    if any(rule.level == "hidden" and _hides(rule, item) for rule in fitting):
        return Expected("hidden", frozenset())
    giving = [rule for rule in fitting if rule.level != "hidden" and _gives(rule, item)]
    is_own = recipient == item.owner
    if is_own and request.purpose in ORDINARY:
        return Expected("full", frozenset())
    full = [rule for rule in giving if rule.level == "full"]
    if full and (is_own or not _only_a_pointer(item)):
        masked = full[0].masks
        for rule in full[1:]:
            masked = frozenset(path for path in masked if path in rule.masks)
        return Expected("full", masked)
    return Expected("pointer" if giving else "hidden", frozenset())


def _asks_for(rule: Rule, request: Request) -> bool:
    if request.action not in rule.actions:
        return False
    return rule.purposes is None or request.purpose in rule.purposes


def _gives(rule: Rule, item: Item) -> bool:
    if item.record_kind not in (rule.record_kinds or ()):
        return False
    if item.evidence_kind not in (rule.evidence_kinds or ()):
        return False
    if item.basis is not None and item.basis not in (rule.bases or ()):
        return False
    if item.juvenile and "juvenile" not in rule.marks:
        return False
    if item.designation and "designation" not in rule.marks:
        return False
    if item.derived and "derived" not in rule.marks:
        return False
    if item.disputed and "disputed" not in rule.marks:
        return False
    return not item.sealed or "sealed" in rule.marks


def _hides(rule: Rule, item: Item) -> bool:
    if rule.record_kinds is not None and item.record_kind not in rule.record_kinds:
        return False
    if rule.evidence_kinds is not None and item.evidence_kind not in rule.evidence_kinds:
        return False
    if rule.bases is not None and item.basis not in rule.bases:
        return False
    return all(getattr(item, mark) for mark in rule.only)


def _only_a_pointer(item: Item) -> bool:
    if item.dissemination not in ("unrestricted", "law_enforcement"):
        return True
    return item.designation or item.sealed
