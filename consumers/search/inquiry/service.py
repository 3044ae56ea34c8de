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

from consumers.search.audit import asked_entry
from consumers.search.criteria import Context
from consumers.search.engines.interface import Freshness, SearchEngine
from consumers.search.gates import SEARCH_PURPOSES, CaseRegister, check_context
from consumers.search.inquiry.entity import Entity, captions, entity
from consumers.search.inquiry.following import Following
from consumers.search.inquiry.lines import Line, line
from consumers.search.inquiry.names import one_entity
from consumers.search.inquiry.network import DEEPEST, Network, network
from consumers.search.inquiry.ways import Ways, ways
from consumers.search.refusals import BadQuery, Fault
from consumers.search.statements import RecordLine, StoredTie
from recordbus.audit import Asked, AuditSink, Outcome, keyed, owners_of
from recordbus.clock import Clock
from recordbus.errors import Refused
from recordbus.ids import IdSource
from recordbus.metrics import SEARCH_REQUESTS_TOTAL

MOST_SHOWN_TIES = 500
NOT_AN_ID: Final = "(no id)"
_ID = re.compile(r"[0-9A-Fa-f]{8,64}(\.@?[A-Za-z0-9_:-]{1,60})?")
T = TypeVar("T")


class Used(NamedTuple):
    """A record that an answer shows: its opaque key, its version and its owner."""

    record_key: str
    version: int
    department: str


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
class Inquiries:
    """Answers questions about entities. `cases` is None where no case register is connected."""

    engine: SearchEngine
    audit: AuditSink
    clock: Clock
    ids: IdSource
    cases: CaseRegister | None = None
    origin: str | None = None
    auditors: frozenset[str] = frozenset()

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
        answer: Callable[[Heading], Told[T]],
    ) -> T:  # fmt: skip
        """Check who asks, answer, and write the audit entry before giving the answer away.

        Raises Refused naming the rule, BadQuery naming what to change, and Retryable when the
        audit cannot be written.
        """
        entry_id, now = self.ids.next(), self.clock.now()
        entry = asked_entry(
            context, command, {name: _safe(value) for name, value in asked.items()},
            entry_id=entry_id, at=now, outcome=Outcome.FAILED, origin=self.origin,
        )  # fmt: skip
        purpose = context.purpose if context.purpose in SEARCH_PURPOSES else "none"
        outcome, reason = Outcome.FAILED, None
        try:
            is_checked = check_context(context, self.cases, self.auditors)
            entry = replace(entry, case_checked=is_checked)
            told = answer(Heading(entry_id, now, context, self.engine.freshness()))
            used = sorted(set(told.records))
            entry = replace(
                entry, entities=tuple(sorted(set(told.entities))),
                records=tuple(keyed(each.record_key, each.version) for each in used),
                owners=owners_of([each.department for each in used]),
            )  # fmt: skip
            outcome = Outcome.ANSWERED
        except Refused as error:
            outcome, reason = Outcome.REFUSED, error.reason
            raise
        except BadQuery as error:
            outcome, reason = Outcome.REJECTED, error.reason.value
            raise
        except Exception as error:
            reason = type(error).__name__
            raise
        finally:
            SEARCH_REQUESTS_TOTAL.labels(purpose=purpose, outcome=outcome).inc()
            reasons = (reason,) if reason else ()
            self.audit.append(replace(entry, outcome=outcome, reasons=reasons))
        return told.answer

    def _page(self, heading: Heading, entity_start: str) -> Told[Page]:
        graph = self.engine.graph
        found = entity(graph, one_entity(graph, entity_start))
        if found is None:
            raise BadQuery(Fault.ENTITY, "there is no entity of that id")
        ties = graph.ties(found.entity_id, MOST_SHOWN_TIES)
        lines = self._lines(heading, ties[:MOST_SHOWN_TIES], found.entity_id)
        page = Page(heading, found, tuple(lines.values()), len(ties) > MOST_SHOWN_TIES)
        records = [used_of(each.record) for each in found.statements if each.record]
        others = [each.other_entity for each in page.lines if each.other_entity]
        return Told(page, [*records, *_records(lines)], [found.entity_id, *others])

    def _ways(
        self, heading: Heading, start: str, end: str, with_assessments: bool
    ) -> Told[WaysAnswer]:
        graph = self.engine.graph
        first, last = one_entity(graph, start), one_entity(graph, end)
        if first == last:
            raise BadQuery(Fault.ENTITY, "the two are one entity", hint="ask: recordbus show")
        found = ways(graph, first, last, Following(heading.asked_at, with_assessments))
        steps = [step for way in found.ways for step in way]
        ties = {tie.association_id: tie for step in steps for tie in step.ties}
        entities = {first, last} | {step.end for step in steps} | set(found.crowded)
        lines = self._lines(heading, list(ties.values()))
        answer = WaysAnswer(heading, found, self._captions(entities), lines)
        return Told(answer, _records(lines), entities)

    def _network(
        self, heading: Heading, entity_start: str, depth: int, with_assessments: bool
    ) -> Told[NetworkAnswer]:
        if not 1 <= depth <= DEEPEST:
            raise BadQuery(Fault.DEPTH, f"the depth is from 1 to {DEEPEST} steps")
        graph = self.engine.graph
        centre = one_entity(graph, entity_start)
        kind = graph.statements(centre, 1)[0].kind
        following = Following(heading.asked_at, with_assessments)
        found = network(graph, centre, kind, depth, following)
        entities = {node.entity_id for node in found.nodes} | set(found.crowded)
        lines = self._lines(heading, found.ties)
        answer = NetworkAnswer(heading, found, self._captions(entities), lines)
        return Told(answer, _records(lines), entities)

    def _captions(self, entities: Iterable[str]) -> dict[str, str]:
        caption_of = captions(self.engine.graph)
        return {each: caption_of(each) for each in sorted(entities)}

    def _lines(
        self, heading: Heading, ties: Sequence[StoredTie], entity_id: str | None = None
    ) -> dict[str, Line]:
        """Give the lines of ties that have not come to their end, by the ties' ids."""
        caption_of = captions(self.engine.graph)
        agency, now = heading.context.agency_ori, heading.asked_at
        found = (
            (tie.association_id, line(tie, entity_id or tie.from_entity, caption_of, now, agency))
            for tie in ties
        )
        return {name: each for name, each in found if each is not None}


def used_of(record: RecordLine) -> Used:
    """Give what the audit is told of a record that is shown."""
    return Used(record.record_key, record.version, record.department)


def _records(lines: Mapping[str, Line]) -> list[Used]:
    return [
        Used(each.record["record_key"], each.record["version"], each.department)
        for each in lines.values()
        if each.record
    ]


def _safe(value: Any) -> Asked:
    """Give what was typed when it can only be an id; a name typed by mistake is not kept (R-27)."""
    return value if not isinstance(value, str) or _ID.fullmatch(value.strip()) else NOT_AN_ID
