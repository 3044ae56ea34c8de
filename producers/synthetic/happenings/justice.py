"""What follows an arrest: booking, custody, the court's decision, supervision, warrants.

The records of one case share their numbers and their people, each written down anew by each
department's clerk. A case that ended in a dismissal or acquittal may be sealed or expunged.
"""

from __future__ import annotations

from producers.synthetic.calendar import LAST_DAY
from producers.synthetic.departments import COURT, SHERIFF
from producers.synthetic.draws import weighted_table
from producers.synthetic.facts import Charge, Fact
from producers.synthetic.happenings.police import draw_offence, incident
from producers.synthetic.happenings.scribe import Scribe
from producers.synthetic.offences import OffenceKind
from producers.synthetic.organisations import JAIL, SUPERVISION_OFFICE, organisation
from producers.synthetic.people import Person

ARREST_SHARE = 0.55
_OUTCOMES = weighted_table(
    [("convicted", 50.0), ("dismissed", 26.0), ("acquitted", 7.0), ("unfounded", 3.0),
     ("deferred", 14.0)],
    100,
)  # fmt: skip
_SENTENCES = (
    "Fine",
    "30 days suspended",
    "90 days",
    "6 months",
    "2 years, all but 9 months suspended",
)
_CONDITIONS = ("no contact with victim", "curfew 22:00-06:00", "no alcohol", "weekly report")
SEALED_SHARE = 0.1


def incident_case(scribe: Scribe, facts: list[Fact]) -> None:
    """An incident, and in about half of those with a named suspect the case that follows."""
    day = scribe.draw_day()
    offence = draw_offence(scribe)
    report, offenders = incident(scribe, offence, day)
    facts.append(report)
    if offenders and scribe.uniform() < ARREST_SHARE:
        _case(scribe, facts, report, offence, offenders)


def _case(
    scribe: Scribe, facts: list[Fact], report: Fact, offence: OffenceKind, offenders: list[Person]
) -> None:
    report.details["incident_status"] = "cleared_by_arrest"
    start = len(facts)
    arrest = _arrest(scribe, report, offence, offenders)
    facts.append(arrest)
    for person in offenders:
        booking = _booking(scribe, arrest, offence, person)
        facts.append(booking)
        if scribe.uniform() < 0.6:
            facts.append(_custody(scribe, booking, person))
    if scribe.uniform() < 0.85:
        docket = _disposition(scribe, report, arrest, offence, offenders)
        facts.append(docket)
        _seal_case(scribe, docket, facts[start:])
        _after_court(scribe, facts, docket, offenders)


def _arrest(scribe: Scribe, report: Fact, offence: OffenceKind, offenders: list[Person]) -> Fact:
    u = scribe.uniform()
    fact = scribe.fact(report.department, "arrest", report.day + int(u * u * 12))
    slots = []
    for place, person in enumerate(offenders, 1):
        slots.append(f"arrestee-{place}")
        scribe.name(fact, slots[-1], "suspect", person)
    if report.vehicles and report.vehicles[0].role == "suspect_vehicle":
        scribe.vehicle(fact, "vehicle", "vehicle_used", report.vehicles[0].truth)
    scribe.place(fact, "scene", "arrest_location", scribe.somewhere())
    fact.charges.append(Charge(offence.code, offence.words, offence.statute, 1, tuple(slots)))
    if u > 0.7:
        extra = draw_offence(scribe)
        fact.charges.append(Charge(extra.code, extra.words, extra.statute, 1, (slots[0],)))
    fact.refer(report, fact)
    fact.details = {"arrest_type": "OST"[int(u * 43 % 1 * 3)]}
    return fact


def _booking(scribe: Scribe, arrest: Fact, offence: OffenceKind, person: Person) -> Fact:
    u = scribe.uniform()
    fact = scribe.fact(SHERIFF.name, "booking", arrest.day)
    scribe.name(fact, "bookee", "suspect", person)
    scribe.organisation(fact, "facility", "facility", JAIL)
    fact.charges = [
        Charge(c.code, c.words, c.statute, c.counts, ("bookee",)) for c in arrest.charges[:2]
    ]
    fact.refer(arrest, fact)
    fact.details = {
        "bail_cents": int(u * 40) * 25_000 if offence.severity == "F" else int(u * 8) * 10_000,
        "released_day": arrest.day + int(u * u * 20) if u < 0.9 else None,
        "release_reason": ("Bail", "Own recognizance", "Time served")[int(u * 57 % 1 * 3)],
    }
    return fact


