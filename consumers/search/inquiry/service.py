"""Questions about entities, from the gate to the answer: allowed, answered, audited, then given.

Invariant: every question leaves one audit entry, whatever becomes of it, and nothing leaves before
that entry is durable (R-28, R-38, R-39): the same as for a search, whichever command is used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Generic, NamedTuple, TypeVar

from consumers.search.access import Access, Admitted
from consumers.search.answers import Standings
from consumers.search.audit import Used, answered, asked_entry, denied
from consumers.search.criteria import Context
from consumers.search.engines.interface import Freshness
from consumers.search.gates import SEARCH_PURPOSES
from consumers.search.inquiry.entity import Entity, captions, entity
from consumers.search.inquiry.following import Following
from consumers.search.inquiry.lines import Line, line
from consumers.search.inquiry.names import one_entity
from consumers.search.inquiry.network import DEEPEST, Network, network
from consumers.search.inquiry.ways import Ways, ways
from consumers.search.refusals import BadQuery, Fault
from consumers.search.sight import Sight
from consumers.search.statements import Graph, StoredTie
from consumers.search.used import used_of_entity
from recordbus.audit import Asked, AuditSink, Entry
from recordbus.clock import Clock
from recordbus.ids import IdSource
from recordbus.metrics import SEARCH_REQUESTS_TOTAL
from recordbus.policy import Policies, Request

MOST_SHOWN_TIES = 500
NOT_AN_ID: Final = "(no id)"
_ID = re.compile(r"[0-9A-Fa-f]{8,64}(\.@?[A-Za-z0-9_:-]{1,60})?")
T = TypeVar("T")


class Told(NamedTuple, Generic[T]):
    """An answer, and what it shows: records with their owners, and the keys of entities."""

    answer: T
    records: Iterable[Used]
    entities: Iterable[str]


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above every answer: who asked, when, for what, and how fresh it is."""

    audit_id: str
    asked_at: datetime
    context: Context
    freshness: Freshness
    policy_version: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """An entity with its ties; `more_ties` says that not all of them are here."""

    heading: Heading
    entity: Entity
    lines: tuple[Line, ...]
    more_ties: bool


@dataclass(frozen=True, slots=True)
class WaysAnswer:
    """The ways between two entities, with what everybody on them is called."""

    heading: Heading
    ways: Ways
    captions: Mapping[str, str]
    lines: Mapping[str, Line]


@dataclass(frozen=True, slots=True)
class NetworkAnswer:
    """The surroundings of an entity, with what everything in them is called."""

    heading: Heading
    network: Network
    captions: Mapping[str, str]
    lines: Mapping[str, Line]


@dataclass(frozen=True, slots=True)
class Asking:
    """A question that is allowed: what stands above its answer, and what of the index is seen."""

    heading: Heading
    sight: Sight
    graph: Graph
    request: Request
    policies: Policies


