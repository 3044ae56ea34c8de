"""Whether somebody may ask at all: what every door checks before anything is looked up."""

from __future__ import annotations

from datetime import datetime

from recordbus.errors import Refused
from recordbus.policy.decision import Decision, Request
from recordbus.policy.policies import NOT_ASKED_THROUGH, Policies

ON_BEHALF_OF_UNKNOWN = "on_behalf_of_unknown"
PURPOSE_NOT_ALLOWED = "purpose_not_allowed"


class NotAllowed(Refused):
    """Nobody allows this; `rules` are those it follows from, of this version of the policy."""

    def __init__(self, reason: str, message: str, hint: str, decision: Decision) -> None:
        super().__init__(reason, message, hint=hint)
        self.rules = decision.reasons
        self.policy_version = decision.policy_version


def check_may_ask(policies: Policies, request: Request, at: datetime) -> Decision:
    """Give the most that a request could have of anything.

    Raises NotAllowed when that is nothing: when no agreement gives the end recipient anything for
    the purpose, or none lets this agency ask on behalf of that other one (R-29, R-30).
    """
    decision = policies.may_ask(request, at)
    if decision.shows:
        return decision
    recipient = request.recipient
    if NOT_ASKED_THROUGH in decision.reasons:
        raise NotAllowed(
            ON_BEHALF_OF_UNKNOWN,
            f"no agreement lets {request.agency} ask for {recipient} (R-30)",
            f"let {recipient} ask itself, or have it signed: asked_through: [{request.agency}]",
            decision,
        )
    raise NotAllowed(
        PURPOSE_NOT_ALLOWED,
        f"no agreement gives {recipient} anything for {request.purpose} "
        f"({', '.join(decision.reasons)})",
        f"see which rules there are: recordbus policy explain --agency {request.agency} "
        f"--purpose {request.purpose} --owner OWNER --record-kind KIND",
        decision,
    )
