"""Names fold to one spelling; suffixes, placeholders and nicknames are told apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordbus.normalize import given_names, marks, names, organisations, phonetic, text
from recordbus.normalize.text import compact, fold


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing(written: str) -> None:
    assert fold(fold(written)) == fold(written)


@given(st.text(st.characters(max_codepoint=127), max_size=60))
def test_the_quick_fold_of_plain_text_is_the_full_one(plain: str) -> None:
    assert fold(plain) == text._fold_once(plain)


@given(st.text(max_size=60))
def test_case_does_not_matter(written: str) -> None:
    assert fold(written) == fold(written.upper())


@pytest.mark.parametrize(("one", "other"), [
    ("José Núñez", "JOSE NUNEZ"),
    ("Jose\u0301", "José"),
    ("O'Brien", "O\u2019Brien"),
    ("O'Brien", "OBRIEN"),
    ("Smith-Jones", "Smith Jones"),
    ("Łukasz Żółć", "Lukasz Zolc"),
    ("Strauß", "STRAUSS"),
    ("Øyvind", "Oyvind"),
    ("Del\u200bgado", "Delgado"),
    ("D\u0435lgado", "Delgado"),
    ("\uff24elgado", "Delgado"),
    ("  J.  R.\tSmith ", "J R SMITH"),
])  # fmt: skip
def test_spellings_that_look_alike_fold_alike(one: str, other: str) -> None:
    """Row 73: homoglyphs, zero-width characters, composed forms."""
    assert fold(one) == fold(other)


def test_a_name_wholly_in_another_script_stays_in_it() -> None:
    assert fold("Иван") == "ИВАН"


def test_compact_closes_gaps() -> None:
    assert compact("ab-12 34") == "AB1234"


@given(st.text() | st.text(st.characters(max_codepoint=127)))
def test_compact_is_folded_text_without_gaps(written: str) -> None:
    assert compact(written) == fold(written).replace(" ", "")


@pytest.mark.parametrize(("full", "expected"), [
    ("SMITH JR, JOHN A", ("JOHN", "A", "SMITH", "JR")),
    ("SMITH, JOHN A JR", ("JOHN", "A", "SMITH", "JR")),
    ("SMITH, JR, JOHN", ("JOHN", "", "SMITH", "JR")),
    ("John A Smith Jr.", ("JOHN", "A", "SMITH", "JR")),
    ("John Smith III", ("JOHN", "", "SMITH", "III")),
    ("John van der Berg", ("JOHN", "", "VAN DER BERG", "")),
    ("Maria de la Cruz", ("MARIA", "", "DE LA CRUZ", "")),
    ("Cher", ("", "", "CHER", "")),
    ("", ("", "", "", "")),
    ("Smith, Junior", ("", "", "SMITH", "JR")),
    (",", ("", "", "", "")),
])  # fmt: skip
def test_a_full_name_is_parted(full: str, expected: tuple[str, str, str, str]) -> None:
    assert names.parse(full, None, None, None, None)[:4] == expected


@pytest.mark.parametrize(("surname", "tail", "expected"), [
    ("Smith Jr", None, "JR"), ("Smith", "Senior", "SR"), ("Smith", "2nd", "II"),
    ("Smith", "V", "V"),
    ("Smith", "MD", ""), ("Smith", None, ""), ("Smith Jr", "III", "III"),
])  # fmt: skip
def test_a_suffix_is_its_own_field(surname: str, tail: str | None, expected: str) -> None:
    parts = names.parse(None, "John", None, surname, tail)
    assert (parts.surname, parts.suffix) == ("SMITH", expected)


def test_parts_win_over_the_full_form() -> None:
    assert names.parse("X Y", "Ann", None, "Lee", None)[:3] == ("ANN", "", "LEE")


@pytest.mark.parametrize("full", [
    "UNKNOWN", "Unk", "john doe", "DOE, JANE", "Baby Boy", "REFUSED", "N/A", "TEST",
    "Unknown Unknown",
])  # fmt: skip
def test_a_placeholder_name_is_nobody(full: str) -> None:
    parts = names.parse(full, None, None, None, None)
    assert (parts.given, parts.surname, parts.placeholder) == ("", "", True)


@pytest.mark.parametrize(("given", "surname", "left"), [
    ("John", "Doe", ("", "")), ("Unknown", "Garcia", ("", "GARCIA")), ("Ana", "UNK", ("ANA", "")),
    ("Baby Girl", "Garcia", ("", "GARCIA")), ("Baby", "Garcia", ("", "GARCIA")),
])  # fmt: skip
def test_half_a_placeholder_leaves_the_other_half(
    given: str, surname: str, left: tuple[str, str]
) -> None:
    parts = names.parse(None, given, None, surname, None)
    assert ((parts.given, parts.surname), parts.placeholder) == (left, True)


@pytest.mark.parametrize(("given", "surname"), [("John", "Doerr"), ("Jane", "Null"), ("Test", "A")])
def test_names_that_only_resemble_placeholders_stay(given: str, surname: str) -> None:
    assert names.parse(None, given, None, surname, None).surname == fold(surname)


@given(st.text(max_size=40), st.none() | st.text(max_size=10))
def test_any_text_can_be_read_as_a_name(full: str, tail: str | None) -> None:
    parts = names.parse(full, None, None, None, tail)
    assert all(fold(part) == part for part in parts[:4])


@pytest.mark.parametrize(("nickname", "formal"), [
    ("BILL", "WILLIAM"), ("BOB", "ROBERT"), ("LIZ", "ELIZABETH"), ("PEGGY", "MARGARET"),
    ("WILLIAM", "WILLIAM"), ("ANN", "ANN"), ("", ""), ("ZBIGNIEW", "ZBIGNIEW"),
])  # fmt: skip
def test_a_nickname_has_its_formal_name(nickname: str, formal: str) -> None:
    found = given_names.canonical(nickname)
    assert found == formal or (nickname == "ANN" and found[0] == "A")


@given(st.sampled_from(["Bill", "Bob", "Liz", "Mandy", "Sasha", "Maria", "Jo", "Max", "Lily"])
       | st.from_regex(r"[A-Z]{1,8}", fullmatch=True))  # fmt: skip
def test_a_formal_name_is_its_own(name: str) -> None:
    once = given_names.canonical(fold(name))
    assert given_names.canonical(once) == once


@given(st.text(max_size=30))
def test_sounds_are_one_or_two_or_none(written: str) -> None:
    found = phonetic.codes(fold(written))
    assert len(found) <= 2
    assert len(set(found)) == len(found)
    assert all(found)


def test_spellings_of_one_sound_share_a_code() -> None:
    assert set(phonetic.codes("SMITH")) & set(phonetic.codes("SCHMIDT"))
    assert phonetic.codes("MC DONALD") == phonetic.codes("MCDONALD")


@pytest.mark.parametrize(("written", "tokens"), [
    ("The Alder Marine Supply, Inc.", ("ALDER", "MARINE", "SUPPLY")),
    ("Smith & Sons LLC", ("SMITH", "SONS")),
    ("The Company", ("THE", "COMPANY")),
    ("UNKNOWN", ()),
])  # fmt: skip
def test_an_organisation_is_its_telling_words(written: str, tokens: tuple[str, ...]) -> None:
    assert organisations.normalise(written).tokens == tokens


@pytest.mark.parametrize(("code", "expected"), [
    ("TAT L ARM", ("TAT", "L", "ARM")), ("TAT NECK", ("TAT", None, "NECK")),
    ("NONSENSE", ("", None, None)),
])  # fmt: skip
def test_a_mark_code_has_parts(code: str, expected: tuple[str, str | None, str | None]) -> None:
    found = marks.parts(code)
    assert (found.category, found.side, found.place) == expected
