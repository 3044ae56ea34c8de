"""Who gains and who loses what, when agreements change.

Computed over all classes of questions and items, not sampled: two that are told apart by no rule,
old or new, and by no rule of the bus are one class, and one of each class is decided by both.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from itertools import chain, combinations, pairwise, product
from typing import Any, Literal, NamedTuple, TypeVar, get_args

from recordbus.policy.agreement import (
    Agreement,
    Rule,
    marks_of,
    misses_item,
    misses_question,
)
from recordbus.policy.decision import ACTIONS, LEVELS, Item, Level, Question, Request
from recordbus.policy.items import is_possible
from recordbus.policy.model import Mark
from recordbus.policy.policies import Policies
from schemas.catalog import basis_table, purposes, record_kinds

_LISTS = frozenset({"record_kinds", "bases", "evidence_kinds"})
_DISSEMINATIONS = ("unrestricted", "law_enforcement", "restricted")
_NEVER = datetime.min.replace(tzinfo=UTC)
_T = TypeVar("_T")


class What(NamedTuple):
    """What of a record: an association with its basis, or without one the record's document."""

    record_kind: str
    basis: str | None
    evidence_kind: str


class How(NamedTuple):
    """What is special about an item, and how far its owner lets it travel."""

    marks: frozenset[str]
    dissemination: str


class Gives(NamedTuple):
    """How much is given."""

    level: Level
    masked: frozenset[str]


@dataclass(frozen=True, slots=True)
class Change:
    """A difference for one class: every combination of what is listed, from `since` to `until`."""

    recipient: str
    owner: str
    since: datetime
    until: datetime
    actions: tuple[str, ...]
    purposes: tuple[str, ...]
    whats: tuple[What, ...]
    hows: tuple[How, ...]
    before: Gives
    after: Gives

    @property
    def direction(self) -> Literal["gains", "loses", "gains and loses"]:
        """Say who wins; masks that go both ways at one level are both."""
        was, now = LEVELS.index(self.before.level), LEVELS.index(self.after.level)
        if was != now:
            return "gains" if now > was else "loses"
        shown = self.before.masked - self.after.masked
        gone = self.after.masked - self.before.masked
        return "gains and loses" if shown and gone else "gains" if shown else "loses"

    def covers(self, question: Question, item: Item, at: datetime) -> bool:
        """Say whether a question about an item is of this class."""
        what = What(item.record_kind, item.basis, item.evidence_kind)
        return (
            (question.recipient, item.owner) == (self.recipient, self.owner)
            and self.since <= at < self.until
            and question.action in self.actions
            and question.purpose in self.purposes
            and what in self.whats
            and How(marks_of(item), item.dissemination) in self.hows
        )


def changes(old: Sequence[Agreement], new: Sequence[Agreement]) -> list[Change]:
    """Give every difference between two sets of agreements, in a fixed order."""
    before, after = Policies(old), Policies(new)
    pairs = {(a.recipient, owner) for a in (*old, *new) for owner in a.owners}
    found = (
        change for recipient, owner in sorted(pairs)
        for change in _Pair(recipient, owner, old, new).changes(before, after)
    )  # fmt: skip
    return _joined(found)


class Through(NamedTuple):
    """An agency that may, or may no longer, ask an owner on behalf of a recipient (R-30)."""

    agency: str
    recipient: str
    owner: str
    may: bool


def through(old: Iterable[Agreement], new: Iterable[Agreement]) -> list[Through]:
    """Give who may ask for whom after a change and could not before, and the other way round."""
    before, after = _through(old), _through(new)
    return sorted(
        [Through(*each, may=True) for each in after - before]
        + [Through(*each, may=False) for each in before - after]
    )


def _through(agreements: Iterable[Agreement]) -> set[tuple[str, str, str]]:
    return {
        (agency, each.recipient, owner)
        for each in agreements
        for agency in each.asked_through
        for owner in each.owners
    }


