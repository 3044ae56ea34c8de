"""Agreement files: rows 62-67 of the catalogue of bad input, each with its place."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordbus.policy.problems import AgreementInvalid, Problem
from recordbus.policy.read import MAXIMUM_BYTES, read_agreement
from tests.unit.recordbus.policy.texts import SOUND, with_line


def problems_of(content: bytes) -> tuple[Problem, ...]:
    with pytest.raises(AgreementInvalid) as caught:
        read_agreement(content, name="a.yaml")
    return caught.value.problems


def test_a_sound_agreement_is_read_whole() -> None:
    read = read_agreement(SOUND.encode(), name="a.yaml")

    agreement = read.agreement
    assert (agreement.id, agreement.version, agreement.recipient) == (
        "harbor-to-metro", 3, "metro-task-force",
    )  # fmt: skip
    assert agreement.start == datetime(2026, 1, 1, tzinfo=UTC)
    assert agreement.end == datetime(2027, 1, 1, tzinfo=UTC)  # its last day is still in it
    assert agreement.rules[0].masks == {"body.narrative"}
    assert agreement.rules[0].marks == {"disputed"}
    assert agreement.rules[0].line == 10
    assert read.warnings == ()


def test_62_a_key_that_comes_twice_is_refused_with_its_line() -> None:
    content = with_line("    level: full\n", "    level: hidden\n    level: full\n")

    assert problems_of(content) == (Problem(12, 5, "`level` stands here twice (line 11)"),)


def test_62_a_merge_key_is_refused() -> None:
    (problem,) = problems_of(with_line("    level: full\n", "    <<: {level: full}\n"))

    assert (problem.line, problem.column) == (11, 5)
    assert "merge keys" in problem.message


@pytest.mark.parametrize("word", ["no", "on", "yes", "True", "0", "~"])
def test_63_what_looks_like_a_boolean_is_refused_where_one_is_meant(word: str) -> None:
    (problem,) = problems_of(
        with_line("    level: full\n", f"    level: full\n    juveniles: {word}\n")
    )

    assert problem == Problem(12, 5, f"`rules.facts.juveniles`: `{word}`: write `true` or `false`")


@pytest.mark.parametrize("text", ["no", "on", "12:30:45", "0777", "1e3", "2026-01-01", "null"])
def test_63_text_stays_text_whatever_yaml_would_make_of_it(text: str) -> None:
    content = with_line("title: Facts for investigations", f"title: {text}")

    assert read_agreement(content).agreement.title == text


@pytest.mark.parametrize(
    "number", ["0777", "0x10", "12:30:45", "1_000", "0", "-1", "1.0", "one", "٣"]
)
def test_63_a_number_is_plain_digits(number: str) -> None:
    (problem,) = problems_of(with_line("version: 3", f"version: {number}"))

    assert (problem.line, problem.column) == (2, 1)
    assert "whole number" in problem.message


@pytest.mark.parametrize(
    "day", ["2026-1-1", "01/02/2026", "2026-02-30", "1999-12-31", "9999-12-31"]
)
def test_63_a_day_is_written_one_way(day: str) -> None:
    (problem,) = problems_of(with_line("start: 2026-01-01", f"start: {day}"))

    assert problem.line == 7


def test_64_anchors_and_aliases_are_refused() -> None:
    content = with_line("owners: [harbor-city-pd]", "owners: &a [harbor-city-pd]")

    (problem,) = problems_of(content)
    assert (problem.line, "anchors" in problem.message) == (5, True)


def test_64_an_anchor_bomb_ends_at_its_first_anchor() -> None:
    bomb = "a: &a [x]\n" + "".join(f"k{n}: &k{n} [*a, *a]\n" for n in range(50))

    assert problems_of(bomb.encode())[0].line == 1


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system [ls]", "!!str x", "!own x"])
def test_64_tags_are_refused(tag: str) -> None:
    (problem,) = problems_of(with_line("title: Facts for investigations", f"title: {tag}"))

    assert (problem.line, "tags" in problem.message) == (3, True)


def test_64_a_second_document_is_refused() -> None:
    (problem,) = problems_of(SOUND.encode() + b"---\nagreement: other\n")

    assert (problem.line, "second document" in problem.message) == (17, True)


def test_64_a_file_that_is_too_long_is_not_parsed() -> None:
    (problem,) = problems_of(SOUND.encode() + b"#" * MAXIMUM_BYTES)

    assert "longer than" in problem.message


def test_64_deep_nesting_is_refused() -> None:
    (problem,) = problems_of(with_line("title: Facts for investigations", "title: " + "[" * 60))

    assert "nested" in problem.message or "not YAML" in problem.message


@pytest.mark.parametrize(
    ("old", "new", "line", "meant"),
    [
        ("    level: full", "    levle: full", 11, "level"),
        ("rules:", "allows:", 9, ""),
        ("[criminal_investigation]", "[criminal_investigations]", 12, "criminal_investigation"),
        ("[arrest, booking]", "[arrest, bookings]", 13, "booking"),
        ("[arrest, charge]", "[arrests, charge]", 14, "arrest"),
        ("[fact]", "[facts]", 15, "fact"),
        ("[body.narrative]", "[body.narative]", 16, "body.narrative"),
    ],
)
def test_65_an_unknown_word_is_refused_and_the_right_one_shown(
    old: str, new: str, line: int, meant: str
) -> None:
    found = problems_of(with_line(old, new))

    assert line in {problem.line for problem in found}
    assert any(f"did you mean `{meant}`" in problem.message for problem in found) == bool(meant)


@pytest.mark.parametrize(
    "name", ["Metro", "metro_task", "-metro", "bus", "métro", "a" * 65, "a//b"]
)
def test_65_a_name_has_one_form(name: str) -> None:
    (problem,) = problems_of(with_line("metro-task-force", name))

    assert problem.line == 6


def test_r42_an_agreement_cannot_name_the_purpose_of_auditors() -> None:
    (problem,) = problems_of(with_line("[criminal_investigation]", "[audit]"))

    assert "not a purpose that an agreement may name" in problem.message


@pytest.mark.parametrize("content", [b"", b"\n\n", b"# nothing\n"])
def test_66_an_empty_file_is_refused(content: bytes) -> None:
    assert problems_of(content)[0].message == "the file is empty"


def test_66_a_missing_legal_basis_is_refused() -> None:
    (problem,) = problems_of(with_line("legal_authority: Interlocal Act, section 7\n", ""))

    assert problem.message == "`legal_authority` is missing"


@pytest.mark.parametrize(
    "purpose", ["immigration_enforcement", "employment", "housing", "public_release"]
)
def test_r29_a_shut_purpose_needs_a_legal_authority_of_its_own(purpose: str) -> None:
    named = with_line("[criminal_investigation]", f"[criminal_investigation, {purpose}]")

    (problem,) = problems_of(named)
    assert problem.line == 12
    assert problem.message.startswith(f"rule `facts`: {purpose}: needs a `legal_authority`")
    with_authority = named + b"    legal_authority: Order 12 of the county court\n"
    assert read_agreement(with_authority).agreement.rules[0].legal_authority


def test_66_an_end_before_the_start_is_refused() -> None:
    assert problems_of(with_line("end: 2026-12-31", "end: 2025-12-31")) == (
        Problem(8, 1, "`end` is before `start`"),
    )


def test_66_an_overlap_of_giving_and_hiding_is_a_warning() -> None:
    hiding = "  juveniles:\n    level: hidden\n    bases: [charge]\n"
    read = read_agreement(SOUND.encode() + hiding.encode())

    (warning,) = read.warnings
    assert warning == Problem(
        10, 3, "rule `facts` gives what rule `juveniles` hides: it stays hidden"
    )


def test_66_hiding_what_a_rule_never_gives_is_no_overlap() -> None:
    hiding = "  juveniles:\n    level: hidden\n    only: [juvenile]\n"

    assert read_agreement(SOUND.encode() + hiding.encode()).warnings == ()


def test_a_field_that_one_rule_masks_and_another_shows_is_a_warning() -> None:
    again = (
        SOUND.partition("rules:\n")[2].replace("facts:", "more:").replace("narrative", "details")
    )
    again = again.replace("[body.details]", "[body.people.person.race]")

    messages = [w.message for w in read_agreement((SOUND + again).encode()).warnings]

    assert len(messages) == 2
    assert all("what both give is shown" in message for message in messages)


@pytest.mark.parametrize(
    "path", ["body.people.person", "body.people.person.date_of_birth.value", "body.offences"]
)
def test_67_a_nested_field_and_a_list_can_be_masked(path: str) -> None:
    content = with_line("[body.narrative]", f"[{path}]")

    assert read_agreement(content).agreement.rules[0].masks == {path}


@pytest.mark.parametrize(
    "path",
    ["body.people.dob", "body.people.0.person", "people.person", "body.narrative.text", "body",
     "association.first_day", "normalised.people", "body..narrative", "*"],
)  # fmt: skip
def test_67_a_mask_that_names_no_field_is_refused(path: str) -> None:
    (problem,) = problems_of(with_line("[body.narrative]", f'["{path}"]'))

    assert (problem.line, problem.column) == (16, 13)


@pytest.mark.parametrize(
    "path",
    ["association.basis", "association.first_date", "association.from_category",
     "association.evidence_kind", "association.grade", "association.source",
     "association.disputes", "association.contact", "association.dispositions",
     "body.people.subject_category", "body.details.contact_basis", "body.assertions.basis",
     "body.details.grade", "body.people.local_id"],
)  # fmt: skip
def test_r01_what_the_rest_is_worth_is_never_masked(path: str) -> None:
    (problem,) = problems_of(with_line("[body.narrative]", f"[{path}]"))

    assert "is never masked" in problem.message


def test_all_mistakes_are_told_at_once() -> None:
    content = SOUND.replace("version: 3", "version: x").replace("[fact]", "[facts]").encode()

    assert [problem.line for problem in problems_of(content)] == [2, 15]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("    bases: [arrest, charge]\n", "", "`bases` is missing"),
        ("    level: full\n", "    level: full\n    only: [sealed]\n", "for rules that hide"),
        ("level: full", "level: hidden", "for rules that give"),
        ("level: full", "level: pointer", "no fields to mask"),
        ("metro-task-force", "harbor-city-pd", "is an owner"),
        ("[arrest, booking]", "[arrest, arrest]", "listed twice"),
        ("[arrest, booking]", "arrest", "must be a list"),
        ("[arrest, booking]", "[]", "at least 1 item"),
    ],
)
def test_words_that_do_not_go_together_are_refused(old: str, new: str, says: str) -> None:
    assert any(says in problem.message for problem in problems_of(with_line(old, new)))


def test_bytes_that_are_no_text_are_refused_with_their_line() -> None:
    assert problems_of(with_line("Facts", "F").replace(b"title: F", b"title: \xff")) == (
        Problem(3, 1, "is not UTF-8"),
    )


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_nothing_else_than_a_refusal_comes_of_other_bytes(content: bytes) -> None:
    with pytest.raises(AgreementInvalid):
        read_agreement(content)


@given(st.integers(0, len(SOUND) - 1), st.sampled_from("\t:[]{}&*!<'\"#\n\x00x0"))
def test_a_changed_character_is_read_or_refused_and_never_fails(at: int, new: str) -> None:
    content = (SOUND[:at] + new + SOUND[at + 1 :]).encode()
    with contextlib.suppress(AgreementInvalid):
        read_agreement(content)
        return
    found = problems_of(content)
    assert all(each.line >= 1 and each.column >= 1 for each in found)
