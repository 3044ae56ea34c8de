"""The mapping language: what each rule does with a row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from producers.mapping import DepartmentMapping, MappedRecord
from recordbus.errors import Rejected

Load = Callable[[str], DepartmentMapping]

HEAD = """
mapping: test
title: Test
source:
  time_zone: America/New_York
  dates: ["%m/%d/%Y"]
  date_times: ["%m/%d/%Y %H:%M"]
  empty: ["NULL"]
codes:
  sex: {list: sex, values: {MALE: M, FEMALE: F}}
  strict_sex: {list: sex, unknown: refuse, values: {MALE: M}}
  hair: {list: hair_colour, ignore_case: true, values: {brown: BRO}, drop: [BALD]}
  category: {values: {S: suspect, V: victim}}
  person_role: {values: {S: arrestee, V: victim}}
  offence: {list: offence, values: {ASSAULT: 13A}}
  words: {unknown: keep, values: {a: alpha}, drop: [x]}
"""
EXPORT = """
exports:
  arrests:
    record_kind: arrest
    key: [NO]
    recorded_at: AT
    body:
"""


class Given:
    """A mapping with this body, bound to a header."""

    def __init__(self, load: Load, body: str, header: str, *, export: str = "") -> None:
        indented = "\n".join(" " * 6 + line for line in body.strip("\n").splitlines())
        text = HEAD + EXPORT.replace("    body:\n", export + "    body:\n") + indented + "\n"
        self.mapping = load(text)
        self.header = ["NO", "AT", *header.split()]
        self.export = self.mapping.exports["arrests"]
        self.mapper = self.export.bind(self.header)

    def map(self, *cells: str) -> MappedRecord:
        return self.mapper.map(["A-1", "01/02/2020 10:00", *cells])

    def body(self, *cells: str) -> dict[str, Any]:
        return self.map(*cells).body

    def refused(self, *cells: str) -> tuple[str, str]:
        with pytest.raises(Rejected) as error:
            self.map(*cells)
        return error.value.reason, error.value.detail


PERSON = """
people:
  - local_id: =arrestee
    role: =arrestee
    subject_category: =suspect
    person:
