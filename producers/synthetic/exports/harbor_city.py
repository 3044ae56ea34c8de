"""Harbor City Police: wide rows with repeated groups, words for codes, American dates, UTF-8.

Sex, race, hair and the like are words; heights read 5-10; times stand in a column of their own.
"""

from __future__ import annotations

from producers.synthetic.calendar import DateTexts
from producers.synthetic.departments import HARBOR_CITY
from producers.synthetic.exports.form import (
    DepartmentExports,
    Dialect,
    Export,
    Row,
    age_text,
    columns,
    dollars,
    entered,
    mention,
    place,
    reference,
    time_of,
    vehicle,
)
from producers.synthetic.exports.harbor_words import (
    BASIS,
    BUILD,
    COLOUR,
    COMPLEXION,
    COUNTRY,
    ETHNICITY,
    EYES,
    HAIR,
    HEIGHT,
    MAKE,
    RACE,
    RELATIONSHIP,
    SEX,
    SOURCE,
    STATUS,
    STYLE,
    VEHICLE_ROLE,
    WEIGHT,
)
from producers.synthetic.facts import (
    DESCRIBED,
    NO_ADDRESS,
    NO_LOOKS,
    NO_MIDDLE,
    NO_PAPERS,
    NO_PHONE,
    NO_SSN,
    Charge,
    Fact,
    Mention,
)
from producers.synthetic.identifiers import dashed_ssn

D = DateTexts(lambda y, m, d: f"{m:02d}/{d:02d}/{y:04d}")
DIALECT = Dialect(",", "utf-8", "\n", False, D)
PERSON = (
    "first_name middle_name last_name name_suffix former_last_name moniker date_of_birth age "
    "sex race ethnicity height weight build hair eyes complexion birth_country marks ssn "
    "license_no license_state state_id phone email street_no street apt city state zip"
)
_WIDTH = len(PERSON.split())
_NOBODY = ("",) * _WIDTH
_NO_LOOKS = ("",) * 6
_DESCRIBED = "sex race age_low age_high height_low height_high build hair eyes complexion marks"
_NOT_DESCRIBED = ("",) * len(_DESCRIBED.split())
VEHICLE = "plate plate_state vin year make model style color"
CHARGE = "nibrs offense statute persons"
_NO_VEHICLE = ("",) * 8
LOCATION = "location_street_no location_street location_apt location_city location_state location_zip latitude longitude"  # noqa: E501
_NO_LOCATION = ("",) * 8


def _marks(marks: tuple[tuple[str, str], ...]) -> str:
    return (
        "; ".join(f"{code}: {words}" if words else code for code, words in marks) if marks else ""
    )


def _person(m: Mention | None, day: int) -> tuple[str, ...]:
    if m is None:
        return _NOBODY
    p, gaps = m.person, m.gaps
    home = p.address
    looks = (
        _NO_LOOKS
        if gaps & NO_LOOKS
        else (
            HEIGHT[p.height],
            WEIGHT[p.weight],
            BUILD[p.build],
            HAIR[p.hair],
            EYES[p.eyes],
            COMPLEXION[p.complexion],
        )
    )
    papers = not gaps & NO_PAPERS
    return (
        p.given,
        "" if gaps & NO_MIDDLE else p.middle,
        p.surname,
        p.suffix,
        p.former_surname,
        p.moniker,
        "" if p.birth is None else D[p.birth],
        age_text(m, day) if p.birth is None else "",
        SEX[p.sex],
        RACE[p.race],
        ETHNICITY[p.ethnicity],
        *looks,
        COUNTRY.get(p.country, p.country),
        _marks(p.marks),
        "" if gaps & NO_SSN else dashed_ssn(p.ssn),
        *((p.licence, home.state if p.licence else "", p.state_id) if papers else ("", "", "")),
        "" if gaps & NO_PHONE else f"({p.phone[:3]}) {p.phone[3:6]}-{p.phone[6:]}",
        p.email,
        *(("", "", "", "", "", "") if gaps & NO_ADDRESS else _home(home)),
    )


def _home(a: tuple[str, str, str, str, str, str]) -> tuple[str, ...]:
    return (a[0], a[1], a[2], a[3], a[5], a[4])


