"""Millbrook Police: a normalised system. One file per kind, people and vehicles in child files.

Semicolons, Windows-1252, numbers for codes, dates like 04-MAR-1981. Names are upper case and keep
their accents.
"""

from __future__ import annotations

from collections.abc import Callable

from producers.synthetic.calendar import MONTHS, DateTexts
from producers.synthetic.departments import MILLBROOK
from producers.synthetic.exports.form import (
    Child,
    DepartmentExports,
    Dialect,
    Export,
    Row,
    age_text,
    dollars,
    entered,
    place,
    reference,
    time_of,
)
from producers.synthetic.facts import (
    NO_ADDRESS,
    NO_LOOKS,
    NO_MIDDLE,
    NO_PAPERS,
    NO_PHONE,
    NO_SSN,
    Fact,
    Mention,
    VehicleMention,
)
from producers.synthetic.offences import OFFENCES

D = DateTexts(lambda y, m, d: f"{d:02d}-{MONTHS[m - 1]}-{y:04d}")
DIALECT = Dialect(";", "cp1252", "\r\n", False, D)


def _codes(names: str, digits: int) -> dict[str, str]:
    """Number our codes from 1, with leading zeros."""
    return {code: f"{number:0{digits}d}" for number, code in enumerate(names.split(), 1)}


SEX = {"M": "1", "F": "2"}
RACE = {"W": "1", "B": "2", "I": "3", "A": "4", "P": "5", "U": "9"}
ETHNICITY = {"H": "1", "N": "2", "U": "9"}
HAIR = _codes("BLK BRO BLN RED SDY GRY WHI BLD BLU PNK PLE GRN ONG", 2) | {"XXX": "99"}
EYES = _codes("BRO BLU HAZ GRN GRY MUL BLK", 2)
COMPLEXION = _codes("FAR LGT MED RUD OLV DBR MBR DRK LBR", 1)
BUILD = _codes("THIN SLIM MEDIUM STOCKY HEAVY OBESE MUSCULAR", 1)
OFFENCE = {kind.code: f"{n * 100 + 1:04d}" for n, kind in enumerate(OFFENCES, 1)} | {"90Z": "9900"}
ROLE = {
    "suspect": "S", "described_suspect": "SD", "victim": "V", "witness": "W", "cited_person": "D",
    "arrestee": "A", "contact": "C", "caller": "R", "missing_person": "M", "reporting_party": "R",
    "subject": "I",
}  # fmt: skip
CATEGORY = {
    "suspect": "S",
    "victim": "V",
    "witness": "W",
    "contact_or_associate": "C",
    "other": "O",
}
VEHICLE_ROLE = {
    "suspect_vehicle": "U", "stolen_vehicle": "T", "victim_vehicle": "V", "vehicle_used": "U",
    "cited_vehicle": "D", "contact_vehicle": "C", "mentioned_vehicle": "I",
}  # fmt: skip
STATUS = {"open": "10", "cleared_by_arrest": "20", "closed": "30", "unfounded": "40"}
BASIS = {"probable_cause": "PC", "reasonable_suspicion": "RS", "encounter": "EN", "intel": "IN"}
SOURCE = {"officer_assessment": "OFF", "informant": "INF"}
MISSING = {"active": "A", "located": "L"}
COLOUR = _codes("BLK WHI GRY SIL BLU RED DBL GRN TAN BRO GLD MAR ONG YEL LBL DGR PLE BRZ", 2)
STYLE = _codes("PK LL SW 4D 2D CP VN 2H 4H MC", 1)