class _Pair:
    """One recipient and one owner."""

    def __init__(
        self, recipient: str, owner: str, old: Sequence[Agreement], new: Sequence[Agreement]
    ) -> None:
        self._parties = recipient, owner
        self._old = [a for a in old if a.recipient == recipient and owner in a.owners]
        self._new = [a for a in new if a.recipient == recipient and owner in a.owners]

    def changes(self, before: Policies, after: Policies) -> Iterator[Change]:
        turns = sorted({turn for a in (*self._old, *self._new) for turn in (a.start, a.end)})
        for since, until in pairwise(turns):
            was, now = _rules(self._old, since), _rules(self._new, since)
            altered = [rule for rule in {*was, *now} if was.count(rule) != now.count(rule)]
            if altered:
                yield from self._within(since, until, {*was, *now}, altered, before, after)

    def _within(
        self, since: datetime, until: datetime, rules: set[Rule], altered: list[Rule],
        before: Policies, after: Policies,
    ) -> Iterator[Change]:  # fmt: skip
        known = sorted(rules, key=lambda rule: rule.name)
        whats = _classes(_whats(), lambda what: tuple(_lists(rule, what) for rule in known))
        hows = _classes(_hows(), lambda how: _how_signature(known, how))
        for action in ACTIONS:
            groups = _classes(
                sorted(purposes().of_agreements),
                lambda purpose, action=action: _purpose_signature(  # type: ignore[misc]
                    known, Question(action, self._parties[0], purpose)
                ),
            )
            for asked in groups:
                question = Question(action, self._parties[0], asked[0])
                cells = [
                    (what, how)
                    for what, how in product(whats, hows)
                    if any(_covers(rule, question, what[0], how[0]) for rule in altered)
                ]
                items = [item_of(self._parties[1], what[0], how[0]) for what, how in cells]
                was, now = (_gives(each, question, items, since) for each in (before, after))
                for (what, how), first, second in zip(cells, was, now, strict=True):
                    if first != second:
                        yield Change(
                            *self._parties, since, until, (action,), asked, what, how, first, second
                        )


def _gives(
    policies: Policies, question: Question, items: Sequence[Item], at: datetime
) -> list[Gives]:
    request = Request(question.action, question.recipient, question.purpose)
    decided = policies.decide_each(request, items, at)
    return [Gives(decision.level, decision.masked) for decision in decided]


def item_of(owner: str, what: What, how: How) -> Item:
    """Give an item of a class."""
    return Item(
        owner=owner, record_kind=what.record_kind, evidence_kind=what.evidence_kind,
        basis=what.basis, dissemination=how.dissemination,
        **dict.fromkeys(how.marks, True),
    )  # fmt: skip


def _rules(agreements: Iterable[Agreement], at: datetime) -> list[Rule]:
    return [
        rule for agreement in agreements if agreement.is_in_force(at) for rule in agreement.rules
    ]


def _classes(values: Iterable[_T], signature: Callable[[_T], Hashable]) -> list[tuple[_T, ...]]:
    """Group values that nothing tells apart, in their order."""
    groups: dict[Hashable, list[_T]] = {}
    for value in values:
        groups.setdefault(signature(value), []).append(value)
    return [tuple(group) for group in groups.values()]


@cache
def _whats() -> tuple[What, ...]:
    every = product(sorted(record_kinds()), (None, *basis_table()), ("fact", "assessment"))
    return tuple(What(*each) for each in every if is_possible(*each))


@cache
def _hows() -> tuple[How, ...]:
    """Give every combination of marks, the plainest first."""
    marks = get_args(Mark)
    sets = chain.from_iterable(combinations(marks, size) for size in range(len(marks) + 1))
    return tuple(How(frozenset(each), level) for each in sets for level in _DISSEMINATIONS)


def _lists(rule: Rule, what: What) -> bool:
    return not _LISTS & set(
        misses_item(rule, Item("", what.record_kind, what.evidence_kind, what.basis))
    )


def _fits(rule: Rule, how: How) -> bool:
    return how.marks <= rule.marks if rule.gives else rule.only <= how.marks


def _covers(rule: Rule, question: Question, what: What, how: How) -> bool:
    return not misses_question(rule, question) and _lists(rule, what) and _fits(rule, how)


def _how_signature(rules: Sequence[Rule], how: How) -> Hashable:
    is_pointer_at_most = bool(how.marks & {"designation", "sealed"})
    bus = (
        is_pointer_at_most or how.dissemination == "restricted",
        how.dissemination == "unrestricted",
    )
    return (*bus, *(_fits(rule, how) for rule in rules))


def _purpose_signature(rules: Sequence[Rule], question: Question) -> Hashable:
    shut = question.purpose in purposes().side_doors
    of_police = question.purpose == "immigration_enforcement"
    return (shut, of_police, *(not misses_question(rule, question) for rule in rules))


def _joined(found: Iterable[Change]) -> list[Change]:
    """Tell together what differs in time only, and then in one list only."""
    joined = _joined_in_time(found)
    for name in ("hows", "purposes", "actions", "whats"):
        groups: dict[Hashable, Change] = {}
        for change in joined:
            key = _with(change, name, ())
            listed = getattr(groups.get(key), name, ()) + getattr(change, name)
            groups[key] = _with(change, name, listed)
        joined = list(groups.values())
    return joined


def _with(change: Change, name: str, listed: tuple[Any, ...]) -> Change:
    fields: dict[str, Any] = {name: listed}
    return replace(change, **fields)


def _joined_in_time(found: Iterable[Change]) -> list[Change]:
    last: dict[Hashable, int] = {}
    joined: list[Change] = []
    for change in found:
        key = replace(change, since=_NEVER, until=_NEVER)
        at = last.get(key)
        if at is not None and joined[at].until == change.since:
            joined[at] = replace(joined[at], until=change.until)
        else:
            last[key] = len(joined)
            joined.append(change)
    return joined