"""


def person(rules: str) -> str:
    return PERSON + "\n".join(" " * 6 + line for line in rules.strip("\n").splitlines())


def the_person(body: dict[str, Any]) -> Any:
    return body["people"][0]["person"]


def test_a_row_becomes_a_complete_body(mapping_of: Load) -> None:
    given = Given(mapping_of, person("names: [{type: =primary, surname: LAST}]"), "LAST")
    record = given.map(" SMITH ")
    assert record.record_id == record.body["record_id"] == "A-1"
    assert record.recorded_at.isoformat() == "2020-01-02T15:00:00+00:00"
    assert record.occurred_at is None
    assert record.source_seq is None
    assert record.dissemination_level == "law_enforcement"
    assert the_person(record.body)["names"] == [
        {
            "type": "primary",
            "full": None,
            "given": None,
            "middle": None,
            "surname": "SMITH",
            "suffix": None,
        }
    ]
    assert record.body["details"][0] == "recordbus.v1.ArrestDetails"


def test_an_item_vanishes_when_all_its_columns_are_empty(mapping_of: Load) -> None:
    given = Given(mapping_of, person("names: [{type: =primary, surname: LAST}]"), "LAST")
    assert given.body("")["people"] == []
    assert given.body("NULL")["people"] == []


def test_codes_keep_what_the_department_wrote(mapping_of: Load) -> None:
    given = Given(mapping_of, person("sex: {column: SEX, codes: sex}"), "SEX")
    assert the_person(given.body("MALE"))["sex"] == {"code": "M", "source": "MALE"}
    assert the_person(given.body("X"))["sex"] == {"code": "X", "source": "X"}
    assert the_person(given.body("odd"))["sex"] == {"code": None, "source": "odd"}


def test_codes_can_refuse_what_they_do_not_know(mapping_of: Load) -> None:
    given = Given(mapping_of, person("sex: {column: SEX, codes: strict_sex}"), "SEX")
    reason, detail = given.refused("odd")
    assert reason == "unknown_value"
    assert "column SEX" in detail
    assert "odd" not in detail


def test_codes_can_ignore_case_and_drop_values(mapping_of: Load) -> None:
    given = Given(mapping_of, person("hair_colour: {column: HAIR, codes: hair}"), "HAIR")
    assert the_person(given.body("Brown"))["hair_colour"] == {"code": "BRO", "source": "Brown"}
    assert the_person(given.body("Bald"))["hair_colour"] is None


def test_a_field_with_a_list_needs_no_table_for_its_own_codes(mapping_of: Load) -> None:
    given = Given(mapping_of, person("sex: SEX"), "SEX")
    assert the_person(given.body("F"))["sex"] == {"code": "F", "source": "F"}
    assert the_person(given.body("W"))["sex"] == {"code": None, "source": "W"}


def test_a_constant_code_has_no_source(mapping_of: Load) -> None:
    given = Given(mapping_of, person("sex: =F\nemails: MAIL"), "MAIL")
    assert the_person(given.body("a@example.org"))["sex"] == {"code": "F", "source": None}


def test_dates_keep_their_source(mapping_of: Load) -> None:
    given = Given(mapping_of, person("date_of_birth: DOB"), "DOB")
    found = the_person(given.body("02/03/1980"))["date_of_birth"]
    assert found == {"value": "1980-02-03", "source": "02/03/1980"}
    assert given.refused("31/31/1980")[0] == "ambiguous_date"


def test_an_unreadable_date_can_be_kept_as_source(mapping_of: Load) -> None:
    given = Given(mapping_of, person("date_of_birth: {column: DOB, unreadable: keep}"), "DOB")
    assert the_person(given.body("ca. 1980"))["date_of_birth"] == {
        "value": None,
        "source": "ca. 1980",
    }


def test_numbers_are_read_or_refused_or_left_out(mapping_of: Load) -> None:
    strict = Given(mapping_of, person("weight_pounds: W"), "W")
    assert the_person(strict.body("180"))["weight_pounds"] == 180
    assert strict.refused("heavy")[0] == "bad_number"
    assert strict.refused("99999999999")[0] == "bad_number"
    loose = Given(mapping_of, person("weight_pounds: {column: W, unreadable: keep}"), "W")
    assert the_person(loose.body("heavy"))["weight_pounds"] is None


def test_transforms_pattern_and_take(mapping_of: Load) -> None:
    rules = """
    height_inches: {column: H, as: feet_inches}
    phones: {column: P, as: digits}
    weight_pounds: {column: W, take: '(\\d+) LB'}
    addresses: [{postal_code: {column: Z, pattern: '\\d{5}'}}]
    """
    given = Given(mapping_of, person(rules), "H P W Z")
    found = the_person(given.body("5'11\"", "(617) 555-0100", "ABOUT 180 LBS", "02118"))
    assert (found["height_inches"], found["phones"]) == (71, ["6175550100"])
    assert found["weight_pounds"] == 180
    assert found["addresses"][0]["postal_code"] == "02118"
    assert given.refused("", "", "heavy", "02118")[0] == "unknown_value"
    assert given.refused("", "", "", "2118")[0] == "unknown_value"


def test_first_of_and_join(mapping_of: Load) -> None:
    rules = """
    addresses: [{street: {join: [S1, S2], with: " / "}, city: {first_of: [C1, C2]}}]
    """
    given = Given(mapping_of, person(rules), "S1 S2 C1 C2")
    address = the_person(given.body("MAIN ST", "", "", "BOSTON"))["addresses"][0]
    assert (address["street"], address["city"]) == ("MAIN ST", "BOSTON")
    address = the_person(given.body("MAIN ST", "ELM ST", "LYNN", "BOSTON"))["addresses"][0]
    assert (address["street"], address["city"]) == ("MAIN ST / ELM ST", "LYNN")


def test_otherwise_and_when(mapping_of: Load) -> None:
    rules = """
    emails: {column: E, when: {column: OK, is: [Y]}}
    addresses: [{city: {column: C, otherwise: =UNKNOWN, when: S}, street: S}]
    """
    given = Given(mapping_of, person(rules), "E OK C S")
    assert the_person(given.body("a@b", "Y", "", "MAIN"))["emails"] == ["a@b"]
    assert the_person(given.body("a@b", "N", "", "MAIN"))["emails"] == []
    assert the_person(given.body("", "", "", "MAIN"))["addresses"][0]["city"] == "UNKNOWN"


def test_conditions_on_items(mapping_of: Load) -> None:
    body = """
    vehicles:
      - {local_id: =a, role: =used_vehicle, when: {column: T, is_not: [NONE]}, vehicle: {plate: P}}
      - {local_id: =b, role: =used_vehicle, when: {all_of: [P, V]}, vehicle: {vin: V}}
    """
    given = Given(mapping_of, body, "T P V")
    ids = [v["local_id"] for v in given.body("CAR", "123", "VIN")["vehicles"]]
    assert ids == ["a", "b"]
    assert [v["local_id"] for v in given.body("NONE", "123", "")["vehicles"]] == []


def test_lists_of_texts_drop_what_is_empty(mapping_of: Load) -> None:
    given = Given(mapping_of, person("phones: [H, C]\nemails: {column: E, split: ';'}"), "H C E")
    found = the_person(given.body("1", "", " a@b ; ;c@d"))
    assert (found["phones"], found["emails"]) == (["1"], ["a@b", "c@d"])


def test_a_split_cell_goes_through_its_table_part_by_part(mapping_of: Load) -> None:
    given = Given(mapping_of, person("emails: {column: E, split: ',', codes: words}"), "E")
    assert the_person(given.body("a, x, other"))["emails"] == ["alpha", "other"]


def test_repeated_column_groups(mapping_of: Load) -> None:
    body = """
    people:
      - repeat: [1, 2]
        local_id: =witness-{n}
        role: =witness
        subject_category: =witness
        person: {names: [{type: =primary, full: "W{n}_NAME"}]}
    """
    given = Given(mapping_of, body, "W1_NAME W2_NAME")
    assert [p["local_id"] for p in given.body("A", "B")["people"]] == ["witness-1", "witness-2"]
    assert [p["local_id"] for p in given.body("", "B")["people"]] == ["witness-2"]


def test_parts_of_a_cell_become_items(mapping_of: Load) -> None:
    body = """
    offences:
      - for_each_part: {column: CHARGES, by: ";"}
        code: {column: part, take: '^([^*]+)', codes: offence}
        count: {column: part, take: '\\*(\\d+)$', unreadable: keep}
        person_local_ids: [=arrestee]
        statute: ^STATUTE
    """
    given = Given(mapping_of, body, "CHARGES STATUTE")
    first, second = given.body("13A*2; ASSAULT", "c. 265")["offences"]
    assert (first["code"]["code"], first["count"], first["statute"]) == ("13A", 2, "c. 265")
    assert (second["code"]["code"], second["count"]) == ("13A", 1)
    assert [first["local_id"], second["local_id"]] == ["offences-1-1", "offences-1-2"]


CHILDREN = """
    children:
      persons: {file: "persons*.csv", key: [NO], order: [SEQ]}
      aliases: {file: "aliases*.csv", key: [NO]}