PERSON = (
    "SEQ LABEL ROLE_CD NOT_NAMED CATEGORY_CD LAST FIRST MIDDLE SUF MAIDEN MONIKER DOB AGE "
    "AGE_FROM AGE_TO SEX_CD RACE_CD ETH_CD HGT_IN WGT_LB BUILD_CD HAIR_CD EYE_CD SKIN_CD "
    "BIRTH_CTRY SMT1 SMT1_TXT SMT2 SMT2_TXT SSN OLN OLS SID PHONE EMAIL ADDR APT CITY ST ZIP"
)
VEHICLE = "SEQ ROLE_CD PLATE PLATE_ST VIN VYEAR VMAKE VMODEL VSTYLE_CD VCOLOR_CD"
PLACE = ("LOC_ADDR", "LOC_APT", "LOC_CITY", "LOC_ST", "LOC_ZIP")
_NO_LOOKS = ("",) * 6
_NO_PLACE = ("",) * 5


def _person(fact: Fact, seq: int, m: Mention) -> Row:
    p, gaps, home = m.person, m.gaps, m.person.address
    marks = p.marks
    first = marks[0] if marks else ("", "")
    second = marks[1] if len(marks) > 1 else ("", "")
    described = m.described_only
    looks = (
        _NO_LOOKS
        if gaps & NO_LOOKS
        else (
            str(p.height), str(p.weight), BUILD[p.build], HAIR[p.hair], EYES[p.eyes],
            COMPLEXION[p.complexion],
        )
    )  # fmt: skip
    papers = not gaps & NO_PAPERS
    hidden = described or gaps & NO_ADDRESS
    return [
        fact.number, str(seq), m.slot.upper(), ROLE[m.role],
        "Y" if m.described_only else "N", CATEGORY[m.category], p.surname.upper(),
        p.given.upper(), "" if gaps & NO_MIDDLE else p.middle[:1], p.suffix.upper(),
        p.former_surname.upper(), p.moniker.upper(), "" if p.birth is None else D[p.birth],
        age_text(m, fact.day) if p.birth is None else "",
        *((str(p.described_age), str(p.described_age + 9)) if described else ("", "")),
        SEX[p.sex], RACE[p.race], ETHNICITY[p.ethnicity], *looks,
        "" if described else p.country, *first, *second,
        "" if gaps & NO_SSN else p.ssn,
        *((p.licence, home.state if p.licence else "", p.state_id) if papers else ("", "", "")),
        "" if gaps & NO_PHONE else p.phone, p.email,
        *(("", "", "", "", "") if hidden else _address(home)),
    ]  # fmt: skip


def _address(a: tuple[str, str, str, str, str, str]) -> tuple[str, ...]:
    return (f"{a[0]} {a[1]}".strip().upper(), a[2].upper(), a[3].upper(), a[5], a[4])


def _people(fact: Fact) -> list[Row]:
    return [_person(fact, seq, m) for seq, m in enumerate(fact.people, 1)]


def _one_vehicle(fact: Fact, seq: int, m: VehicleMention) -> Row:
    v = m.vehicle
    return [
        fact.number, str(seq), VEHICLE_ROLE[m.role], v.plate, v.state, v.vin, str(v.year),
        v.model.make, v.model.name.upper(), STYLE[v.model.style], COLOUR[v.colour],
    ]  # fmt: skip


def _vehicles(fact: Fact) -> list[Row]:
    return [_one_vehicle(fact, seq, m) for seq, m in enumerate(fact.vehicles, 1)]


def _place(fact: Fact) -> tuple[str, ...]:
    where = place(fact)
    return _NO_PLACE if where is None else _address(where.address)


def _head(fact: Fact) -> Row:
    return [fact.number, f"{D[fact.day]} {time_of(fact)}", entered(fact, D)]


def _laid_on(slots: tuple[str, ...]) -> str:
    return "|".join(slots).upper()


def _incident(fact: Fact) -> Row:
    charge = fact.charges[0]
    shop = fact.organisations[0].organisation if fact.organisations else None
    return [
        *_head(fact), STATUS[fact.details["incident_status"]], OFFENCE[charge.code], charge.words,
        _laid_on(charge.slots),
        shop.name.upper() if shop else "", shop.phone if shop else "", *_place(fact),
        fact.narrative,
    ]  # fmt: skip


