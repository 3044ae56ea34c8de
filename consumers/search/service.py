"""One search from question to answer: allowed, planned, found, audited, and only then given.

Invariant: every search leaves one audit entry, whatever becomes of it, and nothing that was
found leaves before that entry is durable (R-39). All doors (command line, pages, interfaces)
come through here, so the rules hold whichever door is used; and a search reads of the index only
what the policy lets its asker see (R-31).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from consumers.search.access import Access, Admitted
from consumers.search.answer import Answer, Result, counts, results, total
from consumers.search.answers import Standings
from consumers.search.asking import Asked, asked
from consumers.search.audit import Used, answered, asked_entry, denied, safe_criteria
from consumers.search.criteria import Context, Criteria
from consumers.search.documents import microseconds
from consumers.search.engines.interface import Found, SearchEngine, Seen, TooSlow
from consumers.search.gates import SEARCH_PURPOSES, Passed, check
from consumers.search.inquiry.entity import Entity
from consumers.search.inquiry.met import entities_met
from consumers.search.refusals import BadQuery, Fault
from consumers.search.sight import Sight
from consumers.search.statements import Pointer
from consumers.search.used import used_of_entity, used_of_pointer
from consumers.search.words import compact
from recordbus.audit import AuditSink, Entry
from recordbus.clock import Clock
from recordbus.ids import IdSource
from recordbus.metrics import SEARCH_REQUESTS_TOTAL, SEARCH_SECONDS
from recordbus.normalize import identifiers


@dataclass(frozen=True, slots=True)
class Search:
    """Answers searches. `identifier_key` is the bus-wide key that intake hashes numbers with."""

    access: Access
    audit: AuditSink
    clock: Clock
    ids: IdSource
    identifier_key: bytes
    timeout_seconds: float = 2.0
    origin: str | None = None

    @property
    def engine(self) -> SearchEngine:
        """Give the index that is searched."""
        return self.access.engine

    def search(
        self, context: Context, criteria: Criteria, *, with_entities: bool = False
    ) -> Answer:
        """Answer a search, with the entities that its results lead to when they are wanted.

        Raises Refused naming the rule, BadQuery naming what to change, and Retryable when the
        audit cannot be written; nothing is given away then.
        """
        started, now = self.clock.monotonic(), self.clock.now()
        entry = asked_entry(
            context, "search", safe_criteria(context, criteria), entry_id=self.ids.next(), at=now,
            agency=self.access.agency, origin=self.origin,
        )  # fmt: skip
        try:
            admitted = self.access.admit(context, now)
            entry = replace(entry, case_checked=admitted.is_case_checked)
            answer = self._answer(context, criteria, admitted, now, entry.entry_id, with_entities)
        except Exception as error:
            self._note(denied(entry, error))
            raise
        met = answer.entities or ()
        used = _used(answer.results, answer.pointers, met, admitted.sight)
        version = admitted.sight.policy_version
        self._note(answered(entry, used, version, (e.entity_id for e in met), answer.total))
        SEARCH_SECONDS.observe(self.clock.monotonic() - started)
        return answer

    def _answer(
        self, context: Context, criteria: Criteria, admitted: Admitted, now: datetime,
        entry_id: str, with_entities: bool,
    ) -> Answer:  # fmt: skip
        seen, sight = admitted.seen, admitted.sight
        passed = check(context, criteria, lambda number: _has_described_person(seen, number))
        question = asked(criteria, seen, self._digest, now.date())
        found = self._found(seen, question)
        standings = Standings(seen.graph.answered([hit.record_key for hit in found.hits]))
        page = results(found, question.wants, passed.shows_gated, sight.decisions, standings)
        hide = criteria.hide_small_counts
        met = _met(seen, found, question, passed) if with_entities else None
        return Answer(
            entry_id, page[: passed.most_results], total(found, hide), found.total_is_exact,
            criteria.page, criteria.page_size, counts(found, criteria.facets, hide),
            seen.freshness(), microseconds(now), met, found.pointers, sight.policy_version,
        )  # fmt: skip

    def _found(self, seen: Seen, question: Asked) -> Found:
        try:
            return seen.search(question.plan, self.timeout_seconds)
        except TooSlow as error:
            raise BadQuery(
                Fault.TOO_SLOW,
                f"the search took longer than {self.timeout_seconds:g} seconds and was stopped",
                hint="ask for something rarer, or fewer alternatives at once",
            ) from error

    def _digest(self, kind: str, value: str, issuer: str | None) -> str | None:
        return identifiers.lookup_digest(self.identifier_key, kind, value, issuer)

    def _note(self, entry: Entry) -> None:
        purpose = entry.purpose if entry.purpose in SEARCH_PURPOSES else "none"
        SEARCH_REQUESTS_TOTAL.labels(purpose=purpose, outcome=entry.outcome).inc()
        self.audit.append(entry)


def _has_described_person(seen: Seen, number: str) -> bool:
    plain = compact(number)
    return bool(plain) and seen.has_described_person(plain)


def _met(seen: Seen, found: Found, question: Asked, passed: Passed) -> tuple[Entity, ...]:
    hits = found.hits[: passed.most_results]
    return tuple(entities_met(seen.graph, hits, question.wants))


def _used(
    shown: Sequence[Result], pointers: Sequence[Pointer], met: Sequence[Entity], sight: Sight
) -> Iterator[Used]:
    """Give what the audit is told of the records of an answer."""
    for each in shown:
        yield Used(each.record_key, each.version, each.department, rules=each.rules)
    for entity in met:
        yield from used_of_entity(entity, sight)
    for pointer in pointers:
        yield used_of_pointer(pointer, sight)
