"""Police work: calls, citations, field contacts, incidents, missing people, intelligence."""

from __future__ import annotations

from producers.synthetic import narratives
from producers.synthetic.calendar import LAST_DAY
from producers.synthetic.draws import weighted_table
from producers.synthetic.facts import DESCRIBED, Charge, Fact, Mention
from producers.synthetic.happenings.scribe import Scribe
from producers.synthetic.offences import CALL_TYPES, OFFENCE_TABLE, VIOLATIONS, OffenceKind
from producers.synthetic.organisations import organisation
from producers.synthetic.people import Person, age_on

RATES = {
    "service_call": 0.2,
    "citation": 0.16,
    "field_contact": 0.1,
    "missing_person": 0.007,
    "intelligence_report": 0.009,
    "incident": 0.15,
}
DESCRIBED_ROLE = "described_suspect"
_BASES = weighted_table(
    [("reasonable_suspicion", 44.0), ("encounter", 38.0), ("probable_cause", 13.0), ("intel", 5.0)],
    100,
)
_WEATHER = ("Clear (Day)", "Clear (Night)", "Cloudy", "Rain", "Snow", "Fog")
_SITUATIONS = ("Car breaks", "Noise", "Loitering", "Bicycle stop", "Warrant check", "Trespass")
_CIRCUMSTANCES = ("Stopped", "Encountered", "Observed")
_RELATIONSHIPS = ("stranger", "acquaintance", "spouse", "sibling", "neighbor", "unknown")
_STATUSES = weighted_table(
    [("open", 34.0), ("cleared_by_arrest", 30.0), ("closed", 30.0), ("unfounded", 6.0)], 100
)


def service_call(scribe: Scribe, facts: list[Fact]) -> None:
    """Somebody calls; an eighth of the callers use a switchboard."""
    uniform = scribe.uniform
    fact = scribe.fact(scribe.police(), "service_call", scribe.draw_day())
    caller = scribe.draw_active(fact.day)
    address = scribe.somewhere()
    scribe.place(fact, "scene", "call_location", address)
    u = uniform()
    if u < 0.7:
        scribe.name(fact, "caller", "witness", caller)
    fact.phones.append(
        organisation(caller.employer).phone if u > 0.88 and caller.employer >= 0 else caller.phone
    )
    fact.details = {
        "call_type": CALL_TYPES[int(uniform() * 100)],
        "priority": "123"[int(u * 31 % 1 * 3)],
        "minutes": 4 + int(uniform() * 90),
        "result": ("No report", "Report taken", "Assisted", "Gone on arrival")[int(u * 57 % 1 * 4)],
    }
    fact.narrative = narratives.call(address.line, uniform)
    facts.append(fact)


def citation(scribe: Scribe, facts: list[Fact]) -> None:
    """A driver is cited, in their own car when they have one."""
    uniform = scribe.uniform
    day = scribe.draw_day()
    fact = scribe.fact(scribe.police(), "citation", day)
    driver = scribe.draw_active(day, 16)
    scribe.name(fact, "driver", "suspect", driver, "cited_person")
    vehicle = scribe.block.cars.get(driver.id)
    if vehicle is None and scribe.block.vehicles and uniform() < 0.8:
        vehicle = scribe.block.vehicles[int(uniform() * len(scribe.block.vehicles))]
    if vehicle is not None:
        scribe.vehicle(fact, "vehicle", "cited_vehicle", vehicle)
    scribe.place(fact, "stop", "citation_location", scribe.somewhere())
    violation, fine_cents = VIOLATIONS[int(uniform() * 100)]
    fact.details = {
        "violation": violation,
        "fine_cents": fine_cents,
        "crash": uniform() < 0.04,
    }
    fact.charges.append(Charge("90Z", violation, "29-2073", 1, ("driver",)))
    facts.append(fact)


