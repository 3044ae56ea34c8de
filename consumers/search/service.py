"""One search from question to answer: allowed, planned, found, audited, and only then given.

Invariant: every search leaves one audit entry, whatever becomes of it, and nothing that was
found leaves before that entry is durable (R-39). All doors (command line, pages, interfaces)
come through here, so the rules hold whichever door is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from consumers.search.answer import Answer, counts, results, total
from consumers.search.asking import asked
from consumers.search.audit import entry_of
from consumers.search.criteria import Context, Criteria
from consumers.search.documents import microseconds
from consumers.search.engines.interface import SearchEngine, TooSlow
from consumers.search.gates import SEARCH_PURPOSES, CaseRegister, Passed, check
from consumers.search.inquiry.met import entities_met
from consumers.search.refusals import BadQuery, Fault
from consumers.search.words import compact
from recordbus.audit import AuditSink, Outcome, keyed, owners_of
from recordbus.clock import Clock
from recordbus.errors import Refused
from recordbus.ids import IdSource
from recordbus.metrics import SEARCH_REQUESTS_TOTAL, SEARCH_SECONDS
from recordbus.normalize import identifiers


@dataclass(frozen=True, slots=True)
class Search:
    """Answers searches. `identifier_key` is the bus-wide key that intake hashes numbers with.

    `cases` is None where no case register is connected; the audit then says so.
    """

    engine: SearchEngine
    audit: AuditSink
    clock: Clock
    ids: IdSource
    identifier_key: bytes
    cases: CaseRegister | None = None
    timeout_seconds: float = 2.0
    origin: str | None = None
    auditors: frozenset[str] = frozenset()

    def search(
        self, context: Context, criteria: Criteria, *, with_entities: bool = False
    ) -> Answer:
        """Answer a search, with the entities that its results lead to when they are wanted.

        Raises Refused naming the rule, BadQuery naming what to change, and Retryable when the
        audit cannot be written; nothing is given away then.
        """
        started = self.clock.monotonic()
        entry_id = self.ids.next()
        try:
            passed = check(context, criteria, self.cases, self._has_described_person, self.auditors)
            answer = self._answer(criteria, passed, entry_id, with_entities)
        except Refused as error:
            self._note(context, criteria, entry_id, Outcome.REFUSED, error.reason)
            raise
        except BadQuery as error:
            self._note(context, criteria, entry_id, Outcome.REJECTED, error.reason.value)
            raise
        except Exception as error:
            self._note(context, criteria, entry_id, Outcome.FAILED, type(error).__name__)
            raise
        self._note(context, criteria, entry_id, Outcome.ANSWERED, None, passed, answer)
        SEARCH_SECONDS.observe(self.clock.monotonic() - started)
        return answer

    def _answer(
        self, criteria: Criteria, passed: Passed, entry_id: str, with_entities: bool
    ) -> Answer:
        now = self.clock.now()
        question = asked(criteria, self.engine, self._digest, now.date())
        try:
            found = self.engine.search(question.plan, self.timeout_seconds)
        except TooSlow as error:
            raise BadQuery(
                Fault.TOO_SLOW,
                f"the search took longer than {self.timeout_seconds:g} seconds and was stopped",
                hint="ask for something rarer, or fewer alternatives at once",
            ) from error
        page = results(found, question.wants, passed.shows_gated)[: passed.most_results]
        hide = criteria.hide_small_counts
        hits = found.hits[: passed.most_results]
        met = entities_met(self.engine.graph, hits, question.wants) if with_entities else None
        return Answer(
            entry_id, page, total(found, hide), found.total_is_exact, criteria.page,
            criteria.page_size, counts(found, criteria.facets, hide), self.engine.freshness(),
            microseconds(now), None if met is None else tuple(met),
        )  # fmt: skip

    def _digest(self, kind: str, value: str, issuer: str | None) -> str | None:
        return identifiers.lookup_digest(self.identifier_key, kind, value, issuer)

    def _has_described_person(self, number: str) -> bool:
        plain = compact(number)
        return bool(plain) and self.engine.has_described_person(plain)

    def _note(
        self, context: Context, criteria: Criteria, entry_id: str, outcome: Outcome,
        reason: str | None, passed: Passed | None = None, answer: Answer | None = None,
    ) -> None:  # fmt: skip
        purpose = context.purpose if context.purpose in SEARCH_PURPOSES else "none"
        SEARCH_REQUESTS_TOTAL.labels(purpose=purpose, outcome=outcome).inc()
        shown = _shown(answer)
        self.audit.append(
            entry_of(
                context, criteria, entry_id=entry_id, at=self.clock.now(), outcome=outcome,
                reason=reason, total=answer.total if answer else None, records=shown.records,
                entities=shown.entities, owners=shown.owners, origin=self.origin,
                case_checked=passed.is_case_checked if passed else False,
            )
        )  # fmt: skip


class _Shown(NamedTuple):
    """The opaque keys of what an answer shows, and the departments whose records they are."""

    records: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()


def _shown(answer: Answer | None) -> _Shown:
    if answer is None:
        return _Shown()
    entities = answer.entities or ()
    stated = [each.record for entity in entities for each in entity.statements if each.record]
    used = [(each.record_key, each.version, each.department) for each in answer.results]
    used += [(each.record_key, each.version, each.department) for each in stated]
    owner_of = {keyed(key, version): department for key, version, department in used}
    return _Shown(
        tuple(owner_of),
        tuple(each.entity_id for each in entities),
        owners_of(list(owner_of.values())),
    )
