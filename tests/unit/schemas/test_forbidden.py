"""R-10/11: what no schema may name, under any spelling; and what may be named all the same."""

from __future__ import annotations

import pytest

from schemas import catalog
from schemas.forbidden import forbidden_in, forbidden_topics, words_of
from schemas.lint import lint
from tests.contract.schemas.shapes import avro_file

REFUSED = {
    "immigration_status": [
        "immigration_status", "immigrationStatus", "IMMIGRATION-STATUS", "person_immigration_code",
        "ImmStatusImmigrationDate", "citizenship", "countryOfCitizenship", "citizen_flag",
        "us_citizen", "alien_number", "alienNumber", "AlienRegistrationNumber", "alienno",
        "a_number", "nationality", "visa_type", "visaType", "i94_number", "I94Number",
        "ice_detainer", "undocumented", "deportation_date", "naturalised_on", "green_card",
        "legal_status", "refugeeStatus", "asylum_case",
    ],
    "religion": ["religion", "personReligion", "religious_affiliation", "subject_faith", "church",
                 "ReligionCode", "is_muslim", "denomination"],
    "politics": ["politics", "political_party", "politicalOpinion", "party_affiliation",
                 "PartyAffiliation", "voter_registration", "voterId", "ideology"],
    "orientation": ["sexual_orientation", "sexualOrientation", "orientation", "sexual_preference",
                    "SexOrientationCode", "is_gay", "lgbt_flag"],
    "union_membership": ["union_membership", "unionMember", "trade_union", "TradeUnionName",
                         "labor_union", "labour_union_local", "union_local"],
}  # fmt: skip
ALLOWED = [
    "hair_colour", "eye_colour", "race", "ethnicity", "complexion", "build", "country_of_birth",
    "sex", "reporting_party", "place_of_birth", "party", "identifier", "identity_number",
    "dissemination_level", "community", "reunion_place", "vision", "advisable", "orient_point",
    "facility", "valid_from", "unit", "police_district", "metropolitan_area", "parishioner",
]  # fmt: skip


@pytest.mark.parametrize(
    ("topic", "name"), [(topic, name) for topic, names in REFUSED.items() for name in names]
)
def test_a_forbidden_name_is_refused_in_every_spelling(topic: str, name: str) -> None:
    found = forbidden_in(name)
    assert found is not None
    assert found.name == topic


@pytest.mark.parametrize("name", ALLOWED)
def test_a_description_is_allowed(name: str) -> None:
    assert forbidden_in(name) is None


def test_every_topic_is_tried() -> None:
    assert set(REFUSED) == set(forbidden_topics())


@pytest.mark.parametrize("name", catalog.full_names())
def test_no_type_of_the_bus_names_it(name: str) -> None:
    own = avro_file(name.rpartition(".")[2])
    for spoken in (own["name"], *(f["name"] for f in own.get("fields", ()))):
        assert forbidden_in(spoken) is None


@pytest.mark.parametrize("name", ["Religion", "citizenship_status"])
def test_the_lint_refuses_types_and_fields_alike(name: str) -> None:
    kind = {"type": "record", "name": name, "doc": "D.", "fields": []}
    holder = {"name": name, "type": "int", "doc": "D."}
    outer = {"type": "record", "name": "Outer", "doc": "D.", "fields": [holder]}
    assert [p.rule for p in lint(kind)] == ["forbidden_name"]
    assert [p.rule for p in lint(outer)] == ["forbidden_name"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("personReligion", ("person", "religion")),
        ("PERSON-RELIGION", ("person", "religion")),
        ("DOBSource", ("dob", "source")),
        ("i94_number", ("i", "94", "number")),
        ("", ()),
    ],
)
def test_a_name_falls_into_words(name: str, words: tuple[str, ...]) -> None:
    assert words_of(name) == words


LEFT_OUT = {
    "offence": ("30A", "30B", "30C", "30D", "49B"),
    "organisation_type": ("RELIGIOUS", "POLITICAL_GROUP"),
    "victim_offender_relationship": ("HR",),
    "complexion": ("YEL",),
}


@pytest.mark.parametrize(("name", "codes"), LEFT_OUT.items())
def test_code_lists_leave_out_what_would_tell_of_it(name: str, codes: tuple[str, ...]) -> None:
    assert not set(codes) & set(catalog.code_list(name).codes)
