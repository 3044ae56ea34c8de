"""Looks at one record for one subscription, and says what must be told now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from consumers.feeds.copies import Copy, messages
from consumers.feeds.difference import Message
from consumers.feeds.presence import Presence
from consumers.feeds.subscription import Standing, State, Subscription, state_at
from consumers.feeds.wanted import NOTHING, Entitled, wanted
from recordbus.policy import Policies


@dataclass(frozen=True)
class Case:
    """A subscription at a moment: who asks, how it stands, whom it asks for, under which policy."""

    subscription: Subscription
    standing: Standing
    entities: frozenset[str]
    policies: Policies
    at: datetime

    @cached_property
    def state(self) -> State:
        """Give what the subscription is now."""
        return state_at(self.subscription, self.standing, self.at)

    @cached_property
    def entitled(self) -> Entitled:
        """Give what it asks for, with what decides about it."""
        decider = self.policies.decider(self.subscription.request())
        return Entitled(self.subscription.selector, decider, self.at, self.entities)


def look(case: Case, presence: Presence, copies: Mapping[str, Copy]) -> list[Message]:
    """Give what to tell of a record now, in order; equal arguments give equal messages.

    While a subscription is paused, what it holds is still put right and taken back, and nothing
    new is told; before its start nothing at all is.
    """
    state = case.state
    if state is State.WAITING:
        return []
    has_ended = state is State.ENDED
    is_held = any(copy.held.is_there or not copy.is_confirmed for copy in copies.values())
    views = NOTHING if has_ended else wanted(case.entitled, presence, is_held=is_held)
    if state is State.PAUSED:
        views = {subject: view for subject, view in views.items() if _is_there(copies, subject)}
    return messages(copies, views, presence, has_ended=has_ended)


def _is_there(copies: Mapping[str, Copy], subject: str) -> bool:
    copy = copies.get(subject)
    return copy is not None and copy.held.is_there
