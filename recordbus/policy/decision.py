"""What is asked of a policy, about what, and what it answers: three values (pure).

Invariant: an answer is one of three levels, always with the rules it follows from; nothing in
here has a default that gives more away than leaving it out would.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

Level = Literal["full", "pointer", "hidden"]
"""All but masked fields; whom to ask and nothing else; no sign that there is anything (R-31)."""
LEVELS: tuple[Level, ...] = ("hidden", "pointer", "full")
"""From the least to the most."""

Action = Literal["search", "feed"]
"""A look through search, or a subscription with its deliveries."""
ACTIONS: tuple[Action, ...] = ("search", "feed")

BUS = "bus"
"""What stands in the place of an agreement in the ids of the rules that hold for all."""


class Question(NamedTuple):
    """The part of a request that a decision depends on.

    `through` is the agency that asks for the recipient, nothing when that asks for itself.
    """

    action: Action
    recipient: str
    purpose: str
    through: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody asks, for a purpose and a case (R-28).

    `agency` is the one whose account asks and `on_behalf_of` the one that will have the answer,
    where that is another: then an owner's agreement with that other one must say that it may ask
    through this agency. Departments and agencies are known by their names on the bus.
    `case` and `requester` are for the audit: no decision depends on them.
    """

    action: Action
    agency: str
    purpose: str
    case: str = ""
    requester: str = ""
    on_behalf_of: str | None = None

    @property
    def recipient(self) -> str:
        """The end recipient, who alone counts (R-30)."""
        return self.on_behalf_of or self.agency

    def question(self) -> Question:
        """Give what a decision depends on."""
        through = "" if self.agency == self.recipient else self.agency
        return Question(self.action, self.recipient, self.purpose, through)


@dataclass(frozen=True, slots=True)
class Item:
    """What would be given: an association, or with no basis a record's own document.

    Two equal items are decided alike: nothing else of a record counts, no value of it either.
    `restricted` and `law_enforcement` follow from the owner's own dissemination level.
    """

    owner: str
    record_kind: str
    evidence_kind: str
    basis: str | None = None
    juvenile: bool = False
    designation: bool = False
    derived: bool = False
    disputed: bool = False
    sealed: bool = False
    dissemination: str = "law_enforcement"


@dataclass(frozen=True, slots=True)
class Decision:
    """What an agreement makes of a request for an item.

    `masked` are paths of fields that must not reach the recipient, with the level `full` only.
    `reasons` are the ids of the rules it follows from, `agreement/rule`, those of the bus
    `bus/rule`; a pointer that could have been more has the rules that forbid that too.
    The decision may change with no change of policy at `holds_until`; None is for never.
    """

    level: Level
    masked: frozenset[str] = frozenset()
    reasons: tuple[str, ...] = ()
    agreements: tuple[str, ...] = ()
    policy_version: str = ""
    holds_until: datetime | None = field(default=None, compare=False)

    @property
    def shows(self) -> bool:
        """Whether the recipient may know that there is something at all."""
        return self.level != "hidden"
