"""All agreements together, and what follows from them for a request and an item.

Invariant: equal questions about equal items are decided alike while no agreement between the two
parties begins or ends, so a decision is kept for exactly that long; the version names the bytes
of every agreement that it may follow from.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import reduce
from itertools import product
from threading import Lock
from typing import NamedTuple

from recordbus.policy.agreement import Agreement, misses_question
from recordbus.policy.cedar import Case, CedarRules, Verdict
from recordbus.policy.decision import BUS, LEVELS, Decision, Item, Question, Request
from recordbus.policy.items import is_possible
from schemas.catalog import purposes

PURPOSE_DENIED = f"{BUS}/purpose_denied"
NOTHING_ALLOWS = f"{BUS}/nothing_allows"
NOT_ASKED_THROUGH = f"{BUS}/not_asked_through"
CACHE_LIMIT = 100_000
"""Decisions kept at most; beyond, the oldest one goes."""
_FREEST = "unrestricted"
_ALWAYS = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


_NOBODY_ASKS = Verdict("hidden", (NOT_ASKED_THROUGH,))
Heard = Callable[[Question, Decision], None]
"""Is told of a decision, for instance to count it."""


class _Kept(NamedTuple):
    since: datetime
    until: datetime
    decision: Decision


class Policies:
    """The agreements in force under one version; never changes."""

    def __init__(
        self,
        agreements: Iterable[Agreement] = (),
        *,
        cache_limit: int = CACHE_LIMIT,
        heard: Heard | None = None,
        departments: Collection[str] = (),
    ) -> None:
        """Compile agreements, one of each id; raises Misconfigured when Cedar refuses them.

        `heard` is told every decision that somebody was given. `departments` have records of their
        own, as have all owners that the agreements name.
        """
        self.heard = heard
        self._by_id = {agreement.id: agreement for agreement in agreements}
        by_recipient: dict[str, list[Agreement]] = {}
        for agreement in self._by_id.values():
            by_recipient.setdefault(agreement.recipient, []).append(agreement)
        self._by_recipient: Mapping[str, Sequence[Agreement]] = by_recipient
        owners = {owner for agreement in self._by_id.values() for owner in agreement.owners}
        self._owners = owners | {*departments}
        self._masks = {
            agreement.rule_id(rule): rule.masks
            for agreement in self._by_id.values()
            for rule in agreement.rules
        }
        self._of_the_bus = CedarRules(())
        self._rules = {name: CedarRules(theirs) for name, theirs in by_recipient.items()}
        self._cache_limit = cache_limit
        self._keeping = Lock()
        self._kept: dict[tuple[Question, Item], _Kept] = {}
        self.version = self._make_version()

    def __iter__(self) -> Iterator[Agreement]:
        return iter(self._by_id.values())

    def agreement(self, agreement_id: str) -> Agreement | None:
        """Give the agreement of that id, whether it is in force or not."""
        return self._by_id.get(agreement_id)

    def agreements(self, recipient: str, at: datetime) -> tuple[Agreement, ...]:
        """Give the agreements in force with a recipient."""
        theirs = self._by_recipient.get(recipient, ())
        return tuple(agreement for agreement in theirs if agreement.is_in_force(at))

    def next_change(self, recipient: str, at: datetime) -> datetime | None:
        """Give the next instant at which an agreement with a recipient begins or ends."""
        until = self._span(self._by_recipient.get(recipient, ()), at)[1]
        return None if until == _ALWAYS[1] else until

    def decide(self, request: Request, item: Item, at: datetime) -> Decision:
        """Decide what the end recipient may have of an item at an instant (R-30, R-31)."""
        return self.decider(request).decide(item, at)

    def decide_all(self, request: Request, items: Iterable[Item], at: datetime) -> Decision:
        """Decide about several items as about one: the least that any of them allows."""
        return self.decider(request).decide_all(items, at)

    def decide_each(self, request: Request, items: Sequence[Item], at: datetime) -> list[Decision]:
        """Decide about each of several items, in their order; new ones cost least together."""
        question = request.question()
        decided = self._decide(question, items, at)
        if self.heard is not None:
            for decision in decided:
                self.heard(question, decision)
        return decided

    def foresee(
        self, request: Request, items: Iterable[Item], at: datetime
    ) -> Mapping[Item, Decision]:
        """Decide about items that may come up; nobody is told, for nothing is given by that."""
        every = list(dict.fromkeys(items))
        return dict(zip(every, self._decide(request.question(), every, at), strict=True))

    def may_ask_through(self, agency: str, recipient: str, at: datetime) -> bool:
        """Say whether an agreement in force lets an agency ask on behalf of a recipient (R-30)."""
        return any(agency in each.asked_through for each in self.agreements(recipient, at))

    def decider(self, request: Request) -> Decider:
        """Give what decides many items for one request."""
        return Decider(self, request.question())

    def may_ask(self, request: Request, at: datetime) -> Decision:
        """Give the most that a request could have of anything; hidden: refuse it at the door."""
        question = request.question()
        own = Item(question.recipient, "incident", "assessment", dissemination=_FREEST)
        nobodys = replace(own, owner="")
        items = [own if question.recipient in self._owners else nobodys]
        for agreement in self.agreements(question.recipient, at):
            items += _given_by(agreement, question)
        most = max(self._decide(question, items, at), key=lambda each: LEVELS.index(each.level))
        if self.heard is not None:
            self.heard(question, most)
        return most

    def _decide(self, question: Question, items: Sequence[Item], at: datetime) -> list[Decision]:
        """Decide items, asking Cedar only about those that are not kept."""
        known = {item: self._known(question, item, at) for item in items}
        new = [item for item, decision in known.items() if decision is None]
        rules = self._rules.get(question.recipient, self._of_the_bus)
        verdicts = rules.decide([Case(question, item, at) for item in new]) if new else []
        if question.through:
            verdicts = [
                verdict if self._is_asked_through(question, item, at) else _NOBODY_ASKS
                for item, verdict in zip(new, verdicts, strict=True)
            ]
        made = {
            item: self._keep(question, item, verdict, at)
            for item, verdict in zip(new, verdicts, strict=True)
        }
        return [known[item] or made[item] for item in items]

    def _is_asked_through(self, question: Question, item: Item, at: datetime) -> bool:
        """Say whether this item's own owner agreed that it is asked for by another."""
        return any(
            item.owner in each.owners and question.through in each.asked_through
            for each in self.agreements(question.recipient, at)
        )

    def _known(self, question: Question, item: Item, at: datetime) -> Decision | None:
        kept = self._kept.get((question, item))
        return kept.decision if kept is not None and kept.since <= at < kept.until else None

    def _keep(self, question: Question, item: Item, verdict: Verdict, at: datetime) -> Decision:
        theirs = self._by_recipient.get(question.recipient, ())
        since, until = self._span([each for each in theirs if item.owner in each.owners], at)
        decision = Decision(
            level=verdict.level,
            masked=self._masked(verdict),
            reasons=verdict.rules or (_why_nothing(question),),
            agreements=tuple(sorted({rule.partition("/")[0] for rule in verdict.rules} - {BUS})),
            policy_version=self.version,
            holds_until=None if until == _ALWAYS[1] else until,
        )
        with self._keeping:
            while len(self._kept) >= self._cache_limit:
                self._kept.pop(next(iter(self._kept)))
            self._kept[question, item] = _Kept(since, until, decision)
        return decision

    def _masked(self, verdict: Verdict) -> frozenset[str]:
        """Give what every rule that gives the item in full masks: what one shows is shown."""
        if verdict.level != "full":
            return frozenset()
        masks = [self._masks.get(rule, frozenset()) for rule in verdict.rules]
        return reduce(frozenset.intersection, masks)

    @staticmethod
    def _span(agreements: Iterable[Agreement], at: datetime) -> tuple[datetime, datetime]:
        """Give the time around an instant in which none of the agreements begins or ends."""
        turns = [turn for each in agreements for turn in (each.start, each.end)]
        since = max((turn for turn in turns if turn <= at), default=_ALWAYS[0])
        return since, min((turn for turn in turns if turn > at), default=_ALWAYS[1])

    def _make_version(self) -> str:
        said = hashlib.sha256(self._of_the_bus.text.encode())
        for agreement in sorted(self._by_id.values(), key=lambda each: each.id):
            said.update(f"\n{agreement.id} {agreement.version} {agreement.digest}".encode())
        return said.hexdigest()


