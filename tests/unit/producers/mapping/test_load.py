"""A mistake in a mapping is found before the first row, with its line and what to change."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from producers.mapping import DepartmentMapping, MappingInvalid

Load = Callable[[str], DepartmentMapping]

GOOD = """\
mapping: test
title: Test
codes:
  sex: {list: sex, values: {MALE: M}}
exports:
  arrests:
    record_kind: arrest
    key: [NO]
    recorded_at: AT
    body:
      people:
        - local_id: =arrestee
          role: =arrestee
          subject_category: =suspect
          person:
            sex: {column: SEX, codes: sex}
"""


def problems(load: Load, text: str) -> list[tuple[int, str]]:
    with pytest.raises(MappingInvalid) as refused:
        load(text)
    return [(line, message) for line, message in refused.value.problems]


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("title: Test", "titel: Test", 1, "`title` is missing"),
        ("record_kind: arrest", "record_kind: arest", 7, "did you mean `arrest`?"),
        ("    key: [NO]\n", "", 6, "`exports.arrests.key` is missing"),
        ("key: [NO]", "key: []", 8, "at least 1 item"),
        ("recorded_at: AT", "recorded_att: AT", 9, "did you mean `recorded_at`?"),
        ("role: =arrestee", "role: =arestee", 13, "did you mean `arrestee`?"),
        ("role: =arrestee", "roel: =arrestee", 13, "did you mean `role`?"),
        ("=suspect", "=suspcet", 14, "did you mean `suspect`?"),
        ("=suspect", "=victim", 14, "does not allow this category"),
        ("          subject_category: =suspect\n", "", 12, "needs `subject_category`"),
        ("codes: sex}", "codes: sx}", 16, "did you mean `sex`?"),
        ("column: SEX", "colum: SEX", 16, "did you mean `column`?"),
        ("column: SEX", "column: SEX, constant: F", 16, "exactly one of"),
        ("{MALE: M}", "{MALE: Q}", 4, "'Q' is not a code of the list `sex`"),
        ("list: sex", "list: gender", 4, "there is no code list `gender`"),
        ("sex: {column: SEX, codes: sex}", "sex: =Q", 16, "is not a code of the list `sex`"),
        ("sex: {column: SEX, codes: sex}", "sex: [A]", 16, "takes one value, not a list"),
        ("sex: {column: SEX, codes: sex}", "names: NAME", 16, "is a list"),
        ("sex: {column: SEX, codes: sex}", "height_inches: =tall", 16, "not a whole number"),
        ("sex: {column: SEX, codes: sex}", "date_of_birth: {column: D, dates: ['%Q']}", 16, "%Q"),
        ("- local_id: =arrestee\n", "- for_each: persons\n", 12, "no child file `persons`"),
        ("- local_id: =arrestee\n", "- matching: {A: B}\n", 12, "belongs to `for_each`"),
        ("- local_id: =arrestee\n", "- repeat: 3\n", 12, "needs a list such as"),
        ("- local_id: =arrestee\n", "- when: {is: [A]}\n", 12, "exactly one of"),
        ("mapping: test", "mapping: Test!", 1, "should match pattern"),
        ("codes:\n", "source: {encoding: ebcdic}\ncodes:\n", 3, "unknown encoding"),
        ("codes:\n", "source: {time_zone: Boston}\ncodes:\n", 3, "not a time zone"),
        ("codes:\n", "source: {delimiter: ab}\ncodes:\n", 3, "one character"),
        ("codes:\n", "source: {dates: ['%m/%d/%y']}\ncodes:\n", 3, "set pivot_year"),
        ("    key: [NO]\n", "    key: [NO]\n    ignored_columns: [SEX]\n", 9, "is used by"),
        ("    key: [NO]\n", "    key: [NO]\n    optional_columns: [XX]\n", 9, "is not used"),
        ("    key: [NO]\n", "    key: [NO]\n    optional_columns: [NO]\n", 9, "is the key"),
    ],
)
def test_each_mistake_has_its_line_and_its_cure(
    mapping_of: Load, old: str, new: str, line: int, says: str
) -> None:
    assert old in GOOD
    found = problems(mapping_of, GOOD.replace(old, new, 1))
    assert any(at == line and says in message for at, message in found), found


def test_the_good_mapping_is_good(mapping_of: Load) -> None:
    assert mapping_of(GOOD).warnings == ()


def test_all_mistakes_come_at_once(mapping_of: Load) -> None:
    text = GOOD.replace("=suspect", "=suspcet").replace("codes: sex}", "codes: sx}")
    assert {line for line, _ in problems(mapping_of, text)} == {14, 16}


def test_a_basis_is_never_assumed(mapping_of: Load) -> None:
    """R-01: no default for a basis."""
    text = GOOD.replace("record_kind: arrest", "record_kind: field_contact")
    body = text[: text.index("      people:")] + (
        "      details:\n        contact_basis: {column: B, otherwise: =encounter}\n"
    )
    assert any("never assumed" in message for _, message in problems(mapping_of, body))


def test_a_kind_whose_details_need_something_says_so(mapping_of: Load) -> None:
    text = GOOD.replace("record_kind: arrest", "record_kind: field_contact")
    found = problems(mapping_of, text)
    assert any("needs `details` with contact_basis" in message for _, message in found)


def test_a_table_that_no_rule_uses_is_a_warning(mapping_of: Load) -> None:
    text = GOOD.replace("codes:\n", "codes:\n  spare: {values: {A: B}}\n", 1)
    assert [(w.line, w.message) for w in mapping_of(text).warnings] == [
        (4, "the table `spare` is never used")
    ]


def test_an_export_may_override_its_source(mapping_of: Load) -> None:
    text = GOOD.replace("codes:\n", "source: {delimiter: ';', trim: false}\ncodes:\n", 1)
    text = text.replace("    key: [NO]\n", "    key: [NO]\n    source: {delimiter: tab}\n")
    source = mapping_of(text).exports["arrests"].source
    assert (source.delimiter, source.trim) == ("\t", False)


def test_the_meaning_ignores_comments_and_sees_changes(mapping_of: Load) -> None:
    meaning = mapping_of(GOOD).exports["arrests"].meaning
    assert mapping_of("# why\n" + GOOD).exports["arrests"].meaning == meaning
    changed = GOOD.replace("{MALE: M}", "{MALE: M, MAN: M}")
    assert mapping_of(changed).exports["arrests"].meaning != meaning


def test_files_are_told_apart_by_name(mapping_of: Load) -> None:
    second = GOOD[GOOD.index("  arrests:\n") :].replace("arrests:", "other:")
    text = GOOD.replace("    record_kind", "    file: 'arrests*.csv'\n    record_kind", 1)
    both = mapping_of(
        text + second.replace("    record_kind", "    file: 'o_*.csv'\n    record_kind")
    )
    found = both.export_for("arrests_2020.csv")
    assert found is not None
    assert found.name == "arrests"
    assert both.export_for("people.csv") is None
    only = mapping_of(GOOD).export_for("anything.csv")
    assert only is not None
