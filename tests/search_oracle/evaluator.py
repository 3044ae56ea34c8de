"""What a search may find under agreements, worked out a second time, in the plainest way there is.

Nothing is shared with what it checks: it reads records as the bus publishes them, takes from each
what the agreements take from it, and looks at what is left. No index, no token, no class, no cache.
Only questions whose meaning is plain can be put to it: whole words, whole numbers, one day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from recordbus.policy.agreement import Agreement
from recordbus.policy.decision import Item, Request
from tests.policy_oracle.evaluator import expected

ADULT_AT = 18
WHO_AND_WHAT = {
    "people.person.names", "people.person.date_of_birth", "people.person.phones",
    "people.person.emails", "people.person.identifiers", "vehicles.vehicle.plate",
    "organisations.organisation.name", "record_id",
}  # fmt: skip
"""By these alone a record is found of which the asker gets a pointer."""
LETTERS_OF_SECRETS = 4


class Question(NamedTuple):
    """What is asked; what is empty does not matter. Words are in small letters, as are plates."""

    name: str = ""
    born: str = ""
    sex: str = ""
    hair: str = ""
    ssn: str = ""
    phone: str = ""
    email: str = ""
    plate: str = ""
    colour: str = ""
    firm: str = ""
    address: str = ""
    number: str = ""
    word: str = ""
    no_word: str = ""
    basis: str = ""
    kind: str = ""
    owner: str = ""
    is_oldest_first: bool = False
    page: int = 1
    page_size: int = 25


class Found(NamedTuple):
    """What an answer must have: a page of keys with the masks of each, and all that is counted."""

    page: list[tuple[str, list[str]]]
    total: int
    facets: dict[str, dict[str, int]]
    owners_to_ask: list[str]
    departments_known: set[str]
    may_see_nothing: bool


class _Left(NamedTuple):
    """A record as the asker has it: what is left of its body, and its relations if they are."""

    record: Mapping[str, Any]
    body: dict[str, Any]
    relations: list[Mapping[str, Any]]
    masked: frozenset[str]


def may_find(
    agreements: list[Agreement], records: Iterable[Mapping[str, Any]], request: Request,
    at: datetime, question: Question,
) -> Found:  # fmt: skip
    """Work out what the end recipient may be told; of equal days the order is not worked out."""
    shown, pointed = [], []
    for record in records:
        level, masked = _allowed(agreements, record, request, at)
        if level == "full":
            shown.append(_masked(record, masked))
        elif level == "pointer":
            pointed.append(_named(record))
    hits = [each for each in shown if _is_hit(each, question)]
    hits.sort(key=lambda each: each.record["occurred_at"], reverse=not question.is_oldest_first)
    start = (question.page - 1) * question.page_size
    page = hits[start : start + question.page_size]
    others = [each for each in pointed if not question.kind and _is_hit(each, question)]
    return Found(
        [(each.record["record_key"], sorted(each.masked)) for each in page],
        len(hits),
        _counted(hits),
        sorted({each.record["department"] for each in others}),
        {each.record["department"] for each in shown},
        not shown and not pointed,
    )


def secrets_of(
    agreements: list[Agreement], record: Mapping[str, Any], request: Request, at: datetime
) -> set[str]:
    """Give the values that masks take away, those apart that are still said elsewhere."""
    left = set(_strings(_masked(record, _allowed(agreements, record, request, at)[1]).body))
    return {
        value
        for value in _strings(record["body"])
        if len(value) >= LETTERS_OF_SECRETS and not any(value in other for other in left)
    }


def _allowed(
    agreements: list[Agreement], record: Mapping[str, Any], request: Request, at: datetime
) -> tuple[str, frozenset[str]]:
    """A record says all that it says at once: the least that is allowed of any of it counts."""
    decided = [expected(agreements, request, item, at) for item in _items(record)]
    for level in ("hidden", "pointer"):
        if any(each.level == level for each in decided):
            return level, frozenset()
    return "full", frozenset().union(*(each.masked for each in decided))


def _items(record: Mapping[str, Any]) -> list[Item]:
    common = {
        "owner": record["department"],
        "record_kind": record["record_kind"],
        "juvenile": any(_is_minor(role, record) for role in record["body"]["people"]),
        "disputed": any(each["resolved_at"] is None for each in record["disputes"]),
        "dissemination": record["dissemination_level"],
    }
    relations = [
        Item(basis=each["basis"], evidence_kind=each["evidence_kind"],
             derived=bool(each["derived_inputs"]), **common)
        for each in record["relations"]
    ]  # fmt: skip
    return [Item(evidence_kind=_evidence(record), **common), *relations]


def _evidence(record: Mapping[str, Any]) -> str:
    """An arrest is a fact, a contact unless it was for intelligence; a report is an assessment."""
    if record["record_kind"] == "field_contact":
        details = record["body"]["details"]
        told = details[1] if isinstance(details, tuple) else details
        return "assessment" if told["contact_basis"] == "intel" else "fact"
    return {"arrest": "fact", "incident": "assessment"}[record["record_kind"]]


def _is_minor(role: Mapping[str, Any], record: Mapping[str, Any]) -> bool:
    day, born = record["occurred_at"].date(), role["person"]["date_of_birth"]
    if born is None:
        return False
    birth = date.fromisoformat(born["value"])
    had_birthday = (day.month, day.day) >= (birth.month, birth.day)
    return int(day.year - birth.year - (not had_birthday)) < ADULT_AT


def _masked(record: Mapping[str, Any], masked: frozenset[str]) -> _Left:
    body = dict(record["body"])
    steps = [path.split(".")[1:] for path in masked if path.startswith("body.")]
    for path in steps:
        body = _without(body, path)
    names_parts = any(len(path) == 1 and path[0] in ("people", "vehicles") for path in steps)
    return _Left(record, body, [] if names_parts else list(record["relations"]), masked)


def _without(value: Any, path: Sequence[str]) -> Any:
    if isinstance(value, list):
        return [_without(each, path) for each in value]
    if not isinstance(value, dict):
        return value
    first, *rest = path
    return {
        name: _without(part, rest) if name == first else part
        for name, part in value.items()
        if name != first or rest
    }


def _named(record: Mapping[str, Any]) -> _Left:
    """Give what a pointer is found by: who or what the record is about, and its number."""
    return _Left(record, _only(record["body"], ""), [], frozenset())


def _only(value: Any, path: str) -> Any:
    if isinstance(value, list):
        return [_only(each, path) for each in value]
    if not isinstance(value, dict) or path in WHO_AND_WHAT:
        return value
    below = {name: f"{path}.{name}" if path else name for name in value}
    return {
        name: _only(part, below[name])
        for name, part in value.items()
        if name == "local_id" or any(each.startswith(below[name]) for each in WHO_AND_WHAT)
    }


def _is_hit(left: _Left, asked: Question) -> bool:
    if asked.owner and left.record["department"] != asked.owner:
        return False
    if asked.kind and left.record["record_kind"] != asked.kind:
        return False
    found = list(_answering(left, asked))
    if asked.basis:
        rests = _resting(left, asked.basis)
        first = found[0] if found else {""}
        found = [first & rests, *found[1:]]
    said = _words(left.body)
    if asked.word and asked.word not in said:
        return False
    return all(found) and not (asked.no_word and asked.no_word in said)


def _answering(left: _Left, asked: Question) -> Iterable[set[str]]:
    """Give, for each sort of thing that is asked for, what in the record answers all of it."""
    body = left.body
    people = [(role["local_id"], role.get("person", {})) for role in body.get("people", [])]
    cars = [(role["local_id"], role.get("vehicle", {})) for role in body.get("vehicles", [])]
    firms = [(r["local_id"], r.get("organisation", {})) for r in body.get("organisations", [])]
    places = [(role["local_id"], role.get("location", {})) for role in body.get("locations", [])]
    if asked.name or asked.born or asked.sex or asked.hair:
        yield {name for name, person in people if _is_person(person, asked)}
    if asked.plate or asked.colour:
        yield {name for name, car in cars if _is_car(car, asked)}
    if asked.firm:
        wanted = set(asked.firm.split())
        yield {name for name, firm in firms if wanted <= _folded(firm.get("name"))}
    if asked.phone:
        yield {n for n, each in people if asked.phone in map(_digits, each.get("phones") or ())}
    if asked.email:
        yield {name for name, each in people if asked.email in (each.get("emails") or ())}
    if asked.address:
        wanted = set(asked.address.split())
        yield {name for name, place in places if wanted <= _street(place.get("address"))}
    if asked.ssn:
        yield {
            name for name, each in people
            if asked.ssn in [issued["value"] for issued in each.get("identifiers") or ()]
        }  # fmt: skip
    if asked.number:
        yield {""} if body.get("record_id") == asked.number else set()


def _is_person(person: Mapping[str, Any], asked: Question) -> bool:
    born, names = person.get("date_of_birth") or {}, _called(person)
    return (
        set(asked.name.split()) <= names
        and asked.born in ("", born.get("value"))
        and asked.sex in ("", _code(person.get("sex")))
        and asked.hair in ("", _code(person.get("hair_colour")))
    )


def _is_car(car: Mapping[str, Any], asked: Question) -> bool:
    plate = (car.get("plate") or "").replace("-", "").lower()
    return asked.plate in ("", plate) and asked.colour in ("", _code(car.get("colour")))


def _resting(left: _Left, basis: str) -> set[str]:
    """Give the mentions that take part in a relation of a basis, and the record if any does."""
    ends = {
        end
        for each in left.relations
        if each["basis"] == basis
        for end in (each["from_local_id"], each["to_local_id"])
    }
    return ends | {""} if ends else set()


def _words(body: Mapping[str, Any]) -> set[str]:
    """Give the words that a record can be found by where a word is asked of all of it."""
    said = _folded(body.get("narrative"))
    for role in body.get("people", []):
        said |= _called(role.get("person", {}))
    for role in body.get("vehicles", []):
        said.add((role.get("vehicle", {}).get("plate") or "").replace("-", "").lower())
    for role in body.get("organisations", []):
        said |= _folded(role.get("organisation", {}).get("name"))
    for role in body.get("locations", []):
        said |= _street(role.get("location", {}).get("address"))
    return said


def _called(person: Mapping[str, Any]) -> set[str]:
    names = person.get("names") or ()
    return {word for name in names for part in ("given", "surname") for word in _folded(name[part])}


def _street(address: Mapping[str, Any] | None) -> set[str]:
    parts = ("street_number", "street", "city")
    return {word for part in parts if address for word in _folded(address[part])}


def _folded(text: str | None) -> set[str]:
    return set((text or "").lower().replace(",", " ").replace(".", " ").split())


def _digits(phone: str) -> str:
    return "".join(each for each in phone if each.isdigit())


def _code(coded: Mapping[str, Any] | None) -> str:
    return (coded or {}).get("code") or "none"


def _counted(hits: list[_Left]) -> dict[str, dict[str, int]]:
    grounds = {"basis": "basis", "evidence": "evidence_kind"}
    counted = {
        name: Counter(said for hit in hits for said in {each[field] for each in hit.relations})
        for name, field in grounds.items()
    }
    counted |= {
        name: Counter(hit.record[name] for hit in hits) for name in ("department", "record_kind")
    }
    return {name: dict(counts) for name, counts in counted.items()}


_TELLING = ("given", "surname", "value", "plate", "name", "street", "narrative", "record_id",
            "phones", "emails")  # fmt: skip


def _strings(value: Any, name: str = "") -> Iterable[str]:
    """Give the values that say who somebody is or where, wherever in a body they stand."""
    if isinstance(value, list):
        for each in value:
            yield from _strings(each, name)
    elif isinstance(value, Mapping):
        for below, part in value.items():
            yield from _strings(part, below)
    elif isinstance(value, str) and name in _TELLING:
        yield value
