"""Why two mentions are one entity, or are not (R-09): from the two records, by the explainer.

Invariant: the verdict is worked out again from what is in force now, so it can be checked; and of
a record that the policy does not show in full and without masks, nothing is worked out (R-31).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from consumers.search.audit import Used
from consumers.search.criteria import Context
from consumers.search.inquiry.entity import Entity, entity
from consumers.search.inquiry.fetching import Records
from consumers.search.inquiry.names import one_mention
from consumers.search.inquiry.service import Asking, Heading, Inquiries, Told
from consumers.search.refusals import Refusal, refused
from consumers.search.statements import Statement
from consumers.search.used import used_of_entity
from recordbus.errors import Retryable
from recordbus.explainers import Explainer, Question, Standing
from recordbus.policy import Decision, items_of_record
from schemas.types import Record


@dataclass(frozen=True, slots=True)
class Why:
    """A verdict on two mentions, for people as sentences and for programs as `evidence`.

    `entity` is theirs when they are one.
    """

    heading: Heading
    mentions: tuple[str, str]
    entities: tuple[str | None, str | None]
    statements: tuple[Statement | None, Statement | None]
    sentences: tuple[str, ...]
    evidence: Mapping[str, Any]
    judgement: Mapping[str, Any] | None
    entity: Entity | None

    @property
    def is_one(self) -> bool:
        """Tell whether the two are one entity now."""
        return self.entities[0] is not None and self.entities[0] == self.entities[1]


@dataclass(frozen=True, slots=True)
class WhyAsked:
    """Answers why and why not."""

    inquiries: Inquiries
    records: Records
    explain: Explainer
    identifier_key: bytes

    def ask(self, context: Context, command: str, first: str, second: str) -> Why:
        """Explain two mentions; raises Refused, BadQuery, UnknownMention and Retryable."""
        asked = {"first": first, "second": second}
        return self.inquiries.answered(
            context, command, asked, lambda asking: self._why(asking, first, second)
        )

    def _why(self, asking: Asking, first: str, second: str) -> Told[Why]:
        graph, heading = asking.graph, asking.heading
        a, b = sorted((one_mention(graph, first), one_mention(graph, second)))
        known = graph.entities_of((a, b))
        ours = {each: entity(graph, each) for each in dict.fromkeys(known.values())}
        records = [self._record(asking, each) for each in (a, b)]
        judgement = graph.judgement(f"{a}~{b}")
        standing = [self._standing(each, known.get(each), ours) for each in (a, b)]
        explained = self.explain(
            Question(
                a, b, records[0], records[1], self.identifier_key, graph.default_values(),
                _decoded(judgement), heading.asked_at, standing[0], standing[1],
            )
        )  # fmt: skip
        together = known.get(a) if known.get(a) == known.get(b) else None
        why = Why(
            heading, (a, b), (known.get(a), known.get(b)),
            (_statement(a, ours.get(known.get(a, ""))), _statement(b, ours.get(known.get(b, "")))),
            explained.sentences, orjson.loads(explained.text), judgement,
            ours[together] if together else None,
        )  # fmt: skip
        used = list(used_of_entity(why.entity, asking.sight)) if why.entity else []
        used += [_used(asking, each) for each in records]
        return Told(why, used, known.values())

    def _record(self, asking: Asking, mention_id: str) -> Record:
        """Fetch a record of which all is shown; the policy is asked anew, by what was fetched."""
        record_key = mention_id.partition(".")[0]
        place = asking.graph.place_of(record_key)
        if place is None:
            raise Retryable("the index does not have the record yet",
                            hint="it takes records and identities apart: ask again")  # fmt: skip
        record = self.records.record(record_key, place)
        decision = _decision(asking, record)
        if decision.level != "full" or decision.masked:
            raise refused(
                Refusal.NOT_IN_FULL,
                "a record that names one of them is not shared with you in full (R-31)",
                f"ask {record['department']}: {record['contact']['unit']}",
            )
        return record

    def _standing(
        self, mention_id: str, entity_id: str | None, ours: Mapping[str, Entity | None]
    ) -> Standing | None:
        known = ours.get(entity_id or "")
        if known is None or _statement(mention_id, known) is None:
            return None
        return Standing(entity_id, {v for each in known.statements for v in each.verdicts})


def _decision(asking: Asking, record: Record) -> Decision:
    decider = asking.policies.decider(asking.request)
    return decider.decide_all(items_of_record(record), asking.heading.asked_at)


def _used(asking: Asking, record: Record) -> Used:
    rules = _decision(asking, record).reasons
    return Used(record["record_key"], record["version"], record["department"], rules=rules)


def _decoded(judgement: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Give a judgement as a reader of the topic has it: its times as instants."""
    if judgement is None:
        return None
    times = {
        name: datetime.fromisoformat(judgement[name])
        for name in ("decided_at", "expires_at")
        if judgement.get(name)
    }
    return {**judgement, **times}


def _statement(mention_id: str, known: Entity | None) -> Statement | None:
    found = (each for each in (known.statements if known else ()) if each.mention_id == mention_id)
    return next(found, None)