def _custody(scribe: Scribe, booking: Fact, person: Person) -> Fact:
    fact = scribe.fact(SHERIFF.name, "custody", booking.day)
    scribe.name(fact, "detainee", "suspect", person)
    mate = scribe.last_detainee
    if mate is not None and mate is not person and scribe.uniform() < 0.3:
        scribe.name(fact, "cell-mate", "suspect", mate, "cell_mate")
    scribe.last_detainee = person
    scribe.organisation(fact, "facility", "facility", JAIL)
    fact.refer(booking)
    released = booking.details["released_day"]
    fact.details = {
        "housing_unit": "ABCD"[int(scribe.uniform() * 4)] + "-" + str(1 + booking.minute % 24),
        "released_day": None if released is None or released > LAST_DAY else released,
        "release_reason": booking.details["release_reason"],
    }
    return fact


def _disposition(
    scribe: Scribe, report: Fact, arrest: Fact, offence: OffenceKind, offenders: list[Person]
) -> Fact:
    u = scribe.uniform()
    fact = scribe.fact(COURT.name, "court_disposition", arrest.day + 1 + int(u * 10))
    decided = fact.day + 20 + int(scribe.uniform() * 320)
    outcome = _OUTCOMES[int(scribe.uniform() * 100)] if decided <= LAST_DAY else "pending"
    slots = []
    for place, person in enumerate(offenders, 1):
        slots.append(f"defendant-{place}")
        category = "convicted" if outcome == "convicted" else "suspect"
        scribe.name(fact, slots[-1], category, person, "defendant")
    fact.charges = [Charge(offence.code, offence.words, offence.statute, 1, tuple(slots), outcome)]
    fact.refer(fact, arrest, report)
    fact.details = {
        "outcome": outcome,
        "decided_day": decided if outcome != "pending" else None,
        "sentence": _SENTENCES[int(u * 5)] if outcome == "convicted" else "",
    }
    return fact


def _seal_case(scribe: Scribe, docket: Fact, records: list[Fact]) -> None:
    """Decide once for the whole case whether a dismissal is followed by sealing or expungement."""
    ended = docket.details["outcome"] in {"dismissed", "acquitted", "unfounded"}
    if scribe.steps < 2 or not ended:
        return
    u = scribe.uniform()
    if u < SEALED_SHARE:
        step = 2 + int(u / SEALED_SHARE * (scribe.steps - 1))
        verb = "seal" if u * 100 % 1 < 0.6 else "expunge"
        for fact in records:
            if fact.kind in {"arrest", "booking", "court_disposition"}:
                fact.fate = (step, verb, "case_dismissed")


def _after_court(scribe: Scribe, facts: list[Fact], docket: Fact, offenders: list[Person]) -> None:
    u = scribe.uniform()
    if docket.details["outcome"] == "convicted" and u < 0.45:
        facts.append(_supervision(scribe, docket, offenders[0]))
    elif u > 0.8:
        facts.append(_warrant(scribe, docket, offenders[-1]))


def _supervision(scribe: Scribe, docket: Fact, person: Person) -> Fact:
    u = scribe.uniform()
    fact = scribe.fact(SHERIFF.name, "supervision", docket.details["decided_day"] + int(u * 20))
    mention = scribe.name(fact, "supervisee", "convicted", person)
    scribe.organisation(fact, "office", "supervising_office", SUPERVISION_OFFICE)
    if person.employer >= 0:
        scribe.organisation(fact, "employer", "employer", person.employer)
    scribe.place(fact, "residence", "declared_residence", mention.person.address)
    fact.phones.append(organisation(SUPERVISION_OFFICE).phone)
    fact.refer(docket)
    fact.details = {
        "supervision_type": ("probation", "parole", "pretrial")[int(u * 23 % 1 * 3)],
        "ends_day": fact.day + 180 + int(u * 900),
        "conditions": [_CONDITIONS[int(u * 7 % 1 * 4)], _CONDITIONS[int(u * 13 % 1 * 4)]],
    }
    fact.details["conditions"] = sorted(set(fact.details["conditions"]))
    return fact


def _warrant(scribe: Scribe, docket: Fact, person: Person) -> Fact:
    u = scribe.uniform()
    fact = scribe.fact(SHERIFF.name, "warrant", docket.day + 5 + int(u * 60))
    mention = scribe.name(fact, "wanted", "suspect", person, "wanted_person")
    scribe.place(fact, "last-known", "last_known_location", mention.person.address)
    fact.charges = [
        Charge(c.code, c.words, c.statute, c.counts, ("wanted",)) for c in docket.charges
    ]
    fact.refer(fact, docket)
    served = fact.day + 10 + int(u * 37 % 1 * 500)
    fact.details = {
        "warrant_type": "Failure to appear" if u < 0.7 else "Arrest",
        "warrant_status": "served" if served <= LAST_DAY and u < 0.7 else "active",
        "served_day": served if served <= LAST_DAY and u < 0.7 else None,
        "bail_cents": 50_000 + int(u * 20) * 25_000,
    }
    return fact