class Decider:
    """Decides many items for one request; what it has decided is kept by its policies."""

    __slots__ = ("_heard", "_kept", "_policies", "_question")

    def __init__(self, policies: Policies, question: Question) -> None:
        self._policies = policies
        self._question = question
        self._heard = policies.heard
        self._kept = policies._kept  # noqa: SLF001 - the two are one thing

    def decide(self, item: Item, at: datetime) -> Decision:
        """Decide about an item at an instant."""
        kept = self._kept.get((self._question, item))
        if kept is not None and kept.since <= at < kept.until:
            decision = kept.decision
        else:
            decision = self._policies._decide(self._question, [item], at)[0]  # noqa: SLF001
        if self._heard is not None:
            self._heard(self._question, decision)
        return decision

    def decide_all(self, items: Iterable[Item], at: datetime) -> Decision:
        """Decide about several items as about one: the least that any of them allows.

        Its reasons are those of the items that allow least, its masks those of all of them.
        Raises ValueError without an item: of nothing there is no decision.
        """
        decided = list(dict.fromkeys(self.decide(item, at) for item in items))
        return least(decided)


def least(decided: Sequence[Decision]) -> Decision:
    """Give the decision that allows what all of them allow."""
    if not decided:
        raise ValueError("no item, no decision")
    if len(decided) == 1:
        return decided[0]
    level = min((each.level for each in decided), key=LEVELS.index)
    because = [each for each in decided if each.level == level]
    turns = [each.holds_until for each in decided if each.holds_until is not None]
    masks: frozenset[str] = frozenset().union(*(each.masked for each in decided))
    return Decision(
        level=level,
        masked=masks if level == "full" else frozenset(),
        reasons=tuple(dict.fromkeys(rule for each in because for rule in each.reasons)),
        agreements=tuple(sorted({name for each in because for name in each.agreements})),
        policy_version=decided[0].policy_version,
        holds_until=min(turns, default=None),
    )


def _why_nothing(question: Question) -> str:
    return PURPOSE_DENIED if question.purpose in purposes().side_doors else NOTHING_ALLOWS


def _given_by(agreement: Agreement, question: Question) -> list[Item]:
    """Give one item of each kind that the rules of an agreement give to a question."""
    found = []
    for rule in agreement.rules:
        if not rule.gives or misses_question(rule, question):
            continue
        kinds = product(rule.record_kinds or (), (None, *(rule.bases or ())))
        for (kind, basis), evidence in product(kinds, sorted(rule.evidence_kinds or ())):
            if is_possible(kind, basis, evidence):
                found += [
                    Item(owner, kind, evidence, basis, dissemination=_FREEST)
                    for owner in agreement.owners
                ]
    return found
