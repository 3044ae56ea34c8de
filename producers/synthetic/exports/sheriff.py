"""Alder County Sheriff: pipe-delimited, NCIC codes, whole names in one column, ISO dates.

The files begin with a byte order mark. Heights read 510 for five feet ten; marks and charges are
lists in one cell. The system knows only ASCII.
"""

from __future__ import annotations

from producers.synthetic.calendar import ISO
from producers.synthetic.departments import SHERIFF
from producers.synthetic.exports.form import (
    DepartmentExports,
    Dialect,
    Export,
    Row,
    age_text,
    columns,
    entered,
    issuer,
    mention,
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
)
from producers.synthetic.identifiers import dashed_ssn
from producers.synthetic.names import ascii_only

DIALECT = Dialect("|", "utf-8-sig", "\n", False, ISO)
HEIGHT = tuple(f"{inches // 12}{inches % 12:02d}" if inches > 35 else "" for inches in range(100))
MAN = (
    "name aka dob age sex race eth hgt wgt bld hai eye skn pob smt ssn oln ols sid phone addr "
    "city st zip"
)
_NOBODY = ("",) * len(MAN.split())
_NO_LOOKS = ("",) * 6


def whole_name(m: Mention) -> str:
    """Return SURNAME, GIVEN MIDDLE SUFFIX in ASCII capitals."""
    p = m.person
    middle = "" if m.gaps & NO_MIDDLE else p.middle
    rest = " ".join(part for part in (p.given, middle, p.suffix) if part)
    return ascii_only(f"{p.surname}, {rest}" if rest else p.surname).upper()


def _inmate(m: Mention | None, day: int) -> tuple[str, ...]:
    if m is None:
        return _NOBODY
    p, gaps, home = m.person, m.gaps, m.person.address
    looks = (
        _NO_LOOKS
        if gaps & NO_LOOKS
        else (HEIGHT[p.height], str(p.weight), p.build, p.hair, p.eyes, p.complexion)
    )
    papers = not gaps & NO_PAPERS
    return (
        whole_name(m),
        ascii_only(f"{p.former_surname}, {p.given}").upper() if p.former_surname else "",
        "" if p.birth is None else ISO[p.birth],
        age_text(m, day) if p.birth is None else "",
        p.sex, p.race, p.ethnicity, *looks, p.country,
        ";".join(f"{code} ({words})" if words else code for code, words in p.marks),
        "" if gaps & NO_SSN else dashed_ssn(p.ssn),
        *((p.licence, home.state if p.licence else "", p.state_id) if papers else ("", "", "")),
        "" if gaps & NO_PHONE else f"{p.phone[:3]}-{p.phone[3:6]}-{p.phone[6:]}",
        *(("", "", "", "") if gaps & NO_ADDRESS
          else (home.line.upper(), home.city.upper(), home.state, home.postal_code)),
    )  # fmt: skip


def _charges(fact: Fact) -> str:
    return ";".join(f"{charge.code}*{charge.counts}" for charge in fact.charges)


def _day(day: int | None) -> str:
    return "" if day is None else ISO[day]


def _head(fact: Fact) -> Row:
    return [fact.number, ISO[fact.day], time_of(fact), entered(fact, ISO)]


def _booking(fact: Fact) -> Row:
    details = fact.details
    released = details["released_day"]
    return [
        *_head(fact), issuer(fact, "arrest"), reference(fact, "arrest"), _charges(fact),
        str(details["bail_cents"] // 100),
        _day(released), details["release_reason"] if released else "",
        *_inmate(mention(fact, "bookee"), fact.day), fact.narrative,
    ]  # fmt: skip


def _custody(fact: Fact) -> Row:
    details = fact.details
    released = details["released_day"]
    return [
        *_head(fact), reference(fact, "booking"), details["housing_unit"], _day(released),
        details["release_reason"] if released else "",
        *_inmate(mention(fact, "detainee"), fact.day),
        *_inmate(mention(fact, "cell-mate"), fact.day), fact.narrative,
    ]  # fmt: skip


def _warrant(fact: Fact) -> Row:
    details = fact.details
    return [
        *_head(fact), reference(fact, "docket"), details["warrant_type"],
        details["warrant_status"].upper(), _day(details["served_day"]),
        str(details["bail_cents"] // 100), _charges(fact),
        *_inmate(mention(fact, "wanted"), fact.day), *_where(fact), fact.narrative,
    ]  # fmt: skip


def _supervision(fact: Fact) -> Row:
    details = fact.details
    work = [m.organisation.name for m in fact.organisations if m.role == "employer"]
    return [
        *_head(fact), reference(fact, "docket"), details["supervision_type"].upper(),
        ISO[details["ends_day"]], ";".join(details["conditions"]), work[0].upper() if work else "",
        fact.phones[0], *_inmate(mention(fact, "supervisee"), fact.day), *_where(fact),
        fact.narrative,
    ]  # fmt: skip


def _where(fact: Fact) -> tuple[str, ...]:
    where = place(fact)
    if where is None:
        return ("", "", "", "")
    a = where.address
    return (a.line.upper(), a.city.upper(), a.state, a.postal_code)


_WHERE = ("loc_addr", "loc_city", "loc_st", "loc_zip")
_EXPORTS = (
    Export(
        "booking", "bookings.csv",
        ("booking_no", "booked_on", "booked_at", "entered_on", "arrest_ori", "arrest_no", "charges",
         "bail", "released_on", "release_reason", *columns("inm_", MAN), "remarks"),
        _booking, "booking_no", "booked_on", None,
    ),
    Export(
        "custody", "custody.csv",
        ("jail_no", "admitted_on", "admitted_at", "entered_on", "booking_no", "unit",
         "released_on", "release_reason", *columns("inm_", MAN), *columns("mate_", MAN), "remarks"),
        _custody, "jail_no", "admitted_on", None,
    ),
    Export(
        "warrant", "warrants.csv",
        ("warrant_no", "issued_on", "issued_at", "entered_on", "docket_no", "type", "status",
         "served_on", "bail", "charges", *columns("sub_", MAN), *_WHERE, "remarks"),
        _warrant, "warrant_no", "issued_on", None,
    ),
    Export(
        "supervision", "supervision.csv",
        ("case_no", "starts_on", "starts_at", "entered_on", "docket_no", "type", "ends_on",
         "conditions", "employer", "office_phone", *columns("sub_", MAN), *_WHERE, "remarks"),
        _supervision, "case_no", "starts_on", None,
    ),
)  # fmt: skip
EXPORTS = DepartmentExports(SHERIFF.name, DIALECT, {e.kind: e for e in _EXPORTS})