def _arrest(fact: Fact) -> Row:
    second = fact.charges[1] if len(fact.charges) > 1 else None
    first = fact.charges[0]
    return [
        *_head(fact), reference(fact, "incident"), fact.details["arrest_type"],
        OFFENCE[first.code], first.statute, _laid_on(first.slots),
        *((OFFENCE[second.code], second.statute, _laid_on(second.slots)) if second else ("",) * 3),
        *_place(fact), fact.narrative,
    ]  # fmt: skip


def _citation(fact: Fact) -> Row:
    details = fact.details
    return [
        *_head(fact), details["violation"], dollars(details["fine_cents"]),
        "1" if details["crash"] else "0", *_place(fact), fact.narrative,
    ]  # fmt: skip


def _contact(fact: Fact) -> Row:
    details = fact.details
    return [
        *_head(fact), BASIS[details["contact_basis"]], str(details["stop_duration_minutes"]),
        details["circumstance"], "|".join(details["key_situations"]),
        "1" if details["searched"] else "0", "1" if details["frisked"] else "0",
        fact.organisations[0].organisation.name.upper() if fact.organisations else "",
        details.get("employer_wording", ""), *_place(fact), fact.narrative,
    ]  # fmt: skip


def _call(fact: Fact) -> Row:
    details = fact.details
    return [
        *_head(fact), details["call_type"], details["priority"], details["result"],
        fact.phones[0], *_place(fact), fact.narrative,
    ]  # fmt: skip


def _missing(fact: Fact) -> Row:
    found = fact.details["found_day"]
    return [
        *_head(fact), MISSING[fact.details["missing_status"]],
        "" if found is None else D[found], fact.details["clothing"], *_place(fact), fact.narrative,
    ]  # fmt: skip


def _intelligence(fact: Fact) -> Row:
    details = fact.details
    return [
        *_head(fact), "Y" if len(fact.people) > 1 else "", details["topic"],
        SOURCE[details["source"]],
        details["grade_source"],
        details["grade_information"], details["handling"], fact.narrative,
    ]  # fmt: skip


def _export(
    kind: str,
    stem: str,
    own: str,
    row: Callable[[Fact], Row],
    *,
    closed: str | None = None,
    where: bool = True,
) -> Export:
    key = "REC_NO"
    children: tuple[Child, ...] = (
        Child(f"{stem}_person.csv", (key, *PERSON.split()), _people),
        Child(f"{stem}_vehicle.csv", (key, *VEHICLE.split()), _vehicles),
    )
    if kind in {"service_call", "missing_person"}:
        children = children[:1]
    header = (key, "EVENT_DT", "ENTRY_DT", *own.split(), *(PLACE if where else ()), "NARR")
    return Export(kind, f"{stem}.csv", header, row, key, "EVENT_DT", closed, children)


_EXPORTS = (
    _export(
        "incident", "incident", "STATUS_CD OFF_CD OFF_TXT OFF_LABELS BUSINESS BUS_PHONE", _incident
    ),
    _export(
        "arrest", "arrest",
        "INC_NO ARR_TYPE OFF1_CD OFF1_STAT OFF1_LABELS OFF2_CD OFF2_STAT OFF2_LABELS", _arrest,
    ),
    _export("citation", "citation", "VIOLATION FINE CRASH", _citation, closed="CRASH"),
    _export(
        "field_contact", "field_interview",
        "BASIS_CD MINUTES CIRCUMSTANCE SITUATIONS SEARCHED FRISKED EMPLOYER EMP_STATEMENT",
        _contact, closed="BASIS_CD",
    ),
    _export("service_call", "cad_call", "CALL_TYPE PRIORITY RESULT CALLER_PHONE", _call),
    _export("missing_person", "missing", "STATUS_CD FOUND_DT CLOTHING", _missing),
    _export(
        "intelligence_report", "intel",
        "SECOND_SUBJECT TOPIC SOURCE_CD SRC_GRADE INFO_GRADE HANDLING", _intelligence,
        where=False,
    ),
)  # fmt: skip
EXPORTS = DepartmentExports(MILLBROOK.name, DIALECT, {e.kind: e for e in _EXPORTS})
