"""R-34: only the owner answers, about one version, and nothing of it outlives the record."""

from __future__ import annotations

from typing import Any

import pytest

from recordbus.testing import records
from recordbus.verification import VERIFICATIONS
from streams.intake.state import decode
from streams.intake.testing import OTHER_ANSWERS, Desk, read_value, reason, record_of
from streams.intake.topics import QUESTIONS
from streams.intake.verifications import MAX_QUESTIONS
from streams.runtime.contract import Handled, Output, Quarantine

KEY = records.change("arrest")["record_key"]


@pytest.fixture
def asked(desk: Desk) -> Desk:
    """Give a desk at which a record was published and asked about."""
    desk.say(records.change("arrest", source_seq=3))
    assert reason(desk.ask(KEY)) is None
    return desk


def said(handled: Handled) -> list[dict[str, Any]]:
    """Give the questions that a message leaves, as the table has them."""
    (output,) = [each for each in handled.outputs if each.topic == VERIFICATIONS]
    found: list[dict[str, Any]] = read_value(output)["verifications"]
    return found


def number(at: int) -> str:
    return f"vrf_{at:024x}"


def test_a_question_is_kept_with_the_version_that_it_is_about(asked: Desk) -> None:
    handled = asked.ask(KEY, verification_id=number(2), reason="a warrant is applied for")
    first, second = said(handled)
    assert (first["answer"], second["answer"]) == (None, None)
    assert second["source_seq"] == 3
    assert second["reason"] == "a warrant is applied for"
    assert second["asked_at"] == records.MOMENT


def test_an_answer_takes_its_place_beside_the_question(asked: Desk) -> None:
    (question,) = said(asked.answer(KEY, source_seq=3, outcome="refused", note="not he"))
    assert question["answer"] == {
        "outcome": "refused", "source_seq": 3, "note": "not he", "author": "records clerk 4",
        "answered_at": records.MOMENT,
    }  # fmt: skip
    (question,) = said(asked.answer(KEY, source_seq=3, outcome="verified"))
    assert question["answer"]["outcome"] == "verified", "an owner may have been wrong"


def test_the_same_question_twice_is_one(asked: Desk) -> None:
    assert asked.ask(KEY).outcome == "duplicate"


def test_r44_nobody_answers_for_another_department(asked: Desk) -> None:
    before = dict(asked.states)
    assert reason(asked.answer(KEY, OTHER_ANSWERS, source_seq=3)) == "origin_mismatch"
    assert asked.states == before


def test_an_answer_to_what_nobody_asked_is_set_aside(asked: Desk) -> None:
    answer = asked.answer(KEY, verification_id=number(9))
    assert reason(answer) == "unknown_verification"
    assert reason(asked.answer("ab" * 32)) == "unknown_verification"
    assert reason(asked.answer(KEY, verification_id="7")) == "unknown_verification"


def test_there_is_nothing_to_ask_about_what_is_not_there(desk: Desk) -> None:
    assert reason(desk.ask(KEY)) == "nothing_to_verify"
    desk.say(records.change("arrest"))
    desk.say(records.change("arrest", source_seq=2, status="sealed", body=None))
    assert reason(desk.ask(KEY)) == "nothing_to_verify"
    assert reason(desk.ask(KEY, subject="record/" + "ab" * 32)) == "nothing_to_verify"
    assert reason(desk.ask(KEY, subject="somebody")) == "nothing_to_verify"


@pytest.mark.parametrize("field", ["agency", "requester", "purpose", "case_number", "reason"])
@pytest.mark.parametrize("text", ["", "  ", "a\nb", "x" * 501])
def test_r28_whoever_asks_says_who_and_why(asked: Desk, field: str, text: str) -> None:
    question = asked.ask(KEY, verification_id=number(2), **{field: text})
    assert reason(question) == "unexplained_verification"
    assert question.quarantined is not None
    assert not question.quarantined.keep_value, "no removal would find it there"


def test_an_answer_needs_an_author_and_no_note(asked: Desk) -> None:
    assert reason(asked.answer(KEY, author=" ")) == "unexplained_verification"
    assert reason(asked.answer(KEY, note="two\nlines")) == "unexplained_verification"
    assert reason(asked.answer(KEY, source_seq=3, note="")) is None


def test_a_message_under_another_key_is_set_aside(asked: Desk) -> None:
    payload = records.encode(
        records.part("VerificationRequest", record_key=KEY), "recordbus.v1.VerificationRequest"
    )
    framed = asked.framed(payload, QUESTIONS)
    assert reason(asked.send(framed, "ab" * 32, QUESTIONS)) == "key_mismatch"
    assert reason(asked.send(None, KEY, QUESTIONS)) == "tombstone_from_publisher"


def test_what_was_answered_of_an_older_version_makes_room_first(asked: Desk) -> None:
    asked.answer(KEY, source_seq=3)
    asked.say(records.change("arrest", source_seq=4))
    left = said(asked.ask(KEY, verification_id=number(2)))
    assert [each["verification_id"] for each in left] == [number(2)]


def test_open_questions_about_a_record_are_bounded(asked: Desk) -> None:
    for at in range(1, MAX_QUESTIONS):
        assert reason(asked.ask(KEY, verification_id=number(at))) is None
    assert reason(asked.ask(KEY, verification_id=number(99))) == "too_many_verifications"
    asked.answer(KEY, verification_id=number(5), source_seq=3)
    left = [each["verification_id"] for each in said(asked.ask(KEY, verification_id=number(99)))]
    assert len(left) == MAX_QUESTIONS
    assert number(5) not in left


@pytest.mark.parametrize("status", ["withdrawn", "sealed", "expunged"])
def test_r25_nothing_that_was_asked_outlives_the_record(asked: Desk, status: str) -> None:
    asked.answer(KEY, source_seq=3, note="seen at the desk")
    gone = records.change("arrest", source_seq=4, status=status, body=None)
    handled = asked.say(gone)
    assert said(handled) == []
    assert b"seen at the desk" not in b"".join(asked.states.values())
    erased = asked.upkeep("tombstone", KEY, record_of(handled)["version"])
    assert Output(VERIFICATIONS, KEY.encode(), None, 0) in erased.outputs
    assert not decode(asked.states[KEY.encode()]).unasked


def test_a_record_that_nobody_asked_about_says_nothing_of_it(desk: Desk) -> None:
    desk.say(records.change("arrest"))
    handled = desk.say(records.change("arrest", source_seq=2, status="withdrawn", body=None))
    erased = desk.upkeep("tombstone", KEY, record_of(handled)["version"])
    written = [each.topic for each in (*handled.outputs, *erased.outputs)]
    assert VERIFICATIONS not in written


def test_what_the_runtime_refuses_is_set_aside_without_its_bytes(desk: Desk) -> None:
    for topic in (QUESTIONS, OTHER_ANSWERS):
        message = desk.input(topic, KEY.encode(), b"anything")
        handled = desk.intake.set_aside(message, None, Quarantine("decoder_crash"))
        assert handled.quarantined == Quarantine("decoder_crash", "", keep_value=False)