def field_contact(scribe: Scribe, facts: list[Fact]) -> None:
    """An officer meets one to three people, sometimes in a car."""
    uniform = scribe.uniform
    day = scribe.draw_day()
    fact = scribe.fact(scribe.police(), "field_contact", day)
    seen: list[Person] = []
    for _ in range(1 + int(uniform() ** 3 * 3)):
        person = scribe.draw_active(day, 14)
        if person not in seen:
            seen.append(person)
            scribe.name(fact, f"contact-{len(seen)}", "contact_or_associate", person)
    vehicle = scribe.block.cars.get(seen[0].id)
    if vehicle is not None and uniform() < 0.5:
        scribe.vehicle(fact, "vehicle", "contact_vehicle", vehicle)
    address = scribe.somewhere()
    scribe.place(fact, "scene", "contact_location", address)
    u = uniform()
    basis = _BASES[int(u * 100)]
    fact.details = {
        "contact_basis": basis,
        "stop_duration_minutes": 2 + int(uniform() ** 2 * 70),
        "circumstance": _CIRCUMSTANCES[int(u * 53 % 1 * 3)],
        "key_situations": [_SITUATIONS[int(u * 97 % 1 * 6)]] if u * 7 % 1 < 0.6 else [],
        "weather": _WEATHER[int(u * 29 % 1 * 6)],
        "searched": u * 71 % 1 < 0.12,
        "frisked": u * 73 % 1 < 0.18,
        "outcome": ("Released", "Identity checked", "Advised")[int(u * 41 % 1 * 3)],
    }
    employer = seen[0].employer
    if employer >= 0 and u * 17 % 1 < 0.25:
        scribe.organisation(fact, "employer", "mentioned_organisation", employer)
        fact.details["employer_wording"] = f"Said: I work at {organisation(employer).name}."
    first = fact.people[0].person
    fact.narrative = narratives.contact(
        f"{first.given} {first.surname}".strip(), address.line, uniform
    )
    facts.append(fact)


def missing_person(scribe: Scribe, facts: list[Fact]) -> None:
    """A minor or an old person is reported missing; nine in ten are found."""
    uniform = scribe.uniform
    minors = scribe.block.minors
    day = scribe.draw_day()
    person = minors[int(uniform() * len(minors))] if minors else scribe.draw_anyone(day, 60)
    if day - (person.birth or 0) < 3 * 366:
        person = scribe.draw_anyone(day, 3)
    fact = scribe.fact(scribe.police(), "missing_person", day)
    mention = scribe.name(fact, "missing", "other", person, "missing_person")
    address = mention.person.address
    scribe.place(fact, "last-seen", "last_seen_location", address)
    reporter = scribe.draw_anyone(day, 16)
    if reporter is not person:
        scribe.name(fact, "reporter", "witness", reporter, "reporting_party")
    found = uniform() < 0.9 and fact.day + 3 <= LAST_DAY
    fact.details = {
        "missing_status": "located" if found else "active",
        "found_day": fact.day + 1 + int(uniform() * 2) if found else None,
        "clothing": narratives.CLOTHING[int(uniform() * 5)],
    }
    fact.narrative = narratives.missing(address.line, uniform)
    facts.append(fact)


def intelligence_report(scribe: Scribe, facts: list[Fact]) -> None:
    """A graded report that two people are associates: an assessment, never a fact."""
    uniform = scribe.uniform
    day = scribe.draw_day()
    fact = scribe.fact(scribe.police(), "intelligence_report", day)
    first = scribe.draw_active(day, 18)
    scribe.name(fact, "subject-1", "contact_or_associate", first)
    second = scribe.draw_active(day, 18)
    if second is not first:
        scribe.name(fact, "subject-2", "contact_or_associate", second)
    vehicle = scribe.block.cars.get(first.id)
    if vehicle is not None and uniform() < 0.6:
        scribe.vehicle(fact, "vehicle", "mentioned_vehicle", vehicle)
    u = uniform()
    fact.details = {
        "topic": ("Drug supply", "Car thefts", "Stolen tools", "Fraud")[int(u * 4)],
        "source": "informant" if u * 11 % 1 < 0.4 else "officer_assessment",
        "grade_source": "123"[int(u * 13 % 1 * 3)],
        "grade_information": "ABCDE"[int(u * 19 % 1 * 5)],
        "handling": "C" if u * 11 % 1 < 0.4 else "P",
    }
    fact.narrative = f"Said to move goods together around {scribe.somewhere().street}."
    facts.append(fact)


