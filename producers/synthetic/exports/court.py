"""Alder County Court: all cells quoted, names as spoken, dates like 04 Mar 1981."""

from __future__ import annotations

from producers.synthetic.calendar import MONTHS, DateTexts
from producers.synthetic.departments import COURT
from producers.synthetic.exports.form import (
    DepartmentExports,
    Dialect,
    Export,
    Row,
    columns,
    issuer,
    mention,
    reference,
)
from producers.synthetic.facts import NO_ADDRESS, NO_MIDDLE, NO_PAPERS, Fact, Mention
from producers.synthetic.names import ascii_only

D = DateTexts(lambda y, m, d: f"{d:02d} {MONTHS[m - 1].title()} {y:04d}")
DIALECT = Dialect(",", "utf-8", "\r\n", True, D)
SEX = {"M": "MALE", "F": "FEMALE"}
OUTCOME = {
    "convicted": "GUILTY", "acquitted": "NOT GUILTY", "dismissed": "DISMISSED",
    "unfounded": "UNFOUNDED", "deferred": "DEFERRED DISPOSITION", "pending": "PENDING",
}  # fmt: skip
PARTY = "NAME DOB SEX LICENSE ADDRESS CITY STATE ZIP"
_NOBODY = ("",) * len(PARTY.split())


def _party(m: Mention | None) -> tuple[str, ...]:
    if m is None:
        return _NOBODY
    p, home = m.person, m.person.address
    middle = "" if m.gaps & NO_MIDDLE else p.middle[:1]
    return (
        ascii_only(" ".join(s for s in (p.given, middle, p.surname, p.suffix) if s)).upper(),
        "" if p.birth is None else D[p.birth],
        SEX[p.sex],
        "" if m.gaps & NO_PAPERS else p.licence,
        *(("", "", "", "") if m.gaps & NO_ADDRESS
          else (home.line, home.city, home.state, home.postal_code)),
    )  # fmt: skip


def _disposition(fact: Fact) -> Row:
    details, charge = fact.details, fact.charges[0]
    decided = details["decided_day"]
    return [
        fact.number, D[fact.day], D[fact.recorded], issuer(fact, "arrest"),
        reference(fact, "arrest"), reference(fact, "incident"), charge.statute, charge.words,
        str(charge.counts), ",".join(slot.rpartition("-")[2] for slot in charge.slots),
        OUTCOME[details["outcome"]], "" if decided is None else D[decided], details["sentence"],
        *_party(mention(fact, "defendant-1")), *_party(mention(fact, "defendant-2")),
        fact.narrative,
    ]  # fmt: skip


_EXPORT = Export(
    "court_disposition", "dispositions.csv",
    ("DOCKET", "FILED", "ENTERED", "AGENCY", "ARREST_NO", "INCIDENT_NO", "STATUTE", "CHARGE",
     "COUNTS", "DEFENDANTS", "OUTCOME", "DECIDED", "SENTENCE", *columns("DEF1_", PARTY),
     *columns("DEF2_", PARTY), "NOTES"),
    _disposition, "DOCKET", "FILED", "OUTCOME",
)  # fmt: skip
EXPORTS = DepartmentExports(COURT.name, DIALECT, {_EXPORT.kind: _EXPORT})
