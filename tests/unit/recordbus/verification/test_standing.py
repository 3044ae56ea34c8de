"""R-34: an answer counts for one version; the newest about a thing or its whole record counts."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from recordbus.testing import records
from recordbus.verification import UNVERIFIED, Standing, standing_of
from schemas.types import RecordVerifications, Verification
from schemas.types.vocabulary import VerificationOutcome

KEY = "ab" * 32
RECORD, TIE, OTHER = f"record/{KEY}", "association/" + "1" * 64, "association/" + "2" * 64


def question(
    subject: str, outcome: VerificationOutcome | None, minutes: int = 0, source_seq: int = 3
) -> Verification:
    """Give a question, answered so many minutes after the moment, or open."""
    answer = None if outcome is None else records.part(
        "VerificationReply", outcome=outcome, source_seq=source_seq,
        answered_at=records.MOMENT + timedelta(minutes=minutes),
    )  # fmt: skip
    asked: Verification = records.part("Verification", subject=subject, answer=answer)  # type: ignore[assignment]
    return asked


def said(*questions: Verification) -> RecordVerifications:
    return {
        "record_key": KEY, "department": "harbor-city-pd", "version": 1,
        "verifications": list(questions),
    }  # fmt: skip


def test_what_nobody_answered_is_unverified() -> None:
    assert standing_of(None, RECORD, 3) == UNVERIFIED
    assert standing_of(said(), RECORD, 3) == UNVERIFIED
    assert standing_of(said(question(RECORD, None)), RECORD, 3) == UNVERIFIED


def test_an_answer_is_about_its_own_version() -> None:
    known = said(question(RECORD, "verified"))
    assert standing_of(known, RECORD, 3) == Standing("verified", records.MOMENT)
    assert standing_of(known, RECORD, 2) == standing_of(known, RECORD, 4) == UNVERIFIED


def test_an_answer_about_the_record_is_one_about_what_rests_on_it() -> None:
    known = said(question(RECORD, "refused"))
    assert standing_of(known, TIE, 3).state == "refused"


def test_an_answer_about_one_tie_is_about_nothing_else() -> None:
    known = said(question(TIE, "verified"))
    assert standing_of(known, TIE, 3).state == "verified"
    assert standing_of(known, OTHER, 3) == standing_of(known, RECORD, 3) == UNVERIFIED


@given(st.permutations([("verified", 1), ("refused", 2), ("verified", 0)]))
def test_the_newest_answer_counts_in_whichever_order_they_stand(
    answers: list[tuple[VerificationOutcome, int]],
) -> None:
    known = said(*(question(RECORD, outcome, minutes) for outcome, minutes in answers))
    assert standing_of(known, TIE, 3).state == "refused"
    assert standing_of(
        said(*known["verifications"], question(TIE, "verified", 9)), TIE, 3
    ).state == ("verified")
