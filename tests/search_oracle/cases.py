"""Random agreements, records as intake publishes them and questions that come close, from a seed.

Records are drawn from a pool that is made once, for it is intake that makes them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Any, NamedTuple

import orjson

from consumers.search.access import Access, Agency
from consumers.search.criteria import Context, Criteria, IdentifierAsked
from consumers.search.engines.interface import SearchEngine
from consumers.search.plan import Sort
from consumers.search.service import Search
from consumers.search.show import as_json
from consumers.search.sights import Sights
from consumers.sink import Change, Progress
from consumers.testing import MemoryIndex, change_of, decoded
from recordbus.errors import Refused
from recordbus.ids import record_key
from recordbus.policy import Policies, Request
from recordbus.policy.agreement import Agreement
from recordbus.policy.read import read_agreement
from recordbus.testing import records
from recordbus.testing.audit import MemoryAudit
from recordbus.testing.clock import EPOCH, ManualClock
from recordbus.testing.ids import SequenceIds
from recordbus.testing.records import coded, part
from recordbus.testing.registry import MemoryRegistry
from streams.intake.testing import OTHER, OTHER_ORI, SECRET, TOPIC, Desk
from streams.intake.topics import RECORDS
from tests.policy_oracle import cases
from tests.search_oracle.evaluator import Found, Question, may_find, secrets_of

OWNERS = {"harbor-city-pd": (TOPIC, records.ORI), "millbrook-pd": (OTHER, OTHER_ORI)}
PARTIES = ("metro-task-force", "millbrook-pd")
DESCRIBING = ("criminal_investigation", "missing_person", "training")
PURPOSES = (*DESCRIBING, "prosecution", "immigration_enforcement")
KINDS = ("field_contact", "arrest", "incident")
BASES = ("field_contact", "arrest", "victim_or_witness_report")
MASKS = (
    "body.narrative", "body.record_id", "body.people", "body.vehicles", "association.verdicts",
    "body.people.person.names", "body.people.person.date_of_birth", "body.people.person.sex",
    "body.people.person.hair_colour", "body.people.person.phones", "body.people.person.emails",
    "body.people.person.identifiers", "body.vehicles.vehicle.plate",
    "body.vehicles.vehicle.colour", "body.organisations.organisation.name",
    "body.locations.location.address",
)  # fmt: skip
NAMES = (("Ann", "Leigh"), ("Zoe", "Quist"), ("Omar", "Brandt"))
BORN = ("1990-01-02", "1971-12-30", "2010-05-01")
SEXES, HAIR, COLOURS = ("F", "M"), ("RED", "BLK"), ("RED", "BLU")
NUMBERS = ("219-09-9999", "219-09-8888")
PHONES = ("617-555-0142", "617-555-0177")
EMAILS = ("zoe@example.org", "ann@example.org")
PLATES = ("8OB-123", "4XY-777")
FIRMS = ("Alder Marine", "Cobalt Books")
STREETS = (("400", "Tremont Street", "Boston"), ("9", "Elm Street", "Salem"))
TOLD = ("They sold rare coins to Zoe Quist", "Nothing was seen on Elm Street", "A scooter left")
POOL, MOST_RECORDS, ASKED = 16, 5, 8


class World(NamedTuple):
    """Agreements, what the index was given, and who asks at which instant."""

    agreements: list[Agreement]
    records: list[dict[str, Any]]
    changes: list[Change[Any]]
    request: Request
    questions: list[Question]


class Difference(NamedTuple):
    """One question to which the answer is not the one worked out."""

    seed: int
    request: Request
    question: Question
    answered: Any
    expected: Any


def world(seed: int) -> World:
    """Give a world; the same seed gives the same one."""
    chance = random.Random(seed)
    texts = [cases.as_yaml(_agreement(chance, at)) for at in range(chance.randint(1, 3))]
    agreements = [read_agreement(text).agreement for text in texts]
    numbers = chance.sample(range(1, MOST_RECORDS + 1), chance.randint(1, MOST_RECORDS))
    made = [published(number, chance.randrange(POOL)) for number in numbers]
    request = _request(chance, chance.choice(agreements))
    questions = [_question(chance, request) for _ in range(ASKED)]
    return World(agreements, [r for r, _ in made], [c for _, c in made], request, questions)


def memory(changes: list[Change[Any]]) -> SearchEngine:
    """Give the index in memory."""
    index = MemoryIndex()
    index.apply(changes, {("records.v1", 0): Progress(99, 0)})
    return index


def differences(made: World, engine: SearchEngine, seed: int = 0) -> Iterator[Difference]:
    """Ask an engine all questions of a world; give those that it answers otherwise."""
    policies = Policies(made.agreements, departments=OWNERS)
    asks = Agency(made.request.agency, "MA0130000")
    access = Access(engine, Sights(engine, lambda: policies), asks)
    search = Search(access, MemoryAudit(), ManualClock(), SequenceIds(), SECRET)
    for question in made.questions:
        wanted = may_find(made.agreements, made.records, made.request, EPOCH, question)
        answered = _answered(search, made.request, question)
        expected = _expected(wanted)
        if answered is None:
            if not wanted.may_see_nothing:
                yield Difference(seed, made.request, question, "refused", expected)
        elif answered[0] != expected or _told(made, answered[1]):
            yield Difference(seed, made.request, question, answered[0], expected)


def _expected(wanted: Found) -> dict[str, Any]:
    return {
        "page": [list(each) for each in wanted.page],
        "total": wanted.total,
        "facets": wanted.facets,
        "ask": wanted.owners_to_ask,
        "known": sorted(wanted.departments_known),
    }


def _answered(search: Search, request: Request, question: Question) -> Any:
    """Give an answer in the words of the other side, and its results as programs get them."""
    who = Context("det. Alvarez", request.purpose, "2026-00117", request.on_behalf_of)
    try:
        answer = orjson.loads(orjson.dumps(as_json(search.search(who, criteria(question)))))
    except Refused:
        return None
    return {
        "page": [[each["record_key"], each["masked"]] for each in answer["results"]],
        "total": answer["total"],
        "facets": answer["facets"],
        "ask": [each["department"] for each in answer["pointers"]],
        "known": sorted(answer["freshness"]["newest"]),
    }, answer["results"]


def _told(made: World, results: list[dict[str, Any]]) -> set[str]:
    """Give the masked values that stand in results; what was typed is not news to the asker."""
    said = {each["record_key"]: each for each in made.records}
    found = set()
    for each in results:
        why = [{**reason, "asked": ""} for reason in each["why"]]
        text = orjson.dumps({**each, "why": why}).decode().lower()
        secrets = secrets_of(made.agreements, said[each["record_key"]], made.request, EPOCH)
        found |= {secret for secret in secrets if secret.lower() in text}
    return found


def criteria(question: Question) -> Criteria:
    """Give a question as a search takes it."""
    return Criteria(
        name=question.name, date_of_birth=question.born, phone=question.phone,
        email=question.email, plate=question.plate, organisation=question.firm,
        address=question.address, number=question.number, text=question.word,
        text_none=question.no_word, sex=_one(question.sex), hair=_one(question.hair),
        colour=_one(question.colour), bases=_one(question.basis),
        record_kinds=_one(question.kind), departments=_one(question.owner),
        identifiers=(IdentifierAsked("ssn", question.ssn),) if question.ssn else (),
        sort=Sort.OLDEST if question.is_oldest_first else Sort.NEWEST,
        page=question.page, page_size=question.page_size,
    )  # fmt: skip


def _one(value: str) -> tuple[str, ...]:
    return (value,) if value else ()


@cache
def published(number: int, variant: int) -> tuple[dict[str, Any], Change[Any]]:
    """Give a record as intake publishes it, and the change that it makes in the index."""
    chance = random.Random(f"{number}/{variant}")
    owner, kind = chance.choice(sorted(OWNERS)), chance.choice(KINDS)
    topic, ori = OWNERS[owner]
    disputes = [part("Dispute", dispute_id="d1", raised_at=records.MOMENT,
                     statement_reference="s")] if chance.random() < 0.2 else []  # fmt: skip
    change = records.change(
        kind, record_key=record_key(records.SECRET, kind, str(number)), owner_ori=ori,
        body=_body(chance, kind, number), disputes=disputes,
        occurred_at=records.MOMENT - timedelta(days=number),
        dissemination_level=chance.choice(
            ("unrestricted", "law_enforcement", "law_enforcement", "restricted")
        ),
    )  # fmt: skip
    desk = _desk()
    desk.states.clear()
    desk.offset = number
    handled = desk.say(change, topic)
    assert handled.quarantined is None, handled.quarantined
    (output,) = [each for each in handled.outputs if each.topic == RECORDS]
    record = decoded(output.value)
    return dict(record), change_of(record)._replace(place=(0, number))


@cache
def _desk() -> Desk:
    """Give the one intake of all records; it forgets each before the next."""
    return Desk(MemoryRegistry())


def _body(chance: random.Random, kind: str, number: int) -> dict[str, Any]:
    number_, street, city = chance.choice(STREETS)
    address = part("Address", street_number=number_, street=street, city=city)
    firm = records.organisation_role(kind, "o1")
    firm["organisation"]["name"] = chance.choice(FIRMS)
    body = records.body(
        kind, record_id=f"F-{number}", narrative=chance.choice(TOLD),
        people=[records.person_role(kind, local, person=_person(chance)) for local in ("p1", "p2")],
        vehicles=[records.vehicle_role(kind, "v1", plate=chance.choice(PLATES),
                                       colour=coded(chance.choice(COLOURS)))],
        organisations=[firm], locations=[records.location_role(kind, "l1", address=address)],
    )  # fmt: skip
    if kind == "field_contact":
        type_, details = body["details"]
        basis = chance.choice(("encounter", "encounter", "intel"))
        body["details"] = (type_, details | {"contact_basis": basis})
    return body


def _person(chance: random.Random) -> dict[str, Any]:
    return records.person(
        *chance.choice(NAMES),
        date_of_birth=part("DateValue", value=chance.choice((*BORN, *BORN[:2]))),
        sex=coded(chance.choice(SEXES)), hair_colour=coded(chance.choice(HAIR)),
        phones=[chance.choice(PHONES)], emails=[chance.choice(EMAILS)],
        identifiers=[part("Identifier", type="ssn", value=chance.choice(NUMBERS))],
    )  # fmt: skip


def _agreement(chance: random.Random, at: int) -> dict[str, Any]:
    recipient = chance.choice((*PARTIES, PARTIES[0]))
    others = [name for name in PARTIES if name != recipient]
    start, end = date(2025, 6, 1), date(2026, 12, 31)
    if chance.random() < 0.15:  # ends at the moment of the question, or began just then
        start, end = chance.choice(((start, date(2025, 12, 31)), (date(2026, 1, 1), end)))
    said = {
        "agreement": f"agreement-{at}", "version": "1", "title": "Random",
        "owners": [name for name in cases.some(chance, tuple(OWNERS)) if name != recipient]
        or ["harbor-city-pd"],
        "legal_authority": "Section 1", "recipient": recipient,
        "start": start.isoformat(), "end": end.isoformat(),
        "rules": {f"rule-{n}": _rule(chance) for n in range(chance.randint(1, 3))},
    }  # fmt: skip
    return said | ({"asked_through": others} if chance.random() < 0.5 else {})


def _rule(chance: random.Random) -> dict[str, Any]:
    level = chance.choice(("full", "full", "full", "pointer", "hidden"))
    known = {"purposes": PURPOSES, "record_kinds": KINDS, "bases": BASES,
             "evidence_kinds": ("fact", "assessment")}  # fmt: skip
    said: dict[str, Any] = {"level": level}
    for word, words in known.items():
        if level != "hidden" or chance.random() < 0.4:
            said[word] = list(words) if chance.random() < 0.6 else cases.some(chance, words)
    if level == "hidden":
        only = cases.some(chance, ("juvenile", "disputed"), most=1)
        return said | ({"only": only} if chance.random() < 0.8 or len(said) == 1 else {})
    said |= {flag: "true" for flag in ("juveniles", "disputed") if chance.random() < 0.6}
    if level == "full" and chance.random() < 0.7:
        said["masks"] = cases.some(chance, MASKS, most=4)
    return said | {"legal_authority": "Section 2"}


def _request(chance: random.Random, near: Agreement) -> Request:
    purpose = chance.choice(PURPOSES) if chance.random() < 0.4 else DESCRIBING[0]
    asks = Request("search", near.recipient, purpose)
    if chance.random() < 0.25:
        through = [name for name in PARTIES if name != near.recipient]
        asks = replace(asks, agency=chance.choice(through), on_behalf_of=near.recipient)
    return asks


_STARTS: dict[str, tuple[str, ...]] = {
    "name": ("leigh", "quist", "zoe quist", "omar"), "born": BORN, "ssn": NUMBERS,
    "phone": tuple("".join(filter(str.isdigit, each)) for each in PHONES), "email": EMAILS,
    "plate": ("8ob123", "4xy777"), "firm": ("alder marine", "books"),
    "address": ("400 tremont", "elm", "salem"), "number": ("F-1", "F-2", "F-3"),
    "word": ("coins", "quist", "alder", "tremont", "4xy777", "scooter", "elm"),
}  # fmt: skip
_OTHERS: dict[str, tuple[str, ...]] = {
    "no_word": ("coins", "quist", "tremont", "4xy777", "cobalt"), "basis": BASES, "kind": KINDS,
    "owner": tuple(OWNERS), "sex": SEXES, "hair": HAIR, "colour": COLOURS,
}  # fmt: skip


def _question(chance: random.Random, request: Request) -> Question:
    asked = dict.fromkeys(chance.sample(sorted(_STARTS), chance.choice((1, 1, 1, 2))), "")
    asked = {name: chance.choice(_STARTS[name]) for name in asked}
    for name, words in _OTHERS.items():
        looks = name in ("sex", "hair")
        if chance.random() < 0.15 and (not looks or request.purpose in DESCRIBING):
            asked[name] = chance.choice(words)
    return Question(
        **asked, is_oldest_first=chance.random() < 0.3,
        page=chance.choice((1, 1, 1, 2)), page_size=chance.choice((1, 2, 25)),
    )  # fmt: skip
