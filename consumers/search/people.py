"""A person of a record as a row of the index (pure).

Invariant: race, ethnicity, complexion and country of birth are found only by tokens of their own
and shown only under `gated`, so that the rule about them (R-12) can be kept in one place.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

import orjson

from consumers.search import ages
from consumers.search import tokens as t
from consumers.search.document import Mention, MentionType, Span
from consumers.search.marks import mark_words
from consumers.search.words import compact, words
from schemas.types import (
    CodedValue,
    NormalisedAddress,
    NormalisedMark,
    NormalisedName,
    NormalisedPerson,
    Person,
    PersonName,
    PersonRole,
)

GATED = ("race", "ethnicity", "complexion", "country_of_birth")
WIDEST_BIRTH_YEARS = 60
_OPEN_CODES = (
    ("sex", "sex"), ("hair", "hair_colour"), ("eyes", "eye_colour"), ("build", "build"),
)  # fmt: skip
_NO_SPAN = (None, None)


def person_row(
    role: PersonRole, normal: NormalisedPerson, common: str, event_day: int
) -> tuple[Mention, list[str], list[str]]:
    """Give a person's row, the words of the person's names, and other words to find it by.

    `common` are the tokens that the record gives to this row, `event_day` the day that a stated
    age counts from, as a proleptic Gregorian ordinal.
    """
    person = role["person"]
    name_words = _name_words(normal["names"])
    born = _born(normal, role, event_day)
    age = _age_at_event(role, born, event_day)
    height = _span(person["height_inches"], person["height_range"], "inches")
    weight = _span(person["weight_pounds"], person["weight_range"], "pounds")
    made = [common, t.CATEGORY + t.code(role["subject_category"])]
    made += [t.NAME + word for word in name_words]
    made += _birth_tokens(normal, born)
    made += _code_tokens(person)
    if height:
        made += [f"{t.HEIGHT}{inch}" for inch in range(height.low, height.high + 1)]
    if weight:
        tens = range(weight.low // 10, weight.high // 10 + 1)
        made += [f"{t.WEIGHT_TENS}{ten}" for ten in tens]
    if role["description_only"]:
        made.append(t.DESCRIBED)
    others = _contact_tokens(normal, made)
    _mark_tokens(normal["marks"], made, others)
    row = Mention(
        MentionType.PERSON, " ".join(made), _shown(role, normal), born, age, height, weight
    )
    return row, name_words, others


def _name_words(names: list[NormalisedName]) -> list[str]:
    found: list[str] = []
    for name in names:
        for part in (name["given"], name["middle"], name["surname"]):
            if part:
                found += folded_words(part)
    return list(dict.fromkeys(found))


@lru_cache(maxsize=32_768)
def folded_words(part: str) -> tuple[str, ...]:
    """Give the words of a text of which many records have the same."""
    return tuple(words(part))


def _birth_tokens(normal: NormalisedPerson, born: Span | None) -> list[str]:
    made: list[str] = []
    if normal["date_of_birth"]:
        made.append(t.BORN_ON + t.day(normal["date_of_birth"]))
    if normal["date_of_birth_swapped"]:
        made.append(t.BORN_ON_SWAPPED + t.day(normal["date_of_birth_swapped"]))
    if born:
        first, last = _year(born.low), _year(born.high)
        made += [f"{t.BORN_IN}{year}" for year in range(first, last + 1)]
    return made


def _code_tokens(person: Person) -> list[str]:
    coded: tuple[tuple[str, CodedValue | None], ...] = (
        ("sx:", person["sex"]), ("ha:", person["hair_colour"]), ("ey:", person["eye_colour"]),
        ("bu:", person["build"]), ("co:", person["complexion"]), ("ra:", person["race"]),
        ("et:", person["ethnicity"]), ("cb:", person["country_of_birth"]),
    )  # fmt: skip
    return [prefix + t.code(v["code"]) for prefix, v in coded if v and v["code"]]


def _contact_tokens(normal: NormalisedPerson, made: list[str]) -> list[str]:
    """Add how the person is reached; give the words for the search over the whole record."""
    others: list[str] = []
    for phone in normal["phones"]:
        made.extend(t.phone_tokens(phone))
        others += phone_words(phone)
    for email in normal["emails"]:
        made.append(t.EMAIL + compact(email))
        others += words(email)
    made += [t.IDENTIFIER + each["digest"] for each in normal["identifiers"]]
    for address in normal["addresses"]:
        others += address_tokens(address, made)
    return others


def address_tokens(address: NormalisedAddress, made: list[str]) -> list[str]:
    """Add what an address is found by to `made`; give its words."""
    found: list[str] = []
    if address["street_number"]:
        made += t.word_tokens(t.STREET_NUMBER, address["street_number"])
        found += folded_words(address["street_number"])
    if address["street"]:
        made += t.word_tokens(t.STREET_WORD, address["street"])
        found += folded_words(address["street"])
    place = (address["city"] or "", address["state"] or "", address["postal_code"] or "")
    place_tokens, place_words = _place(*place)
    made += place_tokens
    found += place_words
    return found


@lru_cache(maxsize=32_768)
def _place(city: str, state: str, postal_code: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    made = (
        *t.word_tokens(t.CITY_WORD, city), *t.word_tokens(t.STATE, state),
        *t.word_tokens(t.POSTAL_CODE, postal_code),
    )  # fmt: skip
    return made, (*words(city), *words(state), *words(postal_code))


def phone_words(e164: str) -> tuple[str, ...]:
    """Give the spellings of a number that people type: whole, national, without area code."""
    digits = e164.lstrip("+")
    return (digits, digits[-10:], digits[-7:]) if len(digits) > 10 else (digits, digits[-7:])


def _mark_tokens(marks: list[NormalisedMark], made: list[str], others: list[str]) -> None:
    for mark in marks:
        parts = (mark["category"] or "", mark["side"] or "", mark["place"] or "")
        made += _one_mark(*parts)
        others += _said_mark(*parts)
        if mark["text"]:
            text = words(mark["text"])
            made += [t.MARK_WORD + word for word in text]
            others += text


@lru_cache(maxsize=4096)
def _one_mark(category: str, side: str, place: str) -> tuple[str, ...]:
    return tuple(t.mark_tokens(category, side, place))


@lru_cache(maxsize=4096)
def _said_mark(category: str, side: str, place: str) -> tuple[str, ...]:
    return tuple(mark_words(category, side, place))


def _born(normal: NormalisedPerson, role: PersonRole, event_day: int) -> Span | None:
    """Give the days a person may have been born on: from the date, the year, or a stated age."""
    if normal["date_of_birth"]:
        return _day(normal["date_of_birth"])
    year = normal["birth_year"]
    if year is not None and date.min.year <= year <= date.max.year:
        return Span(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal())
    stated = _stated_age(role)
    if stated is None or stated.high - stated.low > WIDEST_BIRTH_YEARS:
        return None
    return ages.births(stated, event_day)


@lru_cache(maxsize=32_768)
def _day(iso_date: str) -> Span:
    on = date.fromisoformat(iso_date).toordinal()
    return Span(on, on)


def _stated_age(role: PersonRole) -> Span | None:
    if role["age_years"] is not None:
        return Span(role["age_years"], role["age_years"])
    stated = role["age_range"]
    return Span(stated["low"], stated["high"]) if stated else None


def _age_at_event(role: PersonRole, born: Span | None, event_day: int) -> Span | None:
    stated = _stated_age(role)
    if stated or born is None:
        return stated
    return ages.ages(born, event_day)


def _span(single: int | None, estimate: Any, unit: str) -> Span | None:
    if single is not None:
        return Span(single, single)
    return Span(estimate[f"low_{unit}"], estimate[f"high_{unit}"]) if estimate else None


@lru_cache(maxsize=65_536)
def _year(ordinal: int) -> int:
    return date.fromordinal(ordinal).year


def _shown(role: PersonRole, normal: NormalisedPerson) -> bytes:
    """Give what a result row shows of the person; absent facts are left out."""
    person = role["person"]
    shown: dict[str, Any] = {
        "caption": _caption(person["names"]),
        "role": role["role"],
        "category": role["subject_category"],
    }
    if len(person["names"]) > 1:
        shown["aliases"] = [_full(name) for name in person["names"][1:]]
    if role["description_only"]:
        shown["described"] = True
    if normal["date_of_birth"] or normal["birth_year"]:
        shown["born"] = normal["date_of_birth"] or str(normal["birth_year"])
    for field, source in _OPEN_CODES:
        _put_code(shown, field, person[source])  # type: ignore[literal-required]
    _put_measures(shown, role, person)
    gated: dict[str, Any] = {}
    for field in GATED:
        _put_code(gated, field, person[field])  # type: ignore[literal-required]
    if gated:
        shown["gated"] = gated
    return orjson.dumps(shown)


def _put_code(shown: dict[str, Any], field: str, value: CodedValue | None) -> None:
    if value:
        text = value["code"] or value["source"]
        if text:
            shown[field] = text


def _put_measures(shown: dict[str, Any], role: PersonRole, person: Person) -> None:
    age = _stated_age(role)
    if age:
        shown["age_at_event"] = list(age)
    if person["height_inches"] is not None:
        shown["height_inches"] = person["height_inches"]
    elif person["height_range"]:
        low, high = person["height_range"]["low_inches"], person["height_range"]["high_inches"]
        shown["height_inches"] = [low, high]
    if person["weight_pounds"] is not None:
        shown["weight_pounds"] = person["weight_pounds"]
    elif person["weight_range"]:
        light, heavy = person["weight_range"]["low_pounds"], person["weight_range"]["high_pounds"]
        shown["weight_pounds"] = [light, heavy]
    if person["marks"]:
        shown["marks"] = [
            " ".join(filter(None, (mark["code"]["code"] or mark["code"]["source"],
                                   mark["description"])))
            for mark in person["marks"]
        ]  # fmt: skip


def _caption(names: list[PersonName]) -> str:
    return _full(names[0]) if names else "(no name)"


def _full(name: PersonName) -> str:
    given = " ".join(filter(None, (name["given"], name["middle"])))
    if name["surname"]:
        tail = f" {name['suffix']}" if name["suffix"] else ""
        return f"{name['surname']}{tail}, {given}" if given else f"{name['surname']}{tail}"
    return given or name["full"] or "(no name)"
