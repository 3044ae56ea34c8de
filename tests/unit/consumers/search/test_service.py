"""One search from question to answer: what is found and why, what is audited, what stays hidden."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from consumers.search.criteria import Context, Criteria, IdentifierAsked
from consumers.search.document import Span
from consumers.search.plan import Sort
from consumers.search.refusals import BadQuery, Fault
from consumers.search.service import Search
from consumers.search.show import as_json
from recordbus.audit import Private
from recordbus.audit.encoding import encoded
from recordbus.errors import Refused, Retryable
from recordbus.metrics import sample
from recordbus.testing.clock import EPOCH
from recordbus.testing.records import (
    assertion,
    coded,
    organisation_role,
    part,
    person,
    person_role,
    vehicle_role,
)
from tests.unit.consumers.conftest import EVERYTHING, METRO, access_to

KIND = "field_contact"


@pytest.fixture
def town(search: Search, written: Any, make_record: Any) -> Search:
    """Three records: two of a Smith by several names, one of a couple with a red Toyota."""
    john = person("Jonathan", "Smith", date_of_birth=part("DateValue", value="1996-03-04"),
                  sex=coded("M"), hair_colour=coded("BRO"), race=coded("W"),
                  country_of_birth=coded("USA"), height_inches=70, weight_pounds=180)  # fmt: skip
    smyth = person("Jon", "Smyth", sex=coded("M"), hair_colour=coded("BLK"), marks=[],
                   identifiers=[part("Identifier", type="ssn", value="219-09-9999")])  # fmt: skip
    ruth = person("Ruth", "Delgado-Pires", emails=["ruth@example.org"], sex=coded("F"))
    car = vehicle_role(KIND, "v1", plate="8OB-123", make=coded("TOYT"), colour=coded("RED"))
    written.add(
        make_record("A-1", people=[person_role(KIND, "p1", person=john)], vehicles=[]),
        make_record("B-2", people=[person_role(KIND, "p1", person=smyth)], vehicles=[],
                    references=[part("RecordReference", type="incident", number="I-77")]),
        make_record(
            "C-3",
            people=[person_role(KIND, "p1", person=ruth),
                    person_role(KIND, "p2", person=person("Omar", "Bell", sex=coded("M"),
                                                          hair_colour=coded("RED")))],
            vehicles=[car], organisations=[],
            narrative='The pair sold "rare coins" near Faneuil Hall.',
        ),
    )  # fmt: skip
    return search


def numbers(search: Search, context: Context, **asked: Any) -> list[str | None]:
    return [each.number for each in search.search(context, Criteria(**asked)).results]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"name": "Jonathan Smith"}, ["A-1", "B-2"]),
        ({"name": "SMITH, Jonathan"}, ["A-1", "B-2"]),
        ({"name": "jon smyth jr"}, ["B-2", "A-1"]),
        ({"name": "jonathon smithe"}, ["A-1"]),
        ({"name": "smi*"}, ["A-1"]),
        ({"name": "sm?th"}, ["B-2", "A-1"]),
        ({"name": "pires ruth"}, ["C-3"]),
        ({"name": "ruth bell"}, []),
        ({"date_of_birth": "1996-03-04"}, ["A-1"]),
        ({"date_of_birth": "1996-04-03"}, ["A-1"]),
        ({"date_of_birth": "1996"}, ["A-1"]),
        ({"date_of_birth": "1996-02"}, []),
        ({"sex": ("male",), "hair": ("brown",)}, ["A-1"]),
        ({"sex": ("F",), "hair": ("RED",)}, []),
        ({"sex": ("M",), "age": Span(29, 29)}, ["A-1"]),
        ({"sex": ("M",), "age": Span(30, 35)}, []),
        ({"sex": ("M",), "age_at_event": Span(28, 28)}, ["A-1"]),
        ({"height": Span(70, 72), "weight": Span(175, 185)}, ["A-1"]),
        ({"height": Span(71, 72), "weight": Span(175, 185)}, []),
        ({"name": "smith", "weight": Span(185, 189)}, []),
        ({"marks": ("tattoo left arm swallow",), "name": "smith"}, ["A-1"]),
        ({"marks": ("TAT L ARM",), "sex": ("F",)}, ["C-3"]),
        ({"marks": ("TAT R ARM",)}, []),
        ({"plate": "8OB123"}, ["C-3"]),
        ({"plate": "80b-123"}, ["C-3"]),
        ({"plate": "80B*"}, ["C-3"]),
        ({"plate": "OB1"}, ["C-3"]),
        ({"plate": "8OB124"}, []),
        ({"make": ("Toyota",), "colour": ("red",)}, ["C-3"]),
        ({"make": ("Toyota",), "colour": ("blue",)}, []),
        ({"name": "bell", "make": ("TOYT",)}, ["C-3"]),
        ({"name": "smith", "make": ("TOYT",)}, []),
        ({"vin": "AXKP042788"[-8:]}, ["C-3"]),
        ({"phone": "555-0142", "name": "smyth"}, ["B-2", "A-1"]),
        ({"phone": "617 555 0142", "name": "ruth"}, ["C-3"]),
        ({"email": "Ruth@Example.org"}, ["C-3"]),
        ({"address": "400 Tremont Street", "name": "ruth"}, ["C-3"]),
        ({"address": "12 maple, boston", "name": "ruth"}, ["C-3"]),
        ({"identifiers": (IdentifierAsked("ssn", "219099999"),)}, ["B-2"]),
        ({"number": "i77"}, ["B-2"]),
        ({"number": "c 3"}, ["C-3"]),
        ({"text": "219-09-9999"}, ["B-2"]),
        ({"text": '"rare coins"'}, ["C-3"]),
        ({"text": "coins rare faneuil"}, ["C-3"]),
        ({"text": '"coins rare"'}, []),
        ({"text": "faneu*"}, ["C-3"]),
        ({"text": "jonathan smyth"}, ["B-2", "A-1"]),
        ({"text": "(617) 555-0142 ruth"}, ["C-3"]),
        ({"text": "80b1 toyota"}, []),
        ({"text": "8ob1"}, ["C-3"]),
        ({"text": "tattoo swallow ruth"}, ["C-3"]),
        ({"text_any": "coins smyth"}, ["C-3", "B-2", "A-1"]),
        ({"name": "smith", "text_none": "jonathan"}, ["B-2"]),
        ({"name": "smith", "departments": ("harbor-city-pd",)}, ["A-1", "B-2"]),
        ({"name": "smith", "departments": ("millbrook-pd",)}, []),
        ({"name": "smith", "record_kinds": ("arrest",)}, []),
        ({"name": "smith", "evidence": ("fact",)}, ["A-1", "B-2"]),
        ({"name": "smith", "bases": ("arrest",)}, []),
        ({"text": "coins", "bases": ("field_contact",)}, ["C-3"]),
        ({"name": "smith", "from_day": date(2024, 3, 5)}, ["A-1", "B-2"]),
        ({"name": "smith", "from_day": date(2024, 3, 6)}, []),
        ({"name": "smith", "until_day": date(2024, 3, 4)}, []),
        ({"name": "smith", "sort": Sort.OLDEST}, ["A-1", "B-2"]),
        ({"name": "smith", "page_size": 1, "page": 2}, ["B-2"]),
    ],
    ids=repr,
)
def test_records_are_found_by_what_is_known(
    town: Search, context: Context, asked: dict[str, Any], found: list[str]
) -> None:
    assert numbers(town, context, **asked) == found


def test_every_result_says_why_it_matched(town: Search, context: Context) -> None:
    answer = town.search(context, Criteria(name="bill smith", text="coins"))
    assert answer.results == ()

    answer = town.search(context, Criteria(name="jonathan smyth"))
    told = {(r.number, why.asked, why.found, why.how) for r in answer.results for why in r.why}
    assert ("B-2", "smyth", "smyth", "as asked") in told
    assert ("A-1", "smyth", "smith", "similar spelling") in told
    assert ("B-2", "jonathan", "jon", "nickname") in told


def test_a_result_carries_owner_and_verification(town: Search, context: Context) -> None:
    (result,) = town.search(context, Criteria(number="A-1")).results

    assert result.department == "harbor-city-pd"
    assert dict(result.contact) == {"unit": "Records desk", "phone": "617-555-0100"}
    assert result.standing.state == "unverified"
    assert result.evidence == ("fact",)


def test_gated_looks_are_shown_only_when_they_were_asked_for(
    town: Search, written: Any, make_record: Any, context: Context
) -> None:
    stranger = person_role(KIND, "p1", person=person(names=[]), description_only=True)
    written.add(make_record("D-1", people=[stranger]))
    looks = Criteria(sex=("M",), hair=("BRO",), age=Span(20, 40))

    (plain,) = town.search(context, looks).results
    suspected = replace(context, described_suspect="D-1")
    (gated,) = town.search(suspected, replace(looks, race=("W",))).results

    assert "race" not in plain.mentions[0]
    assert gated.mentions[0]["race"] == "W"
    assert "country_of_birth" not in gated.mentions[0]
    with pytest.raises(Refused, match="R-12"):
        town.search(replace(context, described_suspect="A-1"), replace(looks, race=("W",)))


def test_a_restricted_record_is_a_pointer_to_its_owner(
    search: Search, written: Any, make_record: Any, context: Context, audit: Any
) -> None:
    """R-31: the owner has it in full, others learn whom to ask, and nothing is counted."""
    written.add(make_record("R-1", dissemination_level="restricted"))
    theirs = replace(search, access=access_to(search.engine, METRO, EVERYTHING))

    answer = theirs.search(context, Criteria(name="maria delgado"))
    (own,) = search.search(context, Criteria(name="maria delgado")).results

    told = as_json(answer)
    contact = {"unit": "Records desk", "phone": "617-555-0100"}
    pointer = {"department": "harbor-city-pd", "owner_ori": "MA0130100", "contact": contact,
               "verification": "unverified"}  # fmt: skip
    assert told["pointers"] == [pointer]
    assert (list(told["results"]), told["total"], told["freshness"]["newest"]) == ([], 0, {})
    assert not any(told["facets"].values())
    assert own.rules == ("bus/own_records",)
    assert audit.entries[0].levels == ("pointer",)


@pytest.mark.parametrize("status", ["withdrawn", "sealed", "expunged"])
def test_a_removed_record_is_found_by_nothing(
    town: Search, written: Any, make_record: Any, context: Context, status: str
) -> None:
    written.add(make_record("A-1", status=status, source_seq=2, status_reason="court_order"))

    assert numbers(town, context, name="smith") == ["B-2"]
    assert numbers(town, context, number="A-1") == []
    assert numbers(town, context, date_of_birth="1996") == []


def test_a_corrected_record_is_found_by_what_it_says_now(
    town: Search, written: Any, make_record: Any, context: Context
) -> None:
    someone = person_role(KIND, "p1", person=person("Ida", "Wells"))
    written.add(make_record("A-1", people=[someone], source_seq=2))

    assert numbers(town, context, name="jonathan smith") == ["B-2"]
    assert numbers(town, context, name="ida wells") == ["A-1"]


def test_a_basis_is_asked_of_the_person_it_rests_on(
    search: Search, written: Any, make_record: Any, context: Context
) -> None:
    people = [person_role(KIND, "p1", person=person("Ann", "Lee")),
              person_role(KIND, "p2", person=person("Bo", "Day"))]  # fmt: skip
    works = assertion("employed_by", "p1", "o1", "self_statement")
    record = make_record("E-1", people=people, organisations=[organisation_role(KIND, "o1")],
                         assertions=[works], vehicles=[], locations=[])  # fmt: skip
    written.add(record)
    assert {"self_statement", "field_contact"} <= {each["basis"] for each in record["relations"]}

    assert numbers(search, context, name="ann", bases=("self_statement",)) == ["E-1"]
    assert numbers(search, context, name="bo", bases=("self_statement",)) == []
    assert numbers(search, context, organisation="alder marine") == ["E-1"]


def test_facets_count_over_all_hits(town: Search, context: Context) -> None:
    answer = town.search(context, Criteria(text_any="coins smith", page_size=1))

    assert answer.total == 3
    assert answer.facets["record_kind"] == {"field_contact": 3}
    assert answer.facets["evidence"] == {"fact": 3}


@pytest.mark.parametrize(
    ("criteria", "fault"),
    [
        (Criteria(date_of_birth="03/04/1996"), Fault.DATE),
        (Criteria(date_of_birth="1996-13"), Fault.DATE),
        (Criteria(sex=("purple",), hair=("BRO",)), Fault.CODE),
        (Criteria(name="ann", record_kinds=("rumour",)), Fault.CODE),
        (Criteria(name="ann", bases=("hunch",)), Fault.CODE),
        (Criteria(phone="12345"), Fault.PHONE),
        (Criteria(plate="A*"), Fault.PLATE),
        (Criteria(vin="123"), Fault.VIN),
        (Criteria(sex=("M",), age=Span(30, 20)), Fault.RANGE),
        (Criteria(identifiers=(IdentifierAsked("ssn", "000-00-0000"),)), Fault.IDENTIFIER),
        (Criteria(identifiers=(IdentifierAsked("shoe", "9"),)), Fault.CODE),
        (Criteria(organisation="--"), Fault.EMPTY),
        (Criteria(number="--"), Fault.EMPTY),
        (Criteria(marks=("--",)), Fault.EMPTY),
    ],
)
def test_what_cannot_be_meant_is_said_so(
    town: Search, context: Context, audit: Any, criteria: Criteria, fault: Fault
) -> None:
    with pytest.raises(BadQuery) as caught:
        town.search(context, criteria)

    assert caught.value.reason is fault
    assert [entry.reasons for entry in audit.entries] == [(fault.value,)]


def test_the_audit_says_who_why_what_and_how_much_but_names_nobody(
    town: Search, context: Context, audit: Any
) -> None:
    number = IdentifierAsked("ssn", "219-09-9999")
    asked = Criteria(name="Jonathan Smith", sex=("M",), phone="555-0142", text="swallow",
                     identifiers=(number,), age=Span(20, 40))  # fmt: skip
    town.search(context, asked)
    town.search(context, Criteria(name="jonathan smith"))

    first, second = audit.entries
    assert (first.requester, first.purpose, first.case_number) == (
        "det. Alvarez", "criminal_investigation", "2026-00117",
    )  # fmt: skip
    assert first.at == EPOCH
    assert first.asked["sex"] == ["M"]
    assert first.asked["age"] == [20, 40]
    assert first.asked["identifiers"] == [{"type": "ssn", "value": Private("219-09-9999")}]
    assert second.owners == ("harbor-city-pd",)
    assert all("@" in key for key in second.records)
    assert (second.outcome, second.total, len(second.records)) == ("answered", 2, 2)
    everything = repr([encoded(each, 0, bytes).data for each in audit.entries]).lower()
    for secret in ("smith", "jonathan", "swallow", "0142", "219", "9999"):
        assert secret not in everything


def test_nothing_is_answered_that_cannot_be_audited(
    town: Search, context: Context, audit: Any
) -> None:
    audit.failure = Retryable("the audit is away")

    for criteria in (Criteria(name="smith"), Criteria(), Criteria(text="(")):
        with pytest.raises(Retryable, match="audit"):
            town.search(context, criteria)


def test_a_search_that_fails_unexpectedly_is_audited_too(
    town: Search, context: Context, audit: Any
) -> None:
    town.engine.close()

    with pytest.raises(Exception, match="closed"):
        town.search(context, Criteria(name="smith"))

    assert [entry.outcome for entry in audit.entries] == ["failed"]


def test_searches_are_counted_by_purpose_and_outcome(town: Search, context: Context) -> None:
    labels = {"purpose": "criminal_investigation", "outcome": "answered"}
    before = sample("recordbus_search_requests_total", **labels) or 0

    town.search(context, Criteria(name="smith"))

    assert sample("recordbus_search_requests_total", **labels) == before + 1
