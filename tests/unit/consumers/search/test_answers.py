"""R-34: everything that is shown carries its owner's standing answer, for one state of a record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from consumers.search.answers import Answered, Standings, answered, answers, as_json, in_words
from recordbus.testing import records
from recordbus.testing.records import part
from recordbus.verification import UNVERIFIED, Standing, standing_of

KEY, TIE, OTHER = "ab" * 32, "1" * 64, "2" * 64
SUBJECTS = (f"record/{KEY}", f"association/{TIE}", f"association/{OTHER}")
QUESTIONS = st.lists(
    st.tuples(
        st.sampled_from(SUBJECTS), st.sampled_from(["verified", "refused", None]),
        st.integers(1, 3), st.integers(0, 3),
    ),
    max_size=6,
)  # fmt: skip


def said(questions: Sequence[tuple[str, str | None, int, int]]) -> Any:
    """Give a value of the topic from subject, outcome, state and minute of each question."""
    return part("RecordVerifications", record_key=KEY, verifications=[
        part("Verification", subject=subject, answer=outcome and part(
            "VerificationReply", outcome=outcome, source_seq=source_seq,
            answered_at=records.MOMENT + timedelta(minutes=minute),
        ))
        for subject, outcome, source_seq, minute in questions
    ])  # fmt: skip


def known(value: Any, source_seq: int, version: int = 5) -> dict[str, Answered]:
    kept = answers(value)
    shown = f'{{"source_seq":{source_seq}}}'.encode()
    return {} if kept is None else {KEY: answered(kept.told, shown, version)}


@given(QUESTIONS, st.integers(1, 3))
def test_what_is_kept_says_what_all_that_was_asked_and_answered_says(
    questions: list[tuple[str, str | None, int, int]], source_seq: int
) -> None:
    value = said(questions)
    standings = Standings(known(value, source_seq))

    assert standings.of_record(KEY) == standing_of(value, SUBJECTS[0], source_seq)
    for tie in (TIE, OTHER):
        wanted = standing_of(value, f"association/{tie}", source_seq)
        assert standings.of_association(tie, KEY, 5) == wanted


def test_a_tie_of_another_version_than_the_record_in_the_index_is_unverified() -> None:
    standings = Standings(known(said([(SUBJECTS[0], "verified", 3, 0)]), 3, version=5))

    assert standings.of_association(TIE, KEY, 5).state == "verified"
    assert standings.of_association(TIE, KEY, 4) == UNVERIFIED
    assert standings.of_record("cd" * 32) == UNVERIFIED


def test_a_row_that_does_not_say_its_state_is_unverified() -> None:
    kept = answers(said([(SUBJECTS[0], "verified", 0, 0)]))
    assert kept is not None
    assert Standings({KEY: answered(kept.told, b"{}", 1)}).of_record(KEY) == UNVERIFIED


def test_people_and_programs_are_told_who_answered_and_when() -> None:
    refused, verified = Standing("refused", records.MOMENT), Standing("verified", records.MOMENT)

    assert in_words(UNVERIFIED, "harbor-city-pd") == "unverified"
    assert in_words(verified, "harbor-city-pd") == "verified by harbor-city-pd on 2024-03-05"
    assert in_words(refused, "harbor-city-pd").endswith("on 2024-03-05: do not rely on it")
    assert as_json(verified) == {
        "verification": "verified", "answered_at": "2024-03-05T21:30:00Z",
    }  # fmt: skip
    assert as_json(UNVERIFIED) == {"verification": "unverified", "answered_at": None}