"""
CHILD_BODY = """
people:
  - for_each: persons
    local_id: PID
    role: {column: ROLE, codes: person_role}
    subject_category: {column: ROLE, codes: category}
    person:
      names:
        - {type: =primary, full: NAME}
        - {for_each: aliases, matching: {PID: PID}, type: =alias, full: ALIAS}
      addresses: [{city: ^CITY}]
"""


def test_child_rows_become_items_and_may_have_children(mapping_of: Load) -> None:
    text = HEAD + EXPORT.replace("    body:\n", CHILDREN.strip("\n") + "\n    body:\n")
    text += "\n".join(" " * 6 + line for line in CHILD_BODY.strip("\n").splitlines()) + "\n"
    export = mapping_of(text).exports["arrests"]
    mapper = export.bind(
        ["NO", "AT", "CITY"],
        {"persons": ["NO", "SEQ", "PID", "ROLE", "NAME"], "aliases": ["NO", "PID", "ALIAS"]},
    )
    children = {
        "persons": [["A-1", "1", "p1", "S", "ANN"], ["A-1", "2", "p2", "V", "BOB"]],
        "aliases": [["A-1", "p2", "BOBBY"], ["A-1", "p1", "ANNIE"], ["A-1", "p2", "ROB"]],
    }
    people = mapper.map(["A-1", "01/02/2020 10:00", "LYNN"], children).body["people"]
    assert [(p["local_id"], p["role"]) for p in people] == [("p1", "arrestee"), ("p2", "victim")]
    assert [n["full"] for n in people[1]["person"]["names"]] == ["BOB", "BOBBY", "ROB"]
    assert people[0]["person"]["addresses"][0]["city"] == "LYNN"


def test_two_items_with_one_local_id_refuse_the_row(mapping_of: Load) -> None:
    body = """
    offences: [{for_each_part: {column: C, by: ";"}, local_id: part, code: {column: part}}]
    """
    given = Given(mapping_of, body, "C")
    assert given.refused("a;b;a")[0] == "duplicate_local_id"


def test_a_role_without_its_category_refuses_the_row(mapping_of: Load) -> None:
    body = PERSON.replace("=suspect", "{column: CAT, codes: category}") + " " * 6 + "emails: E"
    given = Given(mapping_of, body, "CAT E")
    assert given.refused("", "a@b")[0] == "missing_required"
    assert given.refused("Q", "a@b")[0] == "unknown_value"


def test_a_part_without_what_it_needs_is_left_out(mapping_of: Load) -> None:
    rules = "identifiers: [{type: =driver_license, value: DL, issuer: ST}]\nemails: E"
    given = Given(mapping_of, person(rules), "DL ST E")
    assert the_person(given.body("", "MA", "a@b"))["identifiers"] == []
    assert the_person(given.body("S1", "", "a@b"))["identifiers"][0]["value"] == "S1"


def test_required_refuses_even_where_null_would_do(mapping_of: Load) -> None:
    given = Given(
        mapping_of, person("weight_pounds: {column: W, required: true}\nemails: E"), "W E"
    )
    assert given.refused("", "a@b") == (
        "missing_required",
        "body.people.0.person.weight_pounds (column W) is empty",
    )


def test_a_nullable_record_is_null_when_empty_or_not_wanted(mapping_of: Load) -> None:
    body = """
    people:
      - local_id: =arrestee
        role: =arrestee
        subject_category: =suspect
        age_range: {when: {column: EXACT, is_not: [Y]}, low: LOW, high: HIGH}
        person: {emails: E}
    """
    given = Given(mapping_of, body, "LOW HIGH EXACT E")
    assert given.body("20", "30", "", "a@b")["people"][0]["age_range"] == {"low": 20, "high": 30}
    assert given.body("", "", "", "a@b")["people"][0]["age_range"] is None
    assert given.body("20", "30", "Y", "a@b")["people"][0]["age_range"] is None


@pytest.mark.parametrize("key", ["", "1.2E+5", "1E5", "B-1"])
def test_a_key_must_have_its_form(mapping_of: Load, key: str) -> None:
    given = Given(mapping_of, "narrative: N", "N", export="    key_pattern: 'A-\\d+'\n")
    with pytest.raises(Rejected) as refused:
        given.mapper.map([key, "01/02/2020 10:00", "text"])
    assert refused.value.reason == ("unknown_value" if key else "missing_required")


def test_control_characters_refuse_the_row_and_name_the_column(mapping_of: Load) -> None:
    given = Given(mapping_of, "narrative: N", "N")
    for bad in ("a\x07b", "a\u202eb", "a\x85b"):
        reason, detail = given.refused(bad)
        assert (reason, "column N" in detail) == ("control_chars", True)
    assert given.body("line 1\r\nline 2\tend")["narrative"] == "line 1\r\nline 2\tend"


def test_formula_like_cells_are_stored_as_they_are(mapping_of: Load) -> None:
    """Row 54: a name like -Smith survives; only exports guard against formulas."""
    given = Given(mapping_of, "narrative: N", "N")
    for text in ("=1+1", "+1", "-Smith", "@x", "\uff1d1"):
        assert given.body(text)["narrative"] == text


def test_the_departments_own_version_numbers(mapping_of: Load) -> None:
    integer = Given(mapping_of, "narrative: N", "N V", export="    source_seq: {column: V}\n")
    assert integer.map("x", "17").source_seq == 17
    instant = "    source_seq: {column: V, as: date_time}\n"
    dated = Given(mapping_of, "narrative: N", "N V", export=instant)
    assert dated.map("x", "01/02/2020 10:00").source_seq == 1577977200000


def test_missing_columns_refuse_the_file_and_optional_ones_do_not(mapping_of: Load) -> None:
    export = "    optional_columns: [N]\n    ignored_columns: [OLD]\n"
    given = Given(mapping_of, "narrative: N", "", export=export)
    assert given.body()["narrative"] is None
    assert given.export.new_columns(["NO", "AT", "N", "OLD", "NEW"]) == ["NEW"]
    with pytest.raises(Rejected, match="missing_column: the header lacks AT"):
        given.export.bind(["NO"])


def test_columns_are_found_by_name_in_any_order(mapping_of: Load) -> None:
    given = Given(mapping_of, "narrative: N", "N")
    mapper = given.export.bind(["N", "AT", "X", "NO"])
    assert mapper.map(["text", "01/02/2020", "x", "A-9"]).record_id == "A-9"