@dataclass(frozen=True, slots=True)
class Inquiries:
    """Answers questions about entities, from what the policy lets their asker see (R-31)."""

    access: Access
    audit: AuditSink
    clock: Clock
    ids: IdSource
    origin: str | None = None

    def show(self, context: Context, entity_start: str) -> Page:
        """Show an entity, named by its id or the beginning of it."""
        return self.answered(
            context, "show", {"entity": entity_start}, lambda h: self._page(h, entity_start)
        )

    def path(
        self, context: Context, start: str, end: str, *, with_assessments: bool = False
    ) -> WaysAnswer:
        """Find the shortest ways between two entities."""
        asked = {"from": start, "to": end, "assessments": with_assessments}
        return self.answered(
            context, "path", asked, lambda h: self._ways(h, start, end, with_assessments)
        )

    def network(
        self, context: Context, entity_start: str, depth: int, *, with_assessments: bool = False
    ) -> NetworkAnswer:
        """Give what is around an entity, out to some steps."""
        asked = {"entity": entity_start, "depth": depth, "assessments": with_assessments}
        return self.answered(
            context, "network", asked,
            lambda h: self._network(h, entity_start, depth, with_assessments),
        )  # fmt: skip

    def answered(
        self, context: Context, command: str, asked: Mapping[str, Any],
        answer: Callable[[Asking], Told[T]],
    ) -> T:  # fmt: skip
        """Check who asks, answer, and write the audit entry before giving the answer away.

        Raises Refused naming the rule, BadQuery naming what to change, and Retryable when the
        audit cannot be written.
        """
        now = self.clock.now()
        entry = asked_entry(
            context, command, {name: _safe(value) for name, value in asked.items()},
            entry_id=self.ids.next(), at=now, agency=self.access.agency, origin=self.origin,
        )  # fmt: skip
        try:
            admitted = self.access.admit(context, now)
            entry = replace(entry, case_checked=admitted.is_case_checked)
            told = answer(_asking(entry.entry_id, now, context, admitted))
        except Exception as error:
            self._note(denied(entry, error))
            raise
        self._note(answered(
            entry, told.records, admitted.sight.policy_version, sorted(set(told.entities))
        ))  # fmt: skip
        return told.answer

    def _note(self, entry: Entry) -> None:
        purpose = entry.purpose if entry.purpose in SEARCH_PURPOSES else "none"
        SEARCH_REQUESTS_TOTAL.labels(purpose=purpose, outcome=entry.outcome).inc()
        self.audit.append(entry)

    def _page(self, asking: Asking, entity_start: str) -> Told[Page]:
        graph = asking.graph
        found = entity(graph, one_entity(graph, entity_start))
        if found is None:
            raise BadQuery(Fault.ENTITY, "there is no entity of that id")
        ties = graph.ties(found.entity_id, MOST_SHOWN_TIES)
        lines = _lines(asking, ties[:MOST_SHOWN_TIES], found.entity_id)
        page = Page(asking.heading, found, tuple(lines.values()), len(ties) > MOST_SHOWN_TIES)
        others = [each.other_entity for each in page.lines]
        used = [*used_of_entity(found, asking.sight), *_records(lines)]
        return Told(page, used, [found.entity_id, *others])

    def _ways(
        self, asking: Asking, start: str, end: str, with_assessments: bool
    ) -> Told[WaysAnswer]:
        graph = asking.graph
        first, last = one_entity(graph, start), one_entity(graph, end)
        if first == last:
            raise BadQuery(Fault.ENTITY, "the two are one entity", hint="ask: recordbus show")
        following = Following(asking.heading.asked_at, with_assessments)
        found = ways(graph, first, last, following)
        steps = [step for way in found.ways for step in way]
        ties = {tie.association_id: tie for step in steps for tie in step.ties}
        entities = {first, last} | {step.end for step in steps} | set(found.crowded)
        lines = _lines(asking, list(ties.values()))
        answer = WaysAnswer(asking.heading, found, _captions(graph, entities), lines)
        return Told(answer, _records(lines), entities)

    def _network(
        self, asking: Asking, entity_start: str, depth: int, with_assessments: bool
    ) -> Told[NetworkAnswer]:
        if not 1 <= depth <= DEEPEST:
            raise BadQuery(Fault.DEPTH, f"the depth is from 1 to {DEEPEST} steps")
        graph = asking.graph
        centre = one_entity(graph, entity_start)
        kind = graph.statements(centre, 1)[0].kind
        following = Following(asking.heading.asked_at, with_assessments)
        found = network(graph, centre, kind, depth, following)
        entities = {node.entity_id for node in found.nodes} | set(found.crowded)
        lines = _lines(asking, found.ties)
        answer = NetworkAnswer(asking.heading, found, _captions(graph, entities), lines)
        return Told(answer, _records(lines), entities)


def _asking(audit_id: str, at: datetime, context: Context, admitted: Admitted) -> Asking:
    seen, sight = admitted.seen, admitted.sight
    heading = Heading(audit_id, at, context, seen.freshness(), sight.policy_version)
    return Asking(heading, sight, seen.graph, admitted.request, admitted.policies)


def _captions(graph: Graph, entities: Iterable[str]) -> dict[str, str]:
    caption_of = captions(graph)
    return {each: caption_of(each) for each in sorted(entities)}


def _lines(
    asking: Asking, ties: Sequence[StoredTie], entity_id: str | None = None
) -> dict[str, Line]:
    """Give the lines of ties that have not come to their end, by the ties' ids."""
    caption_of, now = captions(asking.graph), asking.heading.asked_at
    standings = Standings(asking.graph.answered({tie.record_key for tie in ties}))
    found = (
        (tie.association_id, line(tie, entity_id or tie.from_entity, caption_of, now, standings))
        for tie in ties
    )
    return {name: each for name, each in found if each is not None}


def _records(lines: Mapping[str, Line]) -> list[Used]:
    return [
        Used(each.record["record_key"], each.record["version"], each.department, rules=each.rules)
        for each in lines.values()
    ]


def _safe(value: Any) -> Asked:
    """Give what was typed when it can only be an id; a name typed by mistake is not kept (R-27)."""
    return value if not isinstance(value, str) or _ID.fullmatch(value.strip()) else NOT_AN_ID
