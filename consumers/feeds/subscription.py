"""A subscription: who is told what, for which purpose and case, where, and until when (pure).

Invariant: there is no subscription without a purpose, a case and an end (R-28, R-36), and no
moment at which it is not told by time alone what may be sent.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum
from typing import Annotated, Any, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from consumers.feeds.selector import Selector
from recordbus.policy import Request
from schemas import catalog

LONGEST: Final = timedelta(days=366)
"""Twelve months at most (R-36), a leap year's too."""
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class State(Enum):
    """What a subscription is at a moment: only `active` and `due` are told anything new."""

    WAITING = "waiting"
    ACTIVE = "active"
    DUE = "due"
    PAUSED = "paused"
    ENDED = "ended"


class Channel(BaseModel):
    """How an agency is told: the kind of channel and its own settings, which it checks itself."""

    model_config = ConfigDict(extra="allow", frozen=True)

    kind: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]

    @property
    def options(self) -> dict[str, Any]:
        """Give the settings that only this kind of channel knows."""
        return dict(self.model_extra or {})


class Subscription(BaseModel):
    """What one agency asked to be told, as it was registered.

    `revalidate_days` is how long a confirmation of the need lasts, `grace_days` how long the
    feed goes on without one, and `receipt_hours` how long a receipt may take.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    subscription_id: Id
    agency: Id
    on_behalf_of: Id | None = None
    agency_ori: Name
    requester: Name
    purpose: str
    case_number: Name
    selector: Selector = Selector()
    channel: Channel
    start: AwareDatetime
    end: AwareDatetime
    revalidate_days: Annotated[int, Field(ge=1, le=366)] = 90
    grace_days: Annotated[int, Field(ge=0, le=30)] = 14
    receipt_hours: Annotated[int, Field(ge=1, le=720)] = 24

    @model_validator(mode="after")
    def _is_bounded(self) -> Subscription:
        if self.purpose not in catalog.purposes().of_agreements:
            raise ValueError(f"{self.purpose!r} is no purpose of the closed list (R-29)")
        if self.end <= self.start:
            raise ValueError("it must end after it starts")
        if self.end - self.start > LONGEST:
            raise ValueError("it must end within twelve months of its start (R-36)")
        return self

    def request(self) -> Request:
        """Give what the policy is asked for every item of this feed."""
        return Request(
            "feed", self.agency, self.purpose, self.case_number, self.requester, self.on_behalf_of
        )


class Standing(BaseModel):
    """What became of a subscription since it was registered; instants are aware."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    validated_at: AwareDatetime
    """When somebody last confirmed that the case still needs it; at first, its start."""
    stopped_at: AwareDatetime | None = None
    suspended_for: str | None = None
    """Why nothing new is sent though its time is not over: a code, such as overdue_receipts."""


def state_at(subscription: Subscription, standing: Standing, at: datetime) -> State:
    """Give what a subscription is at an instant; ended is for good."""
    stopped = standing.stopped_at is not None and at >= standing.stopped_at
    if stopped or at >= subscription.end:
        return State.ENDED
    if at < subscription.start:
        return State.WAITING
    due, over = due_and_over(subscription, standing)
    if at >= over:
        return State.ENDED
    if standing.suspended_for is not None:
        return State.PAUSED
    return State.DUE if at >= due else State.ACTIVE


def due_and_over(subscription: Subscription, standing: Standing) -> tuple[datetime, datetime]:
    """Give from when on a confirmation is asked for, and when it ends without one (R-36)."""
    due = max(standing.validated_at, subscription.start) + timedelta(
        days=subscription.revalidate_days
    )
    return due, due + timedelta(days=subscription.grace_days)