def incident(scribe: Scribe, offence: OffenceKind, day: int) -> tuple[Fact, list[Person]]:
    """Return an incident and its offenders, who may be only described or not known at all."""
    uniform = scribe.uniform
    fact = scribe.fact(scribe.police(), "incident", day)
    offenders = _offenders(scribe, fact)
    victim_name = "The caller"
    if offence.against == "person" or uniform() < 0.5:
        victim = scribe.draw_anyone(day, 3)
        written = scribe.name(fact, "victim-1", "victim", victim).person
        victim_name = f"{written.given} {written.surname}".strip()
    elif offence.against == "place":
        index = 10 + int(uniform() * 30)
        scribe.organisation(fact, "victim-organisation", "victim_organisation", index)
    if uniform() < 0.35:
        scribe.name(fact, "witness-1", "witness", scribe.draw_anyone(day, 8))
    _cars(scribe, fact, offenders, offence)
    address = scribe.somewhere()
    scribe.place(fact, "scene", "incident_location", address)
    slots = tuple(m.slot for m in fact.people if m.category == "suspect")
    fact.charges.append(Charge(offence.code, offence.words, offence.statute, 1, slots))
    u = uniform()
    fact.details = {
        "incident_status": _STATUSES[int(u * 100)],
        "reported_minutes": 5 + int(u * 37 % 1 * 600),
        "relationship": _RELATIONSHIPS[int(u * 61 % 1 * 6)],
    }
    suspect = _called(fact.people[0]) if slots else "someone"
    fact.narrative = narratives.incident(
        offence.against, victim_name, suspect, address.line, uniform
    )
    return fact, offenders


def _called(mention: Mention) -> str:
    if mention.described_only:
        return f"a {'woman' if mention.person.sex == 'F' else 'man'} not known to the caller"
    return f"{mention.person.given} {mention.person.surname}".strip()


def _offenders(scribe: Scribe, fact: Fact) -> list[Person]:
    """Name up to two suspects; one in five is described and not named."""
    uniform = scribe.uniform
    u = uniform()
    known: list[Person] = []
    if u < 0.25:
        return known
    for place in (1, 2) if u > 0.85 else (1,):
        person = scribe.draw_active(fact.day, 14)
        if person in known:
            continue
        if place == 1 and uniform() < 0.2:
            fact.people.append(_described(person, fact.day))
            continue
        known.append(person)
        scribe.name(fact, f"suspect-{place}", "suspect", person)
    return known


def _described(person: Person, day: int) -> Mention:
    view = person.rewritten()
    view.given = view.middle = view.surname = view.suffix = view.ssn = view.phone = ""
    view.licence = view.state_id = view.email = view.moniker = view.former_surname = ""
    view.birth = None
    view.marks = person.marks[:1]
    view.described_age = age_on(person, day) // 5 * 5
    return Mention(DESCRIBED, DESCRIBED_ROLE, "suspect", view, person, 0, described_only=True)


def _cars(scribe: Scribe, fact: Fact, offenders: list[Person], offence: OffenceKind) -> None:
    uniform = scribe.uniform
    own = scribe.block.cars.get(offenders[0].id) if offenders else None
    if own is not None and uniform() < 0.3:
        scribe.vehicle(fact, "vehicle", "suspect_vehicle", own)
    elif offence.code in {"240", "23F"} and scribe.block.vehicles:
        stolen = scribe.block.vehicles[int(uniform() * len(scribe.block.vehicles))]
        role = "stolen_vehicle" if offence.code == "240" else "victim_vehicle"
        scribe.vehicle(fact, "vehicle", role, stolen)


def draw_offence(scribe: Scribe) -> OffenceKind:
    """Return an offence kind by how common it is."""
    return OFFENCE_TABLE[int(scribe.uniform() * 250)]