def _described(fact: Fact) -> tuple[str, ...]:
    for m in fact.people:
        if m.described_only:
            p = m.person
            return (
                SEX[p.sex], RACE[p.race], str(p.described_age), str(p.described_age + 9),
                HEIGHT[p.height - 2], HEIGHT[p.height + 2], BUILD[p.build], HAIR[p.hair],
                EYES[p.eyes], COMPLEXION[p.complexion], _marks(p.marks),
            )  # fmt: skip
    return _NOT_DESCRIBED


def _vehicle(fact: Fact) -> tuple[str, ...]:
    m = vehicle(fact)
    if m is None:
        return _NO_VEHICLE
    v = m.vehicle
    return (v.plate, v.state, v.vin, str(v.year), MAKE[v.model.make], v.model.name,
            STYLE[v.model.style], COLOUR[v.colour])  # fmt: skip


def _location(fact: Fact) -> tuple[str, ...]:
    where = place(fact)
    if where is None:
        return _NO_LOCATION
    return (*_home(where.address), where.latitude, where.longitude)


def _named(fact: Fact, slot: str) -> Mention | None:
    m = mention(fact, slot)
    return None if m is None or m.described_only else m


def _incident(fact: Fact) -> Row:
    day, details = fact.day, fact.details
    charge = fact.charges[0]
    shop = fact.organisations[0].organisation if fact.organisations else None
    return [
        fact.number, D[day], time_of(fact), entered(fact, D), STATUS[details["incident_status"]],
        charge.code, charge.words, _laid_on(charge),
        *_person(_named(fact, "suspect-1"), day), *_person(_named(fact, "suspect-2"), day),
        *_described(fact), *_person(mention(fact, "victim-1"), day),
        RELATIONSHIP[details["relationship"]] if fact.people else "",
        *_person(mention(fact, "witness-1"), day),
        *((shop.name, shop.type, shop.phone) if shop else ("", "", "")),
        VEHICLE_ROLE[fact.vehicles[0].role] if fact.vehicles else "", *_vehicle(fact),
        *_location(fact), fact.narrative,
    ]  # fmt: skip


def _laid_on(charge: Charge) -> str:
    return ",".join("D" if slot == DESCRIBED else slot[-1] for slot in charge.slots)


def _charge_cells(fact: Fact) -> tuple[str, ...]:
    cells: list[str] = []
    for charge in fact.charges[:2]:
        cells += (charge.code, charge.words, charge.statute, _laid_on(charge))
    return (*cells, *("",) * (8 - len(cells)))


def _arrest(fact: Fact) -> Row:
    day = fact.day
    return [
        fact.number, reference(fact, "incident"), D[day], time_of(fact), entered(fact, D),
        fact.details["arrest_type"], *_charge_cells(fact),
        *_person(mention(fact, "arrestee-1"), day), *_person(mention(fact, "arrestee-2"), day),
        *_vehicle(fact), *_location(fact), fact.narrative,
    ]  # fmt: skip


def _citation(fact: Fact) -> Row:
    day, details = fact.day, fact.details
    return [
        fact.number, D[day], time_of(fact), entered(fact, D), details["violation"],
        dollars(details["fine_cents"]), "Y" if details["crash"] else "N",
        *_person(mention(fact, "driver"), day), *_vehicle(fact), *_location(fact), fact.narrative,
    ]  # fmt: skip


def _contact(fact: Fact) -> Row:
    day, details = fact.day, fact.details
    work = fact.organisations[0].organisation.name if fact.organisations else ""
    return [
        fact.number, D[day], time_of(fact), entered(fact, D), BASIS[details["contact_basis"]],
        str(details["stop_duration_minutes"]), details["circumstance"],
        ", ".join(details["key_situations"]), details["weather"],
        "Y" if details["searched"] else "N", "Y" if details["frisked"] else "N",
        details["outcome"], work, details.get("employer_wording", ""),
        *_person(mention(fact, "contact-1"), day), *_person(mention(fact, "contact-2"), day),
        *_person(mention(fact, "contact-3"), day), *_vehicle(fact), *_location(fact),
        fact.narrative,
    ]  # fmt: skip


