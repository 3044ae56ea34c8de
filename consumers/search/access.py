"""Who asks, and what the policy lets them see: the same for every question to the index.

Invariant: the agency that asks is the one whose terminal this is, as its deployment says; nothing
that is typed changes it. Whoever asks for another needs that other's owners' word for it (R-30).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from consumers.search.criteria import Context
from consumers.search.engines.interface import SearchEngine, Seen
from consumers.search.gates import CaseRegister, check_context
from consumers.search.refusals import Refusal, refused
from consumers.search.sight import Sight
from consumers.search.sights import Sights
from recordbus.policy.asking import check_may_ask
from recordbus.policy.decision import Request
from recordbus.policy.policies import Policies


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency by its name on the bus and its ORI."""

    name: str
    ori: str | None = None


@dataclass(frozen=True, slots=True)
class Admitted:
    """Somebody who may ask: for whom, under which policy, and what of the index is seen so."""

    request: Request
    policies: Policies
    sight: Sight
    seen: Seen
    is_case_checked: bool


@dataclass(frozen=True, slots=True)
class Access:
    """The door to an index. `agency` is None where a deployment has not said whose terminal it is.

    `cases` is None where no case register is connected.
    """

    engine: SearchEngine
    sights: Sights
    agency: Agency | None
    cases: CaseRegister | None = None
    auditors: Collection[str] = ()

    def admit(self, context: Context, at: datetime) -> Admitted:
        """Let somebody in; raises Refused naming the rule."""
        is_case_checked = check_context(context, self.cases, self.auditors)
        if self.agency is None:
            raise refused(
                Refusal.AGENCY_MISSING,
                "nobody has said whose terminal this is (R-30)",
                "whoever runs it sets search.agency to a department or agency of the bus",
            )
        policies = self.sights.policies()
        request = Request(
            "search", self.agency.name, context.purpose, context.case_number, context.requester,
            context.on_behalf_of or None,
        )  # fmt: skip
        check_may_ask(policies, request, at)
        sight = self.sights.of(policies, request, at)
        return Admitted(request, policies, sight, self.engine.seen(sight), is_case_checked)
