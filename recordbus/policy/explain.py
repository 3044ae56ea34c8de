"""A decision in sentences: what follows from which rule, and what the other rules lack."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from recordbus.policy.agreement import Agreement, Rule, misses
from recordbus.policy.decision import BUS, Decision, Item, Request
from recordbus.policy.policies import Policies

_OF_THE_BUS = {
    "own_records": "an owner sees its own records",
    "purpose_denied": "the purpose is denied: no rule of the owner opens it by name (R-29)",
    "nothing_allows": "no rule of an agreement in force gives it, and what nothing gives is hidden",
    "designation": "others get only a pointer to whoever designated somebody (R-13)",
    "sealed": "of what is sealed there is a pointer at most (R-25)",
    "restricted": "its owner restricted it: there is a pointer at most",
    "law_enforcement_only": "its owner lets it go no further than law enforcement",
    "not_asked_through": "no agreement of its owner lets this agency ask for the recipient (R-30)",
    "undecided": "the rules could not be worked out, so nothing is given",
}
_LEVELS = {
    "full": "may have it in full",
    "pointer": "may know whom to ask, and nothing else",
    "hidden": "may not know that there is anything",
}


@dataclass(frozen=True, slots=True)
class Looked:
    """One rule that was looked at: where it stands, and by which words it does not cover."""

    rule_id: str
    level: str
    file: str
    line: int
    misses: tuple[str, ...]
    determined: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision with its sentences and every rule between the two parties."""

    decision: Decision
    sentences: tuple[str, ...]
    rules: tuple[Looked, ...]


def explain(policies: Policies, request: Request, item: Item, at: datetime) -> Explanation:
    """Decide, and say why."""
    decision = policies.decide(request, item, at)
    agreements = [
        each for each in policies
        if each.recipient == request.recipient and item.owner in each.owners
    ]  # fmt: skip
    looked = tuple(
        _looked(agreement, rule, request, item, at, decision)
        for agreement in agreements
        for rule in agreement.rules
    )
    return Explanation(decision, tuple(_sentences(decision, request, looked)), looked)


def _looked(
    agreement: Agreement, rule: Rule, request: Request, item: Item, at: datetime,
    decision: Decision,
) -> Looked:  # fmt: skip
    lacks = misses(rule, request.question(), item)
    if not agreement.is_in_force(at):
        lacks = ("start" if at < agreement.start else "end", *lacks)
    name = agreement.rule_id(rule)
    return Looked(name, rule.level, agreement.name, rule.line, lacks, name in decision.reasons)


def _sentences(decision: Decision, request: Request, looked: tuple[Looked, ...]) -> list[str]:
    said = [f"{request.recipient} {_LEVELS[decision.level]}."]
    if decision.masked:
        said.append(f"Masked: {', '.join(sorted(decision.masked))}.")
    places = {each.rule_id: each for each in looked}
    for reason in decision.reasons:
        agreement, _, rule = reason.partition("/")
        if agreement == BUS:
            said.append(f"{reason}: {_OF_THE_BUS[rule]}.")
        else:
            at = places[reason]
            verb = {"full": "gives it", "pointer": "points to its owner", "hidden": "hides it"}
            said.append(f"{reason} ({at.file}:{at.line}) {verb[at.level]}.")
    if decision.level != "full":
        said += [
            f"{each.rule_id} ({each.file}:{each.line}) is not about it: {', '.join(each.misses)}."
            for each in looked
            if each.misses
        ]
    if decision.holds_until is not None:
        said.append(f"This may change by itself at {decision.holds_until:%Y-%m-%d %H:%M} UTC.")
    return said