def _call(fact: Fact) -> Row:
    details = fact.details
    phone = fact.phones[0]
    return [
        fact.number, D[fact.day], time_of(fact), time_of(fact, details["minutes"]),
        entered(fact, D), details["call_type"], details["priority"], details["result"],
        f"({phone[:3]}) {phone[3:6]}-{phone[6:]}",
        *_person(mention(fact, "caller"), fact.day), *_location(fact), fact.narrative,
    ]  # fmt: skip


def _missing(fact: Fact) -> Row:
    day, details = fact.day, fact.details
    found = details["found_day"]
    return [
        fact.number, D[day], time_of(fact), entered(fact, D), details["missing_status"].title(),
        "" if found is None else D[found], details["clothing"],
        *_person(mention(fact, "missing"), day), *_person(mention(fact, "reporter"), day),
        *_location(fact), fact.narrative,
    ]  # fmt: skip


def _intelligence(fact: Fact) -> Row:
    day, details = fact.day, fact.details
    return [
        fact.number, D[day], time_of(fact), entered(fact, D), details["topic"],
        SOURCE[details["source"]], details["grade_source"], details["grade_information"],
        details["handling"],
        *_person(mention(fact, "subject-1"), day), *_person(mention(fact, "subject-2"), day),
        *_vehicle(fact), fact.narrative,
    ]  # fmt: skip


_OPEN = ("date", "time", "entered_on")
_VEHICLE = columns("vehicle_", VEHICLE)
_LOCATION = tuple(LOCATION.split())
_EXPORTS = (
    Export(
        "incident", "incidents.csv",
        ("incident_no", *_OPEN, "status", "nibrs", "offense", "offense_suspects",
         *columns("suspect1_", PERSON), *columns("suspect2_", PERSON),
         *columns("described_", _DESCRIBED), *columns("victim_", PERSON), "victim_relationship",
         *columns("witness_", PERSON), "business_name", "business_type", "business_phone",
         "vehicle_role", *_VEHICLE, *_LOCATION, "narrative"),
        _incident, "incident_no", "date", None,
    ),
    Export(
        "arrest", "arrests.csv",
        ("arrest_no", "incident_no", *_OPEN, "arrest_type",
         *columns("charge1_", CHARGE), *columns("charge2_", CHARGE),
         *columns("arrestee1_", PERSON), *columns("arrestee2_", PERSON), *_VEHICLE, *_LOCATION,
         "narrative"),
        _arrest, "arrest_no", "date", None,
    ),
    Export(
        "citation", "citations.csv",
        ("citation_no", *_OPEN, "violation", "fine", "crash", *columns("driver_", PERSON),
         *_VEHICLE, *_LOCATION, "narrative"),
        _citation, "citation_no", "date", "crash",
    ),
    Export(
        "field_contact", "field_contacts.csv",
        ("fc_no", *_OPEN, "basis", "minutes", "circumstance", "key_situations", "weather",
         "searched", "frisked", "outcome", "employer", "employer_statement",
         *columns("person1_", PERSON), *columns("person2_", PERSON), *columns("person3_", PERSON),
         *_VEHICLE, *_LOCATION, "narrative"),
        _contact, "fc_no", "date", "basis",
    ),
    Export(
        "service_call", "service_calls.csv",
        ("call_no", "date", "time", "cleared_time", "entered_on", "call_type", "priority",
         "result", "caller_number", *columns("caller_", PERSON), *_LOCATION, "remarks"),
        _call, "call_no", "date", None,
    ),
    Export(
        "missing_person", "missing_persons.csv",
        ("case_no", *_OPEN, "status", "found_on", "clothing", *columns("missing_", PERSON),
         *columns("reporter_", PERSON), *_LOCATION, "circumstances"),
        _missing, "case_no", "date", None,
    ),
    Export(
        "intelligence_report", "intelligence.csv",
        ("report_no", *_OPEN, "topic", "source", "source_grade", "information_grade", "handling",
         *columns("subject1_", PERSON), *columns("subject2_", PERSON), *_VEHICLE, "summary"),
        _intelligence, "report_no", "date", None,
    ),
)  # fmt: skip
EXPORTS = DepartmentExports(HARBOR_CITY.name, DIALECT, {e.kind: e for e in _EXPORTS})
