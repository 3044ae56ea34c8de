"""Row 73: what looks alike is alike, when it is indexed and when it is asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.search.words import compact, fold, words
from recordbus.normalize import text


@given(st.text())
def test_folding_is_the_normalisation_of_intake_in_small_letters(typed: str) -> None:
    assert fold(typed) == text.fold(typed).lower()


@given(st.text())
def test_folded_text_folds_to_itself(typed: str) -> None:
    assert fold(fold(typed)) == fold(typed)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("O'Brien", "obrien"),
        ("O\u2019Brien", "obrien"),
        ("Nu\u0301n\u0303ez", "nunez"),
        ("N\u00fa\u00f1ez", "nunez"),
        ("Sm\u200bith", "smith"),
        ("\u0405mith", "smith"),
        ("SMITH-JONES", "smith jones"),
        ("\uff33mith", "smith"),
        ("a\x00b", "a b"),
    ],
)
def test_spellings_that_look_alike_are_alike(typed: str, meant: str) -> None:
    assert fold(typed) == meant


def test_words_come_in_reading_order_and_numbers_without_separators() -> None:
    assert words("Blue  jacket, torn") == ["blue", "jacket", "torn"]
    assert compact("AB-12 34") == "ab1234"
