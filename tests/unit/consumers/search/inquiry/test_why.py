"""Why two mentions are one entity: the records by their place, the explainer, and who may ask."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from rich.console import Console

from consumers.search.changes import RECORDS_TOPIC
from consumers.search.criteria import Context
from consumers.search.inquiry.fetching import RecordsInLog
from consumers.search.inquiry.service import Inquiries
from consumers.search.inquiry.show_why import show_why, why_as_json
from consumers.search.inquiry.why import WhyAsked
from consumers.search.refusals import BadQuery
from consumers.search.ties import JUDGEMENTS, Identity, Judged
from consumers.sink import Change
from recordbus import explainers
from recordbus.audit import keyed
from recordbus.errors import Refused, Retryable
from recordbus.explainers import Explanation, Question, Standing
from recordbus.ids import verdict_id
from recordbus.kafka.message import Message
from recordbus.testing.clock import ManualClock
from tests.unit.consumers.search.inquiry.conftest import ANN, County
from tests.unit.consumers.told import default, identity, no_identity


class Log:
    """`records.v1` in memory; compaction can take messages out of it."""

    def __init__(self, records: list[Any]) -> None:
        self.messages = {n: Message(RECORDS_TOPIC, 0, n, each["record_key"].encode(), b"x", 0)
                         for n, each in enumerate(records)}  # fmt: skip
        self.next = 0
        self.is_closed = False

    def assign(self, offsets: dict[tuple[str, int], int]) -> None:
        ((topic, partition),) = offsets
        assert (topic, partition) == (RECORDS_TOPIC, 0)
        self.next = offsets[topic, partition]

    def consume(self, count: int, timeout_seconds: float) -> list[Message]:
        left = [each for at, each in sorted(self.messages.items()) if at >= self.next]
        return left[:count]

    def at_end(self) -> bool:
        return not self.consume(1, 0)

    def close(self) -> None:
        self.is_closed = True


class Town:
    """Everything that `why` needs, in memory."""

    def __init__(self, county: County, inquiries: Inquiries) -> None:
        self.county, self.asked = county, list[Question]()
        self.records = [county.arrest, county.contact, county.incident, county.secret]
        self.log = Log(self.records)
        at = {record["record_key"]: record for record in self.records}

        def decode(_: bytes | None) -> Any:
            return at[self.log.consume(1, 0)[0].key.decode()]  # type: ignore[union-attr]

        def explain(question: Question) -> Explanation:
            self.asked.append(question)
            return Explanation('{"outcome": "same"}', ("Both were born in 1990.",))

        records = RecordsInLog(lambda: self.log, lambda: decode)
        self.why = WhyAsked(inquiries, records, explain, b"bus key")

    def mention(self, record: Any, local_id: str = "p1") -> str:
        return self.county.mention(record, local_id)


@pytest.fixture
def town(county: County, inquiries: Inquiries) -> Town:
    return Town(county, inquiries)


def test_the_explainer_gets_both_records_and_what_is_in_force(town: Town, context: Context) -> None:
    """R-09: the verdict is worked out again from the records, defaults and judgement."""
    a, b = sorted((town.mention(town.county.arrest), town.mention(town.county.contact)))
    pair = f"{a}~{b}"
    told = {"outcome": "same", "author": "sgt. Reyes", "decided_at": "2024-05-01T00:00:00Z",
            "expires_at": "2024-05-01T00:00:00+00:00", "reason": "same number"}  # fmt: skip
    judged = Judged(pair, orjson.dumps(told))
    town.county.apply(
        default("phone:ab"), default("phone:cd", is_default=False),
        Change(pair.encode(), "intake/0", 1, judged, None, None, JUDGEMENTS),
    )  # fmt: skip

    found = town.why.ask(context, "why", b[:20] + b[b.index(".") :], a)

    (question,) = town.asked
    assert (question.a, question.b) == (a, b)
    assert [question.record_of_a["record_key"], question.record_of_b["record_key"]] == [
        a.partition(".")[0], b.partition(".")[0],
    ]  # fmt: skip
    assert question.defaults == {"phone:ab"}
    decided = datetime(2024, 5, 1, tzinfo=UTC)
    assert question.judgement == told | {"decided_at": decided, "expires_at": decided}
    assert question.identifier_key == b"bus key"
    assert question.standing_of_a is not None
    assert question.standing_of_a.entity_id == ANN
    assert found.is_one
    assert found.entity is not None
    assert found.entity.mentions == 2
    assert town.log.is_closed


def test_the_decisions_of_all_mentions_of_the_entity_are_looked_at(
    town: Town, context: Context
) -> None:
    """R-09: what joined two may be the decision of a third, who was the first until then.

    R-31: a decision about somebody in a record that is not shown would say that there is one.
    """
    mentions = [town.mention(each) for each in (*town.records[:2], town.county.secret)]
    seen, unseen = verdict_id(*sorted(mentions[:2])), verdict_id(*sorted(mentions[1:]))
    second = identity(mentions[1], ANN, version=2)
    assert isinstance(second.payload, Identity)
    said = second.payload._replace(verdicts=(seen, unseen))
    town.county.apply(second._replace(payload=said))

    town.why.ask(context, "why", *(town.mention(each) for each in town.records[:2]))

    (question,) = town.asked
    assert question.standing_of_a == question.standing_of_b == Standing(ANN, {seen})


def shown(found: Any, *, expects_one: bool = True) -> str:
    out = io.StringIO()
    show_why(found, Console(file=out, width=200), expects_one=expects_one)
    return out.getvalue()


def test_people_and_programs_are_told_the_same(town: Town, context: Context) -> None:
    found = town.why.ask(
        context, "why", town.mention(town.county.arrest), town.mention(town.county.contact)
    )

    text = shown(found)
    assert "They are one entity." in text
    assert "- Both were born in 1990." in text
    assert "can be taken back" in text
    assert "F-1" in text
    told = why_as_json(found)
    assert (told["is_one"], told["evidence"]) == (True, {"outcome": "same"})
    assert told["sentences"] == ["Both were born in 1990."]


def test_why_not_answers_of_two_who_are_apart_and_says_when_they_are_not(
    town: Town, context: Context
) -> None:
    apart = town.why.ask(
        context, "why-not", town.mention(town.county.arrest), town.mention(town.county.arrest, "p2")
    )
    together = town.why.ask(
        context, "why-not", town.mention(town.county.arrest), town.mention(town.county.contact)
    )

    assert "They are not one entity." in shown(apart, expects_one=False)
    assert apart.entity is None
    assert "other than the question supposes" in shown(together, expects_one=False)


def test_a_record_that_has_changed_since_is_asked_for_again(town: Town, context: Context) -> None:
    """Compaction keeps the newest message of a key: the index is behind, and says so."""
    del town.log.messages[0]

    with pytest.raises(Retryable, match="has changed since"):
        town.why.ask(
            context, "why", town.mention(town.county.arrest), town.mention(town.county.contact)
        )


def test_the_end_of_the_log_is_no_record(town: Town, context: Context) -> None:
    town.log.messages.clear()

    with pytest.raises(Retryable, match="has changed since"):
        town.why.ask(
            context, "why", town.mention(town.county.arrest), town.mention(town.county.contact)
        )


def test_of_a_restricted_record_nothing_is_worked_out(
    town: Town, context: Context, audit: Any
) -> None:
    """R-31: not even whether it is about the same person, or there at all."""
    with pytest.raises(BadQuery, match="there is no mention"):
        town.why.ask(
            context, "why", town.mention(town.county.arrest), town.mention(town.county.secret)
        )

    assert town.asked == []
    assert [(e.command, e.outcome) for e in audit.entries] == [("why", "rejected")]


def test_asking_why_is_audited_and_needs_a_case(town: Town, context: Context, audit: Any) -> None:
    first, second = town.mention(town.county.arrest), town.mention(town.county.contact)
    town.why.ask(context, "why", first, second)
    with pytest.raises(Refused):
        town.why.ask(Context(), "why", first, second)

    answered, refused = audit.entries
    assert (answered.outcome, refused.outcome) == ("answered", "refused")
    contact = town.county.contact
    assert keyed(contact["record_key"], contact["version"]) in answered.records
    assert answered.entities == (ANN,)


@pytest.mark.parametrize("typed", ["p1", "0123456789", "zz.p1", "ffffffffffff.p1", "."])
def test_what_is_no_mention_is_said_so(town: Town, context: Context, typed: str) -> None:
    with pytest.raises(BadQuery):
        town.why.ask(context, "why", typed, town.mention(town.county.arrest))


def test_a_mention_without_an_entity_is_not_found(town: Town, context: Context) -> None:
    mention = town.mention(town.county.contact)
    town.county.apply(no_identity(mention))

    with pytest.raises(BadQuery, match="no mention"):
        town.why.ask(context, "why", mention, town.mention(town.county.arrest))


def test_the_clock_of_the_question_is_told(town: Town, context: Context) -> None:
    """A judgement that has expired by now does not count."""
    town.why.ask(
        context, "why", town.mention(town.county.arrest), town.mention(town.county.contact)
    )

    assert town.asked[0].at == ManualClock().now()


def test_the_installed_explainer_answers_of_real_records(town: Town, context: Context) -> None:
    """It is found by its name; consumers import no stage."""
    asked = replace(town.why, explain=explainers.find())

    found = asked.ask(
        context, "why", town.mention(town.county.arrest), town.mention(town.county.contact)
    )

    assert found.sentences
    assert found.evidence
    text = shown(found)
    assert all(f"- {sentence}" in text for sentence in found.sentences)
